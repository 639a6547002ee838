#!/usr/bin/env bash
# Foreign keys with CASCADE and SET NULL: MariaDB does not log what they change, so the target does the
# same, at the same place among all other changes, from the same rows.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cascades.sh"

deeds() {
  start_cascades 400
  precheck
  grep -q '12 tables are copied in one snapshot' "$WORK/precheck.out" || die "precheck does not say what is copied together: $(cat "$WORK/precheck.out")"
  dts init-schema >/dev/null 2>&1 || die "init-schema"
  dts init-data >/dev/null 2>&1 || die "init-data"
  must_be_equal shop
  cascade_scenario "$1"
  echo "cascade: deeds, $1"
}

# What was made while the keys were there goes on: a key that comes and goes by DDL, and a row that
# somebody else removed from the target.
ddl() {
  sql source "USE shop; CREATE TABLE late (id INT PRIMARY KEY, p INT, KEY p (p)); INSERT INTO late VALUES (1, 80), (2, 82);
    ALTER TABLE late ADD CONSTRAINT late_parent FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE;
    DELETE FROM parent WHERE id = 80;
    ALTER TABLE late DROP FOREIGN KEY late_parent; DELETE FROM parent WHERE id = 82;
    RENAME TABLE parent TO mother; DELETE FROM mother WHERE id = 83; RENAME TABLE mother TO parent"
  dts sync --until now >"$WORK/out" 2>&1 || die "sync: $(cat "$WORK/out")"
  must_be_equal shop
  [[ $(sql target "SELECT GROUP_CONCAT(id) FROM shop.late") == 2 ]] || die "the test is wrong about itself"
  sql target "SET foreign_key_checks = 0; DELETE FROM shop.parent WHERE id IN (84, 85)"
  sql source "USE shop; DELETE FROM parent WHERE id = 84; UPDATE parent SET id = 100085 WHERE id = 85"
  dts_fails 1 'is not there' -- sync --until now
  dts -c sync.on_conflict=overwrite sync --until now >"$WORK/out" 2>&1 || die "sync: $(cat "$WORK/out")"
  must_be_equal shop
  sql source "CREATE DATABASE other; CREATE TABLE other.t (id INT PRIMARY KEY); CREATE TABLE shop.astray (id INT PRIMARY KEY, t INT, FOREIGN KEY (t) REFERENCES other.t (id) ON DELETE SET NULL)"
  dts_fails 1 'which is not selected' -- sync --until now
  echo "cascade: keys that come and go"
}

mapped() {
  start_cascades 400
  cat >>"$JOB" <<'END'
[[objects.map]]
source = "shop.parent"
target = "store.mothers"
columns = { id = "no", code = "mark" }
[[objects.map]]
source = "shop.child"
target = "store.children"
columns = { parent = "mother" }
[[objects.map]]
source = "shop"
target = "store"
END
  precheck
  dts init-schema >/dev/null 2>&1 || die "init-schema: names"
  dts init-data >/dev/null 2>&1 || die "init-data"
  cascade_deeds | client source
  dts sync --until now >"$WORK/out" 2>&1 || die "sync: $(cat "$WORK/out")"
  large_deeds | client source
  dts sync --until now >"$WORK/out" 2>&1 || die "sync: $(cat "$WORK/out")"
  local pair
  for pair in parent:mothers child:children grandchild:grandchild follower:follower keyless:keyless tree:tree of_pair:of_pair left_one:left_one; do
    sql source "SELECT * FROM shop.${pair%:*}" | sort >"$WORK/a"
    sql target "SELECT * FROM store.${pair#*:}" | sort >"$WORK/b"
    cmp "$WORK/a" "$WORK/b" || die "$pair differ"
  done
  no_conflicts
  echo "cascade: renamed"
}

refused() {
  start_cascades 100
  local job
  job=$(cat "$JOB")
  refuses() {
    printf '%s\n%s\n' "$job" "$2" >"$JOB"
    rm -f "${JOB%.toml}".state*
    dts_fails 3 "$1" -- precheck
  }
  refuses 'parent .shop.parent. of its foreign key' 'exclude = ["shop.parent"]'
  refuses 'a map has where for it' $'[[objects.map]]\nsource = "shop.grandchild"\nwhere = "id < 5"'
  refuses 'dml of a map leaves changes' $'[[objects.map]]\nsource = "shop.tree"\ndml = ["insert"]'
  refuses "leaves out 'code' of 'shop.child'" $'[[objects.map]]\nsource = "shop.child"\nexclude_columns = ["code"]'
  refuses "is merged with 'shop.left_one'" $'[[objects.map]]\nsource = "shop.right_one"\ntarget = "shop.left_one"'
  refuses 'existing_tables is .keep' $'[schema]\nexisting_tables = "keep"'
  sql source "ALTER TABLE shop.pair ADD SYSTEM VERSIONING"
  refuses 'it is system-versioned' ''
  sql source "ALTER TABLE shop.pair DROP SYSTEM VERSIONING"
  printf '%s\n' "$job" 'exclude = ["shop.held", "shop.follower"]' >"$JOB" # children may be missing
  precheck
  dts init-schema >/dev/null 2>&1 || die "init-schema"
  sql target "ALTER TABLE shop.grandchild DROP FOREIGN KEY grandchild_ibfk_1"
  dts_fails 1 'grandchild .child. references shop.child .id. ON DELETE CASCADE ON UPDATE RESTRICT is only on the source' -- init-data
  echo "cascade: refused"
}

deeds "one by one"
forget_all
deeds piled
ddl
forget_all
mapped
forget_all
refused
