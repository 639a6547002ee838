#!/usr/bin/env bash
# Values that tools of this kind get wrong, one named case a trap, by both roads: rows that init-data
# copies, and the same values inserted, updated and deleted through sync; the two must agree.
#
# Each trap of values.sh is a function that is called once a stage: its "rows" are made before the
# start, its "changes" after the copy, and its "fact"s asked of both servers after copy and sync. The
# servers' clocks are in different time zones, and their sql_mode is made for quoting to go wrong.
# values_test.sh [SOURCE [TARGET]]; values_foreign_test.sh runs it on other servers than the host's.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/values.sh"
SOURCE=${1:-$HOST_SERVER}
TARGET=${2:-$SOURCE}
need_servers "$SOURCE" "$TARGET"

AWKWARD=ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH,NO_AUTO_CREATE_USER,HIGH_NOT_PRECEDENCE
declare -A APPLIED
LENIENT="SET SESSION sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00';"

# --- what a trap says ----------------------------------------------------------------------------

# Which servers are at hand: from mysql, to mariadb-1, ...
from() { [[ ${SERVER_KIND[source]} == "$1"* ]]; }
to() { [[ ${SERVER_KIND[target]} == "$1"* ]]; }
within() { from "$1" && to "$1"; }

rows() { [[ $STAGE != rows ]] || printf '%s\n' "$*" >>"$WORK/rows.sql"; }
changes() { [[ $STAGE != changes ]] || printf '%s\n' "$*" >>"$WORK/changes.sql"; }

# table NAME COLUMNS VALUES...: a table "id, columns" with rows 1, 2, ... for both roads.
table() {
  local name=$1 columns=$2 id=0 row
  [[ $STAGE == rows ]] || return 0
  shift 2
  rows "CREATE TABLE $name (id INT PRIMARY KEY, $columns);"
  for row in "$@"; do rows "INSERT INTO $name VALUES ($((id += 1)), $row);"; done
}

wrong() {
  note "$TRAP ($STAGE): $*"
  WRONG=1
}

# fact EXPECTED QUERY: on both servers, after each road.
fact() {
  local name found
  case $STAGE in copied | synced) ;; *) return 0 ;; esac
  APPLIED[$TRAP]=1
  for name in source target; do
    found=$(sql "$name" "$LENIENT $2" traps)
    [[ $found == "$1" ]] || wrong "on the $name: $2: '$found' instead of '$1'"
  done
}

# The values of a column in rows 1, 2, ..., as EXPRESSION shows them.
values_are() {
  fact "$3" "SET group_concat_max_len = 100000; SELECT GROUP_CONCAT(IFNULL($2, 'NULL') ORDER BY id) FROM $1 WHERE id < 100"
}

# --- both roads ----------------------------------------------------------------------------------

# Prints for each table "id, columns" what QUERY makes of its parts: t, columns, their values in b,
# their assignment from b to t, and the form of a row.
for_each_table() {
  client source --raw <<END
SET SESSION group_concat_max_len = 1000000, sql_mode = '';
SELECT $1 FROM (
  SELECT CONCAT('traps.\`', TABLE_NAME, '\`') t, GROUP_CONCAT(q ORDER BY ORDINAL_POSITION) columns,
    GROUP_CONCAT(CONCAT('b.', q) ORDER BY ORDINAL_POSITION) of_b,
    GROUP_CONCAT(CONCAT('t.', q, ' = b.', q) ORDER BY ORDINAL_POSITION) sets,
    GROUP_CONCAT(CONCAT('IFNULL(', CASE
      WHEN DATA_TYPE IN ('float', 'double') THEN CONCAT('MID(HEX(POINT(', q, ', 0)), 19, 16)')
      WHEN DATA_TYPE IN ('bit', 'enum', 'set') THEN CONCAT('CONCAT(CAST(', q, ' AS UNSIGNED), '':'', HEX(', q, '))')
      WHEN DATA_TYPE = 'json' THEN CONCAT('HEX(CAST(', q, ' AS CHAR))')
      WHEN DATA_TYPE REGEXP 'char|binary|text|blob|geom|point|line|poly|vector' THEN CONCAT('HEX(', q, ')')
      ELSE CONCAT('HEX(CAST(', q, ' AS CHAR))') END, ', ''NULL'')') ORDER BY ORDINAL_POSITION) form
  FROM (SELECT *, CONCAT('\`', REPLACE(COLUMN_NAME, '\`', '\`\`'), '\`') q FROM information_schema.COLUMNS) c
  WHERE TABLE_SCHEMA = 'traps' AND COLUMN_NAME <> 'id'
    AND TABLE_NAME IN (SELECT TABLE_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'traps' AND COLUMN_NAME = 'id')
  GROUP BY TABLE_NAME) x;
END
}

# Rows that will be updated to the values of rows 1, 2, ..., and rows that will be deleted.
prepare_roads() {
  for_each_table "CONCAT('SET @n = (SELECT MAX(id) FROM ', t, ');\n',
    'INSERT INTO ', t, ' (id, ', columns, ') SELECT a.id + 200, ', of_b, ' FROM ', t, ' a JOIN ', t, ' b ON b.id = a.id % @n + 1;\n',
    'INSERT INTO ', t, ' (id, ', columns, ') SELECT id + 300, ', columns, ' FROM ', t, ' WHERE id < 100;')"
}

# 100 and more: inserted; 200 and more: updated from another row's value; 300 and more: deleted.
take_roads() {
  for_each_table "CONCAT('INSERT INTO ', t, ' (id, ', columns, ') SELECT id + 100, ', columns, ' FROM ', t, ' WHERE id < 100;\n',
    'UPDATE ', t, ' t JOIN ', t, ' b ON b.id = t.id - 200 SET ', sets, ' WHERE t.id BETWEEN 200 AND 299;\n',
    'DELETE FROM ', t, ' WHERE id BETWEEN 300 AND 399;')"
}

# On the target, row n has come by SELECT; n + 100 and n + 200, of equal value, by the binlog.
roads_agree() {
  local tables differing
  for_each_table "CONCAT('SELECT ''', REPLACE(t, '\'', ''), ''', id % 100, COUNT(*), COUNT(DISTINCT form)
    FROM (SELECT id, SHA2(CONCAT_WS(''#'', ', form, '), 256) form FROM ', t, ') x
    GROUP BY id % 100 HAVING COUNT(*) <> 3 OR COUNT(DISTINCT form) <> 1;')" >"$WORK/agree.sql"
  tables=$(grep -c '^SELECT' "$WORK/agree.sql")
  ((tables > 15)) || die "only $tables tables are compared by road"
  differing=$(client target <"$WORK/agree.sql")
  [[ -z $differing ]] || die "rows copied and rows synced differ (table, row, how many, of them different):"$'\n'"$differing"
}

# --- the job -------------------------------------------------------------------------------------

# A trap that has nothing to show between these servers is not mentioned.
passed() { [[ ! -v APPLIED[$1] ]] || echo "values: $SOURCE -> $TARGET: $1"; }

all_traps() {
  STAGE=$1 WRONG=0
  for TRAP in "${TRAPS[@]}"; do "$TRAP"; done
  ((WRONG == 0)) || die "values are wrong, or not what the test is about"
}

# What new sessions get, while dtsctl works.
awkward() {
  local name
  for name in source target; do sql "$name" "SET GLOBAL sql_mode = '$(modes_of "$name")'"; done
  "$@"
  for name in source target; do sql "$name" "SET GLOBAL sql_mode = DEFAULT"; done
}
modes_of() { if is_mysql "$1"; then echo "${AWKWARD/NO_AUTO_CREATE_USER,/}"; else echo "$AWKWARD"; fi; }

values() {
  local name collation=""
  # Within MySQL its own, which does not ignore trailing spaces.
  [[ $SOURCE == mysql-* && $TARGET == mysql-* ]] || collation=" COLLATE utf8mb4_general_ci"
  TZ=Europe/Berlin start_source "$SOURCE" --max-allowed-packet=64M
  TZ=America/New_York start_target "$TARGET" --max-allowed-packet=16M
  : >"$WORK/rows.sql" >"$WORK/changes.sql"
  all_traps rows
  { echo "$LENIENT CREATE DATABASE traps CHARACTER SET utf8mb4$collation; USE traps;" && cat "$WORK/rows.sql"; } | client source
  { echo "$LENIENT" && prepare_roads; } | client source
  create_accounts traps
  write_job traps
  awkward precheck max-allowed-packet
  awkward dts init-schema -q
  awkward dts init-data -q
  must_be_equal traps
  all_traps copied

  all_traps changes
  { echo "$LENIENT" && take_roads && echo "USE traps;" && cat "$WORK/changes.sql"; } | client source
  awkward dts sync -q --until now
  all_traps synced
  roads_agree
  must_be_equal traps
  for name in "${TRAPS[@]}"; do passed "$name"; done
}

# --- what stops a job ----------------------------------------------------------------------------

# Each case stops dtsctl with the table named, leaves nothing behind on the target, and is mended. Not
# as a condition: that would hide what fails within.
cases() {
  for TRAP in "$@"; do
    "$TRAP"
    passed "$TRAP"
  done
}

on_target() {
  local found
  found=$(sql target "$2")
  [[ $found == "$1" ]] || die "$TRAP: $2: '$found' instead of '$1'"
}

types_that_the_target_lacks_are_refused_by_name() {
  local type
  case ${SERVER_KIND[source]}-to-${SERVER_KIND[target]} in
    mysql-*-to-mariadb-10*) type='VECTOR(3)' ;;
    mariadb-11*-to-mariadb-10*) type='VECTOR(3)' ;;
    mariadb-*-to-mysql-*) type=INET6 ;;
    *) return 0 ;;
  esac
  sql source "CREATE TABLE stops.other (id INT PRIMARY KEY, odd $type)"
  dts_fails 3 'stops\.other\.odd .*type' -- precheck
  sql source "DROP TABLE stops.other"
  APPLIED[$TRAP]=1
}

old_times_with_a_fraction_are_refused_by_name() {
  from mariadb || return 0
  sql source "SET GLOBAL mysql56_temporal_format = OFF; CREATE TABLE stops.old (id INT PRIMARY KEY, t TIME(2), u DATETIME(6));
    SET GLOBAL mysql56_temporal_format = ON"
  sql target "CREATE TABLE stops.old (id INT PRIMARY KEY, t TIME(2), u DATETIME(6))"
  dts_fails 3 'stops\.old\.t .*5\.3' -- precheck
  grep -q 'stops\.old\.u ' "$WORK/out" || die "$TRAP: the second column is not named"
  sql source "ALTER TABLE stops.old FORCE"
  APPLIED[$TRAP]=1
}

members_in_another_order_are_refused() {
  sql target "ALTER TABLE stops.choices MODIFY e ENUM('x','programmée') CHARACTER SET latin1"
  dts_fails 3 'stops\.choices .*enum' -- precheck
  sql target "ALTER TABLE stops.choices MODIFY e ENUM('programmée','x') CHARACTER SET latin1, MODIFY s SET('y','x')"
  dts_fails 3 'stops\.choices .*set' -- precheck
  sql target "ALTER TABLE stops.choices MODIFY s SET('x','y')"
  APPLIED[$TRAP]=1
}

# binlog_event LOG TYPE: its first event of this type, as BINLOG takes it.
binlog_event() {
  local at end
  read -r at end <<<"$(sql source "SHOW BINLOG EVENTS IN '$1'" | awk -F'\t' -v type="$2" 'at { print at, $2; exit } $3 ~ type { at = $2 }')"
  tail -c +$((at + 1)) "$WORK/source/data/$1" | head -c $((end - at)) | base64 -w0
}

# invalid_row VALUES: prints what puts such a row of latin1 into stops.broken, which is utf8mb4: a
# replica believes the binlog and stores the bytes as they are.
invalid_row() {
  local log
  sql source "SET sql_log_bin = 0; DROP TABLE IF EXISTS stops.broken; SET sql_log_bin = 1;
    CREATE TABLE stops.broken (id INT PRIMARY KEY, c VARCHAR(40) CHARACTER SET latin1); FLUSH BINARY LOGS; INSERT INTO stops.broken VALUES ($1);"
  log=$(sql source 'SHOW BINARY LOGS' | tail -n 1 | cut -f1)
  echo "BINLOG '$(binlog_event "$log" Format_desc)';"
  from mariadb || echo "SET SESSION gtid_next = 'AUTOMATIC';"
  printf "BINLOG '%s\n%s';\n" "$(binlog_event "$log" Table_map)" "$(binlog_event "$log" Write_rows)"
}

invalid_bytes_are_not_copied() {
  client source <"$WORK/invalid.41"
  [[ $(sql source "SELECT HEX(c) FROM stops.broken WHERE id = 41") == E9 ]] || die "$TRAP: the source has no invalid byte"
  dts_fails 1 'stops\.broken' -- init-data
  grep -qE '\b(row|41)\b' "$WORK/err" || die "$TRAP: the row is not named"
  on_target 0 "SELECT COUNT(*) FROM stops.broken"
  sql source "UPDATE stops.broken SET c = 'é' WHERE id = 41"
  APPLIED[$TRAP]=1
}

a_time_after_2038_is_not_copied() {
  from mariadb-11 && ! to mariadb-11 || return 0
  # Unlogged, so that sync does not meet it again.
  sql source "SET time_zone = '+00:00', sql_log_bin = 0; INSERT INTO stops.late VALUES (1, '2038-01-19 03:14:08')"
  dts_fails 1 'stops\.late' -- init-data
  on_target 0 "SELECT COUNT(*) FROM stops.late"
  sql source "SET sql_log_bin = 0; UPDATE stops.late SET t = '2038-01-19' WHERE id = 1"
  APPLIED[$TRAP]=1
}

# The way past it: leave out what wrote the row; its next change finds none, and writes it whole.
go_past_refused_row() {
  local transaction
  transaction=$(sed -nE 's/.*\(transaction ([^)]*)\).*/\1/p' "$WORK/err" | head -n 1)
  dts -c sync.on_conflict=overwrite sync -q --until now --skip-transaction "$transaction"
}

a_time_after_2038_is_not_applied() {
  from mariadb-11 && ! to mariadb-11 || return 0
  sql source "SET time_zone = '+00:00'; INSERT INTO stops.late VALUES (3, '2106-02-07 06:28:15')"
  dts_fails 1 'stops.*late' -- sync --until now
  on_target 1 "SELECT COUNT(*) FROM stops.late"
  sql source "UPDATE stops.late SET t = '2038-01-19' WHERE id = 3"
  go_past_refused_row
  APPLIED[$TRAP]=1
}

invalid_bytes_are_not_applied() {
  client source <"$WORK/invalid.43"
  sql source "INSERT INTO stops.broken VALUES (44, 'after')"
  dts_fails 1 -- sync --until now
  on_target 41:C3A9,42:C3A9 "SELECT GROUP_CONCAT(id, ':', HEX(c) ORDER BY id) FROM stops.broken"
  grep -q 'stops.*broken' "$WORK/err" && grep -q '\b43\b' "$WORK/err" || die "$TRAP: table and key are not named: $(<"$WORK/err")"
  sql source "UPDATE stops.broken SET c = 'è' WHERE id = 43"
  go_past_refused_row
  on_target 41:C3A9,42:C3A9,43:C3A8,44:6166746572 "SELECT GROUP_CONCAT(id, ':', HEX(c) ORDER BY id) FROM stops.broken"
  APPLIED[$TRAP]=1
}

a_value_larger_than_a_packet_is_not_applied() {
  sql source "UPDATE stops.big SET b = REPEAT('b', 20000000) WHERE id = 2"
  dts_fails 1 'stops.*big.*max_allowed_packet' -- sync --until now
  on_target 1 "SELECT LENGTH(b) FROM stops.big WHERE id = 2"
  sql target "SET GLOBAL max_allowed_packet = 67108864"
  dts sync -q --until now
  APPLIED[$TRAP]=1
}

# One job whose tables are on both sides before it.
stops() {
  local server
  for server in source target; do
    sql "$server" "CREATE DATABASE stops CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci; USE stops;
      CREATE TABLE big (id INT PRIMARY KEY, b LONGBLOB); CREATE TABLE late (id INT PRIMARY KEY, t TIMESTAMP NULL);
      CREATE TABLE choices (id INT PRIMARY KEY, e ENUM('programmée','x') CHARACTER SET latin1, s SET('x','y'))"
  done
  invalid_row "41, x'E9'" >"$WORK/invalid.41"
  invalid_row "43, x'E9E8'" >"$WORK/invalid.43"
  sql source "DROP TABLE stops.broken"
  for server in source target; do
    sql "$server" "CREATE TABLE stops.broken (id INT PRIMARY KEY, c VARCHAR(10) COLLATE utf8mb4_general_ci)"
  done
  sql source "USE stops; INSERT INTO broken VALUES (42, 'é'); INSERT INTO choices VALUES (1, 'programmée', 'x,y'); INSERT INTO big VALUES (2, 'b')"
  create_accounts stops
  JOB=$WORK/stops.toml
  write_job stops
  sed -i 's/^name = .*/name = "stops"\nphases = ["data", "sync"]/' "$JOB"
  cases types_that_the_target_lacks_are_refused_by_name old_times_with_a_fraction_are_refused_by_name members_in_another_order_are_refused
  precheck max-allowed-packet
  cases invalid_bytes_are_not_copied a_time_after_2038_is_not_copied
  dts init-data -q
  must_be_equal stops
  cases invalid_bytes_are_not_applied a_time_after_2038_is_not_applied a_value_larger_than_a_packet_is_not_applied
  must_be_equal stops
}

values
stops
