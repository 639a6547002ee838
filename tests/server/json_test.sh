#!/usr/bin/env bash
# --json of every command on a live job, what goes to stdout and what to stderr, exit codes.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/shapes.sh"

# json NAME FILTER FILE: the file must be JSON (values or lines) for which the filter is true.
json() {
  jq -es "$2" "$3" >/dev/null || die "$1: not as documented: $(cat "$3")"
}
# run CODE ARGUMENT...: stdout and stderr in $WORK/out and $WORK/err.
run() {
  local code=$1 status=0
  shift
  dts "$@" >"$WORK/out" 2>"$WORK/err" || status=$?
  [[ $status == "$code" ]] || die "dtsctl $* ended with $status: $(cat "$WORK/out" "$WORK/err")"
}
stderr_is_empty() { [[ ! -s $WORK/err ]] || die "$1: stderr is not empty: $(<"$WORK/err")"; }

start_source
start_target
load_shapes source 2000
create_accounts shop
write_job shop

run 3 --json init-data
json "error" 'length == 1 and .[0].type == "error" and .[0].exit_code == 3 and (.[0].message | length > 0)
  and (.[0] | has("hint") and has("server_errno"))' <(tail -n 1 "$WORK/err")
[[ ! -s $WORK/out ]] || die "an error on stdout: $(<"$WORK/out")"

run 0 --json status
json "status before the start" '.[0].state == "not-started" and .[0].running == false' "$WORK/out"

run 0 --json precheck
json "precheck" 'length == 1 and .[0].passed and (.[0].findings | length > 10 and
  all(has("check") and has("subject") and has("message") and has("remedy") and has("acknowledged")
      and (.level | IN("pass", "warning", "failure"))))' "$WORK/out"
run 0 precheck
grep -q "binlog-format" "$WORK/out" || die "findings are not on stdout"

run 0 init-schema --dry-run
grep -q "CREATE TABLE" "$WORK/out" || die "init-schema --dry-run prints no DDL on stdout"
[[ $(sql target "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'shop'") == 0 ]] ||
  die "init-schema --dry-run has made something"
run 0 --json init-schema
json "init-schema" 'length > 0 and all(.type | IN("progress", "message", "summary")) and .[-1].type == "summary"' "$WORK/out"
run 0 init-data --dry-run
grep -q "customer" "$WORK/out" || die "init-data --dry-run names no tables on stdout"
start_shapes_writers 300
run 0 --json --log "$WORK/log.jsonl" init-data
json "init-data" 'length > 0 and all(.type | IN("progress", "message", "summary")) and .[-1].type == "summary"' "$WORK/out"

set -m
"$DTSCTL" -f "$JOB" --json sync >"$WORK/sync.out" 2>"$WORK/sync.err" &
SYNC_PID=$!
set +m
running() {
  dts --json status >"$WORK/status"
  jq -e '.running and .state == "synchronizing" and .sync.row_changes > 100' "$WORK/status" >/dev/null
}
wait_for 60 running || die "sync is not shown as running: $(<"$WORK/status")"
json "status" '.[0] | .pid == '"$SYNC_PID"' and .job == "test" and .phases.data.state == "done"
  and (.phases | has("precheck") and has("schema") and has("sync")) and (.data.tables | length == 15)
  and (.data.tables[0] | has("table") and has("rows") and has("rows_estimated") and has("state"))
  and (.sync | has("position") and has("lag_seconds") and has("transactions") and has("row_changes_per_second")
       and has("bottleneck") and has("skipped") and has("conflicts"))
  and (.sync.lag_seconds | type == "number") and (.sync.position | test("^[0-9]+-[0-9]+-[0-9]+"))' "$WORK/status"
run 0 status
stderr_is_empty "status"
grep -q synchronizing "$WORK/out" || die "status says: $(<"$WORK/out")"
stop_shapes_writers
sleep 2
stop_sync
json "sync" 'all(.type | IN("progress", "message", "summary"))' "$WORK/sync.out"
json "interrupted" '.[0].type == "error" and .[0].exit_code == 130' <(tail -n 1 "$WORK/sync.err")

run 0 -q sync --until now
stderr_is_empty "sync -q"
run 0 --json --log "$WORK/log.jsonl" sync --until now
json "sync --until now" '.[-1].type == "summary"' "$WORK/out"
run 0 --json status
json "status at the end" '.[0] | (.running | not) and .state == "finished" and .phases.sync.error == null' "$WORK/out"
run 0 --log "$WORK/log" status
json "the log" '(map(select(.command == "init-data" and .phase == "data" and .done)) | length == 1 and .[0].rows > 1000)
  and (map(select(.command == "sync" and .phase == "sync" and .done)) | length == 1 and (.[0].position | length > 0))' "$WORK/log.jsonl"
if grep -rqs secret "$WORK/out" "$WORK/err" "$WORK/log" "$WORK/log.jsonl" "$WORK/sync.out" "${JOB%.toml}.state.toml"; then die "a password was written"; fi
must_be_equal shop
echo "json: as documented"
