#!/usr/bin/env bash
# The copy keeps to its limits, and waits while the source is busy.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

start_source
start_target
sql source "CREATE DATABASE shop; USE shop; CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(500)); INSERT INTO t SELECT seq, REPEAT('x', 500) FROM seq_1_to_8000"
create_accounts shop
write_job shop
precheck
dts init-schema 2>/dev/null >&2

# copied OPTION...: milliseconds that a copy from the beginning takes
copied() {
  local begin=${EPOCHREALTIME/./}
  dts "$@" --yes init-data --restart >"$WORK/out" 2>&1 || die "init-data $*: $(cat "$WORK/out")"
  TOOK=$(((${EPOCHREALTIME/./} - begin) / 1000))
  must_be_equal shop
}
copied
free=$TOOK
copied -c data.rows_per_second=2500
((TOOK >= 2500)) || die "8000 rows at 2500 a second took ${TOOK} ms"
((TOOK < 20000 + free)) || die "8000 rows at 2500 a second took ${TOOK} ms, $free without a limit"
copied -c data.mb_per_second=1
((TOOK >= 2500)) || die "4 MB at 1 MB a second took ${TOOK} ms"

# What is written is seen as it comes, long before a chunk of the usual size is full, also of tables that are read whole.
moves() {  # moves DATABASE OPTION...
  local database=$1
  shift
  dts "$@" --yes init-data --restart >"$WORK/out" 2>&1 &
  local copy=$!
  under_way() { dts status --json | jq -e '.running and .data.rows > 0 and .data.rows < 4000 and .data.eta_seconds > 0' >/dev/null; }
  wait_for 20 under_way || die "status does not move with $*: $(dts status)"
  wait "$copy" || die "init-data $*: $(cat "$WORK/out")"
  must_be_equal "$database"
}
moves shop -c data.rows_per_second=1000
sql source "CREATE DATABASE log; USE log; CREATE TABLE l (v VARCHAR(500)); INSERT INTO l SELECT REPEAT('x', 500) FROM seq_1_to_8000"
create_accounts log
JOB=$WORK/log.toml
write_job log
sed -i 's/^name = .*/name = "log"/' "$JOB"
precheck
dts init-schema 2>/dev/null >&2
moves log -c data.rows_per_second=1000
moves log -c data.mb_per_second=1
JOB=$WORK/dtsctl.toml

for i in 1 2 3; do sql source "DO SLEEP(6)" & done
busy() { [[ $(sql source "SHOW PROCESSLIST" | grep -c "DO SLEEP") == 3 ]]; }
wait_for 20 busy || die "the source is not busy"
copied -c data.max_threads_running=1
((TOOK >= 2000)) || die "it did not wait: ${TOOK} ms"
grep -q "waiting: .* threads of others are running on the source" "$WORK/out" || die "it does not say that it waits: $(cat "$WORK/out")"

dts sync --until now >/dev/null 2>&1 || die "sync"
sql source "USE shop; UPDATE t SET v = 'changed' WHERE id <= 3000; DELETE FROM t WHERE id > 7000"
begin=${EPOCHREALTIME/./}
dts -c sync.rows_per_second=1500 sync --until now >"$WORK/out" 2>&1 &
limited() { dts status --json | jq -e '.sync.bottleneck == "limit"' >/dev/null; }
wait_for 20 limited || die "status does not say that the limit holds sync back: $(dts status --json | jq .sync)"
wait $! || die "sync: $(cat "$WORK/out")"
took=$(((${EPOCHREALTIME/./} - begin) / 1000))
# The last piece is paid for after it is applied.
((took >= 1500)) || die "4000 changes at 1500 a second took $took ms"
must_be_equal shop

for i in 1 2 3 4 5 6; do sql source "UPDATE shop.t SET v = REPEAT('$i', 180) WHERE id <= 3000"; done
begin=${EPOCHREALTIME/./}
dts -c sync.mb_per_second=1 sync --until now >"$WORK/out" 2>&1 || die "sync: $(cat "$WORK/out")"
took=$(((${EPOCHREALTIME/./} - begin) / 1000))
((took >= 2000)) || die "6 MB of values at 1 MB a second took $took ms"
must_be_equal shop

# What the target is at work on while it holds sync back: here a row that somebody else has locked.
mkfifo "$WORK/hold"
client target --unbuffered <"$WORK/hold" >"$WORK/hold.out" &
exec 7>"$WORK/hold"
echo "BEGIN; SELECT 'held', id FROM shop.t WHERE id = 1 FOR UPDATE;" >&7
wait_for 20 grep -q held "$WORK/hold.out"
start_sync 7>&-
# Something must wait behind the row: more changes come until there is.
working_on() {
  sql source "UPDATE shop.t SET v = CONCAT(v, '.') WHERE id = 3"
  dts status --json | jq -e '.sync | .bottleneck == "target" and .bottleneck_detail == "shop.t"' >/dev/null
}
sql source "UPDATE shop.t SET v = 'first' WHERE id = 1"
wait_for 20 working_on || die "status does not say which table the target is at work on: $(dts status --json | jq .sync)"
exec 7>&-
stop_sync
dts sync --until now >/dev/null 2>&1 || die "sync"
must_be_equal shop
echo "limits: kept"
