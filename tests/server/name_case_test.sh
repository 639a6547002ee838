#!/usr/bin/env bash
# The case of names on the target: by the job's policy and by what the target does with names.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# names DATABASES...: "database.table(column,...)" on the target
names() {
  sql target "SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME, '(', GROUP_CONCAT(COLUMN_NAME ORDER BY ORDINAL_POSITION), ')') FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema', 'dtsctl', 'test') GROUP BY TABLE_SCHEMA, TABLE_NAME ORDER BY 1" | paste -sd ' '
}

# policy NAME TARGET_FLAG EXPECTED QUERY CHOSEN: CHOSEN is a table with a row filter
policy() {
  start_source --lower-case-table-names=0
  start_target "--lower-case-table-names=$2"
  sql source "CREATE DATABASE Shop; USE Shop; CREATE TABLE Orders (Id INT PRIMARY KEY, Name VARCHAR(9) CHECK (Name <> 'x'), KEY byName (Name)); INSERT INTO Orders VALUES (1, 'a');
    CREATE TABLE Given (Id INT PRIMARY KEY); CREATE TABLE Chosen (Id INT PRIMARY KEY, \`Né\` INT)"
  create_accounts Shop shop SHOP Dr dr
  write_job Shop
  printf 'name_case = "%s"\n[[objects.map]]\nsource = "Shop.Given"\ntarget = "Dr.Given"\n[[objects.map]]\nsource = "Shop.Chosen"\ntarget = "Dr.Chosen"\nwhere = "`Né` > 1"\n' "$1" >>"$JOB"
  precheck
  dts init-schema 2>/dev/null >&2 || die "$1: init-schema"
  dts init-schema 2>/dev/null >&2 || die "$1: init-schema again"
  [[ $(names) == "$3" ]] || die "$1 with lower_case_table_names = $2: $(names) instead of $3"
  dts init-data 2>/dev/null >&2 || die "$1: init-data"
  sql source "USE Shop; INSERT INTO Orders VALUES (2, 'b'); UPDATE Orders SET Name = 'c' WHERE Id = 1; CREATE TABLE Later (Id INT PRIMARY KEY); INSERT INTO Later VALUES (5);
    ALTER TABLE Orders ADD More INT, ADD INDEX byMore (More); INSERT INTO Orders VALUES (3, 'd', 4); ALTER TABLE Later ADD COLUMN (\`A b\` INT, Comment INT); ALTER TABLE Later CHANGE Comment Remark INT; ALTER TABLE Chosen ADD More INT; INSERT INTO Chosen VALUES (1, 2, 3), (9, 1, 3)"
  dts sync --until now 2>"$WORK/err" >&2 || die "$1: sync: $(cat "$WORK/err")"
  [[ $(sql target "$4" | paste -sd ' ') == "1 c 2 b 3 d 5" ]] || die "$1: rows: $(sql target "$4" | paste -sd ' ')"
  [[ $(sql target "SELECT Id FROM $5") == 1 ]] || die "$1: rows of $5"
  # Columns of later tables, and later columns, follow the policy as those of init-schema do.
  local columns="Id,Name,More;Id,A b,Remark"
  case $1 in lower) columns=${columns,,} ;; upper) columns=${columns^^} ;; esac
  [[ $(added) == "$columns" ]] || die "$1: columns added later: $(added) instead of $columns"
  echo "name_case: $1, lower_case_table_names = $2"
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
}

# The columns of Orders and Later, whatever case their names have.
added() {
  sql target "SELECT GROUP_CONCAT(COLUMN_NAME ORDER BY ORDINAL_POSITION) FROM information_schema.COLUMNS WHERE LOWER(TABLE_SCHEMA) = 'shop' AND LOWER(TABLE_NAME) IN ('orders', 'later')
    GROUP BY TABLE_NAME ORDER BY LOWER(TABLE_NAME) = 'later'" | paste -sd ';'
}

query() { echo "SELECT CONCAT(Id, ' ', Name) FROM $1.$2 ORDER BY Id; SELECT Id FROM $1.$3"; }
policy default 0 "Dr.Chosen(Id,Né) Dr.Given(Id) Shop.Orders(Id,Name)" "$(query Shop Orders Later)" Dr.Chosen
policy default 1 "dr.chosen(Id,Né) dr.given(Id) shop.orders(Id,Name)" "$(query shop orders later)" dr.chosen
policy lower 0 "Dr.Chosen(id,né) Dr.Given(id) shop.orders(id,name)" "$(query shop orders later)" Dr.Chosen
policy upper 0 "Dr.Chosen(ID,NÉ) Dr.Given(ID) SHOP.ORDERS(ID,NAME)" "$(query SHOP ORDERS LATER)" Dr.Chosen

# A source that takes names in any case: its log has them as they were written.
for map in "" $'[[objects.map]]\nsource = "shop.orders"\ntarget = "dr.given"\n[[objects.map]]\nsource = "shop"\ntarget = "dr"'; do
  start_source --lower-case-table-names=1
  start_target
  sql source "CREATE DATABASE Shop; CREATE TABLE Shop.Orders (id INT PRIMARY KEY)"
  create_accounts shop dr
  write_job shop
  printf '%s\n' "$map" >>"$JOB"
  precheck
  dts init-schema 2>/dev/null >&2 && dts init-data 2>/dev/null >&2 || die "copy from a source with lower_case_table_names = 1"
  sql source "USE SHOP; INSERT INTO ORDERS VALUES (1); CREATE TABLE Later (id INT PRIMARY KEY, o INT, FOREIGN KEY (o) REFERENCES Shop.Orders (id));
    INSERT INTO LATER VALUES (5, 1); ALTER TABLE SHOP.Orders ADD more INT; UPDATE orders SET more = 7; CREATE TABLE Gone LIKE LATER; DROP TABLE gOne"
  dts sync --until now 2>"$WORK/err" >&2 || die "sync: $(cat "$WORK/err")"
  names=(shop orders)
  if [[ -n $map ]]; then names=(dr given); fi
  [[ $(names) == "${names[0]}.${names[1]}(id,more) ${names[0]}.later(id,o)" || $(names) == "${names[0]}.later(id,o) ${names[0]}.${names[1]}(id,more)" ]] || die "names: $(names)"
  [[ $(sql target "SELECT * FROM ${names[0]}.${names[1]}; SELECT * FROM ${names[0]}.later" | paste -sd ' ') == $'1\t7 5\t1' ]] || die "rows of lower_case_table_names = 1"
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
done

# Names that would become one are refused.
start_source
start_target --lower-case-table-names=1
sql source "CREATE DATABASE Shop; CREATE TABLE Shop.T (a INT PRIMARY KEY); CREATE TABLE Shop.t (a INT PRIMARY KEY)"
create_accounts Shop shop
write_job Shop
dts_fails 3 "Shop.T, Shop.t would all be called 'shop.t'" -- precheck
echo "name_case: all policies"
