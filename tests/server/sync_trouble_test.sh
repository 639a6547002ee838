#!/usr/bin/env bash
# Trouble on the target while syncing: what may pass is told and waited for, what can't stops at once and says why; nothing is
# lost either way.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

KIND=mariadb-10.11
told() { grep -qE "$1" "$WORK/sync.log"; }
status_is() { [[ $(dts status --json | jq -r .state) == "$1" ]]; }
write() { sql source "UPDATE shop.a SET n = n + 1; INSERT INTO shop.log SELECT id, n FROM shop.a; DELETE FROM shop.a WHERE id = $((RANDOM % 900 + 1))"; }
arrived() { [[ $(sql source "SELECT SUM(n) FROM shop.a") == "$(sql target "SELECT SUM(n) FROM shop.a")" ]]; }

# waits TITLE PATTERN: sync, which is running, tells the trouble and stays; then the caller mends it.
waits() {
  wait_for 30 told "$2" || die "$KIND: $1 is not told: $(tail -n 5 "$WORK/sync.log")"
  wait_for 10 status_is retrying || die "$KIND: $1: the state is $(dts status --json | jq -r .state)"
  sync_alive
}
goes_on() {
  wait_for 30 arrived || die "$KIND: $1: sync does not go on: $(tail -n 5 "$WORK/sync.log")"
  wait_for 10 status_is synchronizing || die "$KIND: $1: afterwards the state is $(dts status --json | jq -r .state)"
  echo "$KIND: $1: told, and it goes on"
}
# stops TITLE PATTERN [CODES]: sync ends by itself with code 1, or one of these, and this message.
stops() {
  local status=0
  wait_for 30 sync_ended || die "$KIND: $1: sync goes on: $(tail -n 5 "$WORK/sync.log")"
  wait "$SYNC_PID" || status=$?
  [[ ,${3:-1}, == *,"$status",* ]] || die "$KIND: $1: exit code $status: $(tail -n 5 "$WORK/sync.log")"
  told "$2" || die "$KIND: $1: the message is $(tail -n 5 "$WORK/sync.log")"
  echo "$KIND: $1: $(grep -m 1 -E "$2" "$WORK/sync.log")"
  : >"$WORK/sync.log"
}

trouble() {
  KIND=$1
  local recursion=max_recursive_iterations read_only=read_only
  [[ $KIND != mysql-* ]] || recursion=cte_max_recursion_depth read_only=super_read_only
  start_source "$KIND"
  start_target "$KIND"
  sql source "SET SESSION $recursion = 10000; CREATE DATABASE shop; USE shop;
    CREATE TABLE a (id INT PRIMARY KEY, n INT NOT NULL, v VARCHAR(100)); CREATE TABLE log (id INT, n INT); CREATE TABLE b (id INT PRIMARY KEY, u INT UNIQUE);
    INSERT INTO a WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i, i, REPEAT('v', 50) FROM n;
    INSERT INTO b SELECT id, id FROM a"
  create_accounts shop
  write_job shop
  precheck keyless-tables
  dts init-schema >"$WORK/schema.out" 2>&1 || die "init-schema: $(cat "$WORK/schema.out")"
  dts init-data >"$WORK/copy.out" 2>&1 || die "init-data: $(cat "$WORK/copy.out")"
  : >"$WORK/sync.log"
  start_sync
  write
  wait_for 30 arrived

  sql target "SET GLOBAL $read_only = 1"
  write
  waits "read-only target" "trying again for 10 minutes; SET GLOBAL read_only = OFF"
  sql target "SET GLOBAL $read_only = 0; SET GLOBAL read_only = 0"
  goes_on "read-only target"

  # The same met by a DDL statement, which is not half done afterwards.
  sql target "SET GLOBAL $read_only = 1"
  : >"$WORK/sync.log"
  sql source "ALTER TABLE shop.a ADD COLUMN w INT NOT NULL DEFAULT 3"
  write
  waits "DDL on a read-only target" "trying again for 10 minutes; SET GLOBAL read_only = OFF"
  sql target "SET GLOBAL $read_only = 0; SET GLOBAL read_only = 0"
  goes_on "DDL on a read-only target"

  # In parallel, too.
  stop_sync
  sql target "SET GLOBAL $read_only = 1"
  write
  : >"$WORK/sync.log"
  start_sync -c sync.apply=parallel -c sync.workers=3
  waits "read-only target of lanes" "trying again for 10 minutes; SET GLOBAL read_only = OFF"
  sql target "SET GLOBAL $read_only = 0; SET GLOBAL read_only = 0"
  goes_on "read-only target of lanes"

  # A lane waits for a row that another session has locked, and status names the table.
  sql target "BEGIN; SELECT * FROM shop.a WHERE id = 950 FOR UPDATE; DO SLEEP(100)" >/dev/null 2>&1 &
  local holder=$!
  held() { sql target "SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO = 'DO SLEEP(100)'" | grep -q 1; }
  wait_for 30 held || die "$KIND: nobody holds the row"
  write
  named() { dts status --json | jq -e '.sync.bottleneck == "target" and .sync.bottleneck_detail == "shop.a"' >/dev/null; }
  wait_for 30 named || die "$KIND: status does not name the table: $(dts status --json | jq .sync)"
  if arrived; then die "$KIND: it did not wait"; fi
  sync_alive
  sql target "SELECT CONCAT('KILL ', ID) FROM information_schema.PROCESSLIST WHERE INFO = 'DO SLEEP(100)'" | client target
  wait "$holder" || true
  goes_on "locked row of a lane"
  stop_sync
  : >"$WORK/sync.log"
  start_sync

  # Rights are not waited for: nobody gives them back by himself. What is refused first is a matter of time.
  local grants
  grants=$(sql target "SHOW GRANTS FOR dts@'%'")
  sql target "REVOKE ALL PRIVILEGES, GRANT OPTION FROM dts@'%'"
  mapfile -t sessions < <(sql target "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'dts'")
  local session
  for session in "${sessions[@]}"; do sql target "KILL $session" 2>/dev/null || true; done
  write
  stops "rights revoked" "denied.*\((1044|1142|1227)\)|bookkeeping of this job is not to be seen" 1,4
  while read -r session; do sql target "$session"; done <<<"$grants"
  dts sync --until now >"$WORK/out" 2>&1 || die "$(cat "$WORK/out")"
  must_be_equal shop

  sql target "ALTER TABLE shop.a DROP COLUMN v"
  write
  sql source "UPDATE shop.a SET v = 'new' WHERE id < 50"
  start_sync
  stops "column dropped behind its back" "cannot apply a change to shop.a .*row .*1054"
  sql target "ALTER TABLE shop.a ADD COLUMN v VARCHAR(100) AFTER n"
  # The other columns went with it; who drops one has to put its values back.
  sql source "SELECT CONCAT('UPDATE shop.a SET v = REPEAT(''v'', 50) WHERE id = ', id) FROM shop.a LIMIT 1" >/dev/null
  sql target "UPDATE shop.a SET v = REPEAT('v', 50)"
  dts sync --until now >"$WORK/out" 2>&1 || die "$(cat "$WORK/out")"
  must_be_equal shop

  # What rows hold is in no message, log or state.
  sql target "UPDATE shop.a SET v = NULL; ALTER TABLE shop.a MODIFY v VARCHAR(10)"
  sql source "UPDATE shop.a SET v = 'secret of a row' WHERE id = 951"
  start_sync --log "$WORK/log.json"
  stops "value too long" "cannot apply a change to shop.a .*row .*951.*1406"
  sql target "ALTER TABLE shop.a MODIFY v DATE"
  sql source "UPDATE shop.a SET v = 'secret of a date' WHERE id = 951"
  start_sync --log "$WORK/log.json"
  stops "value of another type" "cannot apply a change to shop.a .*row .*951.*(1292|1366)"
  dts status --html "$WORK/page.html"
  ! grep -l "secret of" "$WORK/log.json" "$WORK/sync.log" "${JOB%.toml}.state.toml" "$WORK/page.html" || die "$KIND: a value is told"
  sql target "ALTER TABLE shop.a MODIFY v VARCHAR(100); UPDATE shop.a SET v = IF(id < 50, 'new', REPEAT('v', 50))"
  dts sync --until now >"$WORK/out" 2>&1 || die "$(cat "$WORK/out")"
  must_be_equal shop

  sql target "RENAME TABLE shop.b TO shop.b_away"
  sql source "DELETE FROM shop.b WHERE id < 10"
  start_sync
  stops "table gone behind its back" "cannot apply a change to shop.b .*row .*1146"
  sql target "RENAME TABLE shop.b_away TO shop.b"
  sql target "DELETE FROM shop.b WHERE id = 500"
  sql source "UPDATE shop.b SET u = u + 100000 WHERE id > 400"
  start_sync
  stops "row gone behind its back" "shop.b: the row .*500.* is not there on the target"
  sql target "INSERT INTO shop.b VALUES (500, 500)"
  dts sync --until now >"$WORK/out" 2>&1 || die "$(cat "$WORK/out")"
  must_be_equal shop

  # A job that begins by a position meets it before it has written that down.
  sql target "DROP DATABASE dtsctl; SET GLOBAL $read_only = 1"
  rm -f "${JOB%.toml}".state*
  local from
  from=$(sql source "$([[ $KIND == mysql-* ]] && echo 'SELECT @@GLOBAL.gtid_executed' || echo 'SELECT @@GLOBAL.gtid_binlog_pos')")
  : >"$WORK/sync.log"
  write
  "$DTSCTL" -f "$JOB" sync --no-precheck --from "$from" --until now >>"$WORK/sync.log" 2>&1 &
  SYNC_PID=$!
  wait_for 30 told "trying again for 10 minutes; SET GLOBAL read_only = OFF" || die "$KIND: --from on a read-only target: $(tail -n 5 "$WORK/sync.log")"
  sleep 1
  sql target "SET GLOBAL $read_only = 0; SET GLOBAL read_only = 0"
  wait "$SYNC_PID" || die "$KIND: --from does not go on: $(tail -n 5 "$WORK/sync.log")"
  must_be_equal shop
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
}

trouble mariadb-10.11
need_servers mysql-9.7
trouble mysql-9.7
echo "sync_trouble: told, nothing lost"
