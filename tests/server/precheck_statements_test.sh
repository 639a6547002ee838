#!/usr/bin/env bash
# precheck asks a server as much whatever the number of tables, but for one SHOW CREATE TABLE each
# where texts are compared: a statement more for each of ten thousand tables is many seconds.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

FEW=64 MANY=164 # for both, as many sessions are opened

# tables COUNT: of each kind that some check looks at more closely.
tables() {
  local i
  for ((i = 0; i < $1; i++)); do
    echo "CREATE TABLE t$i (id int PRIMARY KEY AUTO_INCREMENT, parent int, name varchar(40) NOT NULL DEFAULT 'x' COMMENT 'é', at date NOT NULL,
      made timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, data blob, v int CHECK (v > 0), g int AS (v + 1), UNIQUE KEY u (name, at, made), KEY k (parent)
      $( ((i % 2 == 0)) || echo ", CONSTRAINT f$i FOREIGN KEY (parent) REFERENCES t$((i - 1)) (id)"));"
  done
}

databases() {
  echo "CREATE DATABASE few; USE few;"
  tables "$FEW"
  echo "CREATE DATABASE many; USE many;"
  tables "$MANY"
}

# What a server was asked so far: all statements, and how often for the columns of a whole database,
# which costs as much as many tables.
asked() {
  sql "$1" "SHOW GLOBAL STATUS LIKE 'Questions'"
  echo "Reads $(grep -c 'FROM information_schema.COLUMNS WHERE TABLE_SCHEMA' "$WORK/$1/general.log" || true)"
}

# count DATABASE: $WORK/SERVER.DATABASE has what a precheck of its tables adds to each figure.
count() {
  local server
  JOB=$WORK/$1.toml
  for server in source target; do
    sql "$server" "FLUSH TABLES"
    asked "$server" >"$WORK/before.$server"
  done
  precheck
  for server in source target; do
    asked "$server" | join "$WORK/before.$server" - | awk '{ print $1, $3 - $2 }' >"$WORK/$server.$1"
  done
}

# job DATABASE [LINE [LINES]]: a new job, with such lines at its top and at its end.
job() {
  JOB=$WORK/$1.toml
  rm -f "$WORK/$1".state*
  write_job "$1"
  printf '%b\n' "${2:-}" "$(<"$JOB")" "${3:-}" >"$JOB.new"
  mv "$JOB.new" "$JOB"
}

figure() { awk -v name="$2" '$1 == name { print $2 }' "$WORK/$1"; }

# must_ask CASE SOURCE TARGET READS: so many statements a table on each side, and so many times the
# columns of the target. Half a statement is what may come and go with sessions.
must_ask() {
  local server most more
  count few
  count many
  for server in source target; do
    most=$2
    [[ $server == source ]] || most=$3
    more=$(($(figure "$server.many" Questions) - $(figure "$server.few" Questions)))
    ((more <= most * (MANY - FEW) + (MANY - FEW) / 2)) ||
      die "$PAIR, $1: the $server is asked $more times more for $((MANY - FEW)) more tables"
  done
  [[ $(figure source.many Reads) == 1 ]] || die "$PAIR, $1: the source is read $(figure source.many Reads) times"
  [[ $(figure target.many Reads) == "$4" ]] || die "$PAIR, $1: the target is read $(figure target.many Reads) times"
}

for PAIR in "mariadb-10.11 mariadb-10.11" "mysql-9.7 mysql-9.7"; do
  need_servers $PAIR
  start_source ${PAIR% *} --general-log --general-log-file="$WORK/source/general.log"
  start_target ${PAIR#* } --general-log --general-log-file="$WORK/target/general.log"
  databases | client source
  create_accounts few many
  for name in few many; do job $name; done
  must_ask "nothing there" 0 0 0
  for name in few many; do
    JOB=$WORK/$name.toml
    dts init-schema >"$WORK/out" 2>&1 || die "init-schema: $(cat "$WORK/out")"
  done
  must_ask "created by the job" 1 1 1 # SHOW CREATE TABLE
  for name in few many; do job $name "" '[schema]\nexisting_tables = "keep"'; done
  must_ask "kept" 1 1 1
  for name in few many; do job $name 'phases = ["data", "sync"]'; done
  must_ask "rows only" 0 1 2 # is it empty?
  sql target "INSERT INTO t7 (at) VALUES ('2020-01-01'); INSERT INTO t17 (at) VALUES ('2020-01-01')" few
  JOB=$WORK/few.toml
  dts_fails 3 "target-objects  *tables are not empty: few.t17, few.t7$" -- precheck
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target
done
echo "precheck_statements: as many for many tables"
