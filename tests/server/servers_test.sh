#!/usr/bin/env bash
# The ground that all tests stand on: every server starts, comes back, and takes the accounts of the
# README; and the digests are equal for equal rows on servers of any two kinds, and differ when a
# value of any type differs by one bit.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
need_servers mariadb-10.5 mariadb-11.8 mysql-9.7
KINDS=(mariadb-10.5 mariadb-10.11 mariadb-11.8 mysql-9.7)

# group | type | values | what the first value becomes. A group is a database on the servers that have
# its types; "zero" is for those that keep -0.
types() {
  cat <<'END'
common | TINYINT | -128 ; 127 ; -1 ; 0 ; NULL | -127
common | TINYINT UNSIGNED | 255 ; 0 ; 128 | 254
common | BOOLEAN | TRUE ; FALSE | FALSE
common | SMALLINT | -32768 ; 32767 | -32767
common | MEDIUMINT UNSIGNED | 16777215 ; 8388608 | 16777214
common | INT | -2147483648 ; 2147483647 ; NULL | -2147483647
common | INT(8) ZEROFILL | 42 ; 4294967295 | 43
common | BIGINT | -9223372036854775808 ; 9223372036854775807 | -9223372036854775807
common | BIGINT UNSIGNED | 18446744073709551615 ; 9223372036854775808 | 18446744073709551614
common | DECIMAL(65, 30) | -99999999999999999999999999999999999.999999999999999999999999999999 ; 1e-30 ; 0 | -99999999999999999999999999999999999.999999999999999999999999999998
common | DECIMAL(10, 2) ZEROFILL | 1.50 ; 99999999.99 | 1.51
common | FLOAT | 0.1 ; 1e-40 ; -3.4028234663852886e38 ; 16777217 ; 123456.789 ; 1.1754943508222875e-38 ; '-0' ; 1e15 ; 1e-5 ; NULL | 0.09999999403953552
common | FLOAT | 1e-40 ; 1 | 1.0000086e-40
common | FLOAT | 3.4028234663852886e38 ; 1 | 3.4028232635611926e38
common | FLOAT(7, 3) | 9999.999 ; -0.001 ; 0 | 9999.998
common | DOUBLE | 0.1 ; 5e-324 ; -1.7976931348623157e308 ; 2.2250738585072014e-308 ; '-0' ; 1e15 ; 1e-5 ; 123456.789 ; 9007199254740993 ; NULL | 0.10000000000000002
common | DOUBLE | 5e-324 ; 1 | 0
common | DOUBLE | 1.7976931348623157e308 ; 1 | 1.7976931348623155e308
common | DOUBLE | 1e15 ; 1 | 1000000000000000.1
common | BIT(1) | b'0' ; b'1' ; NULL | b'1'
common | BIT(64) | 0xFFFFFFFFFFFFFFFF ; 0x8000000000000000 ; 0 | 0xFFFFFFFFFFFFFFFE
common | CHAR(10) | 'a' ; '' ; 'Ä' ; '🚀' ; NULL | 'c'
common | VARCHAR(10) | '' ; ' ' ; NULL | NULL
common | VARCHAR(10) | 'é' ; 'e' | 'è'
common | VARCHAR(10) COLLATE utf8mb4_general_ci | 'a' ; 'A' | 'A'
common | VARCHAR(10) | 'a' ; 'x' | 'a '
common | VARCHAR(10) CHARACTER SET latin1 | 'é' ; _latin1 x'8081' | 'è'
common | VARCHAR(10) CHARACTER SET utf8mb3 | 'é中' ; '' | 'è中'
common | VARCHAR(10) CHARACTER SET utf16 | '🚀中' ; '' | '🚀丬'
common | VARCHAR(10) CHARACTER SET sjis | '表ソ' ; '' | '表ゾ'
common | CHAR(10) CHARACTER SET ucs2 | 'é' ; '' | 'è'
common | TINYTEXT | 'tab\t' ; '' ; NULL | 'tab\n'
common | TEXT CHARACTER SET gbk | '中文' ; REPEAT('x', 65535) | '中斗'
common | MEDIUMTEXT | REPEAT('中', 100000) ; NULL | CONCAT(REPEAT('中', 99999), '丬')
common | LONGTEXT | REPEAT('long', 300000) | CONCAT(REPEAT('long', 299999), 'lonf')
common | BINARY(4) | x'00' ; 'text' ; NULL | x'01'
common | VARBINARY(10) | x'00' ; x'' ; x'FF' | x''
common | TINYBLOB | x'00' ; x'' | x'01'
common | BLOB | REPEAT(x'FE', 60000) | CONCAT(REPEAT(x'FE', 59999), x'FF')
common | MEDIUMBLOB | REPEAT(x'00', 1000000) | CONCAT(REPEAT(x'00', 999999), x'01')
common | LONGBLOB | x'5C' ; x'0D0A' | x'5D'
common | ENUM('a', 'b', 'é') | 'a' ; 'é' ; NULL | 'b'
common | ENUM('a', '') | '' ; 'a' | 0
common | SET('a', 'b', 'c') | 'a,c' ; '' ; NULL | 'a,b,c'
common | SET('m1','m2','m3','m4','m5','m6','m7','m8','m9','m10','m11','m12','m13','m14','m15','m16','m17','m18','m19','m20','m21','m22','m23','m24','m25','m26','m27','m28','m29','m30','m31','m32','m33','m34','m35','m36','m37','m38','m39','m40','m41','m42','m43','m44','m45','m46','m47','m48','m49','m50','m51','m52','m53','m54','m55','m56','m57','m58','m59','m60','m61','m62','m63','m64') | 18446744073709551615 ; 0 | 18446744073709551614
common | DATE | '1000-01-01' ; '0000-00-00' ; '2024-02-31' ; NULL | '1000-01-02'
common | DATETIME | '9999-12-31 23:59:59' ; '0000-00-00' | '9999-12-31 23:59:58'
common | DATETIME(6) | '0001-01-01 00:00:00.000001' ; '2024-00-10 00:00:00.5' | '0001-01-01 00:00:00.000000'
common | TIME | '-838:59:59' ; '838:59:59' ; NULL | '-838:59:58'
common | TIME(6) | '-00:00:00.000001' ; '00:00:00' | '00:00:00.000001'
common | TIMESTAMP NULL | '2024-10-27 01:30:00' ; '0000-00-00' ; NULL | '2024-10-27 00:30:00'
common | TIMESTAMP(6) NULL | '2038-01-19 03:14:07.999999' ; NULL | '2038-01-19 03:14:07.999998'
common | YEAR | 1901 ; 0 ; 2155 | 1902
common | JSON | '{"b": 1, "aa" :[1.0e0, "é\\u0000\\ud83d\\ude80"], "a": 18446744073709551615}' ; 'null' ; NULL | '{"b": 1, "aa" :[1.0, "é\\u0000\\ud83d\\ude80"], "a": 18446744073709551614}'
common | JSON | '{"a": [1, {}]}' ; '[]' | '{"a": [1.0, {}]}'
common | JSON | 'null' ; NULL | NULL
common | GEOMETRY | ST_GeomFromText('POINT(1 2)') ; ST_GeomFromText('LINESTRING(0 0,1e300 1e-300)') ; NULL | ST_GeomFromText('POINT(1 2.0000000000000004)')
common | GEOMETRY | ST_GeomFromText('POINT(1 2)', 3857) ; NULL | ST_GeomFromText('POINT(1 2)', 0)
common | POINT | POINT(1, 2) | POINT(1, -2)
common | LINESTRING | ST_GeomFromText('LINESTRING(0 0,1 1)') | ST_GeomFromText('LINESTRING(0 0,1 1,1 1)')
common | POLYGON | ST_GeomFromText('POLYGON((0 0,0 3,3 3,3 0,0 0),(1 1,1 2,2 2,2 1,1 1))') | ST_GeomFromText('POLYGON((0 0,0 3,3 3,3 0,0 0))')
common | MULTIPOINT | ST_GeomFromText('MULTIPOINT(0 0,1 1)') | ST_GeomFromText('MULTIPOINT(0 0,1 2)')
common | MULTILINESTRING | ST_GeomFromText('MULTILINESTRING((0 0,1 1),(2 2,3 3))') | ST_GeomFromText('MULTILINESTRING((0 0,1 1),(2 2,3 4))')
common | MULTIPOLYGON | ST_GeomFromText('MULTIPOLYGON(((0 0,0 1,1 1,1 0,0 0)))') | ST_GeomFromText('MULTIPOLYGON(((0 0,0 2,1 1,1 0,0 0)))')
common | GEOMETRYCOLLECTION | ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))') | ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2))')
zero | FLOAT | '-0' | 0
zero | DOUBLE | '-0' | 0
vectors | VECTOR(3) NOT NULL | x'0000803F00000040000000BF' ; x'000000000000000000000000' | x'0100803F00000040000000BF'
only_mysql | JSON | JSON_OBJECT('d', CAST('2024-01-01 00:00:00.5' AS DATETIME(6)), 'n', CAST(1.10 AS DECIMAL(5, 2))) ; JSON_ARRAY(FROM_BASE64('AAE=')) | JSON_OBJECT('d', CAST('2024-01-01 00:00:00.5' AS DATETIME(6)), 'n', CAST(1.11 AS DECIMAL(5, 2)))
only_mysql | JSON | '0.1' ; '5e-324' | '0.10000000000000002'
only_mariadb | JSON | '{"a":1}' ; '{"a":1, "a":2}' | '{"a": 1}'
only_mariadb | INET6 | '::1' ; NULL | '::2'
only_mariadb | VARCHAR(20) COMPRESSED | 'compressed' ; '' | 'compresses'
only_mariadb | BLOB COMPRESSED | REPEAT('x', 1000) | CONCAT(REPEAT('x', 999), 'y')
only_mariadb | TIME(1) | '838:59:59.9' ; '-838:59:59.9' | '838:59:59.8'
newer | UUID | '123e4567-e89b-12d3-a456-426655440000' ; NULL | '123e4567-e89b-12d3-a456-426655440001'
newer | INET4 | '1.2.3.4' ; NULL | '1.2.3.5'
END
}

groups_of() {
  case $1 in
    mariadb-10.5) printf '%s\n' common only_mariadb zero ;;
    mariadb-10.11) printf '%s\n' common newer only_mariadb ;;
    mariadb-11.8) printf '%s\n' common newer only_mariadb vectors zero ;;
    mysql-*) printf '%s\n' common only_mysql vectors zero ;;
  esac
}

# The groups that two kinds share; -0 is told from 0 within one kind only.
groups_of_both() {
  comm -12 <(groups_of "$1") <(groups_of "$2") | if [[ $1 == "$2" ]]; then cat; else grep -v zero; fi
}

# rows|change|undo GROUP...: SQL for a table of each type.
type_sql() {
  local what=$1 number=0 line fields table
  shift
  echo "SET sql_mode = 'ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00' /*M!110200 , character_set_collations = '' */;"
  while IFS= read -r line; do
    number=$((number + 1))
    mapfile -t fields <<<"${line// | /$'\n'}"
    [[ " $* " == *" ${fields[0]} "* ]] || continue
    table="${fields[0]}.t$number"
    case $what in
      rows) echo "CREATE TABLE $table (id INT AUTO_INCREMENT PRIMARY KEY, v ${fields[1]});
        INSERT INTO $table (v) VALUES (${fields[2]// ; /), (});" ;;
      # No UPDATE: one of JSON 1 to 1.0 changes nothing on a MySQL with a binlog.
      change) echo "REPLACE INTO $table (id, v) VALUES (1, ${fields[3]});" ;;
      undo) echo "REPLACE INTO $table (id, v) VALUES (1, ${fields[2]%% ; *});" ;;
    esac
  done < <(types)
}

load_types() {
  local group groups
  mapfile -t groups < <(groups_of "${SERVER_KIND[$1]}")
  {
    for group in "${groups[@]}"; do
      echo "CREATE DATABASE $group CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;"
    done
    type_sql rows "${groups[@]}"
  } | client "$1"
}

# A B: equal; then with one value of each table changed on B, every table's digest differs.
compare_types() {
  local a=$1 b=$2 groups same
  mapfile -t groups < <(groups_of_both "${SERVER_KIND[$a]}" "${SERVER_KIND[$b]}")
  compare_pair "$a" "$b" "${groups[@]}" || die "$a and $b differ"
  type_sql change "${groups[@]}" | client "$b"
  ! compare_pair "$a" "$b" "${groups[@]}" 2>/dev/null || die "$a and $b do not differ"
  same=$(comm -12 "$WORK/$a.compare" "$WORK/$b.compare")
  type_sql undo "${groups[@]}" | client "$b"
  [[ -z $same ]] || die "equal in spite of another value on $b: $same"
  echo "$a and $b: $(wc -l <"$WORK/$a.compare") tables compared in ${groups[*]}"
}

definitions_sql() {
  cat <<'END'
SET time_zone = '+00:00' /*M!110200 , character_set_collations = '' */;
DROP DATABASE IF EXISTS defined;
CREATE DATABASE defined CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
USE defined;
CREATE TABLE parent (id INT AUTO_INCREMENT PRIMARY KEY, n INT);
CREATE TABLE t (id BIGINT(20) UNSIGNED AUTO_INCREMENT PRIMARY KEY, a INT DEFAULT 7, b VARCHAR(20) NOT NULL DEFAULT 'it''s',
  c TEXT CHARACTER SET utf8mb3, d DECIMAL(10, 2) DEFAULT 0.5, e DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  f INT AS (a + 1) STORED, g BINARY(4) DEFAULT 'ab', h DOUBLE DEFAULT (1 + a), i BIT(3) DEFAULT b'101', j JSON,
  p INT, k GEOMETRYCOLLECTION, l POINT NOT NULL, m YEAR, KEY bk (b(5), a), UNIQUE (d), FULLTEXT (c), SPATIAL KEY (l),
  KEY fk (p), CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE);
CREATE VIEW v AS SELECT id, a FROM t;
END
}

# What compare_pair would compare of B, were A of this kind.
definitions_beside() {
  local kind=$1 b=$2
  if [[ $kind == "${SERVER_KIND[$b]}" ]]; then definitions "$b" defined; else shapes_of "$b" "''" defined; fi
}

# A B: equal; then with each change on B, one after the other, its definitions are not what they were.
compare_definitions() {
  local a=$1 b=$2 server change changed=0 before after
  for server in "$a" "$b"; do definitions_sql | client "$server"; done
  compare_pair "$a" "$b" defined || die "the definitions on $a and $b differ"
  before=$(definitions_beside "${SERVER_KIND[$a]}" "$b")
  while IFS= read -r change; do
    sql "$b" "$change" defined
    after=$(definitions_beside "${SERVER_KIND[$a]}" "$b")
    [[ $after != "$before" ]] || die "the definitions on $b are the same after $change"
    before=$after
    changed=$((changed + 1))
  done <<'END'
ALTER TABLE t MODIFY a INT UNSIGNED DEFAULT 7
ALTER TABLE t MODIFY a INT NOT NULL DEFAULT 7
ALTER TABLE t ALTER a SET DEFAULT 8
ALTER TABLE t MODIFY e DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3)
ALTER TABLE t MODIFY b VARCHAR(20) COLLATE utf8mb4_bin NOT NULL DEFAULT 'it''s'
ALTER TABLE t MODIFY c TEXT CHARACTER SET latin1
ALTER TABLE t MODIFY j LONGTEXT
ALTER TABLE t MODIFY m YEAR AFTER a
ALTER TABLE t DROP KEY bk, ADD KEY bk (b(6), a)
ALTER TABLE t DROP KEY d, ADD KEY d (d)
ALTER TABLE t DROP KEY c
ALTER TABLE t DROP FOREIGN KEY fk; ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent (id)
ALTER TABLE t DROP KEY fk, DROP FOREIGN KEY fk
ALTER DATABASE defined COLLATE utf8mb4_bin
DROP VIEW v
END
  ((changed == 15)) || die "only $changed definitions were changed"
  echo "$a and $b: definitions compared"
}

must_print() {
  local result
  result=$(sql source "$2")
  [[ $result == "$1" ]] || die "${SERVER_KIND[source]}: $2: $result instead of $1"
}

# Start, orderly restart, crash, accounts.
try_server() {
  local kind=$1
  start_source "$kind"
  start_target "$kind"
  sql source 'CREATE DATABASE kept; CREATE TABLE kept.t (id INT PRIMARY KEY); INSERT INTO kept.t VALUES (1)'
  sql target 'CREATE DATABASE kept'
  stop_server source
  restart_server source
  sql source 'INSERT INTO kept.t VALUES (2)'
  crash_server source
  restart_server source
  must_print 2 'SELECT COUNT(*) FROM kept.t'
  must_print $'1\tFULL\tFULL' 'SELECT @@log_bin, @@binlog_row_image, @@binlog_row_metadata'
  must_print "${kind#*-}" "SELECT SUBSTRING_INDEX(VERSION(), '.', 2)"
  ! is_mysql source || [[ $(sql source 'SELECT @@server_uuid') != "$(sql target 'SELECT @@server_uuid')" ]] ||
    die "two servers of $kind have one identity"
  create_accounts kept
  for server in source target; do
    mariadb --no-defaults --host=127.0.0.1 --port="${SERVER_PORT[$server]}" --user=dts --password=secret \
      --batch --execute='SHOW TABLES' kept >/dev/null || die "dts can't log in on $kind"
  done
}

# What a server can't read is not equal to what another can't read either.
unreadable() {
  local name
  for name in "$@"; do
    sql "$name" "CREATE DATABASE unreadable; USE unreadable; CREATE TABLE b (id INT NOT NULL) ENGINE=CSV;
      CREATE TABLE a (id INT PRIMARY KEY); INSERT INTO b VALUES (1); FLUSH TABLES"
    echo '"' >"$WORK/$name/data/unreadable/b.CSV"
  done
  (compare_pair "$@" unreadable || echo "they differ") >"$WORK/unreadable" 2>&1 && die "an unreadable table is no error: $(cat "$WORK/unreadable")"
  grep -q "FAILED: the tables on $1 can't be digested" "$WORK/unreadable" || die "an unreadable table: $(cat "$WORK/unreadable")"
  for name in "$@"; do sql "$name" "DROP DATABASE unreadable"; done
}

for kind in "${KINDS[@]}"; do
  try_server "$kind"
  unreadable source target
  for server in source target; do load_types "$server"; done
  compare_types source target
  compare_definitions source target
  for server in source target; do
    crash_server "$server"
    rm -r "${WORK:?}/$server"
    unset "SERVER_PID[$server]"
  done
done

for kind in "${KINDS[@]}"; do
  start_server "$kind" "$kind"
  load_types "$kind"
done
for ((i = 0; i < ${#KINDS[@]}; i++)); do
  for ((k = i + 1; k < ${#KINDS[@]}; k++)); do
    compare_types "${KINDS[i]}" "${KINDS[k]}"
  done
done
compare_definitions mariadb-10.5 mariadb-11.8
compare_definitions mariadb-10.11 mysql-9.7
compare_definitions mysql-9.7 mariadb-11.8
echo "servers: ${KINDS[*]}: equal rows are equal, other rows are not"
