#!/usr/bin/env bash
# What the job says of DDL, by class and by map; what stops it, and how it goes on; what is no business of it
# is counted and never shows a password.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
need_servers mysql-9.7

# setup SOURCE TARGET: shop is called store on the target.
setup() {
  start_source "$1" --max-allowed-packet=16M
  start_target "$2" --max-allowed-packet=16M
  sql source "CREATE DATABASE shop; CREATE DATABASE other; USE shop; CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(20));
    CREATE TABLE fixed (id INT PRIMARY KEY); CREATE TABLE free (id INT PRIMARY KEY); CREATE VIEW old_view AS SELECT id FROM item; CREATE TABLE other.t (id INT);
    CREATE TABLE crm (id INT PRIMARY KEY); CREATE TABLE other.chosen (id INT PRIMARY KEY)"
  create_accounts shop
  documented_grants target store | client target
  documented_grants source other | client source
  documented_grants target other | client target
  write_job shop other.chosen
  cat >>"$JOB" <<'END'
[[objects.map]]
source = "shop.fixed"
target = "store.fixed"
ddl = "stop"
[[objects.map]]
source = "shop.free"
target = "store.free"
ddl = "apply"
[[objects.map]]
source = "shop.item"
target = "store.goods"
[[objects.map]]
source = "shop"
target = "store"

[sync.ddl_by_class]
routine = "skip"
drop-routine = "apply"
truncate-table = "skip"
drop-table = "stop"
END
  precheck
  dts init-schema
  dts init-data
  dts sync --until now
}
teardown() {
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
}

NEXT=1000
# stops PATTERN STATEMENT: with its text, its position and the ways on, also the next time; nothing behind
# it is done; then it goes on without it.
stops() {
  local file
  NEXT=$((NEXT + 1))
  printf 'DELIMITER //\n%s//\nINSERT INTO shop.item (id) VALUES (%s)//\n' "$2" "$NEXT" | client source shop
  dts_fails 1 "$1" -- sync --until now
  file=$(sql source "SHOW BINARY LOGS" | tail -n 1 | cut -f 1)
  grep -q "($file:[0-9]*)" "$WORK/err" || die "no position is named: $(<"$WORK/err")"
  grep -q 'by hand.*--skip-ddl [^ ]*; or set sync.ddl = "skip"; or begin a new job' "$WORK/err" || die "the ways on are not named: $(<"$WORK/err")"
  dts_fails 1 "$1" -- sync --until now
  [[ $(sql target "SELECT COUNT(*) FROM store.goods WHERE id = $NEXT") == 0 ]] || die "something behind '$2' was applied"
  dts sync --until now --skip-ddl "$(grep -o 'skip-ddl [^;]*' "$WORK/err" | head -n 1 | cut -d ' ' -f 2)"
  [[ $(sql target "SELECT COUNT(*) FROM store.goods WHERE id = $NEXT") == 1 ]] || die "it does not go on behind '$2'"
}
# follows STATEMENT: is passed over or applied.
follows() {
  NEXT=$((NEXT + 1))
  sql source "$1; INSERT INTO shop.item (id) VALUES ($NEXT)" shop
  dts sync --until now || die "it stops at '$1'"
  [[ $(sql target "SELECT COUNT(*) FROM store.goods WHERE id = $NEXT") == 1 ]] || die "the row behind '$1' is not there"
}
skipped() { dts status --json | jq -r --arg kind "$1" '[.sync.skipped[] | select(.kind == $kind) | .count] | add // 0'; }
# has COUNT TABLE CONDITION: rows in a table of the target's information_schema.
has() { [[ $(sql target "SELECT COUNT(*) FROM information_schema.$2 WHERE $3") == "$1" ]] || die "on the target, $2 has not $1 with $3"; }

policies() {
  follows "CREATE FUNCTION a() RETURNS INT DETERMINISTIC RETURN 1; CREATE FUNCTION b() RETURNS INT DETERMINISTIC RETURN 1; DROP FUNCTION a"
  has 0 ROUTINES "ROUTINE_SCHEMA = 'store'"
  [[ $(skipped ddl) == 2 ]] || die "routines are not counted: $(dts status --json | jq -c .sync.skipped)"
  follows "INSERT INTO free VALUES (1), (2); TRUNCATE TABLE free; INSERT INTO free VALUES (3)"
  [[ $(sql target "SELECT GROUP_CONCAT(id) FROM store.free") == 3 ]] || die "the map's apply does not count"
  follows "DROP TABLE free"
  has 0 TABLES "TABLE_SCHEMA = 'store' AND TABLE_NAME = 'free'"
  stops 'says "stop" for drop-table' "DROP TABLE crm"
  # However many there are, the state stays small, and none is forgotten.
  for run in 1 2; do
    for ((i = 0; i < 120; i++)); do echo "CREATE FUNCTION f_${run}_$i() RETURNS INT DETERMINISTIC RETURN 1;"; done | client source shop
    dts sync --until now
  done
  [[ $(skipped ddl) == 243 && $(dts status --json | jq '.sync.skipped | length') -le 102 ]] ||
    die "$(skipped ddl) are counted in $(dts status --json | jq '.sync.skipped | length') entries"
  stops 'says "stop" for alter-table' "ALTER TABLE fixed ADD a INT"
  stops 'maps of its tables differ' "CREATE TABLE free (id INT)//RENAME TABLE fixed TO x, free TO y"
  has 1 TABLES "TABLE_SCHEMA = 'store' AND TABLE_NAME = 'free'"
}

names() {
  stops "item.*(may stand for|called 'goods')" "CREATE TRIGGER g BEFORE INSERT ON item FOR EACH ROW BEGIN DECLARE item INT; SET @a = (SELECT MAX(item.id) FROM item); END"
  stops "called as its expression is written" "CREATE VIEW named AS SELECT shop.item.id + 1 FROM item"
  follows "CREATE OR REPLACE VIEW named (n) AS SELECT shop.item.id + 1 FROM item; CREATE VIEW over_named AS SELECT old_view.id FROM old_view, shop.named"
  [[ $(sql target "SELECT COUNT(*) > 0 FROM store.over_named") == 1 ]] || die "a view over views does not work"
  sql target "CREATE VIEW store.taken AS SELECT 1 AS by_hand"
  stops "already exists|taken" "CREATE VIEW taken AS SELECT 2 AS of_source"
  follows "CREATE OR REPLACE VIEW taken AS SELECT 3 AS of_source"
  follows "RENAME TABLE over_named TO renamed_view"
  has 1 VIEWS "TABLE_SCHEMA = 'store' AND TABLE_NAME = 'renamed_view'"
  # A view is looked up where its session is; views and triggers come with whole databases only.
  follows "CREATE VIEW other.v AS SELECT 1 AS a; CREATE TRIGGER other.g BEFORE INSERT ON other.chosen FOR EACH ROW SET @a = 1; CREATE VIEW not_there AS SELECT 1 AS a;
    USE other; CREATE OR REPLACE VIEW shop.old_view AS SELECT i.id, i.name FROM shop.item i; DROP VIEW v, shop.not_there"
  has 0 VIEWS "TABLE_NAME IN ('v', 'not_there')"
  has 0 TRIGGERS "TRIGGER_SCHEMA IN ('store', 'shop', 'other')"
  [[ $(skipped view) -ge 1 && $(skipped trigger) == 1 ]] || die "they are not counted: $(dts status --json | jq -c .sync.skipped)"
}

server_wide() {
  local status
  follows "CREATE USER u1@localhost IDENTIFIED BY '$1'; ALTER USER u1@localhost IDENTIFIED BY '$1'; GRANT SELECT ON shop.* TO u1@localhost; RENAME USER u1@localhost TO u2@localhost;
    SET PASSWORD FOR u2@localhost = $2; REVOKE SELECT ON shop.* FROM u2@localhost; CREATE ROLE r1; GRANT r1 TO u2@localhost; SET DEFAULT ROLE r1 $3 u2@localhost; DROP ROLE r1; DROP USER u2@localhost;
    FLUSH TABLES; ANALYZE TABLE item; OPTIMIZE TABLE item; $4"
  [[ $(sql target "SELECT COUNT(*) FROM mysql.user WHERE User IN ('u1', 'u2', 'r1')") == 0 ]] || die "accounts are made"
  [[ $(skipped account) -ge 10 && $(skipped maintenance) -ge 3 ]] || die "they are not counted: $(dts status --json | jq -c .sync.skipped)"
  status=$(dts status; dts status --json; cat "${JOB%.toml}.state.toml"; sql target "SELECT * FROM dtsctl.ddl_intent")
  [[ $status != *"$1"* ]] || die "a password is shown"
}

setup mariadb-10.11 mariadb-10.11
policies
names
server_wide geheim "PASSWORD('geheim')" FOR "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'h', USER 'x', PASSWORD 'geheim'); DROP SERVER s"
teardown

setup mysql-9.7 mysql-9.7
policies
names
sql source "CREATE DATABASE elsewhere"
server_wide geheim "'geheim'" TO "CREATE TABLESPACE ts ADD DATAFILE 'ts.ibd'; DROP TABLESPACE ts"
follows "CREATE LIBRARY elsewhere.lib LANGUAGE JAVASCRIPT AS 'export function f() { return 1; }'"
stops "it is not understood" "CREATE LIBRARY lib LANGUAGE JAVASCRIPT AS 'export function f() { return 1; }'"
teardown
echo "ddl_policy: as the job says"
