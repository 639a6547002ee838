#!/usr/bin/env bash
# Conditions of row filters on rows as the binlog has them: made up at random, each must hold for
# exactly the rows that the server itself selects by it. DTS_TORTURE=1 tries many more.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

FILTER_ROWS=${DTS_FILTER_ROWS:-$(dirname "$DTSCTL")/tests/filter_rows}
CONDITIONS=6000 ROUNDS=1
MARIADB_COLUMNS="ADD gn VARCHAR(40) COLLATE utf8mb4_general_nopad_ci, ADD nb VARCHAR(40) COLLATE utf8mb4_nopad_bin,
  ADD un VARCHAR(40) COLLATE utf8mb4_unicode_520_nopad_ci"
MYSQL_COLUMNS="ADD a9 VARCHAR(40) COLLATE utf8mb4_0900_ai_ci, ADD c9 VARCHAR(40) COLLATE utf8mb4_0900_as_cs,
  ADD b9 VARCHAR(40) COLLATE utf8mb4_0900_bin"

# compare_with SERVER COLUMNS: those are what this kind of server has besides.
compare_with() {
  local result refused round
  start_server "$1" "$1" --server-id=1 --log-bin=binlog --binlog-row-image=FULL --binlog-row-metadata=FULL --binlog-format=ROW
  for ((round = 0; round < ROUNDS; round++)); do
    client "$1" <"$LIB_FOLDER/filter.sql"
    sql "$1" "ALTER TABLE filters.t $2"
    result=$("$FILTER_ROWS" "$WORK/$1/sock" filters.t "$WORK/$1/data" $((SEED + round)) "$CONDITIONS") || die "$1: $result"
    echo "$1: ${result##*$'\n'}"
    # What is made up is what the manual says that a condition may hold.
    refused=$(sed -nE 's/.*; refused ([0-9]+) .*/\1/p' <<<"${result##*$'\n'}")
    ((refused * 10 < CONDITIONS)) || die "$1: too much is refused: $result"
    sql "$1" "DROP DATABASE filters"
  done
  stop_server "$1"
}

[[ ${DTS_TORTURE:-0} == 0 ]] || CONDITIONS=50000 ROUNDS=2
compare_with mariadb-10.11 "$MARIADB_COLUMNS, ADD i6 INET6"
compare_with mysql-9.7 "$MYSQL_COLUMNS"
[[ ${DTS_TORTURE:-0} != 0 ]] || exit 0
compare_with mariadb-10.5 "$MARIADB_COLUMNS"
compare_with mariadb-11.8 "$MARIADB_COLUMNS, ADD ua VARCHAR(40) COLLATE utf8mb4_uca1400_ai_ci,
  ADD us VARCHAR(40) COLLATE utf8mb4_uca1400_nopad_as_cs, ADD uu UUID, ADD i4 INET4"
