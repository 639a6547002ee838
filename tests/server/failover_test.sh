#!/usr/bin/env bash
# [source] and [target] name several hosts. A primary is killed under writes and its replica promoted: sync goes
# on by itself and loses nothing. A server that is no replica, or has diverged, is refused, whatever its GTIDs say.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/failover.sh"

# writes NAME ROWS SECONDS: transactions of all kinds, by one session of this server
writes() {
  local first=$2 until=$((SECONDS + $3)) i=0
  while ((SECONDS < until)); do
    i=$((i + 1))
    echo "INSERT INTO shop.t SELECT $first + $i * 200 + n, 'new' FROM shop.numbers; UPDATE shop.t SET v = CONCAT('u', $i) WHERE id % 50 = $i % 50 LIMIT 40; DELETE FROM shop.t WHERE id = $first + $i * 200 + 7;"
    sleep 0.05
  done | client "$1" --force >/dev/null 2>&1
}

told() { grep -qE "$1" "$WORK/sync.log"; }
reached() {
  local end
  end=$(if is_mysql "$1"; then sql "$1" "SELECT REPLACE(@@gtid_executed, '\n', '')"; else sql "$1" "SELECT @@gtid_binlog_pos"; fi)
  wait_for 60 at_end "$end" || die "sync does not come to $end: $(tail -n 5 "$WORK/sync.log")"
}
at_end() { sync_alive && [[ $(dts status --json | jq -r '.sync.position') == "$1" ]]; }

# Unlike source and target it has the same GTIDs, by chance, for other transactions.
stranger() {
  start_server stranger "$1" "${primary[@]}" --server-id=1
  sql stranger "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v VARCHAR(40))"
  for ((i = 1; i < 3000; ++i)); do echo "INSERT INTO shop.t VALUES ($i, 'wrong');"; done | client stranger
  documented_grants source shop | client stranger
}

prepare() {
  local kind=$1
  primary=(--log-bin=binlog --gtid-strict-mode=ON --binlog-format=ROW --log-slave-updates)
  [[ $kind != mysql-* ]] || primary=(--gtid-mode=ON --enforce-gtid-consistency=ON --local-infile=ON --log-bin-trust-function-creators=ON)
  start_source "$kind"
  start_server replica "$kind" "${primary[@]}" --server-id=3
  start_server target "$kind" "${primary[@]}" --server-id=4
  start_server spare "$kind" "${primary[@]}" --server-id=5
  stranger "$kind"
  local name
  for name in source target; do sql "$name" "CREATE USER copy@'127.0.0.1' IDENTIFIED BY 'copy'; GRANT REPLICATION SLAVE ON *.* TO copy@'127.0.0.1'"; done
  replicate replica source
  replicate spare target
  sql source "CREATE DATABASE shop; USE shop; CREATE TABLE numbers (n INT PRIMARY KEY); CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(40));
    INSERT INTO numbers WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199) SELECT i FROM n; INSERT INTO t SELECT n, 'old' FROM numbers"
  create_accounts shop
  sql spare "SET GLOBAL read_only = 1"
  if [[ $kind == mysql-* ]]; then sql target "GRANT REPLICATION CLIENT ON *.* TO dts@'%'"; else sql target "GRANT SLAVE MONITOR ON *.* TO dts@'%'"; fi
  write_job shop
  set_hosts source source stranger replica
  set_hosts target spare target
  has_account() { sql spare "SELECT 1 FROM mysql.user WHERE user = 'dts'" | grep -q 1 && sql replica "SELECT 1 FROM mysql.user WHERE user = 'dts'" | grep -q 1; }
  wait_for 30 has_account || die "$kind: nothing is replicated"
  precheck
  grep -qE "the target is dts@$(host target) now, because: dts@$(host spare): it (is read-only|still replicates)" "$WORK/precheck.out" || die "$kind: a read-only target is not passed over: $(cat "$WORK/precheck.out")"
  dts init-schema >"$WORK/out" 2>&1 || die "$kind: init-schema: $(cat "$WORK/out")"
  dts init-data >"$WORK/out" 2>&1 || die "$kind: init-data: $(cat "$WORK/out")"
}

lost_source() {
  # Slower than the replica, so that what is applied is there, too.
  start_sync -c sync.rows_per_second=3000
  writes source 1000 6 &
  local writer=$!
  sleep 4
  crash_server source
  wait "$writer" || true
  promote replica
  writes replica 500000 3
  wait_for 30 told "the source is dts@$(host replica) now" || die "$1: no failover of the source: $(tail -n 5 "$WORK/sync.log")"
  told "dts@$(host stranger): it (is no replica|does not have)" || die "$1: the stranger is not refused: $(tail -n 5 "$WORK/sync.log")"
  reached replica
  compare_pair replica target shop || die "$1: differs after a failover of the source"
  echo "failover: $1: source lost, identical"
}

lost_target() {
  writes replica 600000 6 &
  local writer=$!
  sleep 3
  crash_server target
  wait_for 30 told "dts@$(host spare): it is read-only" || die "$1: nothing is told of a read-only target: $(tail -n 5 "$WORK/sync.log")"
  sql spare "SET GLOBAL read_only = 0"
  wait_for 30 told "dts@$(host spare): it still replicates" || die "$1: a replica that is not promoted is not passed over: $(tail -n 5 "$WORK/sync.log")"
  promote spare
  wait "$writer" || true
  wait_for 30 told "the target is dts@$(host spare) now" || die "$1: no failover of the target: $(tail -n 5 "$WORK/sync.log")"
  reached replica
  compare_pair replica spare shop || die "$1: differs after a failover of the target"
  echo "failover: $1: target lost, identical"
}

# The old primary comes back with transactions that nobody else has; the stranger was never right.
wrong_sources() {
  local option
  stop_sync
  set_hosts source source stranger
  dts_fails 6 "cannot use any of the source's hosts" -- sync --until now
  restart_server source
  for ((i = 0; i < 800; ++i)); do echo "INSERT INTO shop.t VALUES (900000 + $i, 'diverged');"; done | client source
  dts_fails "$2" "dts@$(host source): it (is no replica|does not have).*dts@$(host stranger): it (is no replica|does not have)" -- -c retry.statement_minutes=1 sync --until now
  set_hosts source source stranger replica
  sql replica "INSERT INTO shop.t VALUES (990000, 'last')"
  dts sync --until now >"$WORK/out" 2>&1 || die "$1: sync: $(cat "$WORK/out")"
  compare_pair replica spare shop || die "$1: differs in the end"
  # Files and offsets are those of one server.
  if [[ $1 == mysql-* ]]; then
    for option in --until --skip-ddl --skip-transaction; do
      dts_fails 2 "cannot use FILE:OFFSET as a position" -- sync "$option" binlog.000001:4
    done
  fi
  echo "failover: $1: wrong servers refused"
}

fails_over() {
  prepare "$1"
  lost_source "$1"
  lost_target "$1"
  wrong_sources "$1" "$2"
  local name
  for name in source replica target spare stranger; do
    crash_server "$name"
    rm -rf "${WORK:?}/$name"
  done
  rm -f "${JOB%.toml}".state* "$WORK/sync.log"
}

fails_over mariadb-10.11 4
need_servers mysql-9.7
fails_over mysql-9.7 6
