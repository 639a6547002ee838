#!/usr/bin/env bash
# Keys and rows that the target's InnoDB does not hold, because its pages are smaller or its tables not
# DYNAMIC: precheck names those tables, and no others, that the target itself refuses.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/remedies.sh"

TABLES=40 # precheck lists 50 findings of a check at most
ROUNDS=1
((${DTS_TORTURE:-0} == 0)) || ROUNDS=20

# The size of pages is given when a server is installed.
eval "default_$(declare -f new_data_folder)"
new_data_folder() {
  [[ -n ${PAGE:-} ]] || { default_new_data_folder "$1" && return; }
  if [[ ${SERVER_KIND[$1]} == "$HOST_SERVER" ]]; then
    TMPDIR=$WORK/$1/tmp mariadb-install-db --no-defaults "${AS_ROOT[@]}" --datadir="$WORK/$1/data" --innodb-page-size="$PAGE" \
      --auth-root-authentication-method=normal --skip-test-db --force >"$WORK/$1/install.log" 2>&1
  else
    foreign_command "${SERVER_KIND[$1]}"
    "${FOREIGN_COMMAND[@]}" --datadir="$WORK/$1/data" --tmpdir="$WORK/$1/tmp" --initialize-insecure --skip-log-bin \
      --innodb-page-size="$PAGE" >"$WORK/$1/install.log" 2>&1
  fi || die "$(<"$WORK/$1/install.log")"
}

# What a database has of what was to be made in it: a server may also make a key shorter, or a hash.
made() {
  sql "$1" "SELECT TABLE_NAME, IFNULL(GROUP_CONCAT(INDEX_NAME, INDEX_TYPE, COLUMN_NAME, IFNULL(SUB_PART, '') ORDER BY INDEX_NAME, SEQ_IN_INDEX), '')
    FROM information_schema.TABLES LEFT JOIN information_schema.STATISTICS USING (TABLE_SCHEMA, TABLE_NAME)
    WHERE TABLE_SCHEMA = '$2' GROUP BY TABLE_NAME" | sort
}

# agrees TITLE: makes tables on the source, and by hand on the target, and compares that with what precheck says.
agrees() {
  for ((round = 0; round < ROUNDS; ++round)); do agree_once "$1"; done
}
agree_once() {
  local lost named all
  sql source "DROP DATABASE IF EXISTS room; CREATE DATABASE room"
  sql target "DROP DATABASE IF EXISTS tried; CREATE DATABASE tried"
  {
    echo "SET SESSION sql_mode = 'STRICT_ALL_TABLES', innodb_strict_mode = 1;"
    python3 "$LIB_FOLDER/table_limits.py" "$RANDOM" "$TABLES"
  } >"$WORK/tables.sql"
  client source --force room <"$WORK/tables.sql" 2>/dev/null || true # some are too long for it, too
  client target --force tried <"$WORK/tables.sql" 2>"$WORK/refusals" || true
  all=$(made source room | wc -l)
  lost=$(comm -23 <(made source room) <(made target tried) | cut -f1)
  look
  named=$(jq -r '.findings[] | select(.check == "table-limits" and .level != "pass") | .subject' "$WORK/findings" | sed 's/^room\.//' | sort -u)
  [[ $named == "$lost" ]] || die "$1: precheck names, and the target does not take: $(comm -3 <(echo "$named") <(echo "$lost") |
    while read -r table; do echo "$table: $(sql source "SHOW CREATE TABLE room.$table")"; done; cat "$WORK/refusals")"
  [[ $named && $(wc -l <<<"$named") -lt $all ]] || die "$1: of $all tables, precheck names $named"
  echo "table_limits: $1: $(wc -l <<<"$named") of $all tables are too long, and named"
}

start_source
sql source "CREATE DATABASE room"
new_target() {
  if [[ -n ${SERVER_PID[target]:-} ]]; then
    stop_server target
    rm -rf "$WORK/target"
  fi
  start_target "$@" ${PAGE:+"--innodb-page-size=$PAGE"}
  create_accounts room
  write_job room
}
PAGE=4096 new_target
agrees "MariaDB, pages of 4 KiB"
obey_all table-limits
look
passes table-limits
PAGE= new_target --innodb-default-row-format=compact
agrees "MariaDB, rows COMPACT"
need_servers mysql-9.7
PAGE=8192 new_target mysql-9.7
agrees "MySQL, pages of 8 KiB"
# Of long values MySQL counts more as lying in the page than MariaDB does.
PAGE= new_target mysql-9.7
agrees "MySQL, the same pages"
finds failure table-limits room.texts 'full row'
look -c 'schema.existing_tables = "keep"' # it may be there, with other columns
finds warning table-limits room.texts 'full row'
