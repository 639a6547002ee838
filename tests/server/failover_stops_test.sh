#!/usr/bin/env bash
# Where another host can't take over, it is refused: during the copy, and on a target that was lost while a DDL
# statement ran; the ways on that the messages name lead on.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/failover.sh"

primary=(--log-bin=binlog --gtid-strict-mode=ON --binlog-format=ROW --log-slave-updates)
start_source
start_server replica mariadb-10.11 "${primary[@]}" --server-id=3
start_server target mariadb-10.11 "${primary[@]}" --server-id=4
start_server spare mariadb-10.11 "${primary[@]}" --server-id=5
for name in source target; do sql "$name" "CREATE USER copy@'127.0.0.1' IDENTIFIED BY 'copy'; GRANT REPLICATION SLAVE ON *.* TO copy@'127.0.0.1'"; done
replicate replica source
replicate spare target
sql source "CREATE DATABASE shop; USE shop; CREATE TABLE t (id INT PRIMARY KEY, v INT); INSERT INTO t SELECT seq, 0 FROM seq_1_to_2000"
create_accounts shop
sql spare "SET GLOBAL read_only = 1"
sql target "GRANT SLAVE MONITOR ON *.* TO dts@'%'"
write_job shop
set_hosts source source replica
set_hosts target target spare
replicated() { [[ $(sql "$1" "SELECT COUNT(*) FROM shop.t") == 2000 && -n $(sql "$2" "SELECT 1 FROM mysql.user WHERE user = 'dts'") ]]; }
wait_for 30 replicated replica replica || die "nothing is replicated"
wait_for 30 replicated source spare || die "nothing is replicated"
precheck
dts init-schema >"$WORK/out" 2>&1 || die "init-schema: $(cat "$WORK/out")"

# A copy is not carried on from another server.
"$DTSCTL" -f "$JOB" init-data -c data.rows_per_second=200 >"$WORK/copy.log" 2>&1 &
copying() { sql target "SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'LOAD DATA%'" | grep -q 1; }
pid=$!
wait_for 30 copying || die "nothing is copied: $(cat "$WORK/copy.log")"
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
crash_server source
dts_fails 6 "dts@$(host replica): it is another server .*only sync goes on with another" -- init-data
grep -q "only sync goes on" "$WORK/err" || die "what it says: $(cat "$WORK/err")"
restart_server source
dts init-data >"$WORK/out" 2>&1 || die "init-data: $(cat "$WORK/out")"
dts sync --until now >"$WORK/out" 2>&1 || die "sync: $(cat "$WORK/out")"
compare_pair source target shop || die "the copy differs"
echo "failover: a copy is not carried on elsewhere"

# lost_in_ddl TARGET SPARE STATEMENT: it waits on the target when that dies; the spare has what was written down before.
lost_in_ddl() {
  local live=$1 spare=$2
  sql source "$3"
  sql "$live" "BEGIN; SELECT * FROM shop.t LIMIT 1; DO SLEEP(100)" >/dev/null 2>&1 &
  local holder=$!
  held() { sql "$live" "SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO = 'DO SLEEP(100)'" | grep -q 1; }
  wait_for 30 held || die "nobody holds the table"
  : >"$WORK/sync.log"
  start_sync
  waits() { [[ -n $(sql "$live" "SELECT id FROM information_schema.processlist WHERE state LIKE 'Waiting for table metadata%'") ]]; }
  wait_for 30 waits || die "the statement does not wait: $(tail -n 5 "$WORK/sync.log")"
  noted() { [[ $(sql "$spare" "SELECT COUNT(*) FROM dtsctl.ddl_intent WHERE statement <> ''") == 1 ]]; }
  wait_for 30 noted || die "the spare does not know of the statement"
  kill -9 "$SYNC_PID"
  wait "$SYNC_PID" 2>/dev/null || true
  crash_server "$live"
  wait "$holder" 2>/dev/null || true
  promote "$spare"
  dts_fails 1 "the target before it was lost while a statement ran, and nobody knows .*$3" -- sync --until now
}

# It was not done here.
lost_in_ddl target spare "ALTER TABLE shop.t ADD COLUMN a INT DEFAULT 5"
sql source "INSERT INTO shop.t (id, v) VALUES (3001, 1)"
remedy=$(grep -o "DELETE FROM dtsctl.ddl_intent WHERE job = '[^']*'" "$WORK/err") || die "no way on: $(cat "$WORK/err")"
sql spare "$remedy"
dts sync --until now >"$WORK/out" 2>&1 || die "sync: $(cat "$WORK/out")"
compare_pair source spare shop || die "differs behind a statement that was not done"

# It was done here, by hand.
start_server third mariadb-10.11 "${primary[@]}" --server-id=6
replicate third spare
same() { compare_pair spare third shop; }
wait_for 60 same || die "the new replica differs"
sql third "SET GLOBAL read_only = 1"
set_hosts target spare third
lost_in_ddl spare third "ALTER TABLE shop.t ADD COLUMN b INT DEFAULT 6"
sql source "INSERT INTO shop.t (id, v) VALUES (3002, 1)"
sql third "ALTER TABLE shop.t ADD COLUMN b INT DEFAULT 6"
remedy=$(grep -o -- "--skip-ddl [0-9-]*" "$WORK/err") || die "no way on: $(cat "$WORK/err")"
# shellcheck disable=SC2086 # two words
dts sync --until now $remedy >"$WORK/out" 2>&1 || die "sync: $(cat "$WORK/out")"
compare_pair source third shop || die "differs behind a statement that was done by hand"
echo "failover: a target lost in DDL stops, and goes on as told"
