#!/usr/bin/env bash
# The target takes long for an ALTER TABLE, longer than the source waits for who does not read: sync waits,
# says for what, and goes on; the traffic of that time arrives whole.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

seconds=20 megabytes=20
[[ -z ${DTS_TORTURE:-} ]] || seconds=60 megabytes=500
start_source --net-write-timeout=5
start_target
sql source "CREATE DATABASE shop; USE shop; CREATE TABLE t (id INT PRIMARY KEY, v INT, pad VARCHAR(2000));
  CREATE TABLE other (id INT AUTO_INCREMENT PRIMARY KEY, pad LONGTEXT); INSERT INTO t SELECT seq, seq, '' FROM seq_1_to_100"
create_accounts shop
write_job shop
precheck
dts init-schema
dts init-data

# A session that reads the table keeps the statement waiting for as long as we like.
mkfifo "$WORK/hold"
client target --unbuffered <"$WORK/hold" >"$WORK/hold.out" &
HOLDER=$!
exec 7>"$WORK/hold"
echo "LOCK TABLES shop.t READ; SELECT 'held';" >&7
wait_for 10 grep -q held "$WORK/hold.out"

sql source "ALTER TABLE shop.t ADD COLUMN added INT DEFAULT 7, ADD KEY (v)"
start_sync
# The stream stands still meanwhile; a source, or a proxy, may give up on who does not read.
held=$SECONDS
dump="FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'"
waits() { dts status --json >"$WORK/status" && jq -e '.sync.bottleneck == "target" and (.sync.waiting | contains("ADD COLUMN added"))' "$WORK/status" >/dev/null; }
wait_for 30 waits || die "status does not say what sync waits for: $(<"$WORK/status")"
dts status | grep -q "^waits for .*ALTER TABLE shop.t" || die "status does not show it"
told() { grep -q "sync waits on the target: .*ALTER TABLE" "$WORK/sync.log"; }
wait_for 30 told || die "sync does not tell of the lock: $(<"$WORK/sync.log")"
for ((round = 0; round < megabytes / 4; round++)); do
  sql source "INSERT INTO other (pad) VALUES (REPEAT('x', 4000000)); UPDATE t SET v = v + 1 WHERE id <= 50" shop
done
for id in $(sql source "SELECT ID $dump"); do sql source "KILL $id"; done
while ((SECONDS < held + seconds)); do
  sql source "UPDATE shop.t SET v = v + 1 WHERE id <= 50; DO SLEEP(0.2)"
  sync_alive
done
[[ $(sql target "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'ALTER TABLE shop.t%'") == 1 ]] || die "the statement does not wait any more"
echo quit >&7
exec 7>&-
wait "$HOLDER"
stop=$(sql source "SELECT @@gtid_binlog_pos")
reached() { sync_alive; [[ $(sql target "SELECT gtid FROM dtsctl.position WHERE lane = 0") == "$stop" ]]; }
wait_for 60 reached || die "it does not go on: $(tail -n 5 "$WORK/sync.log")"
dts status --json | jq -e '.sync.waiting == ""' >/dev/null || die "status still waits"
stop_sync
must_be_equal shop
echo "long_alter: identical"
