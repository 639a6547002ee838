#!/usr/bin/env bash
# Binlog files of each kind of server, decoded, have the rows that the server's own tool shows.
# With DTS_RECORDED, all files of that folder, too: those of MariaDB have it in their first 100 bytes.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

BINLOG_ROWS=${DTS_BINLOG_ROWS:-$(dirname "$DTSCTL")/tests/binlog_rows}
TOOLS=$DTS_SOURCE_DIR/tests/tools
MYSQL=mysql-9.7

# own_tool FILE: what the tool of the server that wrote it makes of it.
own_tool() {
  local tool=(mariadb-binlog --no-defaults)
  if ! head -c 100 "$1" | grep -qa MariaDB; then
    foreign_tool "$MYSQL" mysqlbinlog
    tool=("${FOREIGN_TOOL[@]}" --no-defaults)
  fi
  "${tool[@]}" --base64-output=DECODE-ROWS -vv "$1"
}

# compare_file FILE: $WORK/partial and $WORK/unknown are left to the caller.
compare_file() {
  local name result
  name=$(basename "$1")
  "$BINLOG_ROWS" "$1" >"$WORK/ours" || [[ $? == 3 ]] || die "binlog_rows fails on $name"
  # It complains of files that it does not read to the end.
  own_tool "$1" >"$WORK/theirs" 2>"$WORK/theirs.err" || [[ -s $WORK/theirs ]] || die "$(<"$WORK/theirs.err")"
  result=$("$TOOLS/same_rows.py" --partial "$WORK/partial" --unknown "$WORK/unknown" "$WORK/ours" "$WORK/theirs" 2>&1) ||
    die "$name: $result"
  ROWS=$((ROWS + $(sed -E 's/.*, ([0-9]+) rows.*/\1/' <<<"$result")))
  echo "  $name: $result"
}

# The server itself evaluates what mysqlbinlog shows of partial documents; not those that hold a
# DECIMAL, which their text does not keep.
check_partial() {
  [[ -s $WORK/partial ]] || return 0
  sed -i '/"d": /d' "$WORK/partial"
  cut -f 1 "$WORK/partial" | sed 's/$/;/' | client source --raw >"$WORK/evaluated"
  cut -f 2- "$WORK/partial" | diff "$WORK/evaluated" - >&2 || die "partial documents differ"
}

compare_files() {
  local file
  ROWS=0
  for file in "$@"; do
    compare_file "$file"
    check_partial
    [[ ! -s $WORK/unknown ]] || sort -nu "$WORK/unknown" >>"$WORK/geometry"
  done
}

# A new file of the source, and the names of those from $1 on.
binlog_files() {
  sql source "FLUSH BINARY LOGS"
  FILES=("$WORK"/source/data/binlog.??????)
}

record_mariadb() {
  start_source "$1" --max-allowed-packet=64M
  cat "$LIB_FOLDER/types.sql" "$LIB_FOLDER/types_mariadb.sql" | client source
  client source --max-allowed-packet=64M <"$LIB_FOLDER/recorded-mariadb.sql" >/dev/null
  binlog_files
  compare_files "${FILES[@]}"
  ((ROWS > 8000)) || die "only $ROWS rows of $1"
  echo "recorded: $1 agrees in $ROWS rows"
  end_source
}

end_source() {
  crash_server source
  rm -rf "$WORK/source"
}

record_mysql() {
  start_source "$MYSQL" --max-allowed-packet=64M
  : >"$WORK/geometry"
  client source --max-allowed-packet=64M <"$LIB_FOLDER/recorded-mysql.sql"
  binlog_files
  compare_files "${FILES[@]}"
  sql source "SELECT id, HEX(g) FROM more.shapes ORDER BY id" | diff - "$WORK/geometry" >&2 || die "GEOMETRY differs"
  (($(wc -l <"$WORK/geometry") == 4)) || die "no GEOMETRY was compared"
  ((ROWS > 7000)) || die "only $ROWS rows of $MYSQL"
  echo "recorded: $MYSQL agrees in $ROWS rows"
}

# The same changes as partial and as whole documents.
record_partial_json() {
  local form file=()
  for form in partial whole; do
    sql source "CREATE DATABASE $form; FLUSH BINARY LOGS"
    {
      [[ $form == whole ]] || echo "SET binlog_row_value_options = PARTIAL_JSON;"
      cat "$LIB_FOLDER/recorded-json.sql"
    } | client source "$form"
    file=("$WORK"/source/data/binlog.??????)
    "$BINLOG_ROWS" "${file[-1]}" >"$WORK/$form.rows" || die "$(tail -n 1 "$WORK/$form.rows")"
    own_tool "${file[-1]}" >"$WORK/$form.theirs"
  done
  (($(grep -c 'JSON_\(SET\|REPLACE\|INSERT\|REMOVE\)(' "$WORK/partial.theirs") >= 5)) || die "no partial documents were logged"
  diff <(sed 's/`partial`/`whole`/' "$WORK/partial.rows" | grep '^###') <(grep '^###' "$WORK/whole.rows") >&2 ||
    die "partial documents give other rows"
  "$TOOLS/same_rows.py" "$WORK/whole.rows" "$WORK/whole.theirs" || die "whole documents differ"
  "$TOOLS/same_rows.py" --partial "$WORK/partial" "$WORK/partial.rows" "$WORK/partial.theirs" || die "partial documents differ"
  check_partial
  (($(wc -l <"$WORK/partial") >= 5)) || die "no partial documents were compared"
  echo "recorded: partial documents give the same rows as whole ones"
}

for server in "$HOST_SERVER" mariadb-10.5 mariadb-11.8 "$MYSQL"; do need_servers "$server"; done
for server in "$HOST_SERVER" mariadb-10.5 mariadb-11.8; do record_mariadb "$server"; done
record_mysql
record_partial_json
if [[ -n ${DTS_RECORDED:-} ]]; then
  for file in "$DTS_RECORDED"/*; do
    [[ $(head -c 4 "$file" | od -An -tx1 | tr -d ' \n') != fe62696e ]] || compare_files "$file"
  done
fi
