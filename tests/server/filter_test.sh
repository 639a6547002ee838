#!/usr/bin/env bash
# Conditions of row filters on rows as the binlog has them: made up at random, each must hold for
# exactly the rows that the server itself selects by it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

FILTER_ROWS=${DTS_FILTER_ROWS:-$(dirname "$DTSCTL")/tests/filter_rows}
CONDITIONS=2000
[[ ${DTS_TORTURE:-0} == 0 ]] || CONDITIONS=60000

# compare_with SERVER COLUMNS: those are what this kind of server has besides.
compare_with() {
  local result
  start_server "$1" "$1" --server-id=1 --log-bin=binlog --binlog-row-image=FULL --binlog-row-metadata=FULL --binlog-format=ROW
  client "$1" <"$LIB_FOLDER/filter.sql"
  sql "$1" "ALTER TABLE filters.t $2"
  result=$("$FILTER_ROWS" "$WORK/$1/sock" filters.t "$WORK/$1/data" "$SEED" "$CONDITIONS") || die "$1: $result"
  echo "$result" | tail -n 1
  stop_server "$1"
}

compare_with mysql-9.7 "ADD a9 VARCHAR(40) COLLATE utf8mb4_0900_ai_ci, ADD c9 VARCHAR(40) COLLATE utf8mb4_0900_as_cs, ADD b9 VARCHAR(40) COLLATE utf8mb4_0900_bin"
compare_with mariadb-10.11 "ADD gn VARCHAR(40) COLLATE utf8mb4_general_nopad_ci, ADD nb VARCHAR(40) COLLATE utf8mb4_nopad_bin,
  ADD un VARCHAR(40) COLLATE utf8mb4_unicode_520_nopad_ci, ADD i6 INET6"
