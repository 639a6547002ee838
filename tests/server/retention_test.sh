#!/usr/bin/env bash
# How long the source keeps what sync needs next: told when it gets short, and shown by status; what was purged stops.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

start_source
start_target
sql source "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT); INSERT INTO shop.t VALUES (0, 0)"
create_accounts shop
write_job shop
precheck
dts init-schema
dts init-data
sql source "SET GLOBAL binlog_expire_logs_seconds = 7200"

hours() { dts status --json | jq '.sync.purge_in_hours'; }
between() { jq -ne "$(hours) > $1 and $(hours) < $2" >/dev/null; }
told() { grep -q 'the source may purge the binlog that is needed next in about 0.[0-9] hours: it keeps it for 2.0 hours' "$WORK/sync.log"; }

# 110 minutes behind, and slow.
for ((i = 1; i <= 30; ++i)); do echo "SET timestamp = UNIX_TIMESTAMP() - 6600; INSERT INTO shop.t VALUES ($i, $i); SET timestamp = DEFAULT;"; done | client source
start_sync -c sync.rows_per_second=5
wait_for 20 told || die "not told: $(tail -n 3 "$WORK/sync.log")"
wait_for 20 between 0.05 0.3 || die "status says $(hours) hours"
dts status | grep -q 'the source may purge what is needed next in about 0.[0-9] hours' || die "not shown: $(dts status)"
# With nothing more to come, the time begins anew.
wait_for 20 between 1.9 2.05 || die "up to date, status says $(hours) hours"
stop_sync
[[ $(grep -c 'may purge' "$WORK/sync.log") == 1 ]] || die "told too often"
must_be_equal shop

sql source "FLUSH BINARY LOGS; INSERT INTO shop.t VALUES (100, 1); FLUSH BINARY LOGS"
# A log that a session is still reading is kept.
purged() {
  sql source "PURGE BINARY LOGS TO '$(sql source 'SHOW MASTER STATUS' | cut -f 1)'"
  [[ $(sql source "SHOW BINARY LOGS" | wc -l) == 1 ]]
}
wait_for 20 purged || die "the logs can't be purged"
dts_fails 1 "1236" -- sync --until now
grep -q 'copy the data again (dtsctl init-data --restart)' "$WORK/err" || die "no way to go on: $(cat "$WORK/err")"
sql source "SET GLOBAL binlog_expire_logs_seconds = 0"
echo "retention: told"
