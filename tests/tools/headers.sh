#!/usr/bin/env bash
# Every public header compiles alone, as each of the languages that it promises, with both
# compilers and without a warning.
set -euo pipefail
cd "$(dirname "$0")/../.."

failed=0
count=0
for header in include/ouroboros/*.h include/ouroboros/*/*.h; do
	[[ -f $header ]] || continue
	for std in c99 c11 c17 c++11 c++17 c++20; do
		language=c
		compilers=(gcc clang)
		if [[ $std == c++* ]]; then
			language=c++
			compilers=(g++ clang++)
		fi
		for compiler in "${compilers[@]}"; do
			count=$((count + 1))
			if ! printf '#include <%s>\n' "${header#include/}" |
				"$compiler" -x "$language" "-std=$std" -Wall -Wextra -pedantic \
					-Werror -fsyntax-only -I include -; then
				echo "$header: $compiler -std=$std"
				failed=1
			fi
		done
	done
done
if ((count == 0)); then
	echo "no public headers found"
	failed=1
fi
exit "$failed"
