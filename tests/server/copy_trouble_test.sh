#!/usr/bin/env bash
# What happens to servers while rows are copied: a target that is made read-only, settings switched off,
# rows that are too large, connections and servers lost, tables dropped and altered. It is told, nothing is lost, and the copy can go on.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

ROWS=40000 # of 500 bytes
limited=(-c data.rows_per_second=15000 -c data.workers=3)

# servers KIND: with two tables of the same rows, ready to be copied
servers() {
  KIND=$1
  start_source "$KIND" --max-allowed-packet=64M
  start_target "$KIND" --max-allowed-packet=64M
  make_tables source
  create_accounts shop
  write_job shop
  precheck max-allowed-packet
}

make_tables() {
  local limit="max_recursive_iterations"
  ! is_mysql "$1" || limit="cte_max_recursion_depth"
  sql "$1" "SET SESSION $limit = 1000000; CREATE DATABASE shop; USE shop;
    CREATE TABLE a (id INT PRIMARY KEY, k INT, v VARCHAR(600), KEY k (k));
    INSERT INTO a WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $ROWS)
      SELECT i, i % 7, REPEAT(CHAR(65 + i % 26), 500) FROM n;
    CREATE TABLE b LIKE a; INSERT INTO b SELECT * FROM a; ANALYZE TABLE a, b" >/dev/null
}

# A copy from the beginning in the background: $COPY, its output in $WORK/copy.out.
begin() {
  sql target "DROP DATABASE IF EXISTS shop; DROP DATABASE IF EXISTS dtsctl"
  rm -f "${JOB%.toml}".state*
  precheck max-allowed-packet
  dts init-schema >"$WORK/schema.out" 2>&1 || die "init-schema: $(cat "$WORK/schema.out")"
  go_on "${limited[@]}" "$@"
  wait_for 20 under_way || die "the copy does not begin: $(cat "$WORK/copy.out")"
}
go_on() {
  "$DTSCTL" -f "$JOB" "$@" init-data >"$WORK/copy.out" 2>&1 &
  COPY=$!
}
rows_of() { sql target "SELECT COUNT(*) FROM shop.$1" 2>/dev/null || echo 0; }
under_way() { ((($(rows_of a) + $(rows_of b)) > 2000)) || told '^dtsctl: '; }
copied_some() { dts status --json | jq -e '.data.tables[] | select(.table == "shop.b") | .rows > 0' >/dev/null; }
told() { grep -qE "$1" "$WORK/copy.out"; }
ends() {
  COPY_STATUS=0
  wait "$COPY" || COPY_STATUS=$?
}
# succeeds TITLE
succeeds() {
  ends
  ((COPY_STATUS == 0)) || die "$KIND, $1: init-data ended with $COPY_STATUS: $(cat "$WORK/copy.out")"
  must_be_equal shop
  echo "$KIND: $1: identical"
}
# fails TITLE PATTERN
fails() {
  ends
  ((COPY_STATUS != 0)) || die "$KIND, $1: init-data did not fail: $(cat "$WORK/copy.out")"
  told "$2" || die "$KIND, $1: no /$2/: $(cat "$WORK/copy.out")"
}

read_only_target() {
  begin
  sql target "SET GLOBAL read_only = 1"
  wait_for 20 told 'read.only.*trying again.*SET GLOBAL read_only = OFF' || die "$KIND: read_only is not told: $(cat "$WORK/copy.out")"
  kill -0 "$COPY" || die "$KIND: the copy has ended"
  sql target "SET GLOBAL read_only = 0"
  succeeds "read_only for a while"
  begin -c retry.statement_minutes=1
  # Whoever does not wait for it ends the copy, and goes on later.
  sql target "SET GLOBAL read_only = 1"
  wait_for 20 told 'trying again' || die "$KIND: read_only is not told: $(cat "$WORK/copy.out")"
  kill -INT "$COPY"
  ends
  sql target "SET GLOBAL read_only = 0"
  go_on
  succeeds "read_only and interrupted"
}

offline_target() {
  begin
  sql target "SET GLOBAL offline_mode = ON"
  wait_for 20 told 'trying again' || die "$KIND: offline_mode is not told: $(cat "$WORK/copy.out")"
  sleep 1
  sql target "SET GLOBAL offline_mode = OFF"
  succeeds "offline_mode for a while"
  begin
  sql target "SET GLOBAL super_read_only = ON"
  wait_for 20 told 'read.only.*trying again' || die "$KIND: super_read_only is not told: $(cat "$WORK/copy.out")"
  sql target "SET GLOBAL super_read_only = OFF, read_only = OFF"
  succeeds "super_read_only for a while"
}

load_switched_off() {
  begin -c data.workers=1 # so that chunks are still to come
  sql target "SET GLOBAL local_infile = 0"
  wait_for 20 told 'local_infile is OFF.*INSERT' || die "$KIND: INSERT is not told: $(cat "$WORK/copy.out")"
  succeeds "local_infile switched off"
  begin
  told 'local_infile is OFF.*INSERT' || die "$KIND: INSERT is not told: $(cat "$WORK/copy.out")"
  succeeds "local_infile off"
  sql target "SET GLOBAL local_infile = 1"
}

# A row that is larger than the target's max_allowed_packet: LOAD DATA takes it, INSERT does not.
large_row() {
  sql source "USE shop; CREATE TABLE c (id INT, name VARCHAR(20), v LONGTEXT, PRIMARY KEY (id, name));
    INSERT INTO c VALUES (1, 'one', 'small'), (7, 'it''s', REPEAT('x', 3000000)), (8, 'eight', 'small')"
  sql target "SET GLOBAL max_allowed_packet = 1048576"
  begin
  succeeds "a row larger than max_allowed_packet, by LOAD DATA"
  sql target "SET GLOBAL local_infile = 0"
  begin
  fails "a row larger than max_allowed_packet" "cannot copy shop.c: the row id = '7', name = 'it..?s' makes a statement of 30000[0-9]{2} bytes, larger than the target's max_allowed_packet of 1048576"
  told 'hint: SET GLOBAL max_allowed_packet = 4194304' || die "$KIND: no remedy: $(cat "$WORK/copy.out")"
  sql target "SET GLOBAL max_allowed_packet = 4194304"
  go_on
  succeeds "a row larger than max_allowed_packet, which was raised"
  sql target "SET GLOBAL max_allowed_packet = 67108864, local_infile = 1"
  sql source "DROP TABLE shop.c"
}

changed_target() {
  begin
  sql target "DROP TABLE shop.a"
  fails "target's table dropped" 'shop\W+a\W.*doesn.t exist \(1146\)'
  told 'hint: .*init-schema' || die "$KIND: no way to go on: $(cat "$WORK/copy.out")"
  go_on
  fails "target's table is gone" 'cannot copy shop.a: the table is not there on the target'
  dts init-schema >"$WORK/schema.out" 2>&1 || die "init-schema: $(cat "$WORK/schema.out")"
  go_on
  succeeds "target's table dropped and made again"
  begin
  sql target "ALTER TABLE shop.b DROP COLUMN v"
  fails "target's column dropped" 'shop\W+b\W.*(\(1054\)|has another structure)'
  told 'hint: .*drop (it there|the table on the target)' || die "$KIND: no way to go on: $(cat "$WORK/copy.out")"
  sql target "DROP TABLE shop.b"
  dts init-schema >"$WORK/schema.out" 2>&1 || die "init-schema: $(cat "$WORK/schema.out")"
  go_on
  succeeds "target's column dropped"
  begin
  wait_for 20 copied_some || die "$KIND: nothing of shop.b is copied: $(cat "$WORK/copy.out")"
  kill -INT "$COPY"
  ends
  sql target "TRUNCATE TABLE shop.b"
  go_on
  wait_for 20 told 'shop.b is empty on the target, where [0-9]+ rows had been copied' || die "$KIND: an emptied table is not told: $(cat "$WORK/copy.out")"
  succeeds "target's table emptied"
  # In the midst of a run, which goes on to fill it.
  begin -c data.workers=1 # so that a chunk is still to come
  wait_for 20 copied_some || die "$KIND: nothing of shop.b is copied: $(cat "$WORK/copy.out")"
  sql target "TRUNCATE TABLE shop.b"
  fails "target's table emptied and filled further" 'shop.b (has lost its first rows|is empty) on the target, where [0-9]+ rows had been copied'
  told 'cannot end the copy: rows were deleted on the target meanwhile' || die "$KIND: no error: $(cat "$WORK/copy.out")"
  (($(rows_of b) > 0)) || die "$KIND: nothing was filled further"
  go_on
  succeeds "target's table emptied and filled further"
}

killed_connections() {
  begin
  local round server ids
  for ((round = 0; round < 5; ++round)); do
    for server in source target; do
      kill -0 "$COPY" 2>/dev/null || break 2
      ids=$(sql "$server" "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'dts'")
      for id in $ids; do sql "$server" "KILL $id" 2>/dev/null || true; done
      sleep 0.2
    done
  done
  ((round > 1)) || die "$KIND: the copy was too quick"
  told 'trying again' || die "$KIND: lost connections are not told: $(cat "$WORK/copy.out")"
  succeeds "connections killed $round times"
  begin
  stop_server source
  wait_for 20 told 'trying again' || die "$KIND: a lost source is not told: $(cat "$WORK/copy.out")"
  restart_server source
  succeeds "source restarted"
}

copies() {
  servers "$1"
  read_only_target
  [[ $1 != mysql-* ]] || offline_target
  if [[ $1 != mysql-* || -n ${DTS_TORTURE:-} ]]; then
    load_switched_off
    large_row
    changed_target
    killed_connections
  fi
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
}

copies mariadb-10.11
need_servers mysql-9.7
copies mysql-9.7
