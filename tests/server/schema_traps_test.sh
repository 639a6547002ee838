#!/usr/bin/env bash
# What is known to spoil definitions on their way, one named case a trap, on both kinds of servers.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# begin KIND [TARGET_FLAG...]: two servers of a kind, and the source's objects from stdin.
begin() {
  local kind=$1
  shift
  start_source "$kind"
  start_target "$kind" "$@"
  client source || die "the test's own objects on $kind"
  create_accounts shop
  write_job shop
}

init() { dts init-schema >"$WORK/out" 2>&1 || die "init-schema: $(cat "$WORK/out")"; }

# passed CASE: both are equal, a second run changes nothing, and the servers go.
passed() {
  must_be_equal shop
  init
  must_be_equal shop
  [[ $(dts status --schema --json | jq -c .schema) == "[]" ]] || die "status --schema: $(dts status --schema)"
  echo "schema_traps: $1"
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
}

# The target's defaults are others: none of them may come into a table, whose text doesn't name all.
defaults_of_the_target() {
  local kind=$1 flags=(--character-set-server=latin1 --collation-server=latin1_german1_ci --default-storage-engine=MyISAM
    --sql-mode=ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,NO_ZERO_DATE,STRICT_ALL_TABLES,TRADITIONAL --innodb-default-row-format=compact)
  case $kind in
    mysql-*) flags+=(--explicit-defaults-for-timestamp=OFF --sql-require-primary-key=ON --sql-generate-invisible-primary-key=ON) ;;
    *) flags+=(--explicit-defaults-for-timestamp=OFF) ;;
  esac
  begin "$kind" "${flags[@]}" <<'SQL'
CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci; USE shop; SET sql_mode = 'ALLOW_INVALID_DATES', explicit_defaults_for_timestamp = ON;
CREATE TABLE names (c varchar(9), UNIQUE (c));
CREATE TABLE times (id int PRIMARY KEY, a timestamp NULL, b timestamp NOT NULL, c timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', d date DEFAULT '0000-00-00', e datetime DEFAULT '2000-02-31 00:00:00');
CREATE TABLE quotes (id int PRIMARY KEY, a varchar(20) DEFAULT 'a\\''"b', b varchar(20) DEFAULT (concat('\\', "x")), g varchar(30) AS (concat(a, '\\"')) VIRTUAL COMMENT 'it''s "\\"', CHECK (a <> '\\"'));
CREATE TABLE wide (id int PRIMARY KEY, a varchar(700), KEY (a)) ROW_FORMAT=DYNAMIC;
CREATE VIEW texts AS SELECT concat(c, '\\') AS x FROM names;
SQL
  if [[ $kind == mysql-* ]]; then sql target "GRANT SESSION_VARIABLES_ADMIN ON *.* TO dts@'%'"; fi
  precheck
  init
  init
  sql target "SET GLOBAL sql_mode = ''" # SHOW CREATE depends on it
  passed "defaults of the target don't matter ($kind)"
}

# Names in strings, comments in the texts, and executable comments: no tool's own work on the text
# may change them.
strings_and_comments() {
  begin "$1" <<'SQL'
CREATE DATABASE shop; USE shop;
CREATE TABLE t (id int PRIMARY KEY, a varchar(60) DEFAULT 'shop.t `shop`.`t` /* AUTO_INCREMENT=7 */ -- x', b varchar(99) DEFAULT (concat('A', 'CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `t` (`id`)')),
  `CHARACTER SET x COLLATE` int COMMENT 'CHARACTER SET latin1 COLLATE latin1_bin, DEFINER=`a`@`b` */', g varchar(20) AS (concat('/*', id, '*/')) VIRTUAL, `a,b` int, `(` int, `)` int) COMMENT=') AUTO_INCREMENT=9 /*!50100 PARTITION BY HASH (id) */';
CREATE TABLE needed (id int PRIMARY KEY, a varchar(9) NOT NULL DEFAULT '😀?', b varbinary(9) NOT NULL DEFAULT x'ff00aa');
CREATE TABLE `a``b.c %s` (`select` int PRIMARY KEY, `x,y` int, KEY `k``1` (`x,y`)) /*!50100 PARTITION BY HASH (`select`) PARTITIONS 2 */;
CREATE TABLE `DEFINER=` (`SQL SECURITY DEFINER` int, `FOREIGN KEY` int, KEY `REFERENCES` (`FOREIGN KEY`));
CREATE DEFINER=root@localhost SQL SECURITY DEFINER VIEW `SQL SECURITY DEFINER VIEW` AS SELECT 'DEFINER=`x`@`y` SQL SECURITY DEFINER VIEW' AS `DEFINER=``x``@y` FROM `DEFINER=`;
DELIMITER //
CREATE DEFINER=root@localhost PROCEDURE `p)(`(IN `BEGIN` varchar(10), OUT o int) COMMENT 'SQL SECURITY DEFINER' BEGIN /* COMMENT 'x' */ SET o = 1; -- END
END//
CREATE TRIGGER `FOR EACH ROW` BEFORE INSERT ON t FOR EACH ROW /* FOR EACH ROW FOLLOWS x */ SET NEW.a = 'FOR EACH ROW FOLLOWS x'//
DELIMITER ;
SQL
  precheck
  init
  # SHOW CREATE can't tell these on MariaDB; of a NOT NULL column nothing else does without a row.
  [[ $(sql target "INSERT INTO shop.needed (id) VALUES (1); SELECT HEX(a), HEX(b) FROM shop.needed; DELETE FROM shop.needed") == F09F98803F$'\t'FF00AA ]] ||
    die "the defaults of 'needed' are lost"
  passed "strings, comments and odd names stay as they are ($1)"
}

# Somebody who is not on the target, and views that sort before what they are made of.
definers() {
  begin "$1" <<'SQL'
CREATE USER ghost@'%' IDENTIFIED BY 'x'; GRANT ALL ON *.* TO ghost@'%';
CREATE DATABASE shop; USE shop;
CREATE TABLE t (id int PRIMARY KEY);
CREATE DEFINER=ghost@'%' VIEW v9 AS SELECT id FROM t;
CREATE DEFINER=ghost@'%' FUNCTION f() RETURNS int READS SQL DATA RETURN (SELECT COUNT(*) FROM v9);
CREATE DEFINER=ghost@'%' VIEW v5 AS SELECT id, f() AS n FROM v9;
CREATE DEFINER=ghost@'%' VIEW v1 AS SELECT a.id FROM v5 a JOIN v9 b ON b.id = a.id;
CREATE DEFINER=ghost@'%' TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
SQL
  precheck
  init
  [[ $(sql target "SELECT COUNT(*) FROM shop.v1") == 0 ]] || die "a view can't be read"
  passed "unknown definers and the order of views ($1)"
}

# Details of indexes and checks that are easily lost.
details_of_keys() {
  begin "$1" <<'SQL'
CREATE DATABASE shop; USE shop; SET sql_mode = '';
CREATE TABLE t (a int NOT NULL, b varchar(300), p point NOT NULL /*!80003 SRID 4326 */, KEY down (a DESC, b(7) DESC) /*!80000 INVISIBLE */ /*M!100600 IGNORED */, KEY told (a) USING BTREE COMMENT 'it''s',
  SPATIAL KEY (p), FULLTEXT KEY words (b) /*!50700 WITH PARSER ngram */, KEY k (b(5)) KEY_BLOCK_SIZE=2, CONSTRAINT c CHECK (a > 0) /*!80016 NOT ENFORCED */, UNIQUE KEY /*!80013 f ((a * 2)), UNIQUE KEY */ u (a)) AUTO_INCREMENT=5 STATS_PERSISTENT=1;
/*!80000 CREATE TABLE s (i int) TABLESPACE innodb_system */;
CREATE TABLE counted (id bigint unsigned AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT=18446744073709551614;
SQL
  precheck
  init
  [[ $(sql target "INSERT INTO shop.counted VALUES (); SELECT id FROM shop.counted; TRUNCATE shop.counted") == 18446744073709551614 ]] || die "the counter of 'counted' is lost"
  passed "details of keys and checks ($1)"
}

# What fails is named with the reason, what was made stays, and the next run goes on.
failure_half_way() {
  begin "$1" <<'SQL'
CREATE DATABASE shop; CREATE DATABASE other; USE shop;
CREATE TABLE a (id int AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT=1000; CREATE TABLE b (id int PRIMARY KEY, a int, FOREIGN KEY (a) REFERENCES a (id));
CREATE FUNCTION other.f() RETURNS int DETERMINISTIC RETURN 1;
CREATE VIEW v1 AS SELECT id FROM a; CREATE VIEW v2 AS SELECT id, other.f() AS f FROM v1; CREATE VIEW v3 AS SELECT * FROM v2;
CREATE TRIGGER tr BEFORE INSERT ON a FOR EACH ROW SET @x = 1;
SQL
  precheck
  sql target "REVOKE TRIGGER ON shop.* FROM dts@'%'"
  dts_fails 1 "cannot create view 'shop.v2'.*other.f" -- init-schema
  grep -q "exclude .shop.v2." "$WORK/err" || die "no hint for the view: $(cat "$WORK/err")"
  dts status --json | jq -e '.phases.schema | .state == "failed" and (.error | test("shop.v2"))' >/dev/null || die "status: $(dts status --json)"
  dts_fails 1 "cannot create view 'shop.v2'" -- init-schema
  sql target "INSERT INTO shop.a VALUES (7); CREATE DATABASE other; CREATE FUNCTION other.f() RETURNS int DETERMINISTIC RETURN 1; GRANT EXECUTE ON other.* TO dts@'%'"
  dts_fails 1 "cannot create trigger 'shop.tr'.*TRIGGER" -- init-schema
  sql target "GRANT TRIGGER ON shop.* TO dts@'%'"
  init
  [[ $(sql target "SELECT id FROM shop.a; DELETE FROM shop.a") == 7 ]] || die "what was there was made again"
  [[ $(sql target "SELECT COUNT(*) FROM shop.v3") == 0 ]] || die "a view can't be read"
  [[ $(sql target "INSERT INTO shop.a VALUES (NULL); SELECT id FROM shop.a; DELETE FROM shop.a") == 1000 ]] || die "the counter is lost"
  passed "a failure half-way is named, and the next run goes on ($1)"
}

# MySQL: what a table lies in is named, too.
tablespace_missing() {
  begin mysql-9.7 <<'SQL'
CREATE DATABASE shop; USE shop; CREATE TABLESPACE ts ADD DATAFILE 'ts.ibd'; CREATE TABLE t (id int PRIMARY KEY) TABLESPACE ts;
SQL
  precheck
  dts_fails 1 "cannot create table 'shop.t'" -- init-schema
  grep -q "Tablespace ts doesn't exist" "$WORK/err" || die "no reason: $(cat "$WORK/err")"
  grep -q "create the tablespace" "$WORK/err" || die "no hint: $(cat "$WORK/err")"
  sql target "CREATE TABLESPACE ts ADD DATAFILE 'ts.ibd'"
  init
  passed "a tablespace that is not there"
}

if (($#)); then "$@"; exit; fi
need_servers mysql-9.7
for kind in mariadb-10.11 mysql-9.7; do
  for trap in defaults_of_the_target strings_and_comments definers details_of_keys failure_half_way; do "$trap" "$kind"; done
done
tablespace_missing
