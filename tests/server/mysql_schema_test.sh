#!/usr/bin/env bash
# MySQL to MySQL: the precheck's view of the servers, the rights of the README, and every kind of
# column, key and object through init-schema.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# finding LEVEL CHECK PATTERN: the last precheck --json has such a finding.
finding() {
  jq -e --arg level "$1" --arg check "$2" --arg pattern "$3" '.findings | any(.level == $level and .check == $check
    and (.message + " " + .remedy + " " + .subject | test($pattern; "i")))' "$WORK/findings" >/dev/null || {
    jq -r '.findings[] | select(.level != "pass") | [.level, .check, .subject, .message] | @tsv' "$WORK/findings" >&2
    die "precheck has no $1 of $2 that matches /$3/"
  }
}

# check CODE: runs precheck, which must end so.
check() {
  local status=0
  dts precheck --json >"$WORK/findings" 2>"$WORK/err" || status=$?
  [[ $status == "$1" ]] || {
    cat "$WORK/findings" "$WORK/err" >&2
    die "precheck ended with $status instead of $1"
  }
}

start_source mysql-9.7
start_target mysql-9.7
client source <"$LIB_FOLDER/mysql_schema.sql"
create_accounts shop
write_job shop

# --- the README's rights are enough, and each is needed ------------------------------------------

check 0
finding pass source-version '^9\.7'
finding pass gtid-mode 'gtid_mode is ON'
finding pass foreign-keys '4 foreign keys'
finding pass binlog-row-image FULL
while IFS=: read -r side right on; do
  level=failure
  [[ $right != SHOW_ROUTINE ]] || level=warning
  sql "$side" "REVOKE $right ON $on FROM dts@'%'"
  check 3
  finding "$level" "$side-privileges" "GRANT $right ON .*TO .dts"
  sql "$side" "GRANT $right ON $on TO dts@'%'"
done <<'END'
source:REPLICATION SLAVE:*.*
source:REPLICATION CLIENT:*.*
source:SHOW_ROUTINE:*.*
source:XA_RECOVER_ADMIN:*.*
source:SELECT:shop.*
source:SHOW VIEW:shop.*
source:TRIGGER:shop.*
source:LOCK TABLES:shop.*
target:SELECT:shop.*
target:INSERT:shop.*
target:UPDATE:shop.*
target:DELETE:dtsctl.*
target:CREATE ROUTINE:shop.*
target:LOCK TABLES:dtsctl.*
END
check 0

# --- servers that can't serve --------------------------------------------------------------------

sql source "SET GLOBAL binlog_row_image = MINIMAL; SET GLOBAL binlog_expire_logs_seconds = 3600;
  XA START 'a''b', 'c', 7; INSERT INTO shop.parent (id) VALUES (1); XA END 'a''b', 'c', 7; XA PREPARE 'a''b', 'c', 7"
sql target "SET GLOBAL super_read_only = ON; SET GLOBAL sql_require_primary_key = ON"
check 3
finding failure binlog-row-image MINIMAL
finding failure binlog-retention '1.0 hours'
finding failure xa-open "XA COMMIT X'612762',X'63',7"
finding failure read-only super_read_only
finding failure primary-keys 'every_key.*only_expression|keyless'
sql source "SET GLOBAL binlog_row_image = FULL; SET GLOBAL binlog_expire_logs_seconds = 864000; XA ROLLBACK X'612762',X'63',7"
sql target "SET GLOBAL super_read_only = OFF, GLOBAL read_only = ON"
check 3
finding failure read-only 'read_only is ON'
sql target "SET GLOBAL read_only = OFF; SET GLOBAL sql_require_primary_key = OFF; SET GLOBAL sql_generate_invisible_primary_key = ON"
check 3
finding failure primary-keys sql_generate_invisible_primary_key
sql target "GRANT SESSION_VARIABLES_ADMIN ON *.* TO dts@'%'"
check 0
finding pass primary-keys 'switched off for'

# --- the objects ---------------------------------------------------------------------------------

dts init-schema --dry-run >"$WORK/plan"
grep -q 'CREATE TABLE' "$WORK/plan" || die "nothing is planned"
[[ $(sql target "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'shop'") == 0 ]] || die "--dry-run made something"
dts init-schema >"$WORK/out" 2>&1 || die "init-schema failed: $(cat "$WORK/out")"
must_be_equal shop
dts init-schema >"$WORK/out" 2>&1 || die "a second init-schema failed: $(cat "$WORK/out")"
[[ $(sql target "SELECT COUNT(*) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'shop'") == 0 ]] || die "an event was made"

# Members that SHOW CREATE shows as '?': by their bytes.
for server in source target; do
  sql "$server" "SELECT HEX(CAST(e AS CHAR)), HEX(CAST(s AS CHAR)) FROM (
    WITH RECURSIVE r (e, s, n) AS (SELECT t.e, t.s, 0 FROM (SELECT 1) o LEFT JOIN shop.every_type t ON FALSE
      UNION ALL SELECT n + 1, 1 << n, n + 1 FROM r WHERE n < 3) SELECT * FROM r) x" >"$WORK/$server.members"
done
grep -q F09F9880 "$WORK/source.members" || die "the test is wrong about its own table"
diff "$WORK/source.members" "$WORK/target.members" || die "members of an ENUM or SET differ"

# Routines run as on the source, triggers don't fire for dtsctl.
[[ $(sql target "CALL shop.\`talk\`\`er\`(@x); SELECT HEX(@x)") == 5C34 ]] || die "the procedure has lost its sql_mode"
sql target "DELETE FROM shop.keyless; SET foreign_key_checks = 0; INSERT INTO shop.child (id, parent) VALUES (1, 3);
  SET @dtsctl_writes = 1; INSERT INTO shop.child (id, parent) VALUES (2, 3)"
[[ $(sql target "SELECT GROUP_CONCAT(parent, '-', IFNULL(code, 'none') ORDER BY id) FROM shop.child") == 6-1,3-none ]] ||
  die "triggers: $(sql target 'SELECT * FROM shop.child')"
sql target "DELETE FROM shop.child"
[[ $(sql target "SELECT COUNT(*) FROM dtsctl.server") == 1 ]] || die "the bookkeeping has no identity"

# What is altered on one side is found.
sql target "ALTER TABLE shop.only_expression DROP KEY k"
dts_fails 1 'only_expression' -- init-schema
sql target "ALTER TABLE shop.only_expression ADD UNIQUE KEY k ((a + 1))"
sql target "SET sql_mode = ''; ALTER TABLE shop.every_type MODIFY p point SRID 0"
dts_fails 1 'every_type' -- init-schema
echo "mysql_schema: rights, checks and definitions hold"
