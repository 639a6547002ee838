#!/usr/bin/env bash
# Databases as applications have them, between servers of one kind and of two: definitions, rows,
# counters, views, routines and triggers arrive, and init-schema a second time changes nothing.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/schemas.sh"

# SHOW CREATE in the words of all versions of MariaDB: later ones tell collations that older ones imply.
words_of_all() {
  sed -E 's/\butf8(_[a-z_]+)?\b/utf8mb3\1/g; s:/\*M?!100301 :/*M!100301 :g; s/ COLLATE=?[ a-z0-9_]*//g; s/ CHARACTER SET [a-z0-9]+//g; s/ DESC\b//g
    s/ INVISIBLE( DEFAULT (\x27[^\x27]*\x27|[0-9]+))/\1 INVISIBLE/g; s/(binary\([0-9]+\)( NOT NULL)? DEFAULT )[x\x27]+[^\x27,]*\x27/\1something/g'
}

load() {
  local schema
  for schema in "${SCHEMAS[@]}"; do client source <"$LIB_FOLDER/schemas/$schema.sql" || die "$schema.sql"; done
  if [[ $1 == same ]]; then client source <"$LIB_FOLDER/schemas/only_${2%%-*}.sql" || die "only_${2%%-*}.sql"; fi
  rows_for source 1 4 >"$WORK/rows.sql"
  client source <"$WORK/rows.sql"
}

# pair same|across SOURCE TARGET
pair() {
  local how=$1
  start_source "$2" --max-allowed-packet=64M
  start_target "$3" --max-allowed-packet=64M
  load "$how" "$2"
  create_accounts "${SCHEMAS[@]}"
  [[ $how:$2 != same:mariadb-* ]] || sql target "GRANT DELETE HISTORY ON erp.* TO dts@'%'"
  write_job "${SCHEMAS[@]}"
  precheck non-transactional-tables translations
  dts init-schema >"$WORK/out" 2>&1 || die "init-schema: $(cat "$WORK/out")"
  no_difference
  snapshot "$how" before
  dts init-schema >"$WORK/again" 2>&1 || die "a second init-schema: $(cat "$WORK/again")"
  snapshot "$how" after
  diff "$WORK/before" "$WORK/after" || die "a second init-schema changes something"
  dts init-data >"$WORK/out2" 2>&1 || die "init-data: $(cat "$WORK/out2")"
  compare "$how"
  rows_for source 5 6 >"$WORK/more.sql"
  client source <"$WORK/more.sql"
  dts sync --until now >"$WORK/out3" 2>&1 || die "sync: $(cat "$WORK/out3")"
  compare "$how"
  no_difference
  dts status --json | jq -e '(.sync.conflicts | length) == 0' >/dev/null || die "conflicts: $(dts status --json)"
  echo "schemas: $2 to $3"
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
}

# dtsctl's own comparison finds nothing, either.
no_difference() {
  dts status --schema --json >"$WORK/status" 2>&1 || die "status --schema: $(cat "$WORK/status")"
  jq -e '.schema == []' "$WORK/status" >/dev/null || die "status --schema: $(cat "$WORK/status")"
}

snapshot() {
  { definitions target "${SCHEMAS[@]}"; next_values target; texts target; } >"$WORK/$2"
}

# Across kinds of servers views, routines and triggers stay behind.
compare() {
  local server
  if [[ $1 == across ]]; then
    compare_servers "${SCHEMAS[@]}" 2>/dev/null || true
    for server in source target; do
      sed -i -E '/^(view|trigger|FUNCTION|PROCEDURE)\t/d' "$WORK/$server.definitions"
      [[ -s $WORK/$server.definitions ]] || die "nothing to compare"
    done
    diff -U0 "$WORK"/{source,target}.compare && diff -U0 "$WORK"/{source,target}.definitions || die "source and target differ"
  else
    must_be_equal "${SCHEMAS[@]}"
    for server in source target; do definitions "$server" "${SCHEMAS[@]}" | words_of_all >"$WORK/$server.words"; done
    diff -U0 "$WORK"/{source,target}.words >&2 || die "SHOW CREATE differs"
  fi
  for server in source target; do
    next_values "$server" >"$WORK/$server.next"
    [[ $1 == across ]] || texts "$server" >"$WORK/$server.texts"
  done
  diff -U0 "$WORK"/{source,target}.next >&2 || die "AUTO_INCREMENT gives other values"
  [[ $1 == across ]] || diff -U0 "$WORK"/{source,target}.texts >&2 || die "views, routines or triggers differ"
}

need_servers mariadb-10.5 mariadb-11.8 mysql-9.7
pair same mariadb-10.11 mariadb-10.11
pair same mariadb-10.5 mariadb-11.8
pair same mysql-9.7 mysql-9.7
pair across mysql-9.7 mariadb-10.11
pair across mariadb-10.11 mysql-9.7
