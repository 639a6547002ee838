#!/usr/bin/env bash
# Every column type with its extremes, by both roads: copied by init-data, and inserted, updated and
# deleted through sync, with the type as a value, as a key, and in a table without a key.
# types_test.sh [SOURCE [TARGET]]; types_foreign_test.sh runs it on other servers than the host's.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# Statements that make changes out of the rows of each table "id, columns": the same values in new
# rows, every row with the values of another one, and rows that go.
churn() {
  cat <<'END'
SET SESSION group_concat_max_len = 1000000, sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO';
SELECT CONCAT(
  'INSERT INTO ', t, ' (id, ', columns, ') SELECT id + 100, ', columns, ' FROM ', t, ';\n',
  'CREATE TEMPORARY TABLE before_ AS SELECT id id_, ', columns, ' FROM ', t, ';\n',
  'SET @n = (SELECT COUNT(*) FROM ', t, ' WHERE id < 100);\n',
  'UPDATE ', t, ' t JOIN before_ b ON b.id_ = t.id % 100 % @n + 1 SET ', sets, ' WHERE t.id > 100;\n',
  'DELETE FROM ', t, ' WHERE id = 102;\n',
  'UPDATE ', t, ' t JOIN before_ b ON b.id_ = t.id % 100 % @n + 1 SET ', sets, ' WHERE t.id < 100;\n',
  'UPDATE ', t, ' SET id = -id WHERE id = 3;\n',
  'DROP TEMPORARY TABLE before_;') FROM (
  SELECT TABLE_NAME t, GROUP_CONCAT('`', COLUMN_NAME, '`' ORDER BY ORDINAL_POSITION) columns,
    GROUP_CONCAT('t.`', COLUMN_NAME, '` = b.`', COLUMN_NAME, '`' ORDER BY ORDINAL_POSITION) sets
  FROM information_schema.COLUMNS
  WHERE TABLE_SCHEMA = 'types' AND COLUMN_NAME <> 'id' AND IFNULL(GENERATION_EXPRESSION, '') = ''
    AND TABLE_NAME IN (SELECT TABLE_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'types' AND COLUMN_NAME = 'id')
  GROUP BY TABLE_NAME) x;
SELECT CONCAT(
  'CREATE TEMPORARY TABLE before_ AS SELECT * FROM ', TABLE_NAME, ';\n',
  'UPDATE ', TABLE_NAME, ' SET v = v + 1;\n',
  'DELETE FROM ', TABLE_NAME, ';\n',
  'INSERT INTO ', TABLE_NAME, ' SELECT * FROM before_;\n',
  'UPDATE ', TABLE_NAME, ' SET v = NULL WHERE v % 2;\n',
  'DELETE FROM ', TABLE_NAME, ' WHERE v = 2;\n',
  'DROP TEMPORARY TABLE before_;')
FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'types' AND TABLE_NAME LIKE 'key\\_%';
SELECT CONCAT(
  'DELETE FROM ', TABLE_NAME, ' LIMIT 1;\n',
  'INSERT INTO ', TABLE_NAME, ' SELECT * FROM ', TABLE_NAME, ';\n',
  'UPDATE ', TABLE_NAME, ' SET ', MIN(COLUMN_NAME), ' = NULL LIMIT 1;')
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'types' AND TABLE_NAME REGEXP '^(keyless|secret)' AND COLUMN_NAME <> 'my_row_id'
GROUP BY TABLE_NAME;
END
}

SOURCE=${1:-$HOST_SERVER}
TARGET=${2:-$SOURCE}
need_servers "$SOURCE" "$TARGET"
start_source "$SOURCE"
start_target "$TARGET"
cat "$LIB_FOLDER/types.sql" "$LIB_FOLDER/types_${SOURCE%-*}.sql" "$LIB_FOLDER/types_charsets.sql" | client source
create_accounts types
write_job types
precheck
dts init-schema
dts init-data
must_be_equal types
echo "types: $SOURCE -> $TARGET: $(wc -l <"$WORK/source.compare") tables identical after init-data"

{
  echo "SET sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO';"
  churn | client source --raw types
} >"$WORK/churn.sql"
(($(grep -c '^UPDATE' "$WORK/churn.sql") > 60)) || die "too few statements in $WORK/churn.sql"
client source types <"$WORK/churn.sql"
sql source "SET sql_mode = 'ALLOW_INVALID_DATES'; USE types;
  UPDATE key_float SET k = k * 2; UPDATE key_double SET k = k / 3; UPDATE key_decimal SET k = -k WHERE v > 0;
  UPDATE key_text SET k = UPPER(k); UPDATE key_latin SET k = CONCAT(k, ' '); UPDATE key_varbinary SET k = CONCAT(k, x'00') ORDER BY k DESC;
  UPDATE key_binary SET k = CONCAT(x'01', LEFT(k, 3)); UPDATE key_time SET k = '-00:00:00.001' WHERE k = '00:00:00';
  UPDATE key_enum SET k = 'z' WHERE v > 100; UPDATE key_datetime SET k2 = '2024-02-30'; UPDATE key_bit SET k = k ^ 1;
  UPDATE keyless SET n = 1.125, f = f / 3 WHERE j IS NOT NULL LIMIT 1; DELETE FROM keyless WHERE f IS NULL LIMIT 1;
  INSERT INTO keyless SELECT * FROM keyless; DELETE FROM keyless WHERE x = x'00' LIMIT 1;
  UPDATE keyless SET g = POINT(5, 5), e = '' WHERE x = x'00' LIMIT 1"
dts sync --until now
must_be_equal types
dts status --json | jq -e '(.sync.conflicts | length) == 0' >/dev/null || die "conflicts: $(dts status --json)"
echo "types: $SOURCE -> $TARGET: identical after sync"
