#!/usr/bin/env bash
# How far the target is behind at a steady rate, against native replication: tests/bench/lag.sh [RATE...]   (default: 1000 3000)
#
# sysbench write_only runs at RATE transactions a second; meanwhile beats are written to a table of their own, and the time from
# their commit on the source to their sight on the target is taken (staleness.cpp). SECONDS_EACH (20) a contender. CPU is that of the client
# (for native: 0) and of the target, in % of a core. Needs sysbench and the target "staleness" of the build.
set -euo pipefail
. "$(dirname "$0")/../server/lib.sh"
SECONDS_EACH=${SECONDS_EACH:-20}
STALENESS=${DTS_STALENESS:-$(dirname "$DTSCTL")/tests/staleness}
[[ -x $STALENESS ]] || die "$STALENESS is missing: cmake --build build --target staleness"
command -v sysbench >/dev/null || die "sysbench is not installed; on Debian: apt-get install sysbench"
TABLES=4 ROWS=100000

bench() {
  sysbench "$@" --db-driver=mysql --mysql-socket="$WORK/source/sock" --mysql-user=root --mysql-db=bench \
    --tables=$TABLES --table-size=$ROWS >"$WORK/sysbench.log" || die "sysbench failed: $(cat "$WORK/sysbench.log")"
}
ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }

native() {
  sql target "SET GLOBAL gtid_slave_pos = '$(sql source "SELECT @@gtid_binlog_pos")', slave_parallel_threads = $1, slave_parallel_mode = optimistic;
    CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${SERVER_PORT[source]}, MASTER_USER = 'repl', MASTER_PASSWORD = 'repl', MASTER_USE_GTID = slave_pos; START SLAVE"
}
end_native() { sql target "STOP SLAVE; RESET SLAVE ALL"; }

# measure RATE NAME [PID]: one line of the table.
measure() {
  local rate=$1 name=$2 pid=${3:-} load line target client=0
  bench oltp_write_only --threads=4 --time=$((SECONDS_EACH + 6)) --events=0 --rate="$rate" run &
  load=$!
  sleep 3
  target=$(ticks "${SERVER_PID[target]}")
  [[ -z $pid ]] || client=$(ticks "$pid")
  line=$("$STALENESS" "$WORK/source/sock" "$WORK/target/sock" "$SECONDS_EACH") || die "$name at $rate: no beats"
  target=$(($(ticks "${SERVER_PID[target]}") - target))
  [[ -z $pid ]] || client=$(($(ticks "$pid") - client))
  wait "$load"
  # shellcheck disable=SC2086
  printf '%8s %-22s %6s %8s %8s %8s %8s %8s %8s\n' "$rate" "$name" $line $((client / SECONDS_EACH)) $((target / SECONDS_EACH))
}

start_source --innodb-buffer-pool-size=1G --innodb-log-file-size=1G --sync-binlog=0
start_target --innodb-buffer-pool-size=1G --innodb-log-file-size=1G --skip-log-bin
for server in source target; do sql "$server" "CREATE USER repl@'%' IDENTIFIED BY 'repl'; GRANT ALL ON *.* TO repl@'%'"; done
create_accounts bench
write_job bench
sql source "CREATE DATABASE bench; CREATE TABLE bench.beat (id INT NOT NULL PRIMARY KEY, n BIGINT NOT NULL); INSERT INTO bench.beat VALUES (1, 0)"
bench oltp_common --threads=2 prepare
dts -q precheck --ignore binlog-retention >/dev/null 2>&1 || die "precheck: $(dts precheck)"
for phase in init-schema init-data "sync --until now"; do
  # shellcheck disable=SC2086
  dts -q $phase >/dev/null 2>"$WORK/phase.log" || die "$phase: $(cat "$WORK/phase.log")"
done

rates=("$@")
((${#rates[@]})) || rates=(1000 3000)
printf '%8s %-22s %6s %8s %8s %8s %8s %8s %8s\n' "tx/s" contender beats "p50 ms" "p95 ms" "p99 ms" "max ms" "client %" "target %"
for rate in "${rates[@]}"; do
  for mode in transactional parallel; do
    start_sync -q -c sync.apply=$mode
    measure "$rate" "dtsctl $mode" "$SYNC_PID"
    stop_sync
  done
  dts -q sync --until now
  compare_servers bench || die "what dtsctl leaves differs"
  native 0
  measure "$rate" native
  end_native
  native 4
  measure "$rate" "native, 4 threads"
  [[ $(sql target "SELECT MASTER_GTID_WAIT('$(sql source "SELECT @@gtid_binlog_pos")', 60)") == 0 ]] || die "replication is behind"
  end_native
  # What native replication has applied is not in the job's position.
  rm -f "${JOB%.toml}".state*
  sql target "DROP DATABASE dtsctl; DROP DATABASE bench"
  dts -q precheck --ignore binlog-retention >/dev/null 2>&1 || die "precheck: $(dts precheck)"
  for phase in init-schema init-data; do
    # shellcheck disable=SC2086
    dts -q $phase >/dev/null 2>"$WORK/phase.log" || die "$phase: $(cat "$WORK/phase.log")"
  done
done
