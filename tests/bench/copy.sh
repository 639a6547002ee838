#!/usr/bin/env bash
# The full copy against what else Debian has: tests/bench/copy.sh [WORKLOAD...]   (default: W1 W2 W3 W4)
#
#   W1  sysbench, 4 x 1,000,000 rows           goals, as shares of mariadb-dump | mariadb: 0.36, and
#   W2  a wide table of every type, 500,000    0.65 of mydumper and myloader on W1; 0.45 on W2; W3 not
#   W3  200 tables of 1,000 rows               slower than mydumper and myloader; 0.50 on W4
#   W4  a skewed and a composite text key
#   W5  1,000,000 rows with four secondary indexes; against loading with indexes in place
#
# The contenders take turns, ROUNDS (3) each, on the same two servers; medians are compared. dtsctl's
# precheck is not timed, its init-schema and init-data are. Its copies must be equal to the source by
# the servers' own digests. SCALE=0.1 makes a tenth of the rows. Needs mydumper and sysbench.
set -euo pipefail
. "$(dirname "$0")/../server/lib.sh"
ROUNDS=${ROUNDS:-3} SCALE=${SCALE:-1}
CONTENDERS=(dump_pipe mydumper dtsctl)
for tool in mydumper sysbench; do
  command -v "$tool" >/dev/null || die "$tool is not installed; on Debian: apt-get install $tool"
done

scaled() { awk -v n="$1" -v scale="$SCALE" 'BEGIN { printf "%d", n * scale }'; }
on() { echo "--host=127.0.0.1 --port=${SERVER_PORT[$1]} --user=bench --password=bench"; }

make_W1() {
  sysbench oltp_write_only --db-driver=mysql --mysql-socket="$WORK/source/sock" --mysql-user=root --mysql-db=bench \
    --tables=4 --table-size="$(scaled 1000000)" --threads=2 prepare >"$WORK/sysbench.log" || die "sysbench failed"
}
make_W2() {
  sql source "CREATE TABLE wide (id BIGINT PRIMARY KEY, a INT, b BIGINT UNSIGNED, c DECIMAL(20,6), f FLOAT, g DOUBLE, d DATE, t DATETIME(6), s TIMESTAMP(3) NULL,
      v VARCHAR(100), w VARCHAR(60) COLLATE utf8mb4_unicode_ci, x VARBINARY(40), y TEXT, z BLOB, e ENUM('one','two','three'), q SET('a','b','c'), j JSON, n INT NULL, KEY a (a), KEY vt (v, t));
    INSERT INTO wide SELECT seq, seq % 1000, seq * 1234567, seq / 7, seq * 0.123, seq / 3, DATE '2000-01-01' + INTERVAL seq % 9000 DAY, TIMESTAMP '2001-01-01 00:00:00' + INTERVAL seq * 997 MICROSECOND,
      FROM_UNIXTIME(1000000000 + seq), CONCAT('name ', seq), CONCAT('Straße ', seq % 5000), UNHEX(MD5(seq)), REPEAT(MD5(seq), 3), UNHEX(SHA2(seq, 512)), 1 + seq % 3, seq % 8,
      CONCAT('{\"id\": ', seq, '}'), IF(seq % 3, NULL, seq) FROM seq_1_to_$(scaled 500000)" bench
}
make_W3() {
  local i
  for ((i = 1; i <= 200; ++i)); do
    echo "CREATE TABLE t$i (id INT PRIMARY KEY, v VARCHAR(100), KEY v (v)); INSERT INTO t$i SELECT seq, MD5(seq) FROM seq_1_to_1000;"
  done | client source bench
}
make_W4() {
  sql source "CREATE TABLE skewed (id BIGINT PRIMARY KEY, v VARCHAR(60)); INSERT INTO skewed SELECT IF(seq % 3, seq, seq * 1000000007), MD5(seq) FROM seq_1_to_$(scaled 450000);
    CREATE TABLE composite (a VARCHAR(20), b VARCHAR(20), v VARCHAR(60), PRIMARY KEY (a, b)); INSERT INTO composite SELECT CONCAT('group ', seq % 97), CONCAT('é ', seq), MD5(seq) FROM seq_1_to_$(scaled 500000)" bench
}
make_W5() {
  sql source "CREATE TABLE indexed (id INT PRIMARY KEY, a BIGINT, b VARCHAR(40), c VARCHAR(40), d BIGINT, KEY a (a), KEY b (b), KEY c (c, a), KEY d (d));
    INSERT INTO indexed SELECT seq, CRC32(seq), MD5(seq), SHA1(seq), CRC32(seq * 7) * 1000 FROM seq_1_to_$(scaled 1000000)" bench
}

dump_pipe() {
  # shellcheck disable=SC2046
  mariadb-dump $(on source) --single-transaction --databases bench | mariadb $(on target)
}
mydumper() {
  # shellcheck disable=SC2046
  command mydumper $(on source) --threads=4 --database=bench --outputdir="$WORK/dump" 2>"$WORK/mydumper.log"
  # shellcheck disable=SC2046
  myloader $(on target) --threads=4 --directory="$WORK/dump" 2>>"$WORK/mydumper.log"
}
dtsctl() {
  "$DTSCTL" -q -f "$JOB" init-schema >/dev/null 2>"$WORK/dtsctl.log"
  "$DTSCTL" -q -f "$JOB" init-data >/dev/null 2>>"$WORK/dtsctl.log"
}
# What dtsctl does, with the indexes in place: they are there before each row, by mariadb-dump's text.
in_place() {
  # shellcheck disable=SC2046
  mariadb-dump $(on source) --no-data --databases bench | mariadb $(on target)
  # shellcheck disable=SC2046
  mariadb $(on source) --quick --skip-column-names -e "SELECT * FROM bench.indexed" |
    mariadb $(on target) --local-infile=1 bench -e "LOAD DATA LOCAL INFILE '/dev/stdin' INTO TABLE indexed"
}

ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }

# run CONTENDER: appends "seconds client source target" to its file.
run() {
  sql target "DROP DATABASE IF EXISTS bench; DROP DATABASE IF EXISTS dtsctl"
  rm -rf "$WORK/dump" "${JOB%.toml}".state*
  [[ $1 != dtsctl ]] || "$DTSCTL" -q -f "$JOB" precheck "${IGNORED[@]}" >"$WORK/precheck.log" 2>&1 || die "precheck: $(cat "$WORK/precheck.log")"
  local source target begin end client TIMEFORMAT='%U %S'
  source=$(ticks "${SERVER_PID[source]}") target=$(ticks "${SERVER_PID[target]}") begin=$EPOCHREALTIME
  { time "$1" >/dev/null 2>"$WORK/contender.log"; } 2>"$WORK/time" || die "$1 failed: $(tail -n 5 "$WORK/contender.log")"
  end=$EPOCHREALTIME client=$(<"$WORK/time")
  awk -v begin="$begin" -v end="$end" -v client="$client" -v hz="$(getconf CLK_TCK)" \
    -v source=$(($(ticks "${SERVER_PID[source]}") - source)) -v target=$(($(ticks "${SERVER_PID[target]}") - target)) \
    'BEGIN { split(client, c, " "); printf "%.2f %.2f %.2f %.2f\n", end - begin, c[1] + c[2], source / hz, target / hz }' >>"$WORK/$WORKLOAD.$1"
  note "$WORKLOAD $1: $(tail -n 1 "$WORK/$WORKLOAD.$1")"
  [[ $1 != dtsctl ]] || compare_servers bench || die "$WORKLOAD: dtsctl's copy differs: $(cat "$WORK/dtsctl.log")"
}

# median CONTENDER FIELD
median() { cut -d ' ' -f "$2" "$WORK/$WORKLOAD.$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

start_source --innodb-buffer-pool-size=2G --innodb-log-file-size=1G
start_target --innodb-buffer-pool-size=2G --innodb-log-file-size=1G --skip-log-bin
for server in source target; do sql "$server" "CREATE USER bench@'%' IDENTIFIED BY 'bench'; GRANT ALL ON *.* TO bench@'%'"; done
create_accounts bench
write_job bench
IGNORED=(--ignore keyless-tables --ignore binlog-retention)
workloads=("$@")
((${#workloads[@]})) || workloads=(W1 W2 W3 W4 W5)
for WORKLOAD in "${workloads[@]}"; do
  sql source "DROP DATABASE IF EXISTS bench; CREATE DATABASE bench"
  note "making $WORKLOAD"
  "make_$WORKLOAD"
  # shellcheck disable=SC2046
  mariadb-dump $(on source) bench >/dev/null # everybody finds a warm source
  contenders=("${CONTENDERS[@]}")
  [[ $WORKLOAD != W5 ]] || contenders+=(in_place)
  for ((round = 0; round < ROUNDS; ++round)); do
    for contender in "${contenders[@]}"; do run "$contender"; done
  done
  base=$(median dump_pipe 1)
  printf '\n%s: medians of %s\n%-10s %8s %8s %10s %10s %10s\n' "$WORKLOAD" "$ROUNDS" contender "wall s" share "client CPU" "source CPU" "target CPU"
  for contender in "${contenders[@]}"; do
    printf '%-10s %8s %8s %10s %10s %10s\n' "$contender" "$(median "$contender" 1)" "$(awk -v a="$(median "$contender" 1)" -v b="$base" 'BEGIN { printf "%.2f", a / b }')" \
      "$(median "$contender" 2)" "$(median "$contender" 3)" "$(median "$contender" 4)"
  done
  done
