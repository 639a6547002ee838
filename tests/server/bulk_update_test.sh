#!/usr/bin/env bash
# Many rows with consecutive keys updated at once, as dtsctl writes them in statements of their own: every type that may be
# in one with its extremes, gaps that must stay as they are, a row that is not there. bulk_update_test.sh [SERVER]
set -euo pipefail
. "$(dirname "$0")/lib.sh"

start_source "$@"
start_target "$@"

fill() {
  client source <<'END'
CREATE DATABASE bulk;
USE bulk;
SET sql_mode = '';
CREATE TABLE types (id INT NOT NULL PRIMARY KEY, i INT, u BIGINT UNSIGNED, d DECIMAL(30,10),
  a DATE, t TIME(6), p DATETIME(3), s TIMESTAMP(6) NULL, v VARCHAR(200) CHARACTER SET utf8mb4, l VARCHAR(200) CHARACTER SET latin1,
  w VARCHAR(100) CHARACTER SET utf16, b VARBINARY(100), c CHAR(10), x BINARY(8), j TEXT,
  upd TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP);
CREATE TABLE others (id INT NOT NULL PRIMARY KEY, f FLOAT, g DOUBLE, y YEAR, e ENUM('2','1',''), m SET('a','b'));
CREATE TABLE small (id TINYINT NOT NULL PRIMARY KEY, v INT NOT NULL);
CREATE TABLE large (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, v INT NOT NULL);
CREATE TABLE two (id INT NOT NULL PRIMARY KEY, code INT NOT NULL UNIQUE, v INT, KEY (v));
CREATE TABLE numbers (n INT NOT NULL PRIMARY KEY);
INSERT INTO numbers WITH RECURSIVE s AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM s WHERE n < 900) SELECT n FROM s;
INSERT INTO types (id) SELECT n * 3 - 1500 FROM numbers;
INSERT INTO types (id) SELECT n * 3 - 1499 FROM numbers;
INSERT INTO types (id) SELECT n * 3 - 1498 FROM numbers;
INSERT INTO others (id) SELECT n FROM numbers;
INSERT INTO small SELECT n - 129, 0 FROM numbers WHERE n <= 256;
INSERT INTO large SELECT n - 1, 0 FROM numbers WHERE n < 100;
INSERT INTO large SELECT 18446744073709551615 - CAST(n AS UNSIGNED), 0 FROM numbers WHERE n < 100;
INSERT INTO large SELECT CAST(9223372036854775758 AS UNSIGNED) + CAST(n AS UNSIGNED), 0 FROM numbers WHERE n < 100;
INSERT INTO two SELECT n, n, n FROM numbers;
END
}
change_all() {
  client source bulk <<'END'
SET sql_mode = '', NAMES utf8mb4;
UPDATE types SET i = id * 1000000, u = 18446744073709551615 - ABS(id), d = id / 7,
  a = '2024-01-01' + INTERVAL id DAY, t = SEC_TO_TIME(id * 999) , p = '1000-01-01 00:00:00.001', s = '2038-01-19 03:14:07.999999',
  v = CONCAT('it''s \\ "', CHAR(id + 2000 USING utf8mb4), ' 😀 ', id), l = CONCAT('\\%_''', CHAR(ABS(id) % 256 USING latin1)), w = CONCAT('☃', id),
  b = CONCAT(CHAR(0, 39, 92, 255, 10), id), c = CONCAT(id, '  '), x = CHAR(0, 1, 255), j = REPEAT(id, 20);
UPDATE others SET f = id / 3, g = id * 1e300 / 7, y = 1901 + id % 200, e = 1 + id % 3, m = id % 4;
UPDATE small SET v = id * 2;
UPDATE large SET v = id % 1000;
END
}
change_some() {
  client source bulk <<'END'
SET sql_mode = '';
UPDATE others SET f = -0.0, g = -0.0, y = 0, e = '', m = '' WHERE id BETWEEN 300 AND 700;
UPDATE types SET i = NULL, u = 0, d = NULL, a = '0000-00-00', p = '0000-00-00 00:00:00', s = NULL, v = '', b = '', j = NULL WHERE id % 5 = 0;
UPDATE types SET i = -2147483648, d = -99999999999999999999.9999999999, t = '-838:59:59', p = '9999-12-31 23:59:59.999', v = NULL WHERE id BETWEEN -700 AND -300;
UPDATE types SET d = 99999999999999999999.9999999999, t = '838:59:59' WHERE id BETWEEN 300 AND 700;
UPDATE types SET v = 'gap' WHERE id BETWEEN 800 AND 1000 AND id NOT IN (850, 900, 901, 950);
UPDATE two SET v = v + 1;
UPDATE two SET v = 7, code = code + 10000 WHERE id % 2 = 0;
UPDATE two SET v = NULL WHERE id BETWEEN 100 AND 200;
END
}
logged() {
  sql target "SET GLOBAL log_output = 'FILE', general_log_file = '$WORK/log', general_log = $1"
}

fill
create_accounts bulk
write_job bulk
# The values that strict mode refuses are in the source.
precheck
dts init-schema
dts init-data
sql source "UPDATE bulk.small SET v = -1; UPDATE bulk.large SET v = -1"
dts sync --until now  # behind the copy, where changes are written as such
for mode in transactional parallel; do
  : >"$WORK/log"
  logged 1
  change_all
  dts -c sync.apply=$mode sync --until now
  logged 0
  for table in types small large; do
    grep -qa "UPDATE .bulk.\..$table. SET .*ELT(" "$WORK/log" || die "$mode: consecutive rows of $table were not written as such"
  done
  must_be_equal bulk
  change_some
  dts -c sync.apply=$mode sync --until now
  must_be_equal bulk
  sql source "UPDATE bulk.types SET i = NULL, u = NULL, d = NULL, a = NULL, t = NULL, p = NULL, s = NULL, v = NULL, l = NULL,
    w = NULL, b = NULL, c = NULL, x = NULL, j = NULL; UPDATE bulk.others SET e = 2, y = 2000, f = 1, g = 1; UPDATE bulk.small SET v = -1; UPDATE bulk.large SET v = -1"
  dts -c sync.apply=$mode sync --until now
  must_be_equal bulk
done

# A row that is not there is found, and named.
sql target "DELETE FROM bulk.small WHERE id = 17"
sql source "UPDATE bulk.small SET v = 99 WHERE id BETWEEN -50 AND 50"
dts_fails 1 'bulk.small: the row \(`id` = 17\) is not there' -- sync --until now
dts -c sync.on_conflict=overwrite sync --until now
must_be_equal bulk

# A group is written while the target is at work on the last rows of the one before: rows that are missing
# in its last batch, and in the first one of the next group, are found in their own.
sql source "CREATE TABLE bulk.many (id INT NOT NULL PRIMARY KEY, v INT NOT NULL); SET @i = -1;
  INSERT INTO bulk.many SELECT @i := @i + 1, 0 FROM bulk.numbers a JOIN bulk.numbers b LIMIT 20000"
dts sync --until now
for round in 1 2 3; do
  sql source "UPDATE bulk.many SET v = v + $round WHERE id < 10000; UPDATE bulk.many SET v = v + $round WHERE id >= 10000;
    UPDATE bulk.many SET v = v - 10 * $round WHERE id < 10000; UPDATE bulk.many SET v = v - 10 * $round WHERE id >= 10000"
  sql target "DELETE FROM bulk.many WHERE id IN (9990, 10003, 19990)"
  dts_fails 1 'bulk.many: the row \(`id` = 9990\) is not there' -- sync --until now
  [[ $(sql target "SELECT COUNT(*), MIN(v) = MAX(v) FROM bulk.many WHERE id < 10000") == 9999?1 ]] || die "a group that stopped was written in part"
  before=$(dts status --json | jq '[.sync.conflicts[] | select(.table == "bulk.many") | .count] | add // 0')
  dts -c sync.on_conflict=overwrite sync --until now
  must_be_equal bulk
  after=$(dts status --json | jq '[.sync.conflicts[] | select(.table == "bulk.many") | .count] | add // 0')
  ((after - before == 3)) || die "$((after - before)) conflicts were counted, not 3"
done
echo ok
