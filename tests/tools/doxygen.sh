#!/usr/bin/env bash
# The API pages in build/docs/html: the public headers and the READMEs of the rooms.
# Any warning is a failure (WARN_AS_ERROR in the Doxyfile).
set -euo pipefail
cd "$(dirname "$0")/../.."
mkdir -p build/docs
{
	cat Doxyfile
	for readme in libouroboros/README.md libouroboros/*/README.md; do
		if [[ -f $readme ]]; then
			printf 'INPUT += %s\n' "$readme"
		fi
	done
} | doxygen -
