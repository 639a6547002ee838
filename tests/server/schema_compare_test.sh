#!/usr/bin/env bash
# The comparison of schemas: nothing where nothing differs, and each thing that does by its name.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# begin SOURCE TARGET: databases of both sides, created by the job.
begin() {
  start_source "$1"
  start_target "$2"
  client source <<'SQL'
CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci; USE shop;
CREATE TABLE parent (id int PRIMARY KEY AUTO_INCREMENT, a varchar(20) NOT NULL DEFAULT 'x' COMMENT 'first', b int DEFAULT 5, c varchar(30), d timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  KEY by_a (a), KEY by_b (b, c(7)), UNIQUE KEY u (c), CONSTRAINT positive CHECK (b > 0)) AUTO_INCREMENT=40 COMMENT='told';
CREATE TABLE child (id int PRIMARY KEY, parent int, CONSTRAINT of_parent FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE RESTRICT);
CREATE TABLE parts (id int PRIMARY KEY, v int) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE TABLE gone (id int PRIMARY KEY); CREATE TABLE plain (id int PRIMARY KEY, v int);
CREATE VIEW v AS SELECT id, a FROM parent;
CREATE FUNCTION f(x int) RETURNS int DETERMINISTIC RETURN x + 1;
CREATE TRIGGER tr BEFORE INSERT ON child FOR EACH ROW SET NEW.parent = COALESCE(NEW.parent, 1);
CREATE TRIGGER tr2 BEFORE UPDATE ON child FOR EACH ROW SET NEW.parent = COALESCE(NEW.parent, 2);
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM shop.plain;
SQL
  [[ $1$2 == *mysql* ]] || client source shop <<<"CREATE SEQUENCE s START WITH 5 INCREMENT BY 3 NOCACHE"
  create_accounts shop
  sql source "GRANT EVENT ON shop.* TO dts@'%'"
  sql target "GRANT EVENT ON shop.* TO dts@'%'"
  write_job shop
  printf '[schema]\nevents = true\n' >>"$JOB"
  precheck translations max-allowed-packet
  dts init-schema >"$WORK/out" 2>&1 || die "init-schema: $(cat "$WORK/out")"
}

end() {
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
}

# same WHEN
same() {
  dts status --schema --json >"$WORK/status" || die "$1: $(jq -c '.schema[]' "$WORK/status")"
  jq -e '.schema == []' "$WORK/status" >/dev/null || die "$1: $(jq -c '.schema[]' "$WORK/status")"
}

# differs HARMFUL KIND NAME SORT PATTERN STATEMENT: told of what the statement does to the target.
differs() {
  local harmful=$1 kind=$2 name=$3 sort=$4 pattern=$5 status=0 want=0
  client target shop <<<"$6"
  dts status --schema --json >"$WORK/status" 2>"$WORK/err" || status=$?
  [[ $harmful == no ]] || want=3
  [[ $status == "$want" ]] || die "$6: exit code $status: $(cat "$WORK/err"; jq -c '.schema[]' "$WORK/status")"
  jq -e --arg kind "$kind" --arg name "$name" --arg sort "$sort" --arg what "$pattern" --argjson harmful "$([[ $harmful == yes ]] && echo true || echo false)" \
    '.schema | any(.kind == $kind and .target == $name and .difference == $sort and .harmful == $harmful and ((.what // "") | test($what)))' \
    "$WORK/status" >/dev/null || die "$6: not told: $(jq -c '.schema[]' "$WORK/status")"
  COUNT=$(jq '.schema | length' "$WORK/status")
}

# back STATEMENT: as it was, and what was told was all.
back() {
  [[ $COUNT == "${2:-1}" ]] || die "$1: $COUNT differences: $(jq -c '.schema[]' "$WORK/status")"
  client target shop <<<"$1"
  same "$1"
}

# Tables, which all pairs of servers have.
tables() {
  differs yes table shop.parent missing "column 'b'.*missing" "ALTER TABLE parent DROP CONSTRAINT positive, DROP KEY by_b, DROP COLUMN b"
  back "ALTER TABLE parent ADD b int DEFAULT 5 AFTER a, ADD KEY by_b (b, c(7)), ADD CONSTRAINT positive CHECK (b > 0), DROP KEY u, ADD UNIQUE KEY u (c)" 3
  differs yes table shop.parent differs "column 'b' should be .*int.* and is .*bigint" "ALTER TABLE parent MODIFY b bigint DEFAULT 5"
  back "ALTER TABLE parent MODIFY b int DEFAULT 5"
  differs yes table shop.parent differs "column 'c' should be .* and is .*utf8mb4_bin" "ALTER TABLE parent MODIFY c varchar(30) COLLATE utf8mb4_bin"
  back "ALTER TABLE parent MODIFY c varchar(30) COLLATE utf8mb4_general_ci"
  differs yes table shop.parent differs "column 'b' should be .*5.* and is .*6" "ALTER TABLE parent ALTER b SET DEFAULT 6"
  back "ALTER TABLE parent ALTER b SET DEFAULT 5"
  differs no table shop.parent differs "column 'a' should be .*first.* and is .*second" "ALTER TABLE parent MODIFY a varchar(20) NOT NULL DEFAULT 'x' COMMENT 'second'"
  back "ALTER TABLE parent MODIFY a varchar(20) NOT NULL DEFAULT 'x' COMMENT 'first'"
  differs no table shop.parent differs "COMMENT should be .*told.* and is .*other" "ALTER TABLE parent COMMENT 'other'"
  back "ALTER TABLE parent COMMENT 'told'"
  differs yes table shop.parent missing "key 'by_a' is missing" "ALTER TABLE parent DROP KEY by_a"
  back "ALTER TABLE parent ADD KEY by_a (a), DROP KEY by_b, ADD KEY by_b (b, c(7))"
  differs yes table shop.parent missing "key 'u' is missing" "ALTER TABLE parent DROP KEY u"
  back "ALTER TABLE parent ADD UNIQUE KEY u (c)"
  differs no table shop.parent extra "key 'more' is only there" "ALTER TABLE parent ADD KEY more (d)"
  back "ALTER TABLE parent DROP KEY more"
  differs yes table shop.parent missing "check 'positive' is missing" "ALTER TABLE parent DROP CONSTRAINT positive"
  back "ALTER TABLE parent ADD CONSTRAINT positive CHECK (b > 0)"
  differs yes table shop.parent extra "check 'small' is only there" "ALTER TABLE parent ADD CONSTRAINT small CHECK (b < 9)"
  back "ALTER TABLE parent DROP CONSTRAINT small"
  differs yes table shop.plain extra "column 'w' is only there" "ALTER TABLE plain ADD w int NOT NULL"
  back "ALTER TABLE plain DROP w"
  differs yes table shop.plain differs "order of columns" "ALTER TABLE plain MODIFY v int FIRST"
  back "ALTER TABLE plain MODIFY v int AFTER id"
  differs yes table shop.plain differs "ENGINE should be .InnoDB., and is .MyISAM" "ALTER TABLE plain ENGINE=MyISAM"
  back "ALTER TABLE plain ENGINE=InnoDB"
  differs yes table shop.parts differs "partitioning should be" "ALTER TABLE parts REORGANIZE PARTITION p1 INTO (PARTITION p1 VALUES LESS THAN (20), PARTITION p2 VALUES LESS THAN MAXVALUE)"
  back "ALTER TABLE parts REORGANIZE PARTITION p1, p2 INTO (PARTITION p1 VALUES LESS THAN MAXVALUE)"
  differs yes table shop.parts missing "partitioning is missing" "ALTER TABLE parts REMOVE PARTITIONING"
  back "ALTER TABLE parts PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)"
  differs yes foreign-keys shop.child missing '' "ALTER TABLE child DROP FOREIGN KEY of_parent"
  back "ALTER TABLE child ADD CONSTRAINT of_parent FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE RESTRICT"
  differs yes table shop.gone missing '' "DROP TABLE gone"
  back "CREATE TABLE gone (id int PRIMARY KEY)"
  differs no table shop.more extra '' "CREATE TABLE more (id int PRIMARY KEY)"
  back "DROP TABLE more"
  differs yes database shop differs "collation should be 'utf8mb4_general_ci', and is 'utf8mb4_bin'" "ALTER DATABASE shop COLLATE utf8mb4_bin"
  back "ALTER DATABASE shop COLLATE utf8mb4_general_ci"
}

# Views, routines, triggers and events.
others() {
  local text
  text=$(sql target "SELECT VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'shop'")
  differs yes view shop.v differs 'line' "ALTER DEFINER=root@localhost VIEW v AS SELECT id FROM parent"
  back "ALTER DEFINER=root@localhost VIEW v AS $text"
  differs yes view shop.v missing '' "DROP VIEW v"
  back "CREATE DEFINER=root@localhost VIEW v AS $text"
  differs no view shop.w extra '' "CREATE VIEW w AS SELECT 1 AS x"
  back "DROP VIEW w"
  differs yes trigger shop.tr missing '' "DROP TRIGGER tr"
  back "DELIMITER //
CREATE DEFINER=root@localhost TRIGGER tr BEFORE INSERT ON child FOR EACH ROW
IF @dtsctl_writes IS NULL THEN SET NEW.parent = COALESCE(NEW.parent, 1)
; END IF//"
  differs yes trigger shop.mine extra 'would run for rows' "CREATE TRIGGER mine BEFORE INSERT ON plain FOR EACH ROW SET NEW.v = 1"
  back "DROP TRIGGER mine"
  differs no trigger shop.mine extra '' "DELIMITER //
CREATE TRIGGER mine BEFORE INSERT ON plain FOR EACH ROW IF @dtsctl_writes IS NULL THEN SET NEW.v = 1; END IF//"
  back "DROP TRIGGER mine"
  differs yes function shop.f differs 'x . 1.*x . 2' "DROP FUNCTION f; CREATE DEFINER=dts@'%' FUNCTION f(x int) RETURNS int DETERMINISTIC SQL SECURITY INVOKER RETURN x + 2"
  differs yes function shop.f differs 'hidden from this account' "DROP FUNCTION f; CREATE DEFINER=root@localhost FUNCTION f(x int) RETURNS int DETERMINISTIC SQL SECURITY INVOKER RETURN x + 1"
  back "DROP FUNCTION f; CREATE DEFINER=dts@'%' FUNCTION f(x int) RETURNS int DETERMINISTIC SQL SECURITY INVOKER RETURN x + 1"
  differs yes event shop.e missing '' "DROP EVENT e"
}

# While the job runs, the source may be ahead, and indexes may wait.
running() {
  precheck
  dts init-schema >"$WORK/out" 2>&1 || die "init-schema: $(cat "$WORK/out")"
  dts init-data >"$WORK/out" 2>&1 || die "init-data: $(cat "$WORK/out")"
  sql target "INSERT INTO dtsctl.deferred_index VALUES ('test', 'shop', 'parent', 1, 'by_a', 'KEY by_a (a)')"
  differs no table shop.parent waiting "by_a. will be built" "ALTER TABLE parent DROP KEY by_a"
  sql target "DELETE FROM dtsctl.deferred_index"
  back "ALTER TABLE parent ADD KEY by_a (a), DROP KEY by_b, ADD KEY by_b (b, c(7))"
  sql source "ALTER TABLE shop.plain ADD w int; CREATE TABLE shop.late (id int PRIMARY KEY)"
  differs no table shop.plain waiting "still to be applied" "SELECT 1"
  differs no table shop.late waiting "still to be applied" "SELECT 1"
  precheck
  dts sync --until now >"$WORK/out" 2>&1 || die "sync: $(cat "$WORK/out")"
  same "after sync"
  sql target "ALTER TABLE shop.plain MODIFY w bigint"
  dts_fails 3 "FAIL  *shop.plain  *schema-compare  *.*column 'w' should be" -- precheck
}

# A table that can't be carried hides none of the others.
uncarried() {
  sql source "CREATE TABLE shop.odd (id INT PRIMARY KEY, a INT, KEY ((a + 1)))"
  differs yes table shop.odd differs "can't be carried" "CREATE TABLE odd (id int PRIMARY KEY, a int)"
  [[ $COUNT == 1 ]] || die "more than the one: $(jq -c '.schema[]' "$WORK/status")"
  differs yes table shop.plain missing "column 'v' is missing" "ALTER TABLE plain DROP v"
  [[ $COUNT == 2 ]] || die "not the two: $(jq -c '.schema[]' "$WORK/status")"
  printf '[schema]\nexisting_tables = "keep"\n' >>"$JOB"
  sed -i '0,/^\[schema\]$/{/^\[schema\]$/d}; /^events = true$/d' "$JOB"
  rm -f "${JOB%.toml}".state*
  dts_fails 3 "FAIL  *shop.plain  *schema-compare  *.*column 'v' is missing" -- precheck
  grep -q "FAIL  *shop.odd  *schema-compare  *.*can't be carried" "$WORK/out" || die "odd: $(cat "$WORK/out")"
  sql source "DROP TABLE shop.odd"
}

if (($#)); then "$@"; exit; fi
need_servers mariadb-10.5 mariadb-11.8 mysql-9.7
begin mariadb-10.11 mariadb-10.11
same "untouched"
dts status --schema | grep -q 'schema: source and target have the same' || die "the screen"
sql target "ALTER TABLE shop.plain DROP v, ADD KEY k (id)"
dts_fails 3 "harmful  *table  *shop.plain  *missing  *column 'v' is missing" -- status --schema
grep -q "2 differences, 1 harmful" "$WORK/out" || die "the screen: $(cat "$WORK/out")"
dts_fails 2 "watched" -- status --schema --watch
dts_fails 1 "plain.*another one.*column 'v' is missing.*1 more" -- init-schema
dts_fails 3 "FAIL  *shop.plain  *schema-compare  *.*column 'v' is missing" -- precheck
sql target "ALTER TABLE shop.plain ADD v int, DROP KEY k"
tables
differs yes table shop.s differs 'increment by 3.*increment by 4' "ALTER SEQUENCE s INCREMENT BY 4"
back "ALTER SEQUENCE s INCREMENT BY 3"
others
sql source "DROP EVENT shop.e"
running
end
begin mysql-9.7 mysql-9.7
same "untouched, on MySQL"
tables
others
end
# Between servers that write the same table in other words.
for pair in "mariadb-10.5 mariadb-11.8" "mysql-9.7 mariadb-10.11" "mariadb-10.11 mysql-9.7"; do
  begin ${pair% *} ${pair#* }
  same "untouched, $pair"
  tables
  if [[ $pair == "mysql-9.7 mariadb"* ]]; then uncarried; fi
  end
done
