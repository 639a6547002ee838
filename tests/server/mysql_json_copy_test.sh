#!/usr/bin/env bash
# JSON of MySQL keeps the types of all its values, by init-data as by sync: also those that look
# alike as text.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

start_source mysql-9.7
start_target mysql-9.7

# Roots are scalars of all types; keyed has them alone and nested, keyless the same without a key.
client source <<'END'
SET time_zone = '+00:00', sql_mode = '', cte_max_recursion_depth = 100000;
CREATE DATABASE shop;
USE shop;
CREATE TABLE column_types (ts timestamp(6), y year, e enum('a'), s set('a', 'b'), b1 bit(1), b64 bit(64), t tinyblob, b blob, m mediumblob,
  l longblob, bi binary(3), vb varbinary(9), c char(3), vc varchar(9) CHARACTER SET latin1, f float, d double, u tinyint unsigned,
  ub bigint unsigned, i bigint, dc decimal(65, 30), da date, ti time(6), dt datetime(6), j json);
INSERT INTO column_types VALUES ('2024-02-29 12:34:56.789', 2024, 'a', 'a,b', 1, ~0, 't', x'00ff', REPEAT('m', 60), REPEAT('l', 300), 'bi', 'vb', 'c', 'vc',
  1.5, 1.5, 7, ~0, -1, 12345.678, '2024-02-29', '-838:59:59', '9999-12-31 23:59:59.999999', '{"in": [1]}'),
  ('1970-01-01 00:00:01', 0, 0, '', 0, 0, '', '', '', '', '', '', '', '', -0e0, -0e0, 0, 0, 4294967296, -0.5, '0000-00-00', '00:00:00.000001',
  '0000-00-00 00:00:00', '[]');
CREATE TABLE roots (id int PRIMARY KEY AUTO_INCREMENT, j json);
INSERT INTO roots (j) SELECT CAST(v AS JSON) FROM (
  SELECT JSON_ARRAY(ts, y, e, s, b1, b64, t, b, m, l, bi, vb, c, vc, f, d, u, ub, i, dc, da, ti, dt, j, NULL, TRUE, FALSE) a FROM column_types
  UNION ALL SELECT JSON_ARRAY(1.0, CAST(1 AS DECIMAL), 1, CAST(1 AS UNSIGNED), 1e0, 1234.567, 1234.567e0, 0.0, -0e0, 1e300, 0.1e0 + 0.2e0, 1e15, 1e16,
    CAST(1e15 AS DECIMAL(20)), CAST(1e15 AS UNSIGNED), CAST(1e15 AS SIGNED), REPEAT('9', 65) + 0.0, CAST(REPEAT('9', 65) AS DECIMAL(65)))
  UNION ALL SELECT JSON_ARRAY('2024-02-29', '12:00:00.000000', 'base64:type15:YQ==', '1', 'null', '', '{"a": 1}', 'a\0\n"\\😀', JSON_OBJECT(), JSON_ARRAY())
) x, JSON_TABLE(a, '$[*]' COLUMNS (n FOR ORDINALITY, v JSON PATH '$')) t;
INSERT INTO roots (j) VALUES (NULL), ('null');
CREATE TABLE keyed (id int PRIMARY KEY AUTO_INCREMENT, note varchar(20) NOT NULL DEFAULT '', j json,
  k json DEFAULT NULL, first json AS (j -> '$[0]') STORED, kind varchar(20) AS (JSON_TYPE(j)) VIRTUAL);
INSERT INTO keyed (j, k) SELECT j, JSON_ARRAY(j, 1) FROM roots ORDER BY id;
INSERT INTO keyed (j, k) SELECT JSON_OBJECT('bb', j, 'a', JSON_ARRAY(j, JSON_OBJECT('z', j, 'y', NULL), 1)), JSON_ARRAY(JSON_ARRAY(), j, JSON_ARRAY(JSON_OBJECT('k', JSON_ARRAY(j)))) FROM roots ORDER BY id;
INSERT INTO keyed (note, j) SELECT 'all', JSON_ARRAYAGG(j) FROM roots;
INSERT INTO keyed (note, j) SELECT 'all', JSON_OBJECTAGG(CONCAT('k', id), JSON_ARRAY(j, id)) FROM roots;
CREATE TABLE `t ``x` (n int, m json, `e` json);
INSERT INTO `t ``x` SELECT id % 3, j, k FROM keyed;
CREATE TABLE large (id int PRIMARY KEY, j json);
INSERT INTO large WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
  SELECT 1, JSON_ARRAYAGG(CASE i % 4 WHEN 0 THEN CAST(i AS UNSIGNED) WHEN 1 THEN i WHEN 2 THEN i + 0.5 ELSE JSON_OBJECT('e', i / 2e0) END) FROM n;
INSERT INTO large WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
  SELECT 2, JSON_OBJECTAGG(CONCAT('key', i), IF(i % 2, CAST(i AS UNSIGNED), CAST(i AS JSON))) FROM n;
INSERT INTO large VALUES (3, CONCAT(REPEAT('[', 100), '1', REPEAT(']', 100))), (4, CONCAT(REPEAT('{"a": [2, ', 49), '1', REPEAT(']}', 49)));
UPDATE large SET j = JSON_SET(j, '$.a[1].a[1]', CAST(1.5 AS DECIMAL(2, 1)), '$.b', NOW(6)) WHERE id = 4;
END
types_seen=$(sql source "SELECT COUNT(DISTINCT kind) FROM shop.keyed")
((types_seen >= 14)) || die "the test is wrong about itself: $types_seen types of 14: $(sql source 'SELECT DISTINCT kind FROM shop.keyed')"

# What the server says of each document, by two lists that have nothing to do with dtsctl's query. The
# size is not compared between servers where there is a DECIMAL: digits alone make its precision.
describe() {
  local table column key="id"
  [[ $1 != keyless ]] || key="n"
  case $2 in
    keyed) set -- "$1" keyed id j k first ;;
    roots) set -- "$1" roots id j ;;
    large) set -- "$1" large id j ;;
    keyless) set -- "$1" 't ``x' n m e ;;
  esac
  local server=$1
  table=$2 key=$3
  shift 3
  for column in "$@"; do
    echo "SELECT '$column', $key, type, text, members, elements,
        IF('${SIZES:-some}' = 'some' AND CONCAT_WS(' ', type, members, elements) LIKE '%DECIMAL%', '-', size) FROM (
      SELECT $key, JSON_TYPE($column) type, HEX(CAST($column AS CHAR)) text, JSON_STORAGE_SIZE($column) size,
        (SELECT JSON_ARRAYAGG(JSON_TYPE(v)) FROM JSON_TABLE(x.$column, '\$**.*' COLUMNS (v JSON PATH '\$')) m) members,
        (SELECT JSON_ARRAYAGG(JSON_TYPE(v)) FROM JSON_TABLE(x.$column, '\$**[*]' COLUMNS (v JSON PATH '\$')) e) elements
      FROM shop.\`$table\` x ${CONDITION:-}) d ORDER BY $key, text, type, CAST(members AS CHAR), CAST(elements AS CHAR);"
  done | client "$server"
}
must_agree() {
  local table
  for table in keyed roots large keyless; do
    describe source "$table" >"$WORK/source.txt"
    describe target "$table" >"$WORK/target.txt"
    [[ -s $WORK/source.txt ]] || die "the test is wrong about itself: $table is empty"
    if ! cmp -s "$WORK/source.txt" "$WORK/target.txt"; then
      diff "$WORK/source.txt" "$WORK/target.txt" | cut -c1-300 | head -n 10 >&2
      die "$1: documents of $table differ"
    fi
  done
}

create_accounts shop
write_job shop
precheck keyless-tables
dts init-schema
dts init-data
must_agree "init-data"
must_be_equal shop
echo "mysql_json_copy: types are kept by init-data"

# The same rows again through the binlog: as new rows beside the copied ones, and in place.
client source shop <<'END'
INSERT INTO keyed (id, note, j, k) SELECT id + 10000, note, j, k FROM keyed;
INSERT INTO roots SELECT id + 10000, j FROM roots;
INSERT INTO large SELECT id + 10000, j FROM large;
END
dts sync --until now
must_agree "rows inserted by sync"
for table in keyed roots large; do
  SIZES=all CONDITION="WHERE id < 10000" describe target $table >"$WORK/copied.txt"
  SIZES=all CONDITION="WHERE id > 10000" describe target $table | awk -F '\t' -v OFS='\t' '{ $2 -= 10000; print }' >"$WORK/synced.txt"
  cmp "$WORK/copied.txt" "$WORK/synced.txt" || die "the two roads do not agree on $table"
done
client source shop <<'END'
UPDATE keyed SET note = CONCAT(note, '!'), j = JSON_ARRAY(j), k = j;
UPDATE keyed SET j = j -> '$[0]';
UPDATE large SET id = id + 100000;
DELETE FROM `t ``x` WHERE n = 1;
UPDATE `t ``x` SET n = n + 1, m = e;
END
dts sync --until now
must_agree "rows updated by sync"
must_be_equal shop
dts status --json | jq -e '(.sync.conflicts | length) == 0' >/dev/null || die "conflicts: $(dts status --json)"
echo "mysql_json_copy: both roads give the same documents"

# A JSON change takes two statements; of one whose row is gone behind our back, none may stay.
sql source "CREATE TABLE shop.gone (id INT PRIMARY KEY, u INT UNIQUE, j JSON); CREATE TABLE shop.gone_keyless (j JSON);
  INSERT INTO shop.gone VALUES (1, 1, '1'), (2, 2, '1'); INSERT INTO shop.gone_keyless VALUES ('1')"
dts sync --until now
take_away() { sql target "DELETE FROM shop.gone WHERE id = 1; DELETE FROM shop.gone_keyless"; }
rows_left() { sql target "SELECT CONCAT(id, '=', j) FROM shop.gone ORDER BY id; SELECT CONCAT('keyless=', j) FROM shop.gone_keyless" | paste -sd ' '; }
take_away
sql source "UPDATE shop.gone SET j = '2'; UPDATE shop.gone_keyless SET j = '2'"
dts_fails 1 "is not there" -- sync --until now
[[ $(rows_left) == "2=1" ]] || die "a change that stopped has left something: $(rows_left)"
dts -c sync.on_conflict=ignore sync --until now
[[ $(rows_left) == "2=2" ]] || die "a change that was to be ignored has left something: $(rows_left)"
sql source "UPDATE shop.gone SET j = '3'; UPDATE shop.gone_keyless SET j = '3'"
dts -c sync.on_conflict=overwrite sync --until now
[[ $(rows_left) == "1=3 2=3 keyless=3" ]] || die "a change that was to overwrite gave: $(rows_left)"
# The new row clashes with another one: nothing of the old one may be lost.
sql target "UPDATE shop.gone SET u = 99 WHERE id = 1"
sql target "UPDATE shop.gone SET u = 1 WHERE id = 2"
sql source "UPDATE shop.gone SET j = '4' WHERE id = 1"
dts -c sync.on_conflict=ignore sync --until now
[[ $(rows_left) == "1=3 2=3 keyless=3" ]] || die "an ignored clash has changed something: $(rows_left)"
echo "mysql_json_copy: a JSON change whose row is not as expected leaves nothing"
