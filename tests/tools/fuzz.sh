#!/usr/bin/env bash
# Run every libFuzzer target for some seconds, two at a time, starting from its corpus.
# usage: fuzz.sh BUILD_DIR SECONDS
# New inputs stay in BUILD_DIR/corpus, what crashes in BUILD_DIR/artifacts: add such a file to
# tests/fuzz/corpus/<target>/ when the fault is mended.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$1
seconds=$2

one() {
	local name=$1 target=${1#fuzz_} log
	local found=$build/corpus/$target corpus=tests/fuzz/corpus/$target
	log=$build/$name.log
	mkdir -p "$found" "$build/artifacts"
	local folders=("$found")
	if [[ -d $corpus ]]; then
		folders+=("$corpus")
	fi
	if ! "$build/tests/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
		-max_len=65536 -print_final_stats=1 -verbosity=0 \
		-artifact_prefix="$build/artifacts/$target-" "${folders[@]}" >"$log" 2>&1; then
		echo "$name found a fault:"
		tail -n 60 "$log"
		return 1
	fi
	echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
}
export -f one
export build seconds

shopt -s nullglob
sources=(tests/fuzz/fuzz_*.c)
if ((${#sources[@]} == 0)); then
	echo "no fuzz targets"
	exit 1
fi
for source in "${sources[@]}"; do
	basename "$source" .c
done | xargs -P 2 -I NAME bash -euo pipefail -c 'one NAME'
