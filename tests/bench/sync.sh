#!/usr/bin/env bash
# Applying a backlog against native replication: tests/bench/sync.sh [STREAM...]   (default: a b c r)
#
#   a  sysbench oltp_write_only       c  single inserts
#   b  updates of 10,000 rows each    r  oltp_read_write
#
# Each contender finds the same target, as it was before the stream, and the whole stream in the source's
# binlog, and is timed from its start to the last transaction. They take turns, ROUNDS (3) each; medians
# are compared. dtsctl applies transactional, dtsctl_parallel with 4 workers; native_N is MariaDB's own replication with N parallel threads, optimistic. What dtsctl leaves must be
# equal to the source by the servers' own digests. SCALE=0.1 makes a tenth of the changes. Needs sysbench.
# DTSCTL_OLD names another dtsctl to be compared.
set -euo pipefail
. "$(dirname "$0")/../server/lib.sh"
ROUNDS=${ROUNDS:-3} SCALE=${SCALE:-1}
CONTENDERS=(native_0 native_4 dtsctl dtsctl_parallel)
[[ -z ${DTSCTL_OLD:-} ]] || CONTENDERS+=(dtsctl_old)
command -v sysbench >/dev/null || die "sysbench is not installed; on Debian: apt-get install sysbench"
TABLES=4 ROWS=100000

scaled() { awk -v n="$1" -v scale="$SCALE" 'BEGIN { printf "%d", n * scale }'; }
bench() {
  local script=$1
  shift
  sysbench "$script" --db-driver=mysql --mysql-socket="$WORK/source/sock" --mysql-user=root --mysql-db=bench \
    --tables=$TABLES --table-size=$ROWS "$@" >"$WORK/sysbench.log" || die "sysbench failed: $(cat "$WORK/sysbench.log")"
}

make_a() { bench oltp_write_only --threads=2 --time=0 --events="$(scaled 120000)" run; }
make_b() {
  local i
  for ((i = 0; i < $(scaled 60); ++i)); do
    echo "UPDATE sbtest$((i % TABLES + 1)) SET c = CONCAT('bulk $i ', LEFT(c, 100)) WHERE id BETWEEN $((i * 7919 % (ROWS - 10000))) + 1 AND $((i * 7919 % (ROWS - 10000))) + 10000;"
  done | client source bench
}
make_c() { bench oltp_insert --threads=2 --time=0 --events="$(scaled 150000)" run; }
make_r() { bench oltp_read_write --threads=2 --time=0 --events="$(scaled 60000)" run; }

native() {
  sql target "SET GLOBAL gtid_slave_pos = '$BEFORE', slave_parallel_threads = $1, slave_parallel_mode = optimistic;
    CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${SERVER_PORT[source]}, MASTER_USER = 'repl', MASTER_PASSWORD = 'repl', MASTER_USE_GTID = slave_pos; START SLAVE"
  [[ $(sql target "SELECT MASTER_GTID_WAIT('$AFTER', 600)") == 0 ]] || die "replication stopped: $(sql target 'SHOW SLAVE STATUS')"
}
native_0() { native 0; }
native_4() { native 4; }
dtsctl() { "$DTSCTL" -q -f "$JOB" sync --until "$AFTER"; }
dtsctl_parallel() { "$DTSCTL" -q -f "$JOB" -c sync.apply=parallel sync --until "$AFTER"; }
dtsctl_old() { "$DTSCTL_OLD" -q -f "$JOB" sync --until "$AFTER"; }

ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }

# run STREAM CONTENDER: appends "seconds client source target" to their file.
run() {
  stop_server target
  rm -rf "$WORK/target/data"
  cp -a --reflink=auto "$WORK/before/data" "$WORK/target/data"
  cp "$WORK/before/state" "${JOB%.toml}.state.toml"
  restart_server target
  for ((t = 1; t <= TABLES; ++t)); do sql target "SELECT SUM(LENGTH(c)) FROM bench.sbtest$t" >/dev/null; done
  local source target begin end client TIMEFORMAT='%U %S'
  source=$(ticks "${SERVER_PID[source]}") target=$(ticks "${SERVER_PID[target]}") begin=$EPOCHREALTIME
  { time "$2" >/dev/null 2>"$WORK/contender.log"; } 2>"$WORK/time" || die "$2 failed: $(tail -n 5 "$WORK/contender.log")"
  end=$EPOCHREALTIME client=$(<"$WORK/time")
  awk -v begin="$begin" -v end="$end" -v client="$client" -v hz="$(getconf CLK_TCK)" \
    -v source=$(($(ticks "${SERVER_PID[source]}") - source)) -v target=$(($(ticks "${SERVER_PID[target]}") - target)) \
    'BEGIN { split(client, c, " "); printf "%.2f %.2f %.2f %.2f\n", end - begin, c[1] + c[2], source / hz, target / hz }' >>"$WORK/$1.$2"
  note "$1 $2: $(tail -n 1 "$WORK/$1.$2")"
  [[ $2 != native_* ]] || sql target "STOP SLAVE; RESET SLAVE ALL"
  compare_servers bench || die "$1: what $2 leaves differs"
}

median() { cut -d ' ' -f "$3" "$WORK/$1.$2" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

start_source --innodb-buffer-pool-size=1G --innodb-log-file-size=1G --sync-binlog=0
start_target --innodb-buffer-pool-size=1G --innodb-log-file-size=1G --skip-log-bin
for server in source target; do sql "$server" "CREATE USER repl@'%' IDENTIFIED BY 'repl'; GRANT ALL ON *.* TO repl@'%'"; done
create_accounts bench
write_job bench
streams=("$@")
((${#streams[@]})) || streams=(a b c r)
for stream in "${streams[@]}"; do
  sql source "DROP DATABASE IF EXISTS bench; CREATE DATABASE bench"
  sql target "DROP DATABASE IF EXISTS bench; DROP DATABASE IF EXISTS dtsctl"
  bench oltp_common --threads=2 prepare
  rm -f "${JOB%.toml}".state*
  dts -q precheck --ignore binlog-retention >/dev/null 2>&1 || die "precheck: $(dts precheck)"
  for phase in init-schema init-data "sync --until now"; do
    # shellcheck disable=SC2086
    dts -q $phase >/dev/null 2>"$WORK/phase.log" || die "$phase: $(cat "$WORK/phase.log")"
  done
  BEFORE=$(sql source "SELECT @@gtid_binlog_pos")
  stop_server target
  rm -rf "$WORK/before"
  mkdir "$WORK/before"
  cp -a --reflink=auto "$WORK/target/data" "$WORK/before/data"
  cp "${JOB%.toml}.state.toml" "$WORK/before/state"
  restart_server target
  note "making stream $stream"
  "make_$stream"
  AFTER=$(sql source "SELECT @@gtid_binlog_pos")
  for ((round = 0; round < ROUNDS; ++round)); do
    for contender in "${CONTENDERS[@]}"; do run "$stream" "$contender"; done
  done
  best=$(for c in native_0 native_4; do median "$stream" "$c" 1; done | sort -n | head -n 1)
  printf '\nstream %s: medians of %s\n%-10s %8s %8s %10s %10s %10s\n' "$stream" "$ROUNDS" contender "wall s" "of best" "client CPU" "source CPU" "target CPU"
  for contender in "${CONTENDERS[@]}"; do
    printf '%-10s %8s %8s %10s %10s %10s\n' "$contender" "$(median "$stream" "$contender" 1)" "$(awk -v a="$(median "$stream" "$contender" 1)" -v b="$best" 'BEGIN { printf "%.2f", a / b }')" \
      "$(median "$stream" "$contender" 2)" "$(median "$stream" "$contender" 3)" "$(median "$stream" "$contender" 4)"
  done
done
