#!/usr/bin/env bash
# precheck --plan: what it says of each table is what init-data does; it changes nothing, and its table
# is straight on narrow and wide terminals.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# says FILTER: of the plan in $WORK/plan
says() {
  jq -e "$1" "$WORK/plan" >/dev/null || die "the plan is not $1: $(jq . "$WORK/plan")"
}
plan() { dts --json precheck --plan "$@" >"$WORK/plan" 2>"$WORK/err" || die "--plan: $(cat "$WORK/err")"; }

start_source
start_target
sql source "CREATE DATABASE shop; USE shop;
  CREATE TABLE orders (a INT, id INT, note VARCHAR(300), twice INT AS (a * 2), PRIMARY KEY (id, a));
  INSERT INTO orders (a, id, note) SELECT 1, seq, REPEAT('x', 250) FROM seq_1_to_100000;
  CREATE TABLE log (at DATETIME, text VARCHAR(20)); INSERT INTO log VALUES (NOW(), 'x');
  CREATE TABLE parent (id INT PRIMARY KEY); CREATE TABLE child (id INT PRIMARY KEY, p INT, CONSTRAINT c
    FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE);
  CREATE TABLE price (id INT PRIMARY KEY, amount INT) WITH SYSTEM VERSIONING;
  CREATE SEQUENCE number; CREATE TABLE tmp_1 (id INT); CREATE TABLE customer (id INT PRIMARY KEY, secret INT, mail INT);
  CREATE VIEW v AS SELECT id, secret FROM customer; CREATE TRIGGER t BEFORE INSERT ON log FOR EACH ROW SET NEW.text = 'y';
  CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DO 1; CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1;
  ANALYZE TABLE orders, log, parent, child, price, customer" >/dev/null
create_accounts shop crm
sql target "GRANT DELETE HISTORY ON shop.* TO dts@'%'"
sql source "GRANT EVENT ON shop.* TO dts@'%'"
write_job shop
cat >>"$JOB" <<'END'
exclude = ["shop.tmp_*"]
[[objects.map]]
source = "shop.customer"
target = "crm.people"
columns = { mail = "email" }
exclude_columns = ["secret"]
where = "id > 10"
END

before=$(sql target "SHOW DATABASES")
plan
says '.job == "test" and .assumed_mb_per_second == 30 and .workers == 4'
says '.tables[0] | .source == "shop.orders" and .target == "shop.orders" and .key == ["id", "a"] and .whole == null and
  .rows_estimated > 50000 and .chunks_estimated > 1 and .seconds_estimated > 0.5 and .changes == ["computed by the target: twice"]'
says '.tables | map({key: .source, value: .}) | from_entries |
  ."shop.log".whole == "no key" and ."shop.log".key == null and ."shop.log".chunks_estimated == 1 and
  ."shop.price".whole == "versions" and ."shop.number".whole == "a sequence" and
  ."shop.child".whole == "foreign keys cascade: with shop.parent" and (has("shop.tmp_1") | not) and
  ."shop.customer".target == "crm.people" and
  ."shop.customer".changes == ["column secret is left out", "column mail is called email", "only rows where id > 10"]'
says '.rows_estimated == ([.tables[].rows_estimated] | add) and .bytes_estimated == ([.tables[].bytes_estimated] | add) and
  .chunks_estimated == ([.tables[].chunks_estimated] | add)'
says '.creates == {database: 2, table: 7, function: 1, trigger: 1}'
says '[.left_out[] | .kind] == ["event", "view"] and (.left_out[1].reason | contains("secret"))'
says '.not_selected == [{kind: "table", name: "shop.tmp_1", reason: "objects.exclude has it"}]'
[[ $(sql target "SHOW DATABASES") == "$before" ]] || die "the plan has made something"
[[ ! -e ${JOB%.toml}.state.toml ]] || die "the plan has written a state"

# The same figures as init-data's own, and the same cuts as its copy makes.
keys='sort_by(.t) | map({t, r, b, k})'
dts --json init-data --dry-run >"$WORK/dry" 2>/dev/null
diff <(jq "[.tables[] | {t: .source, r: .rows_estimated, b: .bytes_estimated, k: (.key // [] | join(\", \"))}] | $keys" "$WORK/plan") \
  <(jq "[.tables[] | {t: .table, r: .rows_estimated, b: .bytes_estimated, k: (.key // \"\")}] | $keys" "$WORK/dry") ||
  die "init-data --dry-run says something else"
precheck mapped-objects
dts init-schema >/dev/null 2>&1
dts --json -c data.workers=1 init-data >"$WORK/copy" 2>/dev/null
jq -se --slurpfile plan "$WORK/plan" 'last.tables | map({key: .table, value: .chunks}) | from_entries | . as $real |
  $plan[0].tables | all(if .whole then $real[.source] == 1 else
    $real[.source] >= .chunks_estimated / 2 and $real[.source] <= .chunks_estimated * 2 end)' "$WORK/copy" >/dev/null ||
  die "the copy has cut otherwise: $(tail -n 1 "$WORK/copy") $(jq -c .tables "$WORK/plan")"

# Speed: what is assumed, and the job's own limits.
plan --speed 0.5
says '.assumed_mb_per_second == 0.5 and .seconds_estimated > 30'
plan -c data.mb_per_second=2
says '.assumed_mb_per_second == 2'
plan -c data.rows_per_second=100
says '.seconds_estimated > 500'
plan -c 'phases=["sync"]'
says '.creates == null and .seconds_estimated == null and .tables[0].chunks_estimated == null'
dts_fails 2 "megabytes a second" -- precheck --plan --speed fast
dts_fails 2 "are for --plan" -- precheck --all
dts_fails 2 "nothing to ignore" -- precheck --plan --ignore tls

# Many tables: the largest have lines, the others are summed.
for ((i = 1; i <= 40; i++)); do
  echo "CREATE TABLE a_table_with_quite_a_long_name_$i (a_key_column_with_a_long_name INT, another_one INT,
    PRIMARY KEY (a_key_column_with_a_long_name, another_one));"
done | client source shop
screen() {
  script -qec "stty cols $1 rows 24; TERM=xterm $DTSCTL -f '$JOB' --no-color precheck --plan ${2:-}" /dev/null </dev/null 2>&1 |
    tr -d '\r' >"$WORK/tty"
  awk -v width="$1" '/^$/ { exit } length($0) > width { print "too long: " $0; bad = 1 }
    NR == 1 { end = index($0, "~ROWS") + 4 }
    NR > 1 && substr($0, end, 2) !~ /^[0-9] $/ { print "not straight: " $0; bad = 1 }
    END { exit bad || NR < 20 }' "$WORK/tty" || die "the table for $1 columns: $(cat "$WORK/tty")"
}
screen 80
grep -qE '^27 others +[0-9]' "$WORK/tty" || die "no sum of the others: $(cat "$WORK/tty")"
grep -qE '^47 tables +[0-9]' "$WORK/tty" || die "no sum: $(cat "$WORK/tty")"
grep -q '^  table shop.customer: column secret is left out; column mail' "$WORK/tty" || die "no changes: $(cat "$WORK/tty")"
grep -q '30 MB a second' "$WORK/tty" || die "the assumption is not told: $(cat "$WORK/tty")"
screen 200
screen 200 --all
[[ $(grep -c a_table_with_quite_a_long_name "$WORK/tty") == 40 ]] || die "--all does not show all: $(cat "$WORK/tty")"
dts precheck --plan --all >"$WORK/out" 2>/dev/null
grep -q '^shop.customer  *crm.people ' "$WORK/out" || die "no plain table: $(cat "$WORK/out")"

# To a server of the other kind: what becomes of the types.
need_servers mysql-9.7
stop_server source
rm -rf "$WORK/source"
start_source mysql-9.7
sql source "CREATE DATABASE shop; USE shop; CREATE TABLE doc (id INT PRIMARY KEY, j JSON, g GEOMETRY SRID 4326)"
create_accounts shop
write_job shop
plan
says '.tables[0] | .source == "shop.doc" and (.changes | any(contains("json becomes longtext")))'
echo "plan: as it is done"
