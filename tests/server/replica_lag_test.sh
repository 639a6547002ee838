#!/usr/bin/env bash
# The copy waits while a replica of the source lags (data.max_replica_lag_seconds): one that the source
# lists, and one that the job names; the same on MySQL.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

start_source
start_target
start_server replica --server-id=3 --report-host=127.0.0.1
restart_with_report() { # it reports its port, which is known only now
  stop_server replica
  SERVER_FLAGS[replica]+=" --report-port=${SERVER_PORT[replica]}"
  restart_server replica
}
restart_with_report
sql source "CREATE USER copy@'127.0.0.1' IDENTIFIED BY 'copy'; GRANT REPLICATION SLAVE ON *.* TO copy@'127.0.0.1'"
sql replica "CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${SERVER_PORT[source]}, MASTER_USER = 'copy',
  MASTER_PASSWORD = 'copy', MASTER_USE_GTID = slave_pos; START SLAVE"
sql source "CREATE DATABASE shop; USE shop; CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(500));
  INSERT INTO t SELECT seq, REPEAT('x', 500) FROM seq_1_to_8000"
create_accounts shop
write_job shop
lag() {
  mariadb --no-defaults --socket="$WORK/replica/sock" --user=root --execute='SHOW ALL SLAVES STATUS\G' |
    sed -n 's/ *Seconds_Behind_Master: //p'
}
same_rows() { [[ $(sql replica "SELECT COUNT(*) FROM shop.t" 2>/dev/null) == 8000 ]]; }
wait_for 20 same_rows || die "the replica does not replicate"

limited=(-c data.max_replica_lag_seconds=2)
named=("${limited[@]}" -c "data.replicas=[\"127.0.0.1:${SERVER_PORT[replica]}\"]")

# What can't be watched is refused, not ignored.
dts_fails 3 'cannot find the replicas.*denied|cannot watch the lag' -- "${limited[@]}" precheck
grep -q 'data.replicas\|replicas = ' "$WORK/out" "$WORK/err" || die "no remedy: $(cat "$WORK/out" "$WORK/err")"
dts_fails 3 'cannot learn the lag of the replica 127.0.0.1' -- "${named[@]}" precheck
grep -q 'SLAVE MONITOR' "$WORK/out" || die "the right is not named: $(cat "$WORK/out")"
sql source "GRANT SLAVE MONITOR, REPLICATION MASTER ADMIN ON *.* TO dts@'%'"
sql target "GRANT SLAVE MONITOR ON *.* TO dts@'%'"
granted() { sql replica "SHOW GRANTS FOR dts@'%'" | grep -q 'SLAVE MONITOR'; }
wait_for 20 granted || die "the grant is not replicated"
dts_fails 3 'cannot learn the lag of the replica 127.0.0.1:1:' -- "${limited[@]}" -c 'data.replicas=["127.0.0.1:1"]' precheck
dts_fails 3 'is no replica' -- "${limited[@]}" -c "data.replicas=[\"127.0.0.1:${SERVER_PORT[target]}\"]" precheck
dts "${limited[@]}" precheck >"$WORK/out" 2>&1 || die "precheck: $(cat "$WORK/out")"
grep -q "127.0.0.1:${SERVER_PORT[replica]} lags" "$WORK/out" || die "the replica is not listed: $(cat "$WORK/out")"
dts "${named[@]}" precheck >/dev/null 2>&1
dts init-schema >/dev/null 2>&1

told() { grep -qE "$1" "$WORK/copy.out"; }
resume_replica="START SLAVE; SET GLOBAL slave_net_timeout = 60"
# waits_and_ends TITLE PATTERN: the copy under way waits, tells why, and copies nothing meanwhile
waits_and_ends() {
  wait_for 20 told "$2" || die "$1: it does not say that it waits: $(cat "$WORK/copy.out")"
  sleep 1
  local before
  before=$(sql target "SELECT COUNT(*) FROM shop.t")
  sleep 2
  [[ $(sql target "SELECT COUNT(*) FROM shop.t") == "$before" ]] || die "$1: it does not wait"
  ((before < 8000)) || die "$1: there was nothing left to copy"
  sql replica "$resume_replica"
  wait "$COPY" || die "$1: init-data failed: $(cat "$WORK/copy.out")"
  told 'going on' || die "$1: it does not say that it goes on: $(cat "$WORK/copy.out")"
  must_be_equal shop
  echo "replica_lag: $1: waited"
}
start_copy() {
  "$DTSCTL" -f "$JOB" --yes "$@" -c data.rows_per_second=2000 -c data.workers=1 init-data --restart >"$WORK/copy.out" 2>&1 &
  COPY=$!
}
copying() { (($(sql target "SELECT COUNT(*) FROM shop.t") > 0)) || told 'these replicas'; }

# Stopped before: it does not begin.
sql replica "STOP SLAVE SQL_THREAD"
start_copy "${limited[@]}"
waits_and_ends "stopped" 'waiting: the replica .* does not replicate'
# Stopped while it copies, named by the job.
start_copy "${named[@]}"
wait_for 20 copying || die "it does not begin: $(cat "$WORK/copy.out")"
sql replica "STOP SLAVE SQL_THREAD"
waits_and_ends "stopped in between" 'waiting: the replica .* does not replicate'
# It lags: a statement is held back by a lock.
client replica <<<"LOCK TABLES shop.t WRITE; SELECT 1; DO SLEEP(10); UNLOCK TABLES" >/dev/null &
locked() { sql replica "SHOW PROCESSLIST" | grep -q 'DO SLEEP'; }
wait_for 20 locked || die "the table is not locked"
sql source "UPDATE shop.t SET v = 'y' WHERE id = 1"
lags() { [[ $(lag) =~ ^[0-9]+$ ]] && (($(lag) > 2)); }
wait_for 20 lags || die "the replica does not lag"
start_copy "${limited[@]}"
waits_and_ends "lagging" 'waiting: the replica .* lags [0-9]+ s, more than data.max_replica_lag_seconds = 2'

# MySQL: the source lists it, and it lags behind a lock.
need_servers mysql-9.7
for server in source target replica; do stop_server "$server"; done
rm -rf "$WORK"/source "$WORK"/target "$WORK"/replica "${JOB%.toml}".state*
start_source mysql-9.7
start_target mysql-9.7
start_server replica mysql-9.7 --server-id=3 --gtid-mode=ON --enforce-gtid-consistency=ON --report-host=127.0.0.1 --skip-replica-start
restart_with_report
sql source "CREATE USER copy@'%' IDENTIFIED BY 'copy'; GRANT REPLICATION SLAVE ON *.* TO copy@'%'"
sql replica "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = ${SERVER_PORT[source]}, SOURCE_USER = 'copy',
  SOURCE_PASSWORD = 'copy', SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1; START REPLICA"
sql source "SET SESSION cte_max_recursion_depth = 10000; CREATE DATABASE shop; USE shop; CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(500));
  INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000) SELECT i, REPEAT('x', 500) FROM n"
create_accounts shop
sql source "GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO dts@'%'"
write_job shop
wait_for 20 same_rows || die "MySQL's replica does not replicate"
listed() { dts "${limited[@]}" precheck >"$WORK/out" 2>&1 && grep -q "127.0.0.1:${SERVER_PORT[replica]} lags" "$WORK/out"; }
wait_for 20 listed || die "MySQL's replica is not listed: $(cat "$WORK/out")"
dts init-schema >/dev/null 2>&1
lag() { mariadb --no-defaults --socket="$WORK/replica/sock" --user=root --execute='SHOW REPLICA STATUS\G' | sed -n 's/ *Seconds_Behind_Source: //p'; }
client replica <<<"LOCK TABLES shop.t WRITE; SELECT 1; DO SLEEP(10); UNLOCK TABLES" >/dev/null &
wait_for 20 locked || die "the table is not locked"
sql source "UPDATE shop.t SET v = 'y' WHERE id = 1"
wait_for 20 lags || die "MySQL's replica does not lag"
start_copy "${limited[@]}"
resume_replica="DO 0"
waits_and_ends "MySQL, lagging" 'waiting: the replica .* lags [0-9]+ s, more than data.max_replica_lag_seconds = 2'
