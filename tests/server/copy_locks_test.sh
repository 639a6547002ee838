#!/usr/bin/env bash
# Others hold locks on the target while rows are copied and indexes are built, or on the source: the copy says
# that it waits, and for whom, and goes on. On the source, a table or the whole database is dropped while it is copied.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

ROWS=40000
told() { grep -qE "$1" "$WORK/copy.out"; }
rows_of() { sql target "SELECT COUNT(*) FROM shop.$1" 2>/dev/null || echo 0; }
under_way() { (($(rows_of a) > 2000)); }
# hold STATEMENTS [SERVER]: another session does this, and holds what it has until it is let go
hold() {
  HOLDING_SERVER=${2:-target}
  client "$HOLDING_SERVER" <<<"$1; DO SLEEP(100)" >/dev/null 2>&1 &
  HOLDER=$!
}
let_go() {
  sql "$HOLDING_SERVER" "SELECT CONCAT('KILL ', ID) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'DO SLEEP(100)%'" | client "$HOLDING_SERVER"
  wait "$HOLDER" || true
}
# hold_first STATEMENTS: the same on the source, before the copy begins
hold_first() {
  hold "$1" source
  held() { sql source "SHOW PROCESSLIST" | grep -q 'DO SLEEP'; }
  wait_for 20 held || die "$KIND: nothing is locked"
}

# begin [COMMAND...]: which is run before the copy
begin() {
  sql target "DROP DATABASE IF EXISTS shop; DROP DATABASE IF EXISTS dtsctl"
  rm -f "${JOB%.toml}".state*
  precheck
  dts init-schema >"$WORK/schema.out" 2>&1 || die "init-schema: $(cat "$WORK/schema.out")"
  "$@"
  "$DTSCTL" -f "$JOB" -c data.rows_per_second=20000 -c data.workers=2 init-data >"$WORK/copy.out" 2>&1 &
  COPY=$!
  wait_for 20 under_way || die "the copy does not begin: $(cat "$WORK/copy.out")"
}

# waits TITLE PATTERN
waits() {
  wait_for 40 told "$2" || die "$KIND, $1: no /$2/: $(cat "$WORK/copy.out")"
  let_go
  wait "$COPY" || die "$KIND, $1: init-data failed: $(cat "$WORK/copy.out")"
  must_be_equal shop
  echo "$KIND: $1: told, identical"
}

locks() {
  local holder='held by session [0-9]+ of root@localhost'
  [[ $KIND == mysql-* ]] || holder='held by (session [0-9]+ of root@localhost|unknown \(the plugin METADATA_LOCK_INFO)'
  begin
  hold "LOCK TABLES shop.b WRITE"
  waits "table locked" "the copy waits on the target: Waiting for table metadata lock: (LOAD DATA|REPLACE|ALTER TABLE).*$holder"
  begin hold_first "LOCK TABLES shop.b WRITE"
  waits "source's table locked" "the copy waits on the source: Waiting for table metadata lock: SELECT.*$holder"
  [[ $KIND != mysql-* || -n ${DTS_TORTURE:-} ]] || return 0
  begin
  hold "BEGIN; INSERT INTO shop.b VALUES ($ROWS, 1, 'x')"
  waits "row locked" "the copy waits on the target: Waiting for rows that another transaction has locked: LOAD DATA.*held by session [0-9]+ of root@localhost"
  begin
  hold "BEGIN; SELECT * FROM shop.b LIMIT 1; DO SLEEP(2)"
  waits "table read while its index is built" "the copy waits on the target: Waiting for table metadata lock: ALTER TABLE .shop.*$holder"
}

# dropped TITLE PATTERN STATEMENT: the copy goes on without the table.
dropped() {
  local title=$1
  begin
  sql source "$3"
  wait "$COPY" || die "$KIND, $title: init-data failed: $(cat "$WORK/copy.out")"
  grep -q "$2 on the source" "$WORK/copy.out" || die "$KIND, $title: not told: $(cat "$WORK/copy.out")"
  dts sync --until now >"$WORK/sync.out" 2>&1 || die "$KIND, $title: sync: $(cat "$WORK/sync.out")"
  if [[ $(sql source "SHOW DATABASES LIKE 'shop'") == shop ]]; then
    must_be_equal shop
  else
    [[ $(sql target "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop'") == 0 ]] || die "$KIND, $title: tables are left"
  fi
  echo "$KIND: $title: the copy goes on, identical"
}

make_tables() {
  local limit="max_recursive_iterations"
  ! is_mysql source || limit="cte_max_recursion_depth"
  sql source "DROP DATABASE IF EXISTS shop; SET SESSION $limit = 1000000; CREATE DATABASE shop; USE shop;
    CREATE TABLE a (id INT PRIMARY KEY, k INT, v VARCHAR(600), KEY k (k));
    INSERT INTO a WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $ROWS)
      SELECT i, i % 7, REPEAT(CHAR(65 + i % 26), 500) FROM n;
    CREATE TABLE b LIKE a; INSERT INTO b SELECT * FROM a; ANALYZE TABLE a, b" >/dev/null
}

copies() {
  KIND=$1
  start_source "$KIND"
  start_target "$KIND"
  make_tables
  create_accounts shop
  local server
  for server in source target; do
    sql "$server" "GRANT PROCESS ON *.* TO dts@'%'"
    # The plugin is not there with every server.
    if is_mysql "$server"; then
      sql "$server" "GRANT SELECT ON performance_schema.* TO dts@'%'"
    else
      sql "$server" "INSTALL SONAME 'metadata_lock_info'" 2>/dev/null || true
    fi
  done
  write_job shop
  locks
  dropped "source's table dropped" 'shop.b was dropped' "DROP TABLE shop.b"
  if [[ $KIND != mysql-* || -n ${DTS_TORTURE:-} ]]; then
    make_tables
    dropped "source's database dropped" 'shop.[ab] was dropped' "DROP DATABASE shop"
  fi
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
}

copies mariadb-10.11
need_servers mysql-9.7
copies mysql-9.7
