#!/usr/bin/env bash
# Builds the fuzz target with clang and runs it: tests/fuzz/run.sh [SECONDS] (default 60).
# The committed corpus is read only; what the run finds goes to the build folder, DTS_FUZZ_BUILD or
# build/fuzz, and is used by the next one. Exit code 77: clang or its runtime is not installed
# (Debian: clang libclang-rt-14-dev).
set -euo pipefail

seconds=${1:-${DTS_FUZZ_SECONDS:-60}}
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${DTS_FUZZ_BUILD:-$root/build/fuzz}
mkdir -p "$build"/{found,crashes,include/dts}

probe='extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }'
if ! clang++ -x c++ -fsanitize=fuzzer,address -o "$build/probe" - <<<"$probe" 2>"$build/probe.err"; then
  echo "SKIPPED: fuzz: no clang with libFuzzer: $(head -n 1 "$build/probe.err")"
  exit 77
fi

# What CMake would generate; the target needs no visibility.
printf '#define DTS_EXPORT\n' >"$build/include/dts/export.hpp"
sources=("$root"/tests/fuzz/decoder_fuzz.cpp "$root"/lib/{error,position,objects}.cpp
  "$root"/lib/db/{sql,tokens}.cpp "$root"/lib/schema/{letter_case,table}.cpp)
# All of the decoder, without what talks to a server.
for file in "$root"/lib/binlog/*.cpp; do
  [[ $file == */stream.cpp || $file == */find.cpp ]] || sources+=("$file")
done
flags=(-std=c++20 -O1 -gline-tables-only -fno-omit-frame-pointer -fsanitize=fuzzer,address,undefined
  -fno-sanitize-recover=all -I"$root/lib" -I"$root/lib/include" -I"$build/include")

# Only what is newer than its object, two at a time.
compile() {
  local object
  object=$build/$(basename "$1").o
  if [[ -e $object ]] && ! [[ $(find "$root/lib" "$1" -newer "$object" \( -name '*.hpp' -o -path "$1" \)) ]]; then
    return 0
  fi
  clang++ "${flags[@]}" -c -o "$object" "$1"
}
export root build
export -f compile
declare -p flags >"$build/flags.sh"
printf '%s\0' "${sources[@]}" | xargs -0 -n 1 -P 2 bash -c '. "$build/flags.sh"; compile "$1"' compile
objects=()
for file in "${sources[@]}"; do objects+=("$build/$(basename "$file").o"); done
clang++ "${flags[@]}" -o "$build/decoder_fuzz" "${objects[@]}" -lz -lzstd -lfmt

export ASAN_OPTIONS=quarantine_size_mb=32:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1
exec "$build/decoder_fuzz" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=512 -malloc_limit_mb=256 \
  -max_len=32768 -print_final_stats=1 -artifact_prefix="$build/crashes/" "$build/found" "$root/tests/fuzz/corpus"
