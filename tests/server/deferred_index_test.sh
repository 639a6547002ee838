#!/usr/bin/env bash
# Secondary indexes that are built after the rows: none is lost or altered, whenever the copy is killed,
# and the rest of the table stays as it was.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

indexes() { sql target "SELECT COUNT(DISTINCT INDEX_NAME) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = '$1'"; }

deferred() {
  start_source "$1" --max-allowed-packet=64M
  start_target "$1" --max-allowed-packet=64M
  sql source "CREATE DATABASE shop; USE shop; CREATE TABLE parent (id INT PRIMARY KEY, code INT, KEY code (code));
    CREATE TABLE big (id INT AUTO_INCREMENT, a INT, b VARCHAR(40), c INT, d TEXT, g INT AS (a * 2) VIRTUAL, UNIQUE KEY u (c), KEY id (id),
      KEY \`odd \`\`name\` (b(7), a) COMMENT 'it''s, (odd', KEY byB (b DESC), KEY g (g), FULLTEXT KEY words (d), PRIMARY KEY (c, id));
    CREATE TABLE child (id INT PRIMARY KEY, p INT, x INT, KEY x (x), KEY p (p), KEY last (x, p), CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent (id));
    CREATE TABLE keyless (a INT, b INT, KEY a (a)); CREATE TABLE small (id INT PRIMARY KEY, a INT, KEY a (a));
    INSERT INTO parent VALUES (1, 1), (2, 2); INSERT INTO small VALUES (1, 1);"
  local rows='WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) SELECT'
  local limit="max_recursive_iterations = 1000000"
  [[ $1 != mysql-* ]] || limit="cte_max_recursion_depth = 1000000"
  sql source "SET SESSION $limit; USE shop; INSERT INTO big (a, b, c, d) $rows i % 100, CONCAT('name ', i * 7919 % 60000), i, CONCAT('word', i % 50) FROM n;
    INSERT INTO child $rows i, 1 + i % 2, i % 1000 FROM n; INSERT INTO keyless $rows i % 10, i FROM n; ANALYZE TABLE big, child, keyless" >/dev/null
  create_accounts shop
  write_job shop
  printf '[data]\nworkers = 3\n' >>"$JOB"
  precheck keyless-tables
  dts init-schema 2>/dev/null >&2 || die "init-schema"
  local kills=0 seen=0 before pid
  before=$(indexes big)
  # Once while an index is surely away: slowly, and killed when it is seen to be missing. Then at any time.
  "$DTSCTL" -f "$JOB" -c data.rows_per_second=20000 init-data >"$WORK/copy.out" 2>&1 &
  pid=$!
  for ((tries = 0; tries < 200 && !seen; ++tries)); do
    sleep 0.05
    [[ $(indexes big) == "$before" ]] || seen=1
  done
  if kill -9 "$pid" 2>/dev/null; then kills=1; fi
  wait "$pid" 2>/dev/null || true # killed
  ((seen && kills)) || die "no index was missing while it was copied: nothing was deferred: $(cat "$WORK/copy.out")"
  for ((tries = 1; tries < ${2:-8}; ++tries)); do
    "$DTSCTL" -f "$JOB" init-data >"$WORK/copy.out" 2>&1 &
    pid=$!
    sleep "0.$((RANDOM % 9 + 1))"
    if kill -9 "$pid" 2>/dev/null; then kills=$((kills + 1)); fi
    wait "$pid" 2>/dev/null && break
  done
  dts init-data >"$WORK/copy.out" 2>&1 || die "init-data: $(cat "$WORK/copy.out")"
  must_be_equal shop
  [[ $(sql target "SELECT COUNT(*) FROM dtsctl.deferred_index") == 0 ]] || die "indexes are still written down"
  # Once more from the beginning, with a copy that was left in the middle.
  dts --yes init-data --restart >/dev/null 2>&1 &
  local pid=$!
  sleep 0.5
  pkill -9 -P "$pid" || true # perhaps it is through already
  wait "$pid" 2>/dev/null || true
  dts --yes init-data --restart >"$WORK/copy.out" 2>&1 || die "init-data --restart: $(cat "$WORK/copy.out")"
  must_be_equal shop
  dts sync --until now >/dev/null 2>&1 || die "sync"
  must_be_equal shop
  echo "deferred_index: $1, $kills kills"
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
}

deferred mariadb-10.11
need_servers mysql-9.7
deferred mysql-9.7 4
