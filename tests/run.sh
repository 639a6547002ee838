#!/usr/bin/env bash
# Installs what is missing (as root), builds, and runs all tests.
set -euo pipefail

usage() {
  cat <<'END'
usage: tests/run.sh [--quick | --all] [--sanitize] [--torture]

  --quick      only the tests that need no server
  --all        also those that are left out every day, because they take long: scenarios between more
               releases of servers, memory, damaged events; on by itself where CI=true
  --sanitize   the unit tests once more with AddressSanitizer and UndefinedBehaviorSanitizer, in a
               build folder of their own; on by itself where CI=true
  --torture    all, and longer loops in the scenarios that kill and disconnect (sets DTS_TORTURE=1)
END
}

quick=0 all=0 sanitize=0
[[ ${CI:-} != true ]] || all=1 sanitize=1
for argument in "$@"; do
  case $argument in
    --quick) quick=1 ;;
    --all) all=1 ;;
    --sanitize) sanitize=1 ;;
    --torture) all=1 DTS_TORTURE=1 && export DTS_TORTURE ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
done

cd "$(dirname "$0")/.."
. examples/setup.sh

packages=("${BUILD_PACKAGES[@]}" jq openssl python3)
((quick)) || packages+=("${SERVER_PACKAGES[@]}" "${REAL_DATA_PACKAGES[@]}" mariadb-client percona-toolkit
  clang libclang-rt-14-dev)
need_packages "${packages[@]}"
# For one test, which is skipped, and named at the end, without it.
((quick)) || command -v chromium >/dev/null || need_packages chromium-headless-shell || true
build

if ((sanitize)); then
  echo "--- unit tests with sanitizers"
  DTS_BUILD_DIR=$BUILD_DIR-sanitize bash -c '. examples/setup.sh; CMAKE_FLAGS+=(-DDTS_SANITIZE=ON); build unit_tests'
  ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
    "$BUILD_DIR-sanitize/tests/unit_tests"
fi

labels=()
if ((quick)); then
  labels=(--label-regex 'unit|layers|cli')
elif ((!all)); then
  labels=(--label-exclude long)
fi

# The servers of other releases. A test that misses one ends as skipped, and is named at the end.
missing=()
if ((!quick)); then
  for server in $(tests/server/foreign.sh list); do
    tests/server/foreign.sh fetch "$server" || missing+=("$server")
  done
  export DTS_MISSING_SERVERS="${missing[*]}"
fi
for server in "${missing[@]}"; do
  echo "*** no $server: these tests will be skipped: $(
    cd tests/server && grep -lF "$server" -- *_test.sh | sed 's/\.sh$//' | paste -sd ' ' || true)"
done

# Hundreds of files that live for a minute, again and again: a disk has more work with these than the tests
# have with what is in them. So they lie in memory, where there is plenty; what is large does not, nor what
# --torture writes.
export DTS_DISK=${TMPDIR:-/tmp}
free_gib() { df --output=avail --block-size=1G "$1" 2>/dev/null | tail -n 1; }
memory_gib=$(awk '/^MemAvailable/ { print int($2 / 1024 / 1024) }' /proc/meminfo)
if [[ -z ${TMPDIR:-} && -z ${DTS_TORTURE:-} && -w /dev/shm ]] && (($(free_gib /dev/shm) >= 10 && memory_gib >= 16)); then
  export TMPDIR=/dev/shm
fi

status=0
(cd "$BUILD_DIR" && ctest --parallel 4 --output-on-failure --no-tests=error "${labels[@]}") || status=$?
if skipped=$(grep -h '^SKIPPED: ' "$BUILD_DIR/Testing/Temporary/LastTest.log" | sort -u); then
  printf '\n*** NOT EVERYTHING WAS TESTED:\n%s\n' "$skipped"
fi
if ((!quick && !all)); then
  printf '\n*** Left out every day (--all runs them): %s\n' \
    "$(cd "$BUILD_DIR" && ctest --show-only --label-regex long | sed -n 's/^ *Test  *#[0-9]*: //p' | paste -sd ' ')"
fi
exit "$status"
