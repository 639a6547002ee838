#!/usr/bin/env bash
# What is installed is enough: the headers compile, a program finds the library by CMake and by
# pkg-config, internals are not exported, and the installed dtsctl runs.
set -euo pipefail
root=${DTS_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
build=$(dirname "$DTSCTL")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "FAILED: $*" >&2
  exit 1
}

DESTDIR= cmake --install "$build" --prefix "$work/prefix" >"$work/install.log" || fail "$(tail "$work/install.log")"
cmake -S "$root/examples/embed" -B "$work/embed" -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/cmake.log" ||
  fail "find_package(dts): $(tail "$work/cmake.log")"
cmake --build "$work/embed" >"$work/build.log" || fail "embed: $(tail "$work/build.log")"
status=0
"$work/embed/embed" 2>"$work/usage" || status=$?
[[ $status == 2 ]] && grep -q 'usage: embed' "$work/usage" || fail "embed: exit $status, $(<"$work/usage")"
status=0
"$work/embed/embed" "$work/none.toml" 2>"$work/error" || status=$?
[[ $status == 1 ]] && grep -q none.toml "$work/error" || fail "dts::Error was not caught: exit $status"

library=$(find "$work/prefix" -name libdts.so)
config=$(dirname "$(find "$work/prefix" -name dts.pc)")
flags=$(PKG_CONFIG_PATH=$config pkg-config --cflags --libs dts)
g++ -x c++ "$root/examples/embed/embed.cpp" -x none $flags -o "$work/by_pkg_config" || fail "pkg-config: $flags"

if nm -DC --defined-only "$library" | grep -E 'dts::(Connection|Decoder|Applier|Arena|SyncPipeline|ChunkPlan)::'; then
  fail "internals are exported"
fi
"$work/prefix/bin/dtsctl" --version >"$work/version" || fail "the installed dtsctl does not run"
grep -q '^dtsctl ' "$work/version" || fail "$(<"$work/version")"
[[ -e $work/prefix/share/man/man1/dtsctl.1 ]] || fail "no manual page is installed"
echo "install: headers, package files and program work"
