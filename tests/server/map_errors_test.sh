#!/usr/bin/env bash
# Maps that do not fit what is there: refused before anything is touched, with the place and the way out.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

start_source
start_target
sql source "CREATE DATABASE shop; CREATE DATABASE crm; CREATE DATABASE one; CREATE DATABASE two;
  CREATE TABLE shop.orders (id INT PRIMARY KEY, cust INT NOT NULL, note TEXT, twice INT AS (cust * 2) VIRTUAL);
  CREATE TABLE crm.orders (id INT PRIMARY KEY, cust INT); CREATE TABLE shop.keyless (a INT);
  CREATE TABLE one.t (id INT PRIMARY KEY, v INT); CREATE TABLE two.t (id INT PRIMARY KEY, v INT); CREATE TABLE two.wider (id INT PRIMARY KEY, v BIGINT);
  CREATE TABLE two.keyless (id INT, v INT); INSERT INTO one.t VALUES (1, 1), (7, 1); INSERT INTO two.t VALUES (2, 2), (7, 2)"
create_accounts shop crm one two whole dr
write_job shop crm one two
cp "$JOB" "$WORK/plain.toml"

# map TOML...: the job with these maps, one an argument
map() {
  cp "$WORK/plain.toml" "$JOB"
  local rule
  for rule in "$@"; do printf '\n[[objects.map]]\n%b\n' "$rule" >>"$JOB"; done
}
refused() { # PATTERN, for the last map
  dts_fails 3 "$1" -- precheck
  [[ -z $(sql target "SHOW DATABASES LIKE 'dr'") && -z $(sql target "SHOW DATABASES LIKE 'whole'") ]] || die "precheck has made a database"
}

map 'source = "shop.orders"\ncolumns = { nothing = "x" }'
refused "shop.orders +maps +columns: there is no column 'nothing'"
map 'source = "shop.orders"\ncolumns = { cust = "note" }'
refused "columns 'cust' and 'note' would both be called 'note'"
map 'source = "shop.orders"\nexclude_columns = ["gone"]'
refused "exclude_columns: there is no column 'gone'"
map 'source = "shop.orders"\nexclude_columns = ["id"]'
refused "column 'id' is part of the key"
map 'source = "shop.orders"\nexclude_columns = ["cust"]'
refused "column 'twice' is defined by column 'cust', which is left out"
map 'source = "shop.orders"\nwhere = "missing = 1"'
refused "shop.orders +maps +its where .*missing"
map 'source = "shop.orders"\nwhere = "id IN (SELECT id FROM crm.orders)"'
refused "shop.orders +maps +its where .*(SELECT|subquer)"
map 'source = "nowhere.t"\ntarget = "dr.t"'
refused 'source "nowhere.t" +maps +it serves no selected table'
map 'source = "shop"\ntarget = "dr"' 'source = "shop.orders"\ntarget = "dr.orders"'
refused 'source "shop.orders" +maps +it serves no selected table.*an earlier map'
map 'source = "shop.orders"\ntarget = "mysql.orders"'
refused "'mysql' is no place for it"
map 'source = "shop.orders"\ntarget = "dtsctl.orders"'
refused "'dtsctl' is no place for it"
map "source = \"shop.orders\"\\ntarget = \"dr.$(printf 'x%.0s' {1..65})\""
refused "is longer than a name can be"

# Several tables of one name: by accident, of different shapes, without keys, with equal keys.
map 'source = "shop"\ntarget = "crm"'
refused "crm.orders, shop.orders would all be called 'crm.orders'"
map 'source = "one.t"\ntarget = "whole.t"' 'source = "two.wider"\ntarget = "whole.t"'
refused "whole.t +merges +'one.t' and 'two.wider' can't be merged"
map 'source = "one.t"\ntarget = "whole.t"' 'source = "two.keyless"\ntarget = "whole.t"'
refused "'two.keyless' has no key"
map 'source = "one.t"\ntarget = "whole.t"' 'source = "two.t"\ntarget = "whole.t"'
refused "'one.t' and 'two.t' have rows with the same key: PRIMARY 7"

# Once a job has begun, its maps are what they are.
map 'source = "shop"\ntarget = "dr"'
precheck
dts init-schema >/dev/null 2>&1 || die "init-schema"
map 'source = "shop"\ntarget = "whole"'
dts_fails 4 "" -- init-data
dts_fails 4 "maps" -- precheck
[[ -z $(sql target "SHOW DATABASES LIKE 'whole'") ]] || die "a changed map was followed"
echo "map_errors: all refused"
