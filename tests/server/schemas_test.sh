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
  [[ $how != across ]] || take_over
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

# Across kinds of servers views, routines and triggers have other texts, and must give the same.
compare() {
  local server
  if [[ $1 == across ]]; then
    digest_pair source target "${SCHEMAS[@]}"
    for server in source target; do
      # MariaDB 10.5 must be told the zero that is its own default.
      sed -i -E 's/^((FUNCTION|PROCEDURE)\t.*)\t.*/\1/; /^column\tblog\twp_times\t2\t/d' "$WORK/$server.definitions"
      [[ $(grep -cE '^(view|trigger|FUNCTION|PROCEDURE)' "$WORK/$server.definitions") == 26 ]] || die "not all objects are on the $server"
      results "$server" >"$WORK/$server.results"
    done
    diff -U0 "$WORK"/{source,target}.compare && diff -U0 "$WORK"/{source,target}.definitions || die "source and target differ"
    diff -U0 "$WORK"/{source,target}.results >&2 || die "views or routines give other results"
    [[ $(wc -l <"$WORK/source.results") -gt 40 ]] || die "views and routines give next to nothing"
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

# results NAME: what views and routines give, in hexadecimal digits.
results() {
  local name=$1 schema view columns
  while IFS=$'\t' read -r schema view columns; do
    echo "SELECT 'view $schema', $columns FROM \`$schema\`.\`${view//\`/\`\`}\` ORDER BY 1, 2, 3;"
  done < <(client "$name" --raw <<SQL
SET group_concat_max_len = 16777216;
SELECT c.TABLE_SCHEMA, c.TABLE_NAME, CONCAT_WS(', ', GROUP_CONCAT('HEX(CONCAT(\`', REPLACE(COLUMN_NAME, '\`', '\`\`'), '\`, ''''))' ORDER BY ORDINAL_POSITION), '1', '1')
FROM information_schema.COLUMNS c JOIN information_schema.VIEWS v ON v.TABLE_SCHEMA = c.TABLE_SCHEMA AND v.TABLE_NAME = c.TABLE_NAME
WHERE c.TABLE_SCHEMA IN ($(quoted_list "${SCHEMAS[@]}")) GROUP BY c.TABLE_SCHEMA, c.TABLE_NAME ORDER BY 1, 2
SQL
  ) >"$WORK/$name.queries"
  cat >>"$WORK/$name.queries" <<'SQL'
SELECT 'with_tax', store.with_tax(100), store.with_tax(-0.015), store.with_tax(NULL);
SELECT 'slug', HEX(blog.`slug of`('ABC Ä')), HEX(blog.`slug of`(''));
SELECT 'company', erp.company_of('1é'), erp.company_of('none');
SET @total = 5; CALL store.close_order(2, @total); SELECT 'order', @total;
SQL
  client "$name" --raw <"$WORK/$name.queries"
}

# On a target that has taken over, triggers do what they did on the source.
take_over() {
  local server
  for server in source target; do
    client "$server" <<'SQL'
SET sql_mode = '', foreign_key_checks = 0;
INSERT INTO store.order_item (`order`, product, qty) VALUES (77, 1, 500), (78, 1, NULL);
UPDATE monitor.hosts SET host = CONCAT(host, 'x') ORDER BY hostid LIMIT 2;
UPDATE erp.entry SET state = 'posted' WHERE state = 'draft';
INSERT INTO blog.wp_log (msg, at) VALUES ('said', '2020-01-01');
CALL monitor.housekeep(1);
SQL
    client "$server" <<'SQL' >"$WORK/$server.fired"
SELECT 'item', `order`, qty FROM store.order_item ORDER BY 2, 3;
SELECT 'host', hostid, HEX(host) FROM monitor.hosts ORDER BY 2;
SELECT 'trends', COUNT(*), SUM(CRC32(CONCAT_WS('#', id, v))) FROM monitor.trends_linear_key;
SELECT 'entry', COUNT(*), SUM(posted > '2026-01-01'), SUM(state = 'posted') FROM erp.entry;
SELECT 'log', HEX(msg) FROM blog.wp_log ORDER BY 2;
SQL
  done
  diff -U0 "$WORK"/{source,target}.fired >&2 || die "triggers or procedures do something else"
}

need_servers mariadb-10.5 mariadb-11.8 mysql-9.7
pair same mariadb-10.11 mariadb-10.11
pair same mariadb-10.5 mariadb-11.8
pair same mysql-9.7 mysql-9.7
pair across mysql-9.7 mariadb-10.11
pair across mariadb-10.11 mysql-9.7
pair across mysql-9.7 mariadb-10.5
pair across mariadb-11.8 mysql-9.7
