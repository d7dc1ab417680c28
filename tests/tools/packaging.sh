#!/usr/bin/env bash
# packaging.sh BUILD: the unit as it is installed, against systemd-analyze; the Caddyfile, against Caddy; the files that the image is built
# from; names between the files.
set -euo pipefail
build=$1
here=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

cmake --install "$build" --prefix "$tree" >/dev/null
unit=$tree/lib/systemd/system/ouroboros-web.service

# Warnings do not make it fail: anything said is a fault.
said=$(MANPATH=$tree/share/man systemd-analyze verify "$unit" 2>&1) || said+=" (systemd-analyze verify failed)"
if [[ -n $said ]]; then
	printf '%s\n' "$said"
	exit 1
fi
# In tenths: an exposure of 1.2 at most.
if ! systemd-analyze security --offline=true --no-pager --threshold=12 "$unit" >"$tree/exposure"; then
	cat "$tree/exposure"
	exit 1
fi

caddyfile=$here/packaging/Caddyfile
caddy fmt "$caddyfile" | diff "$caddyfile" -
if ! DOMAIN=vpn.example.org HOME=$tree XDG_DATA_HOME=$tree XDG_CONFIG_HOME=$tree \
	caddy validate --adapter caddyfile --config "$caddyfile" >"$tree/caddy" 2>&1; then
	cat "$tree/caddy"
	exit 1
fi

# The first stage of the image, here: what it copies is all that an installation takes.
mkdir "$tree/src"
sed -n '/ AS build$/,/^RUN /s/^COPY \(.*\) [^ ]*$/\1/p' "$here/packaging/Containerfile" | xargs -n 1 |
	tar -C "$here" -c -T - | tar -C "$tree/src" -x
if ! (cd "$tree/src" && DESTDIR=$tree/built ./x install /usr/local) >"$tree/install" 2>&1; then
	cat "$tree/install"
	exit 1
fi
"$tree/built/usr/local/bin/ouroboros-web" --version >/dev/null

# Secrets are called the same everywhere.
for secret in hs_api_key gh_client_secret session_key; do
	for file in systemd/ouroboros-web.service.in compose.yaml README.md; do
		if ! grep -q "$secret" "$here/packaging/$file"; then
			echo "packaging/$file: says nothing of $secret"
			exit 1
		fi
	done
done
