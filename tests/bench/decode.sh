#!/usr/bin/env bash
# How fast the decoder is: tests/bench/decode.sh [ROW_EVENTS]   (default 1,500,000; needs sysbench)
#
# sysbench oltp_write_only writes a stream of transactions on MariaDB 10.11. Then
#   - binlog_rows --count decodes the binlog file on one core: goal, 1,000,000 row events a second;
#   - a replica applies the same stream with native replication: goal, decoding takes at most a fifth
#     of the CPU time of its SQL thread.
# Not part of the suite. Exit code 1: a goal is missed.
set -euo pipefail
. "$(dirname "$0")/../server/lib.sh"
ROW_EVENTS=${1:-1500000}
BINLOG_ROWS=${DTS_BINLOG_ROWS:-$(dirname "$DTSCTL")/tests/binlog_rows}
command -v sysbench >/dev/null || die "sysbench is not installed; on Debian: apt-get install sysbench"

bench() {
  sysbench oltp_write_only --db-driver=mysql --mysql-socket="$WORK/source/sock" --mysql-user=root \
    --mysql-db=bench --tables=4 --table-size=100000 --threads=4 --rand-seed="$SEED" "$@" >"$WORK/sysbench.log" ||
    die "sysbench failed: $(tail -n 3 "$WORK/sysbench.log")"
}

# Waits until the replica's SQL thread has applied all of the source.
caught_up() {
  local gtid
  gtid=$(sql source "SELECT @@gtid_binlog_pos")
  [[ $(sql replica "SELECT MASTER_GTID_WAIT('$gtid', 1200)") == 0 ]] || die "the replica does not catch up"
}

# Waits until everything is in the replica's relay log.
received() {
  [[ $(sql replica "SHOW SLAVE STATUS") == *$'\t'"$(sql source "SELECT @@gtid_binlog_pos")"$'\t'* ]]
}

# CPU seconds of the replica's SQL thread since it started.
sql_thread_seconds() {
  local thread
  thread=$(sql replica "SELECT TID FROM information_schema.PROCESSLIST WHERE COMMAND = 'Slave_SQL'")
  sed 's/.*) //' "/proc/${SERVER_PID[replica]}/task/$thread/stat" |
    awk -v ticks="$(getconf CLK_TCK)" '{ printf "%.2f", ($12 + $13) / ticks }'
}

start_source --innodb-buffer-pool-size=512M --binlog-row-metadata=NO_LOG
start_server replica --server-id=2 --innodb-buffer-pool-size=512M
sql source "CREATE DATABASE bench; CREATE USER r@'127.0.0.1' IDENTIFIED BY 'secret'; GRANT REPLICATION SLAVE ON *.* TO r@'127.0.0.1'"
bench prepare
sql replica "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=${SERVER_PORT[source]}, MASTER_USER='r',
  MASTER_PASSWORD='secret', MASTER_USE_GTID=slave_pos; START SLAVE"
caught_up
sql replica "STOP SLAVE SQL_THREAD"

sql source "FLUSH BINARY LOGS"
note "writing $ROW_EVENTS row events"
bench --events=$((ROW_EVENTS / 4)) --time=0 run # index update, other update, delete, insert
files=("$WORK"/source/data/binlog.??????)
stream=${files[-1]}
wait_for 300 received || die "the replica does not receive the stream"

decoding=$("$BINLOG_ROWS" --count "$stream")
echo "decoder: $decoding"
sql replica "START SLAVE SQL_THREAD"
caught_up
native=$(sql_thread_seconds)
echo "native replication's SQL thread: $native CPU seconds for the same stream"

sed -E 's/^([0-9]+) rows.* ([0-9.]+) CPU seconds, ([0-9]+) rows\/s$/\1 \2 \3/' <<<"$decoding" |
  awk -v native="$native" '{
    printf "rows/s: %d (goal 1000000): %.2f of it\n", $3, $3 / 1000000
    printf "CPU, decoder / SQL thread: %.3f (goal at most 0.2)\n", $2 / native
    exit $3 < 1000000 || $2 / native > 0.2 }'
