#!/usr/bin/env bash
# Events, and definers that are kept: MariaDB to MariaDB and MySQL to MySQL.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
need_servers mysql-9.7

# found LEVEL CHECK PATTERN: the last precheck --json has such a finding.
found() {
  jq -e --arg level "$1" --arg check "$2" --arg pattern "$3" '.findings | any(.level == $level and .check == $check
    and (.message + " " + .remedy | test($pattern; "i")))' "$WORK/findings" >/dev/null || {
    jq -r '.findings[] | select(.level != "pass") | [.level, .check, .message] | @tsv' "$WORK/findings" >&2
    die "precheck has no $1 of $2 that matches /$3/"
  }
}
findings() { dts precheck --json >"$WORK/findings" 2>"$WORK/err" || true; }

# events NAME: all that makes an event but its state and definer.
events() {
  sql "$1" "SELECT EVENT_NAME, EVENT_DEFINITION, TIME_ZONE, SQL_MODE, EVENT_TYPE, EXECUTE_AT, INTERVAL_VALUE,
    INTERVAL_FIELD, STARTS, ENDS, ON_COMPLETION, EVENT_COMMENT, CHARACTER_SET_CLIENT, COLLATION_CONNECTION
    FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'shop' ORDER BY EVENT_NAME"
}
# owners NAME: of everything that has one.
owners() {
  sql "$1" "SELECT 'v', TABLE_NAME, DEFINER, SECURITY_TYPE FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'shop'
    UNION ALL SELECT 'r', ROUTINE_NAME, DEFINER, SECURITY_TYPE FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'shop'
    UNION ALL SELECT 't', TRIGGER_NAME, DEFINER, '' FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'shop'
    UNION ALL SELECT 'e', EVENT_NAME, DEFINER, '' FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'shop' ORDER BY 1, 2"
}

# scenario RIGHT LEVEL READ: what keeping definers needs on the servers that run, how a definer that is
# not there is told, and what shows routines of others.
scenario() {
  sql source "CREATE DATABASE shop; USE shop; CREATE USER 'own\`er'@'10.%'; CREATE USER late@localhost;
    CREATE TABLE t (id INT PRIMARY KEY, a INT);
    CREATE DEFINER=\`own\`\`er\`@\`10.%\` VIEW v AS SELECT id FROM t;
    CREATE DEFINER=late@localhost FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1;
    CREATE DEFINER=late@localhost SQL SECURITY INVOKER VIEW w AS SELECT a FROM t;
    CREATE DEFINER=\`own\`\`er\`@\`10.%\` TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1;
    SET time_zone = '+05:30', sql_mode = 'ANSI_QUOTES';
    CREATE EVENT \"odd \`name\" ON SCHEDULE EVERY 1 SECOND STARTS '2020-02-29 01:02:03' ENDS '2037-01-01 00:00:00'
      ON COMPLETION PRESERVE COMMENT 'it''s' DO UPDATE \"t\" SET a = a + 1;
    SET time_zone = 'SYSTEM', sql_mode = 'NO_BACKSLASH_ESCAPES';
    CREATE DEFINER=late@localhost EVENT once ON SCHEDULE AT '2036-01-01 00:00:00' DISABLE DO INSERT INTO t VALUES (9, 'ä\\');
    CREATE EVENT elsewhere ON SCHEDULE EVERY 1 DAY STARTS '2020-01-01 00:00:00' DISABLE ON SLAVE DO SET @a = 1;"
  create_accounts shop
  write_job shop
  rm -f "${JOB%.toml}".state.toml*

  # Unasked, none comes over.
  precheck
  dts init-schema >"$WORK/out" 2>&1 || die "init-schema failed: $(cat "$WORK/out")"
  [[ -z $(events target) ]] || die "events were made unasked"
  sql target "DROP DATABASE shop; DROP DATABASE dtsctl"
  rm -f "${JOB%.toml}".state.toml*

  printf '\n[schema]\nevents = true\n' >>"$JOB"
  findings
  found failure source-privileges 'GRANT EVENT ON .shop.'
  found failure target-privileges 'GRANT EVENT ON .shop.'
  sql target "CREATE DATABASE shop; CREATE EVENT shop.once ON SCHEDULE EVERY 1 DAY DISABLE DO SET @a = 2"
  for side in source target; do sql "$side" "GRANT EVENT ON shop.* TO dts@'%'"; done
  findings
  found failure target-objects 'event shop.once'
  sql target "DROP DATABASE shop"
  precheck
  dts init-schema >"$WORK/out" 2>&1 || die "init-schema failed: $(cat "$WORK/out")"
  grep -q '3 events are created disabled' "$WORK/out" || die "nothing is said of the events: $(cat "$WORK/out")"
  [[ $(events source | wc -l) == 3 ]] || die "the test is wrong about its own events"
  same_output events source -- events target || die "events differ"
  [[ $(sql target "SELECT DISTINCT STATUS FROM information_schema.EVENTS") == DISABLED ]] || die "an event may run"
  owners target | grep -vq dts@% && die "an object belongs to another: $(owners target)"
  dts init-schema >"$WORK/out" 2>&1 || die "a second init-schema failed: $(cat "$WORK/out")"
  # Its state is the target's own affair, but nothing else is.
  sql target "ALTER EVENT shop.once ENABLE"
  dts init-schema >"$WORK/out" 2>&1 || die "a third init-schema failed: $(cat "$WORK/out")"
  sql target "ALTER EVENT shop.once COMMENT 'other'"
  dts_fails 1 "event 'shop.once'.*another one" -- init-schema
  sql target "DROP DATABASE shop; DROP DATABASE dtsctl"
  rm -f "${JOB%.toml}".state.toml*

  echo 'definer = "keep"' >>"$JOB"
  findings
  found failure target-privileges "GRANT $1 ON"
  found failure target-privileges "may not see the functions"
  found warning definers 'may not see'
  sql target "GRANT $1 ON *.* TO dts@'%'; GRANT $3 TO dts@'%'; GRANT SELECT ON mysql.* TO dts@'%'; CREATE USER 'own\`er'@'10.%'"
  findings
  found "$2" definers 'not there.*late@localhost'
  if [[ $2 == failure ]]; then
    found failure definers 'SYSTEM_USER may create objects of root@localhost'
    sql target "GRANT SYSTEM_USER, ALLOW_NONEXISTENT_DEFINER ON *.* TO dts@'%'"
    findings
    found warning definers 'not there.*late@localhost'
  fi
  sql target "CREATE USER late@localhost"
  precheck
  dts init-schema >"$WORK/out" 2>&1 || die "init-schema failed: $(cat "$WORK/out")"
  same_output owners source -- owners target || die "definers differ"
  same_output events source -- events target || die "events differ"
  dts init-schema >"$WORK/out" 2>&1 || die "init-schema failed the second time: $(cat "$WORK/out")"
}

start_source
start_target
scenario 'SET USER' warning 'SELECT ON mysql.proc'
for server in source target; do stop_server "$server" && rm -rf "${WORK:?}/$server"; done
start_source mysql-9.7
start_target mysql-9.7
scenario SET_ANY_DEFINER failure "SHOW_ROUTINE ON *.*"
echo "events: made as they are, disabled, and definers kept"
