#!/usr/bin/env bash
# dtsctl is killed while the target runs a DDL statement, which then is finished or not. Either way
# it is applied exactly once: an ADD COLUMN done twice would fail, one not done would lose a column.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

start_source
start_target
sql source "CREATE DATABASE shop; USE shop; CREATE TABLE t (id INT PRIMARY KEY, v INT);
  INSERT INTO t SELECT seq, seq FROM seq_1_to_100"
create_accounts shop
write_job shop
precheck
dts init-schema
dts init-data
dts sync --until now

# A session that holds a lock keeps the statement waiting for as long as we like.
hold_table() {
  mkfifo "$WORK/hold"
  client target --unbuffered <"$WORK/hold" >"$WORK/hold.out" &
  HOLDER=$!
  exec 7>"$WORK/hold"
  echo "LOCK TABLES shop.t READ; SELECT 'held';" >&7
  wait_for 10 grep -q held "$WORK/hold.out"
}
release_table() {
  echo quit >&7  # children have the pipe open too: its end would not be seen
  exec 7>&-
  wait "$HOLDER"
  rm "$WORK/hold"
}
waiting_alter() {
  sql target "SELECT id FROM information_schema.processlist WHERE state LIKE 'Waiting for table metadata%'"
}
is_waiting() { [[ -n $(waiting_alter) ]]; }
kill_in_ddl() {
  hold_table
  start_sync
  wait_for 30 is_waiting || die "the statement does not wait: $(tail -n 5 "$WORK/sync.log")"
  kill -9 "$SYNC_PID"
  wait "$SYNC_PID" 2>/dev/null || true
}

# finished_after_the_crash: the server goes on with the statement of the dead client.
sql source "ALTER TABLE shop.t ADD COLUMN a INT DEFAULT 5; INSERT INTO shop.t (id, v) VALUES (1001, 1)"
kill_in_ddl
release_table
dts sync --until now
compare_servers shop || die "after a statement that went on"

# never_run: the session ends before the statement has begun.
sql source "ALTER TABLE shop.t ADD COLUMN b INT DEFAULT 6; INSERT INTO shop.t (id, v) VALUES (1002, 1)"
kill_in_ddl
sql target "KILL $(waiting_alter)"
release_table
dts sync --until now
compare_servers shop || die "after a statement that was not run"

# still_running: dtsctl comes back while the dead client's statement waits still.
sql source "ALTER TABLE shop.t ADD COLUMN c INT DEFAULT 7; INSERT INTO shop.t (id, v) VALUES (1003, 1)"
kill_in_ddl
start_sync
sleep 3
sync_alive
[[ $(waiting_alter | wc -l) == 1 ]] || die "the statement was run a second time"
release_table
applied() { [[ $(sql target "SELECT COUNT(*) FROM shop.t WHERE id = 1003") == 1 ]]; }
wait_for 30 applied || die "it does not go on: $(tail -n 5 "$WORK/sync.log")"
stop_sync
compare_servers shop || die "after a statement that ran on"

# emptied_twice: TRUNCATE leaves the definition as it was; the InnoDB table id tells.
sql source "TRUNCATE TABLE shop.t; INSERT INTO shop.t (id) VALUES (1)"
kill_in_ddl
release_table
dts sync --until now
compare_servers shop || die "after TRUNCATE"

# Of a trigger that was being made or dropped, too.
triggers() { sql target "SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'shop'"; }
for statement in "CREATE TRIGGER shop.g BEFORE INSERT ON shop.t FOR EACH ROW SET NEW.v = 1" "DROP TRIGGER shop.g" "CREATE TRIGGER shop.g BEFORE INSERT ON shop.t FOR EACH ROW SET NEW.v = 2"; do
  before=$(triggers)
  sql source "$statement"
  kill_in_ddl
  [[ $statement != *2 ]] || sql target "KILL $(waiting_alter)"
  release_table
  dts sync --until now
  [[ $(triggers) != "$before" ]] || die "after '$statement' there are $before triggers"
done

# half_dropped, half_renamed: a server that crashed has done a part of what it was told.
leave_half() {
  kill_in_ddl
  sql target "KILL $(waiting_alter)"
  release_table
  sql target "$1"
  dts sync --until now
  compare_servers shop || die "after half of $1"
}
sql source "USE shop; CREATE TABLE d1 (id INT PRIMARY KEY); CREATE TABLE d2 (id INT PRIMARY KEY); CREATE TABLE stays (id INT PRIMARY KEY); INSERT INTO d1 VALUES (1); INSERT INTO d2 VALUES (2)"
dts sync --until now
sql source "USE shop; RENAME TABLE d1 TO swap_, d2 TO d1, swap_ TO d2, t TO t3, t3 TO t; INSERT INTO d1 VALUES (20); INSERT INTO d2 VALUES (10)"
leave_half "RENAME TABLE shop.d1 TO shop.swap_, shop.d2 TO shop.d1"
# Only with this right one of equal tables can be told from another.
sql target "GRANT PROCESS ON *.* TO dts@'%'"
sql source "USE shop; RENAME TABLE d1 TO swap_, d2 TO d1, swap_ TO d2, t TO t3, t3 TO t; INSERT INTO d1 VALUES (11); INSERT INTO d2 VALUES (22)"
leave_half "RENAME TABLE shop.d1 TO shop.swap_, shop.d2 TO shop.d1, shop.swap_ TO shop.d2"
sql source "DROP TABLE shop.d1, shop.t, shop.d2"
leave_half "DROP TABLE shop.d1"
[[ $(sql target "SHOW TABLES FROM shop") == stays ]] || die "tables are left: $(sql target "SHOW TABLES FROM shop")"
echo "ddl_crash: identical"
