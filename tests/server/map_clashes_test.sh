#!/usr/bin/env bash
# Two databases that become one: names that can be there only once are told before anything is made.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

must_fail() { # PATTERN
  dts_fails 3 "$1" -- precheck
  [[ -z $(sql target "SHOW DATABASES LIKE 'whole'; SHOW DATABASES LIKE 'one'") || -n ${2:-} ]] || die "precheck has made a database"
}

# begin KIND: tables of two databases, which a regular expression sends to one.
begin() {
  local name
  start_source "$1"
  start_target "$1"
  for name in one two; do
    sql source "CREATE DATABASE $name; USE $name; CREATE TABLE p (id INT PRIMARY KEY, v INT, CONSTRAINT c CHECK (v > 0));
      CREATE TABLE k (id INT PRIMARY KEY, p INT, KEY (p), CONSTRAINT fk FOREIGN KEY (p) REFERENCES p (id)); CREATE TRIGGER tr BEFORE INSERT ON p FOR EACH ROW SET NEW.v = 1"
  done
  create_accounts one two whole
  write_job one two
  printf '\n[[objects.map]]\nsource = "~^(one|two)[.](.*)$"\ntarget = "whole.{1}_{2}"\n' >>"$JOB"
}

# rename_in_two STATEMENTS...: other names in one of the databases
rename_in_two() { sql source "USE two; $1"; }

finish() {
  precheck
  dts init-schema >"$WORK/out" 2>&1 || die "init-schema: $(cat "$WORK/out")"
  [[ $(sql target "SELECT COUNT(*) FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = 'whole'") == 2 ]] || die "foreign keys"
  [[ $(sql target "SELECT GROUP_CONCAT(TRIGGER_NAME ORDER BY 1) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'whole'") == tr,tr2 ]] || die "triggers"
  # Nothing stays in databases whose tables all go elsewhere.
  [[ -z $(sql target "SHOW DATABASES LIKE 'one'; SHOW DATABASES LIKE 'two'") ]] || die "an empty database was made"
  [[ $(dts status --schema --json | jq -c .schema) == "[]" ]] || die "status --schema: $(dts status --schema)"
  dts init-data >"$WORK/out" 2>&1 || die "init-data: $(cat "$WORK/out")"
  sql source "USE one; INSERT INTO p VALUES (1, 1); CREATE TABLE later (id INT PRIMARY KEY); INSERT INTO later VALUES (2); INSERT INTO k VALUES (3, 1)"
  dts sync --until now >"$WORK/out" 2>&1 || die "sync: $(cat "$WORK/out")"
  [[ $(sql target "SELECT id FROM whole.one_p; SELECT id FROM whole.one_later; SELECT id FROM whole.one_k" | paste -sd ' ') == "1 2 3" ]] || die "rows"
  echo "map_clashes: $1"
}

need_servers mysql-9.7
begin mysql-9.7
must_fail "two.k  *names  *its foreign key 'fk' is called like one of 'one.k'"
grep -q "two.p  *names  *its check 'c' is called like one of 'one.p'" "$WORK/out" || die "no check: $(cat "$WORK/out")"
grep -q "trigger one.tr and trigger two.tr would both be called 'whole.tr'" "$WORK/out" || die "no trigger: $(cat "$WORK/out")"
rename_in_two "ALTER TABLE k DROP FOREIGN KEY fk, ADD CONSTRAINT fk2 FOREIGN KEY (p) REFERENCES p (id); ALTER TABLE p DROP CHECK c, ADD CONSTRAINT c2 CHECK (v > 0);
  DROP TRIGGER tr; CREATE TRIGGER tr2 BEFORE INSERT ON p FOR EACH ROW SET NEW.v = 1"
finish mysql-9.7
stop_server source
stop_server target
rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*

begin mariadb-10.11
must_fail "two.k  *names  *its foreign key 'fk' is called like one of 'one.k'"
rename_in_two "ALTER TABLE k DROP FOREIGN KEY fk, ADD CONSTRAINT fk2 FOREIGN KEY (p) REFERENCES p (id); DROP TRIGGER tr; CREATE TRIGGER tr2 BEFORE INSERT ON p FOR EACH ROW SET NEW.v = 1"
# A trigger goes where its table goes: the name is looked for there, and not where the others are.
sql target "CREATE DATABASE whole; CREATE TABLE whole.x (v INT); CREATE TRIGGER whole.tr BEFORE INSERT ON whole.x FOR EACH ROW SET NEW.v = 1"
must_fail "target  *target-objects  *.*already, and not by this job: trigger whole.tr" there
sql target "DROP DATABASE whole; CREATE DATABASE one; CREATE TABLE one.x (v INT); CREATE TRIGGER one.tr BEFORE INSERT ON one.x FOR EACH ROW SET NEW.v = 1"
precheck
sql target "DROP DATABASE one"
finish mariadb-10.11

# Merged tables: rows that a map leaves out don't count as equal keys.
sql source "CREATE DATABASE a; CREATE DATABASE b; CREATE TABLE a.t (id INT PRIMARY KEY, v INT); CREATE TABLE b.t LIKE a.t; INSERT INTO a.t VALUES (1, 1), (2, 2); INSERT INTO b.t VALUES (2, 5), (3, 9)"
create_accounts a b merged
write_job a b
sed -i 's/^name = .*/name = "merge"/' "$JOB"
rm -f "${JOB%.toml}".state*
printf '\n[[objects.map]]\nsource = "a.t"\ntarget = "merged.t"\nwhere = "v < 2"\n\n[[objects.map]]\nsource = "b.t"\ntarget = "merged.t"\nwhere = "v > %s"\n' 1 >>"$JOB"
cp "$JOB" "$WORK/filtered.toml"
precheck merges
sed -i 's/v < 2/v < 3/' "$JOB"
dts_fails 3 "'a.t' and 'b.t' have rows with the same key: PRIMARY 2" -- precheck --ignore merges
cp "$WORK/filtered.toml" "$JOB"
precheck merges

# Skipping CREATE TABLE does not take somebody else's table for the source's.
dts init-schema >"$WORK/out" 2>&1 && dts init-data >"$WORK/out" 2>&1 || die "$(cat "$WORK/out")"
sql target "CREATE TABLE a.foreign_one (id INT PRIMARY KEY); INSERT INTO a.foreign_one VALUES (9)"
sql source "CREATE TABLE IF NOT EXISTS a.foreign_one (id INT PRIMARY KEY)"
dts_fails 1 "a.foreign_one. on the target is another table" -- sync --until now
position=$(grep -oE "skip-ddl [^ ;]+" "$WORK/err" | head -n 1 | cut -d ' ' -f 2)
dts_fails 1 "cannot skip the statement.*a.foreign_one. on the target has rows" -- sync --skip-ddl "$position" --until now
sql target "DELETE FROM a.foreign_one"
dts sync --skip-ddl "$position" --until now >"$WORK/out" 2>&1 || die "sync: $(cat "$WORK/out")"
sql source "INSERT INTO a.foreign_one VALUES (4)"
dts sync --until now >"$WORK/out" 2>&1 || die "sync: $(cat "$WORK/out")"
[[ $(sql target "SELECT id FROM a.foreign_one") == 4 ]] || die "rows of a table made by hand"
echo "map_clashes: all"
