#!/usr/bin/env bash
# Compare the library's ABI with that of the last tag. Additions are fine; anything else fails.
# usage: abidiff.sh BUILD_DIR   (a build with debug information, its library built)
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$1

if ! tag=$(git describe --tags --abbrev=0 2>/dev/null); then
	echo "no tag yet"
	exit 0
fi
old=build/abi/$tag
if [[ ! -f $old/build/done ]]; then
	rm -rf "$old"
	mkdir -p "$old/source"
	git archive "$tag" | tar -x -C "$old/source"
	if ! {
		cmake -S "$old/source" -B "$old/build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
			-DOURO_TESTS=OFF -DOURO_WEB=OFF -DOURO_EXAMPLES=OFF &&
			cmake --build "$old/build" --target ouroboros
	} >"$old/log" 2>&1; then
		cat "$old/log"
		exit 1
	fi
	touch "$old/done"
fi
echo "against $tag"
abidiff --no-added-syms \
	--headers-dir1 "$old/source/include" --headers-dir2 include \
	"$old/build/libouroboros/libouroboros.so" "$build/libouroboros/libouroboros.so"
