#!/usr/bin/env bash
# Views, routines, triggers and events that are made, altered and dropped while syncing: on the target as
# init-schema would make them; what can't be there stops the job, and what isn't wanted is counted.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
need_servers mysql-9.7

# objects NAME DATABASE: all that makes them, but for definers, the guards of triggers and events' states.
objects() {
  sql "$1" "SELECT 'view', TABLE_NAME, VIEW_DEFINITION, CHECK_OPTION, CHARACTER_SET_CLIENT, COLLATION_CONNECTION
      FROM information_schema.VIEWS WHERE TABLE_SCHEMA = '$2' ORDER BY 2;
    SELECT 'column', TABLE_NAME, COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '$2' ORDER BY 2, ORDINAL_POSITION;
    SELECT ROUTINE_TYPE, ROUTINE_NAME, DTD_IDENTIFIER, ROUTINE_DEFINITION, IS_DETERMINISTIC, SQL_DATA_ACCESS, SQL_MODE, ROUTINE_COMMENT,
      CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '$2' ORDER BY 1, 2;
    SELECT 'trigger', TRIGGER_NAME, EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER, SQL_MODE, CHARACTER_SET_CLIENT
      FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '$2' ORDER BY 2;
    SELECT 'event', EVENT_NAME, EVENT_DEFINITION, TIME_ZONE, SQL_MODE, EVENT_TYPE, EXECUTE_AT, INTERVAL_VALUE, INTERVAL_FIELD, STARTS, ENDS,
      ON_COMPLETION, EVENT_COMMENT FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '$2' ORDER BY 2" | sed "s/\`$2\`/\`shop\`/g"
}
same_objects() {
  same_output objects source shop -- objects target "$1" || die "objects differ: $2"
}
setup() {
  start_source "$1" --max-allowed-packet=16M
  start_target "$2" --max-allowed-packet=16M
  sql source "CREATE DATABASE shop; USE shop; CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(20), price INT);
    CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(50)); INSERT INTO item VALUES (1, 'one', 1), (2, 'two', 2);
    CREATE VIEW old_view AS SELECT id FROM item; CREATE TRIGGER first_one BEFORE INSERT ON item FOR EACH ROW SET NEW.price = NEW.price + 1"
  create_accounts shop
  [[ $3 == shop ]] || documented_grants target "$3" | client target
  for side in source target; do sql $side "GRANT EVENT ON *.* TO dts@'%'"; done
  write_job shop
  [[ $3 == shop ]] || printf '[[objects.map]]\nsource = "shop"\ntarget = "%s"\n' "$3" >>"$JOB"
  printf '\n[schema]\nevents = true\n' >>"$JOB"
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
# What every pair of servers has to follow.
statements() {
  cat <<'END'
INSERT INTO item VALUES (10, 'before', 10);
CREATE VIEW plain AS SELECT id, name AS label FROM item WHERE price > 1;
CREATE OR REPLACE ALGORITHM=TEMPTABLE SQL SECURITY INVOKER VIEW shop.wide (a, b) AS SELECT i.id, COUNT(*) FROM item i JOIN shop.log l ON l.id = i.id GROUP BY i.id;
CREATE VIEW over_view AS SELECT label FROM plain WHERE id > 0 WITH CASCADED CHECK OPTION;
ALTER VIEW plain AS SELECT id, UPPER(name) AS label, price FROM item;
CREATE OR REPLACE VIEW old_view AS SELECT id, price FROM item;
CREATE VIEW gone AS SELECT 1 AS one; CREATE VIEW gone2 AS SELECT 2 AS two;
DROP VIEW IF EXISTS gone, gone2, never_there;
DELIMITER //
CREATE PROCEDURE fill(IN n INT) COMMENT 'it''s // filled' MODIFIES SQL DATA
BEGIN
  DECLARE i INT DEFAULT 0;
  WHILE i < n DO INSERT INTO log (what) VALUES (CONCAT('filled ', i)); SET i = i + 1; END WHILE;
END//
CREATE FUNCTION twice(a INT) RETURNS INT DETERMINISTIC RETURN 2 * a//
CREATE FUNCTION shop.thrice(a INT) RETURNS INT DETERMINISTIC RETURN 3 * a//
CREATE FUNCTION gone_too() RETURNS INT DETERMINISTIC RETURN 0//
CREATE PROCEDURE old_one() SELECT 1//
ALTER FUNCTION twice COMMENT 'doubled' SQL SECURITY DEFINER//
ALTER PROCEDURE fill SQL SECURITY INVOKER COMMENT 'new'//
DROP FUNCTION gone_too//
DROP PROCEDURE IF EXISTS old_one//
DROP PROCEDURE IF EXISTS never_there//
CREATE TRIGGER tell AFTER INSERT ON item FOR EACH ROW BEGIN INSERT INTO log (what) VALUES (CONCAT('new ', NEW.name)); END//
CREATE TRIGGER last_one BEFORE INSERT ON shop.item FOR EACH ROW SET NEW.price = NEW.price * 10//
CREATE TRIGGER between_them BEFORE INSERT ON item FOR EACH ROW PRECEDES last_one SET NEW.price = NEW.price + 5 -- to its end
//
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER dumped BEFORE UPDATE ON item FOR EACH ROW FOLLOWS changed SET NEW.name = LOWER(NEW.name) */ //
CREATE TRIGGER gone_trigger BEFORE DELETE ON item FOR EACH ROW SET @a = 1//
DROP TRIGGER gone_trigger//
DROP TRIGGER IF EXISTS shop.never_there//
SET time_zone = '+05:30'//
CREATE EVENT daily ON SCHEDULE EVERY 1 DAY DO INSERT INTO log (what) VALUES ('daily')//
CREATE EVENT IF NOT EXISTS later ON SCHEDULE AT CURRENT_TIMESTAMP + INTERVAL 3 HOUR ON COMPLETION PRESERVE ENABLE COMMENT 'do enable it' DO BEGIN INSERT INTO log (what) VALUES ('later'); END//
CREATE EVENT gone_event ON SCHEDULE EVERY 1 HOUR STARTS '2036-01-01 00:00:00' DISABLE DO SET @a = 1//
ALTER EVENT daily ON SCHEDULE EVERY 2 HOUR STARTS '2035-01-01 00:00:00' RENAME TO hourly ENABLE COMMENT 'each'//
ALTER EVENT later DISABLE//
ALTER EVENT later DO INSERT INTO log (what) VALUES ('other')//
DROP EVENT gone_event//
SET sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES'//
CREATE PROCEDURE "in ansi"(a INT) SELECT 'x\' || a//
CREATE VIEW "ansi view" AS SELECT "name" || '\' AS "n" FROM "item"//
SET sql_mode = DEFAULT//
DELIMITER ;
INSERT INTO item VALUES (11, 'After', 11); UPDATE item SET name = 'CHANGED' WHERE id = 1;
END
}

# tried NAME DATABASE: what its triggers and routines do.
tried() {
  sql "$1" "START TRANSACTION; INSERT INTO $2.item VALUES (20, 'X', 1); UPDATE $2.item SET name = 'Y' WHERE id = 20; CALL $2.fill(2);
    SELECT name, price, $2.twice(4), $2.thrice(5) FROM $2.item WHERE id = 20; SELECT what FROM $2.log ORDER BY id; ROLLBACK"
}

# follows SOURCE TARGET DATABASE
follows() {
  setup "$1" "$2" "$3"
  # The trigger that another one follows, in the character set of another client.
  sql source "$(printf 'SET NAMES latin1; CREATE TRIGGER changed BEFORE UPDATE ON item FOR EACH ROW SET NEW.name = CONCAT(NEW.name, "\xe9")')" shop
  client source shop < <(statements)
  dts sync --until now || die "sync from $1 to $2: see above"
  same_result "SELECT * FROM shop.log ORDER BY id; SELECT * FROM shop.item ORDER BY id" \
    "SELECT * FROM $3.log ORDER BY id; SELECT * FROM $3.item ORDER BY id" || die "rows differ: $1 to $2"
  [[ $(sql target "SELECT DISTINCT STATUS FROM information_schema.EVENTS") == DISABLED ]] || die "an event may run"
  sql target "SELECT DISTINCT DEFINER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '$3' UNION SELECT DEFINER FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '$3'
    UNION SELECT DEFINER FROM information_schema.VIEWS WHERE TABLE_SCHEMA = '$3'" | grep -qvx 'dts@%' && die "an object belongs to another"
  [[ $(sql target "SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '$3' AND SECURITY_TYPE = 'DEFINER'") == 0 ]] || die "a routine has rights of its own"
  # Rows of the target fire its triggers, in the source's order.
  same_output tried source shop -- tried target "$3" || die "triggers of the target do something else"
}

for pair in "mariadb-10.11 mariadb-10.11 shop" "mysql-9.7 mysql-9.7 shop" "mariadb-10.11 mariadb-10.11 store"; do
  read -r source target database <<<"$pair"
  follows "$source" "$target" "$database"
  same_objects "$database" "$pair"
  teardown
done

# stops PATTERN STATEMENT: what stands behind it is not done.
stops() {
  printf 'DELIMITER //\n%s //\n' "$2" | client source shop
  dts_fails 1 "$1" -- sync --until now
  dts sync --until now --skip-ddl "$(grep -o 'skip-ddl [^;]*' "$WORK/err" | head -n 1 | cut -d ' ' -f 2)"
}
# collations NAME: of the columns of tables made while syncing.
collations() {
  sql "$1" "SELECT TABLE_NAME, COLUMN_NAME, CHARACTER_SET_NAME, COLLATION_NAME FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME LIKE 'made%' AND COLLATION_NAME IS NOT NULL ORDER BY 1, 2" | xargs
}
# across SOURCE TARGET [COLLATIONS]: between the kinds what both have is carried, in the words of the target.
across() {
  follows "$1" "$2" shop
  sql source "CREATE TABLE made1 (a VARCHAR(9) CHARACTER SET utf8mb4, b VARCHAR(9), c VARCHAR(9) CHARACTER SET latin1, d VARCHAR(9) COLLATE utf8mb4_bin);
    CREATE TABLE made2 (a VARCHAR(9) PRIMARY KEY) DEFAULT CHARSET=utf8mb4; ALTER TABLE made2 ADD b TEXT CHARSET utf8mb4 AFTER a, COMMENT = 'CHARSET utf8mb4';
    CREATE TABLE made3 (a VARCHAR(9)); ALTER TABLE made3 CONVERT TO CHARACTER SET utf8mb4; INSERT INTO made2 VALUES ('a', 'x'), ('b', NULL)" shop
  dts sync --until now || die "tables from $1 to $2: see above"
  [[ $(collations target) == "${3-$(collations source)}" ]] || die "collations on the target: $(collations target), on the source: $(collations source)"
  [[ $(sql target "SELECT COUNT(*) FROM shop.made2") == 2 ]] || die "rows are lost"
}
UCA=utf8mb4_uca1400_nopad_ai_ci
across mysql-9.7 mariadb-10.11 "made1 a utf8mb4 $UCA made1 b utf8mb4 utf8mb4_general_ci made1 c latin1 latin1_swedish_ci made1 d utf8mb4 utf8mb4_bin made2 a utf8mb4 $UCA made2 b utf8mb4 $UCA made3 a utf8mb4 $UCA"
sql source "SET default_collation_for_utf8mb4 = utf8mb4_general_ci; CREATE TABLE general (a VARCHAR(9) CHARACTER SET utf8mb4)" shop
dts sync --until now
[[ $(sql target "SELECT COLLATION_NAME FROM information_schema.COLUMNS WHERE TABLE_NAME = 'general'") == utf8mb4_general_ci ]] || die "the session's collation does not count"
sql source "CREATE TABLE made4 (id INT PRIMARY KEY, data JSON, INDEX k (id)); INSERT INTO made4 VALUES (1, '{\"a\": 5}'); CREATE VIEW in_json AS SELECT id, data->>'\$.a' AS a FROM made4" shop
dts sync --until now
[[ $(sql target "SELECT a FROM shop.in_json") == 5 ]] || die "a view of JSON does not work"
stops "executable comment" "ALTER TABLE made4 ADD COLUMN x INT /*!80023 INVISIBLE */"
stops "calls bin_to_uuid" "CREATE VIEW refused AS SELECT bin_to_uuid(data) AS x FROM made4"
teardown
across mariadb-10.11 mysql-9.7
stops "JSON, which is another type" "CREATE TABLE made5 (id INT PRIMARY KEY, j JSON)"
stops "syntax" "CREATE OR REPLACE TABLE made6 (id INT PRIMARY KEY)"
stops "sql_mode ORACLE" "SET sql_mode = ORACLE// CREATE PROCEDURE orcl AS BEGIN NULL; END"
teardown
echo "ddl_objects: followed"
