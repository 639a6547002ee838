#!/usr/bin/env bash
# Views, routines, triggers and events between MySQL and MariaDB: what is carried gives the same, what
# isn't is left out by name with the reason, and so is what depends on it; again and again the same.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
need_servers mysql-9.7

# What both kinds have, by names; in the order of the files.
ALL="accents casts in_json matched over_view rows_of_json same_words commented in ansi label raise rounded width item_insert item_update clean"

objects() {
  sql "$1" "SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = '$2' ORDER BY 1;
    SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '$2' ORDER BY 1;
    SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '$2' ORDER BY 1;
    SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '$2' ORDER BY 1" | xargs
}

# results NAME DATABASE
results() {
  local view
  for view in accents casts in_json matched over_view rows_of_json same_words; do
    echo "SELECT '$view'; SELECT * FROM $view ORDER BY 1, 2;" | sed -E '/accents|matched;/s/, 2;/;/; s/(FROM matched ORDER BY 1), 2/\1/'
  done >"$WORK/$1.sql"
  cat >>"$WORK/$1.sql" <<'SQL'
SELECT 'label', label('äpfel', 0), label('BROT', 1), label('none', 0);
SELECT 'rounded', rounded('10:11:12.5'), rounded('-00:00:01.999999');
SELECT 'width', width('{"size": {"w": 7}}');
SELECT 'ansi', `in ansi`(7);
CALL raise(100, @said); SELECT @said; CALL raise(3, @said); SELECT @said;
SQL
  client "$1" --raw "$2" <"$WORK/$1.sql"
}

# left_out PATTERN...: each matches a line of $WORK/out, and there are no others.
left_out() {
  local pattern
  for pattern in "$@"; do
    grep -qiE "is left out: it .*" <(grep -E "^warning: [a-z]+ '[a-z]+\.${pattern%% *}' is left out" "$WORK/out" | grep -iE -- "${pattern#* }") ||
      die "'$pattern' is not told: $(grep 'left out' "$WORK/out")"
  done
  [[ $(grep -c 'is left out' "$WORK/out") == $# ]] || die "something else is left out: $(grep 'left out' "$WORK/out")"
}

# scenario SOURCE TARGET DATABASE PATTERN...: DATABASE is what shop is called on the target.
scenario() {
  local source=$1 target=$2 database=$3 line
  shift 3
  start_source "$source" --max-allowed-packet=16M
  start_target "$target" --max-allowed-packet=16M
  client source <"$LIB_FOLDER/translate_objects_${source%%-*}.sql"
  create_accounts shop "$database"
  for line in source target; do sql $line "GRANT EVENT ON shop.* TO dts@'%'; GRANT EVENT ON \`$database\`.* TO dts@'%'"; done
  write_job shop
  printf 'exclude = ["shop.numbers"]\n\n[schema]\nevents = true\n' >>"$JOB"
  [[ $database == shop ]] || printf '[[objects.map]]\nsource = "shop"\ntarget = "%s"\n' "$database" >>"$JOB"
  dts precheck --ignore translations --ignore mapped-objects --ignore collations --json >"$WORK/findings" 2>&1 || die "precheck: $(jq -c '.findings[] | select(.level == "failure")' "$WORK/findings")"
  for line in "shop.no_function:left out: it calls" "shop.no_syntax:syntax error" "shop.log_insert:calls_unknown.*is left out" "shop.accents:may give other results.*other rules"; do
    jq -e --arg subject "${line%%:*}" --arg pattern "${line#*:}" '.findings | any(.level == "warning" and .subject == $subject and (.message | test($pattern)))' \
      "$WORK/findings" >/dev/null || die "precheck does not say '$line': $(jq -r '.findings[] | select(.level == "warning") | .subject + " " + .message' "$WORK/findings")"
  done
  dts init-schema >"$WORK/out" 2>&1 || die "init-schema: $(cat "$WORK/out")"
  left_out "$@"
  [[ $(objects target "$database") == "$KEPT" ]] || die "on the target: $(objects target "$database")"

  # What is left out may be made by hand.
  sql target "CREATE VIEW \`$database\`.no_function AS SELECT 1 AS by_hand"
  precheck translations mapped-objects

  # Again: the same is told, and nothing changes.
  cp "$WORK/out" "$WORK/first"
  dts init-schema >"$WORK/out" 2>&1 || die "init-schema again: $(cat "$WORK/out")"
  left_out "$@"
  diff <(grep 'is left out' "$WORK/first" | sort) <(grep 'is left out' "$WORK/out" | sort) || die "a second init-schema tells something else"
  sql target "DROP VIEW \`$database\`.no_function"
  [[ $(objects target "$database") == "$KEPT" ]] || die "the second time, on the target: $(objects target "$database")"

  dts init-data >"$WORK/out" 2>&1 || die "init-data: $(cat "$WORK/out")"
  same_output results source shop -- results target "$database" || die "$source and $target give other results"

  # Replicated rows fire no triggers, rows of the target do.
  sql source "INSERT INTO shop.item (id, name, data) VALUES (10, 'x', '{\"size\": {\"w\": 10}}'); UPDATE shop.item SET price = 2 WHERE id = 10"
  dts sync --until now >"$WORK/out" 2>&1 || die "sync: $(cat "$WORK/out")"
  same_result 'SELECT id, item, what FROM shop.log' "SELECT id, item, what FROM \`$database\`.log" || die "a trigger fired for a row of the source"
  sql target "INSERT INTO \`$database\`.item (id, data) VALUES (20, '{\"size\": {\"w\": 20}}'), (21, NULL)"
  [[ $(sql target "SELECT GROUP_CONCAT(what ORDER BY id) FROM \`$database\`.log WHERE item >= 20") == w=20,w=none ]] || die "triggers of the target do not work"
  sql target "UPDATE \`$database\`.item SET price = -1" 2>"$WORK/err" && die "a trigger does not refuse"
  grep -q negative "$WORK/err" || die "a trigger says something else: $(cat "$WORK/err")"
  echo "translate_objects: $source to $target"
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
}

FROM_MYSQL=("no_function calls bin_to_uuid" "no_syntax syntax error near .*max" "mixed refused by the target.*mix of collations" "over_left_out mentions the view '.*no_syntax'" "compares_json compares or sorts 'data'"
  "sorts_json orders or groups by json_extract" "path_json json_contains.. with a path" "truth_json TRUE or FALSE" "odd_pattern calls regexp_like" "references_ regexp_replace"
  "axes order of the axes" "of_server mentions 'mysql'" "refused_late calls any_value" "calls_unknown calls IS_UUID" "calls_own calls its own function nvl"
  "calls_left_out mentions the function '.*calls_unknown'" "new_syntax refused by the target.*fresh" "odd_variable refused by the target.*Unknown system variable"
  "log_insert mentions the function '.*calls_unknown'")
FROM_MARIADB=("no_function calls md5" "cut casts to CHAR.n. CHARSET binary" "no_syntax syntax error near .limit" "mixed refused by the target.*mix of collations" "over_left_out mentions the view '.*no_syntax'" "sorts_json orders or groups by json_extract"
  "path_json json_contains.. with a path" "odd_pattern regular expression" "references_ regexp_replace" "axes order of the axes" "refused_late refused by the target.*lpad"
  "reads_refused mentions the view '.*refused_late'" "calls_unknown calls TO_CHAR" "calls_own calls its own function any_value" "calls_left_out mentions the function '.*calls_unknown'"
  "new_syntax refused by the target.*returning" "looped refused by the target" "typed refused by the target"
  "next_number calls NEXTVAL" "odd_variable refused by the target.*Unknown system variable" "log_insert mentions the function '.*calls_unknown'"
  "in_oracle sql_mode ORACLE" "empty_is_null sql_mode EMPTY_STRING_IS_NULL")

KEPT=${ALL/raise/nvl raise} scenario mysql-9.7 mariadb-10.11 shop "${FROM_MYSQL[@]}"
KEPT=${ALL/commented/any_value commented} scenario mariadb-10.11 mysql-9.7 shop "${FROM_MARIADB[@]}"
KEPT=${ALL/raise/nvl raise} scenario mysql-9.7 mariadb-10.11 store "${FROM_MYSQL[@]}"
echo "translate_objects: carried, or left out by name"
