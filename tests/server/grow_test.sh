#!/usr/bin/env bash
# Tables join a job and leave it while it runs: those that join are copied from a position of their own,
# nothing else is copied again, and no change is lost, also when the copy is killed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

include() { sed -i "s/^include = .*/include = [$1]/" "$JOB"; }
copied() { dts status --json | jq -r --arg t "$1" '.data.tables[] | select(.table == $t) | .rows'; }
in_step() { [[ $(dts status --json | jq -r .state) == synchronizing ]]; }
state_is() { [[ $(dts status --json | jq -r .state) == "$1" ]] || die "state $(dts status --json | jq -r .state) instead of $1"; }

fill() {
  local limit="max_recursive_iterations = 1000000"
  is_mysql source && limit="cte_max_recursion_depth = 1000000"
  sql source "CREATE DATABASE shop; CREATE DATABASE crm; SET SESSION $limit; USE shop;
    CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(40), KEY v (v));
    CREATE TABLE items (id INT PRIMARY KEY, v INT); CREATE TABLE heap (a INT, b INT); CREATE TABLE out_of_it (id INT PRIMARY KEY);
    INSERT INTO orders (v) VALUES ('one'), ('two'); INSERT INTO items VALUES (1, 1), (2, 2); INSERT INTO heap VALUES (1, 1), (1, 1);
    INSERT INTO out_of_it VALUES (1);
    CREATE TABLE crm.customer (id INT PRIMARY KEY, v VARCHAR(60), KEY v (v)); CREATE TABLE crm.notes (a INT, b INT);
    CREATE TABLE crm.parent (id INT PRIMARY KEY); CREATE TABLE crm.child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES crm.parent (id) ON DELETE CASCADE);
    INSERT INTO crm.parent VALUES (1), (2); INSERT INTO crm.child VALUES (1, 1), (2, 2);
    INSERT INTO crm.customer WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i, CONCAT('name ', i) FROM n;
    INSERT INTO crm.notes VALUES (1, 1), (1, 1); CREATE VIEW crm.names AS SELECT v FROM crm.customer"
}

# What happens to all tables: round $1. It moves and removes rows of those that are being copied.
disturb() {
  sql source "USE shop; INSERT INTO orders (v) VALUES ('round $1'); UPDATE items SET v = v + 1; INSERT INTO heap VALUES ($1, 7); DELETE FROM heap WHERE a = 1 LIMIT 1;
    USE crm; UPDATE customer SET v = CONCAT('$1 ', id) WHERE id % 50 = $1; DELETE FROM customer WHERE id % 97 = $1 + 1;
    INSERT INTO customer (id, v) VALUES (100000 + $1, 'new'); UPDATE customer SET id = id + 200000 WHERE id % 89 = $1 + 3 AND id < 20000;
    INSERT INTO notes VALUES ($1, 3), ($1, 3); INSERT INTO parent VALUES (10 + $1); INSERT INTO child VALUES (10 + $1, 10 + $1)"
}

begin() {
  start_source "$1"
  start_target "$1"
  fill
  create_accounts shop crm
  write_job shop.orders shop.items shop.heap
  printf '[data]\nworkers = 2\n[sync]\nheartbeat_seconds = 0.2\n' >>"$JOB"
  precheck keyless-tables
  dts init-schema >/dev/null 2>&1 && dts init-data >/dev/null 2>&1 || die "the first copy"
  dts sync --until now >/dev/null 2>&1 || die "sync"
}

# Grows the job by all of crm, kills the copy at moments that $@ name, and ends it.
grow() {
  local round=1 pid
  # Behind the job's position, in both selections: rows, and a statement of a table that joins.
  disturb 0
  sql source "DELETE FROM crm.parent WHERE id = 1; CREATE TABLE crm.brief (id INT PRIMARY KEY); INSERT INTO crm.brief VALUES (1); DROP TABLE crm.brief;
    CREATE TABLE crm.first_name (id INT PRIMARY KEY); INSERT INTO crm.first_name VALUES (1); RENAME TABLE crm.first_name TO crm.second_name; ALTER TABLE crm.customer ADD COLUMN w INT NOT NULL DEFAULT 3; TRUNCATE TABLE crm.notes; INSERT INTO crm.notes VALUES (9, 9), (9, 9)"
  include '"shop.orders", "shop.items", "shop.heap", "crm"'
  dts_fails 3 'changed since its precheck' -- sync --until now
  precheck keyless-tables views
  grep -q '5 tables join the job' "$WORK/precheck.out" || die "the precheck does not tell who joins: $(cat "$WORK/precheck.out")"
  grep -q '^next: .* init-schema$' "$WORK/precheck.out" || die "the precheck does not say how to go on: $(cat "$WORK/precheck.out")"
  dts_fails 4 'objects have changed.*not copied' -- sync --until now
  dts init-schema >"$WORK/schema.out" 2>&1 || die "init-schema: $(cat "$WORK/schema.out")"
  grep -q '^next: .* init-data$' "$WORK/schema.out" || die "init-schema does not say how to go on: $(cat "$WORK/schema.out")"
  [[ $(sql target "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop'") == 3 ]] || die "init-schema made what does not join"
  ask_and_kill "$round"
  dts_fails 4 'copy of crm.* is not finished' -- sync --until now
  state_is suspended
  dts status --json | jq -e '.sync.uncopied | length == 5' >/dev/null || die "status does not tell what is not copied"
  disturb 2
  dts -c data.rows_per_second=0 init-data >"$WORK/copy.out" 2>&1 || die "init-data: $(cat "$WORK/copy.out")"
  # It ends to converge by itself.
  start_sync
  wait_for 20 in_step || die "the job stays catching-up: $(dts status --json)"
  stop_sync
  disturb 3
  dts sync --until now >"$WORK/sync.out" 2>&1 || die "sync: $(cat "$WORK/sync.out")"
  must_be_equal crm
  must_be_equal_shop
  dts status --json | jq -e '(.sync.conflicts | length) == 0 and (.sync.uncopied | length) == 0' >/dev/null || die "conflicts: $(dts status --json)"
  [[ $(dts status --json | jq '.data.tables | length') == 8 ]] || die "status has not all tables"
  [[ $(copied shop.orders) == 2 && $(copied shop.items) == 2 ]] || die "a table was copied again"
}

# Ends init-data by kill -9: before it has written anything, in the middle of the rows, and at its last
# transaction, each time at a state that is seen on the target.
ask_and_kill() {
  hold "LOCK TABLES dtsctl.selection READ" "REPLACE INTO .*selection"
  hold "LOCK TABLES crm.customer READ" "^(LOAD DATA|INSERT|ALTER|REPLACE).*customer"
  disturb "$1"
  hold "LOCK TABLES dtsctl.late_table READ" "^(REPLACE|DELETE) .*late_table"
}

# hold LOCK PATTERN: init-data runs until a statement like this waits for the lock, and is killed.
hold() {
  local pid holder
  mkfifo "$WORK/holder"
  client target --unbuffered <"$WORK/holder" >"$WORK/holder.out" &
  holder=$!
  exec 7>"$WORK/holder"
  echo "$1; SELECT 'locked';" >&7
  wait_for 10 grep -q locked "$WORK/holder.out" || die "no lock"
  "$DTSCTL" -f "$JOB" init-data >"$WORK/copy.out" 2>&1 &
  pid=$!
  waits() {
    kill -0 "$pid" 2>/dev/null || return 0
    [[ $(sql target "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO RLIKE '$2' AND STATE LIKE 'Waiting%'") -ge 1 ]]
  }
  wait_for 30 waits "$1" "$2" || die "init-data does not wait for: $1; $(cat "$WORK/copy.out")"
  kill -9 "$pid" || die "init-data has ended: $(cat "$WORK/copy.out")"
  wait "$pid" 2>/dev/null || true
  exec 7>&-
  wait "$holder" || true
  rm "$WORK/holder"
}

must_be_equal_shop() {
  local table
  for table in orders items heap; do
    same_result "SELECT * FROM shop.$table ORDER BY 1, 2" || die "shop.$table differs"
  done
}

shrink() {
  include '"shop.orders", "shop.heap", "crm"'
  precheck keyless-tables views
  grep -q '1 tables leave the job' "$WORK/precheck.out" || die "the precheck does not tell who leaves"
  dts init-schema >/dev/null 2>&1 || die "init-schema"
  dts init-data >"$WORK/copy.out" 2>&1 || die "init-data: $(cat "$WORK/copy.out")"
  sql source "UPDATE shop.items SET v = v + 100; DROP TABLE crm.notes; UPDATE shop.orders SET v = 'later' WHERE id = 1"
  dts sync --until now >"$WORK/sync.out" 2>&1 || die "sync: $(cat "$WORK/sync.out")"
  [[ $(sql target "SELECT MAX(v) FROM shop.items") -lt 100 ]] || die "a table that has left is kept in step"
  [[ $(sql target "SELECT v FROM shop.orders WHERE id = 1") == later ]] || die "the rest is not in step"
  # It comes back: what the target has of it is old, and in the way.
  include '"shop.orders", "shop.heap", "crm", "shop.items"'
  dts_fails 3 'not by this job.*shop.items' -- precheck
  sql target "DROP TABLE shop.items"
  precheck keyless-tables views
  dts init-schema >/dev/null 2>&1 || die "init-schema"
  sql source "DELETE FROM shop.items WHERE id = 1"
  dts init-data >"$WORK/copy.out" 2>&1 || die "init-data: $(cat "$WORK/copy.out")"
  sql source "INSERT INTO shop.items VALUES (5, 5)"
  dts sync --until now >"$WORK/sync.out" 2>&1 || die "sync: $(cat "$WORK/sync.out")"
  must_be_equal_shop
  must_be_equal crm
}

# What can't be changed, or not so.
refuse() {
  cp "$JOB" "$WORK/good.toml"
  printf '[[objects.map]]\nsource = "shop.orders"\ntarget = "shop.elsewhere"\n' >>"$JOB"
  dts_fails 4 "makes of 'shop.orders' has changed" -- precheck
  cp "$WORK/good.toml" "$JOB"
  printf '[schema]\ntriggers = "skip"\n' >>"$JOB"
  dts_fails 4 'have changed since it began' -- precheck
  # A new table with a map of its own.
  cp "$WORK/good.toml" "$JOB"
  include '"shop.orders", "shop.items", "shop.heap", "crm", "shop.out_of_it"'
  printf '[[objects.map]]\nsource = "shop.out_of_it"\ntarget = "shop.in_it"\n' >>"$JOB"
  precheck keyless-tables views
  dts init-schema >/dev/null 2>&1 || die "init-schema"
  # Rows of somebody else are not taken for the source's.
  sql target "INSERT INTO shop.in_it VALUES (77)"
  dts_fails 1 'not empty' -- init-data
  sql target "DELETE FROM shop.in_it"
  dts init-data >/dev/null 2>&1 || die "init-data"
  dts sync --until now >/dev/null 2>&1 || die "sync"
  [[ $(sql target "SELECT * FROM shop.in_it") == 1 ]] || die "the new map does not serve"
  # A child of a table that is in step: its parent's deletes change it, and the binlog does not tell.
  is_mysql source || {
    sql source "CREATE TABLE shop.late_child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES crm.parent (id) ON DELETE CASCADE)"
    dts sync --until now >/dev/null 2>&1 || die "sync"
    sed -i 's/"shop.out_of_it"\]/"shop.out_of_it", "shop.late_child"]/' "$JOB"
    dts_fails 3 "can't join alone" -- precheck
    sed -i 's/, "shop.late_child"\]/]/' "$JOB"
    precheck keyless-tables views
    dts sync --until now >/dev/null 2>&1 || die "sync after the change was undone"
  }
}

for server in mariadb-10.11 mysql-9.7; do
  begin "$server"
  grow
  if ! is_mysql source; then
    shrink
    refuse
  fi
  echo "grow: $server"
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
done
