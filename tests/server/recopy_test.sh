#!/usr/bin/env bash
# Tables that are altered, dropped, created, emptied or swapped on the source while they are copied: the
# target ends as the source, also when the copy is killed in between.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

rows='WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) SELECT'

fill() {
  local limit="max_recursive_iterations = 1000000"
  [[ $1 != mysql-* ]] || limit="cte_max_recursion_depth = 1000000"
  sql source "CREATE DATABASE shop; USE shop; CREATE TABLE parent (id INT PRIMARY KEY, n INT DEFAULT 0); INSERT INTO parent VALUES (1, 0), (2, 0);
    CREATE TABLE big (id INT AUTO_INCREMENT PRIMARY KEY, p INT NOT NULL DEFAULT 1, a INT, b VARCHAR(40), KEY b (b), KEY p (p),
      CONSTRAINT to_parent FOREIGN KEY (p) REFERENCES parent (id));
    CREATE TABLE child (id INT PRIMARY KEY, big INT, CONSTRAINT to_big FOREIGN KEY (big) REFERENCES big (id));
    CREATE TRIGGER count_big AFTER INSERT ON big FOR EACH ROW UPDATE parent SET n = n + 1 WHERE id = NEW.p;
    CREATE TABLE steady (id INT PRIMARY KEY, v VARCHAR(40)); CREATE TABLE victim (id INT PRIMARY KEY, v INT);
    CREATE TABLE swapped (id INT PRIMARY KEY, v INT, KEY v (v)); CREATE TABLE heap (a INT, b INT);
    SET SESSION $limit; INSERT INTO big (a, b) $rows i, CONCAT('name ', i) FROM n; INSERT INTO steady $rows i, HEX(i * 7919) FROM n;
    INSERT INTO victim $rows i, i FROM n; INSERT INTO swapped $rows i, i FROM n; INSERT INTO heap VALUES (1, 1), (2, 2), (2, 2);
    INSERT INTO child VALUES (1, 1), (2, 2); ANALYZE TABLE big, steady, victim, swapped" >/dev/null
}

# What an application and its administrators do: round $1.
disturb() {
  local n=$1
  sql source "USE shop; UPDATE big SET a = -a WHERE id % 7 = $n % 7; DELETE FROM steady WHERE id % 100 = $n; INSERT INTO steady VALUES ($((100000 + n)), 'new');
    ALTER TABLE big ADD COLUMN c$n INT NOT NULL DEFAULT $n; INSERT INTO big (p, a, b, c$n) VALUES (2, $n, 'after', 7);
    ALTER TABLE big MODIFY b VARCHAR($((50 + n))) NOT NULL DEFAULT ''; UPDATE big SET b = REPEAT('x', $((41 + n))) WHERE id = $n + 1;
    ALTER TABLE steady ADD KEY v$n (v);
    CREATE TABLE fresh$n (id INT PRIMARY KEY, v INT); INSERT INTO fresh$n VALUES (1, 1), (2, 2); UPDATE fresh$n SET v = 3 WHERE id = 1;
    CREATE TABLE brief$n (id INT PRIMARY KEY); INSERT INTO brief$n VALUES (1); DROP TABLE brief$n;
    CREATE TABLE _swapped_new LIKE swapped; ALTER TABLE _swapped_new ADD COLUMN w$n INT DEFAULT 5;
    INSERT INTO _swapped_new SELECT *, $n FROM swapped WHERE id % 100 <> $n;
    RENAME TABLE swapped TO _swapped_old, _swapped_new TO swapped; DROP TABLE _swapped_old; INSERT INTO swapped (id, v) VALUES (200000 + $n, $n);
    TRUNCATE TABLE heap; INSERT INTO heap VALUES ($n, 1), ($n, 1), ($n, 2);"
  ((n > 0)) || sql source "DROP TABLE shop.victim"
}

# prepare SERVER: a job whose copy takes a second or more
prepare() {
  start_source "$1"
  start_target "$1"
  fill "$1"
  create_accounts shop
  write_job shop
  printf '[data]\nworkers = 1\nrows_per_second = 25000\n' >>"$JOB"
  precheck keyless-tables
  dts init-schema >/dev/null 2>&1 || die "init-schema"
}

finish() {
  dts -c data.rows_per_second=0 init-data >"$WORK/copy.out" 2>&1 || die "init-data: $(cat "$WORK/copy.out")"
  dts sync --until now >"$WORK/sync.out" 2>&1 || die "sync: $(cat "$WORK/sync.out")"
  must_be_equal shop
  dts status --json | jq -e '(.sync.conflicts | length) == 0' >/dev/null || die "conflicts: $(dts status --json)"
  [[ $(sql target "SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'shop'") == 1 ]] || die "the trigger is lost"
  sql source "INSERT INTO shop.big (p, a) VALUES (2, 5); ALTER TABLE shop.big ADD COLUMN last INT; DELETE FROM shop.big WHERE id = 3; UPDATE shop.heap SET b = 9 LIMIT 1;
    INSERT INTO shop.fresh0 VALUES (9, 9); CREATE TABLE shop.brief0 (id INT PRIMARY KEY); INSERT INTO shop.brief0 VALUES (1)"
  dts sync --until now >"$WORK/sync.out" 2>&1 || die "sync: $(cat "$WORK/sync.out")"
  must_be_equal shop
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
}

once() {
  prepare "$1"
  dts init-data >"$WORK/copy.out" 2>&1 &
  local pid=$!
  sleep 0.7
  disturb 0
  kill -0 "$pid" 2>/dev/null || die "the copy was through before it was disturbed"
  wait "$pid" || die "init-data: $(cat "$WORK/copy.out")"
  grep -q 'copied again' "$WORK/copy.out" || die "nothing was copied again: $(cat "$WORK/copy.out")"
  finish
  echo "recopy: $1"
}

killed() {
  prepare "$1"
  local round pid kills=0
  for ((round = 0; round < $2; ++round)); do
    "$DTSCTL" -f "$JOB" init-data >"$WORK/copy.out" 2>&1 &
    pid=$!
    sleep "0.$((RANDOM % 6 + 2))"
    disturb "$round"
    sleep "$((RANDOM % 2)).$((RANDOM % 9 + 1))"
    if kill -9 "$pid" 2>/dev/null; then kills=$((kills + 1)); fi
    if wait "$pid" 2>/dev/null; then break; fi
  done
  ((kills > 0)) || die "nothing was killed"
  finish
  echo "recopy: $1, $kills kills"
}

# A keyless table counts from its own snapshot: DDL before that is in the copy, and so are rows behind it.
altered_heap() {
  prepare "$1"
  dts init-data >"$WORK/copy.out" 2>&1 &
  local pid=$!
  sleep 0.7
  sql source "USE shop; INSERT INTO heap VALUES (4, 4); $2; INSERT INTO heap VALUES (6, 6)"
  kill -0 "$pid" 2>/dev/null || die "the copy was through before the table was altered"
  wait "$pid" || die "init-data: $(cat "$WORK/copy.out")"
  dts sync --until now >"$WORK/sync.out" 2>&1 || die "sync: $(cat "$WORK/sync.out")"
  must_be_equal shop
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
}

# Killed when the new start of one altered table is written, but the table is not made anew; then another table is altered.
killed_before_it_is_made() {
  prepare "$1"
  "$DTSCTL" -f "$JOB" -c data.rows_per_second=15000 init-data >"$WORK/copy.out" 2>&1 &
  local pid=$! session
  waits_to_drop() { session=$(sql target "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'DROP TABLE%big%' AND STATE LIKE 'Waiting%'") && [[ -n $session ]]; }
  copied_big() { dts status --json | jq -e '.data.tables[] | select(.table == "shop.big") | .rows > 25000' >/dev/null 2>&1; }
  wait_for 20 copied_big || die "big is not copied: $(cat "$WORK/copy.out")"
  sql source "ALTER TABLE shop.big ADD COLUMN extra INT NOT NULL DEFAULT 7"
  client target <<<"LOCK TABLES shop.big READ; DO SLEEP(60)" >/dev/null 2>&1 &
  local holder=$!
  wait_for 20 waits_to_drop || die "$1: the altered table is not about to be made anew: $(cat "$WORK/copy.out")"
  kill -9 "$pid"
  wait "$pid" 2>/dev/null || true
  sql target "KILL $session"
  kill "$holder"
  wait "$holder" 2>/dev/null || true
  sql target "SELECT CONCAT('KILL ', ID) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'DO SLEEP%'" | client target
  [[ $(sql target "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_NAME = 'big' AND COLUMN_NAME = 'extra'") == 0 ]] || die "$1: the table was made anew before the kill"
  sql source "ALTER TABLE shop.steady ADD COLUMN extra INT NOT NULL DEFAULT 8; INSERT INTO shop.big (a) VALUES (1)"
  dts init-data >"$WORK/copy.out" 2>&1 || die "$1: init-data: $(cat "$WORK/copy.out")"
  grep -q '2 tables are copied again' "$WORK/copy.out" || die "$1: not both are copied again: $(cat "$WORK/copy.out")"
  dts sync --until now >"$WORK/sync.out" 2>&1 || die "$1: sync: $(cat "$WORK/sync.out")"
  must_be_equal shop
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
  echo "recopy: $1: killed before an altered table was made anew"
}

killed_before_it_is_made mariadb-10.11
altered_heap mariadb-10.11 "ALTER TABLE heap COMMENT 'altered'"
altered_heap mariadb-10.11 "TRUNCATE TABLE heap"
altered_heap mariadb-10.11 "RENAME TABLE heap TO heap2; CREATE TABLE heap LIKE heap2; INSERT INTO heap VALUES (7, 7)"
once mariadb-10.11
killed mariadb-10.11 "$([[ -n ${DTS_TORTURE:-} ]] && echo 25 || echo 4)"
need_servers mysql-9.7
once mysql-9.7
killed mysql-9.7 2
