#!/bin/sh
# With --json everything that is printed is valid JSON, errors included.
set -u
dtsctl=$(realpath "${DTSCTL:?the dtsctl to test}")
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT && cd "$dir" || exit 1
unset DTSCTL_FILE DTSCTL_STATE DTSCTL_SOURCE_PASSWORD DTSCTL_TARGET_PASSWORD
if command -v python3 >/dev/null; then
  valid() { python3 -m json.tool >/dev/null; }
elif command -v jq >/dev/null; then
  valid() { jq -e . >/dev/null; }
else
  echo "FAILED: needs python3 or jq"
  exit 1
fi
failed=0
fail() { echo "FAIL: $*"; cat out err; failed=1; }

# run CODE ARGUMENT...: every line of both streams is an object; an error ends stderr
run() {
  want=$1
  shift
  "$dtsctl" "$@" >out 2>err </dev/null
  code=$?
  [ $code -eq "$want" ] || fail "dtsctl $*: exit $code, not $want"
  cat out err >both
  [ -s both ] || fail "dtsctl $*: prints nothing"
  while IFS= read -r line; do
    printf '%s\n' "$line" | valid || fail "dtsctl $*: not JSON: $line"
    case $line in "{"*"}") ;; *) fail "dtsctl $*: not an object: $line" ;; esac
  done <both
  if [ $code -ne 0 ] && [ $code -ne 3 ] || [ ! -s out ]; then
    tail -n 1 err | grep -q "^{\"type\":\"error\",\"exit_code\":$code,\"message\":.*\"hint\":.*\"server_errno\":" ||
      fail "dtsctl $*: the error is not the last line"
  fi
}

cat >dtsctl.toml <<'TOML'
name = "json"
[source]
port = 1
user = "dts"
[target]
port = 2
user = "dts"
[objects]
include = ["shop"]
TOML

run 2 --json
run 2 --json snyc
run 2 snyc --json
run 2 --json sync --until
run 2 --json -f gone.toml sync
run 2 --json -c 'a"b\=c' sync
run 2 --json -c "$(printf 'a\001\377\303b=1')" sync
run 2 --json -f "$(printf 'x\n\t\"\\ \355\240\200 \360\237\230\200')" sync
run 2 --json init-data --restart
run 0 --json status
run 0 --json precheck --explain all
for key in check summary details runs; do
  [ "$(grep -o "\"$key\":\"[^\"]" out | wc -l)" -ge 50 ] || fail "precheck --explain all lacks some $key"
done
! grep -q '"details":""' out || fail "a check is not explained"
run 3 --json init-schema
run 3 --json init-data
run 3 --json sync
run 3 --json precheck
[ "$(wc -l <out)" -eq 1 ] || fail "precheck prints more than one object"
for key in job passed findings check level subject message remedy acknowledged; do
  grep -q "\"$key\":" out || fail "precheck --json lacks $key"
done
run 0 --json status
for key in job state running pid phases precheck schema data sync started finished error rows \
  rows_estimated bytes rows_per_second eta_seconds tables position lag_seconds transactions \
  row_changes row_changes_per_second bottleneck bottleneck_detail purge_expected skipped conflicts; do
  grep -q "\"$key\":" out || fail "status --json lacks $key"
done
for command in "init-schema --dry-run" "init-data --dry-run" "init-schema --no-precheck" \
  "init-data --no-precheck" "sync --no-precheck"; do
  run 6 --json $command
  grep -qE '"server_errno":2[0-9]+' err || fail "$command: no server_errno"
done
echo garbage >dtsctl.state.toml
run 4 --json status
run 4 --json sync
exit $failed
