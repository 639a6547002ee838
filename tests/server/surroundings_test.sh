#!/usr/bin/env bash
# What precheck says of things beside the job: each is made so that it objects, and then mended.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/remedies.sh"

# shows CHECK LEVEL PATTERN [OPTION...]: the check's worst finding is of that level and says so.
shows() {
  local check=$1 level=$2 pattern=$3
  shift 3
  dts --json "$@" precheck >"$WORK/findings" 2>"$WORK/err" || [[ $? == 3 ]] || die "precheck: $(cat "$WORK/err")"
  jq -e --arg c "$check" --arg l "$level" --arg p "$pattern" '["pass", "warning", "failure"] as $order |
    [.findings[] | select(.check == $c)] | max_by(.level as $x | $order | index($x)) |
    .level == $l and (.message | test($p)) and ($l == "pass" or .remedy != "")' "$WORK/findings" >/dev/null ||
    die "$check is not $level with /$pattern/: $(jq -c --arg c "$check" '.findings[] | select(.check == $c)' "$WORK/findings")"
}
# A zone that no server has by itself, an hour ahead of UTC.
add_zone() {
  sql "$1" "USE mysql; INSERT INTO time_zone (Use_leap_seconds) VALUES ('N'); SET @id = LAST_INSERT_ID();
    INSERT INTO time_zone_name VALUES ('Test/Zone', @id); INSERT INTO time_zone_transition_type VALUES (@id, 0, 3600, 0, 'TST')"
}

host_plugins || true
start_source
start_target "${PLUGINS[@]}" --log-bin=binlog # to replicate from it, too
sql source "CREATE DATABASE shop; USE shop; CREATE TABLE a (id INT PRIMARY KEY) STATS_PERSISTENT=1 STATS_AUTO_RECALC=0;
  INSERT INTO a VALUES (1); ANALYZE TABLE a" >/dev/null
create_accounts shop
write_job shop
precheck

# Native replication from the source to the target, and back.
shows replication pass "neither side lets its account ask"
for server in source target; do sql "$server" "GRANT REPLICATION SLAVE, REPLICATION MASTER ADMIN ON *.* TO dts@'%'"; done
shows replication pass "neither server is a replica"
replicates() {  # replicates REPLICA PRIMARY
  [[ $(sql "$2" "SHOW SLAVE HOSTS" | cut -f1) == $(sql "$1" "SELECT @@server_id") ]]
}
replicate() {
  sql "$1" "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=${SERVER_PORT[$2]}, MASTER_USER='dts', MASTER_PASSWORD='secret'; START SLAVE"
  wait_for 20 replicates "$1" "$2" || die "$1 does not replicate: $(sql "$1" 'SHOW SLAVE STATUS\G')"
}
end_replication() {
  obey_all replication
  gone() { sql "$2" "FLUSH BINARY LOGS"; ! replicates "$1" "$2"; }
  wait_for 20 gone "$1" "$2" || die "the $2 still has its replica"
}
replicate target source
shows replication warning "it would get every change twice"
end_replication target source
shows replication pass "neither server is a replica"
replicate source target
shows replication warning "written to the target would come back to it"
end_replication source target
shows replication pass "neither server is a replica"
shows log-slave-updates warning "has been a replica"
obey_all log-slave-updates
shows log-slave-updates pass "not a replica itself"

# Sessions
sql target "GRANT USAGE ON *.* TO dts@'%' WITH MAX_USER_CONNECTIONS 4"
shows connections warning "may have 4 sessions.*for the 7 that the job may open"
shows connections pass "free for the 4 that" -c data.workers=1
shows connections warning "may have 4 sessions"
obey_all connections
shows connections pass "may have 12 sessions"
sql target "GRANT USAGE ON *.* TO dts@'%' WITH MAX_USER_CONNECTIONS 0; SET GLOBAL max_connections = 10"
shows connections pass "max_connections is 10, and"
shows connections warning "max_connections is 10, and .* for the 19 that" -c data.workers=16
obey_all connections
shows connections pass "for the 19 that" -c data.workers=16

# A table of which the source says that it is large: 10 TB.
sql source "UPDATE mysql.innodb_table_stats SET n_rows = 100000000000, clustered_index_size = 655360000 WHERE table_name = 'a'"
stop_server source # else it keeps what it has read
restart_server source
sql source "SET GLOBAL expire_logs_days = 4"
shows binlog-retention warning "96.0 hours, and the copy may take [0-9]+"
obey_all binlog-retention
shows binlog-retention pass "kept for [0-9]+"
shows binlog-retention warning "may take" -c data.mb_per_second=1
obey_all binlog-retention
shows binlog-retention pass "do not expire" -c data.mb_per_second=1
# Once a part is copied, its speed is known.
sql source "SET GLOBAL expire_logs_days = 4; USE shop; CREATE TABLE b (id INT PRIMARY KEY, v BLOB) SELECT seq AS id, REPEAT('v', 1600) AS v FROM seq_1_to_100000; ANALYZE TABLE b" >/dev/null
shows binlog-retention warning "at 30 MB/s: what"
sql target "DROP DATABASE shop" # native replication has made it
precheck binlog-retention
dts init-schema >/dev/null 2>&1
set -m # so that it can be interrupted
"$DTSCTL" -f "$JOB" -c data.mb_per_second=10 init-data >"$WORK/copy.out" 2>&1 &
copy=$!
set +m
half_done() { dts status --json | jq -e '.data.tables[]? | select(.table == "shop.b") | .bytes > 65e6' >/dev/null; }
wait_for 30 half_done || die "b is not copied: $(cat "$WORK/copy.out")"
kill -INT "$copy"
wait "$copy" || true
shows binlog-retention warning "at [0-9]+ MB/s as so far"
# What was interrupted while the source had much to send leaves no session behind that does so.
sql source "SET lock_wait_timeout = 20; DROP TABLE shop.b"
sql target "DROP DATABASE shop; DROP DATABASE dtsctl"
rm -f "$WORK"/dtsctl.state*
shows disk-space pass "about 10[0-9]{3}.*does not say"
if sql target "INSTALL SONAME 'disks'" 2>/dev/null; then
  shows disk-space pass "does not say" # only accounts with FILE may ask
  sql target "GRANT FILE ON *.* TO dts@'%'"
  shows disk-space warning "only [0-9.]+ GB are free"
  shows disk-space pass "copies no rows" -c 'phases=["sync"]'
  sql source "ANALYZE TABLE shop.a" >/dev/null
  shows disk-space pass "GB are free on the target"
else
  echo "SKIPPED: surroundings: disk-space where the target tells its room: this MariaDB has no plugin 'disks'"
fi

# Time zones of sessions and of events
shows time-zones pass "knows the time zones"
add_zone source
sql source "SET GLOBAL time_zone = 'Test/Zone'; SET time_zone = 'Test/Zone'; CREATE EVENT shop.e ON SCHEDULE EVERY 1 DAY DO DO 1"
shows time-zones warning "Test/Zone: DDL"
sql source "SET GLOBAL time_zone = 'SYSTEM'; GRANT EVENT ON shop.* TO dts@'%'"
shows time-zones pass "knows the time zones"
shows time-zones failure "of the source's events: Test/Zone" -c schema.events=true
shows time-zones pass "knows the time zones" -c schema.events=true -c 'objects.include=["shop.a"]' # events come with their database
add_zone target
shows time-zones pass "knows the time zones" -c schema.events=true

# Events that run on the target
sql target "SET GLOBAL event_scheduler = ON"
sql target "CREATE DATABASE IF NOT EXISTS shop; CREATE EVENT shop.clean ON SCHEDULE EVERY 1 DAY DO DO 1"
shows target-events pass "may not see .EVENT.: shop$"
sql target "GRANT EVENT ON shop.* TO dts@'%'"
shows target-events warning "same rows: shop.clean"
obey_all target-events
shows target-events pass "is enabled"
sql target "ALTER EVENT shop.clean ENABLE; SET GLOBAL event_scheduler = OFF"
shows target-events pass "runs no events"

# A target with another time of day
shows clocks pass "clocks agree"
c++ -x c -shared -fPIC -o "$WORK/clock_jump.so" "$LIB_FOLDER/clock_jump.c" -ldl
echo 300 >"$WORK/jump"
stop_server target
CLOCK_JUMP=$WORK/jump LD_PRELOAD=$WORK/clock_jump.so restart_server target
shows clocks warning "its clock is about 5 minutes ahead of the source's"
echo -10800 >"$WORK/jump"
shows clocks warning "its clock is about 3 hours behind the source's"
echo 30 >"$WORK/jump"
shows clocks pass "its clock is about (29|30|31) seconds ahead"
echo 0 >"$WORK/jump"
shows clocks pass "clocks agree"

# A database whose tables have been converted, but that still has a collation of newer servers.
need_servers mariadb-10.5
stop_server target
rm -rf "$WORK/target"
start_target mariadb-10.5
sql source "CREATE DATABASE fresh COLLATE utf8mb4_uca1400_ai_ci; CREATE TABLE fresh.a (id INT PRIMARY KEY)"
create_accounts fresh
write_job fresh
shows collations failure "utf8mb4_uca1400_ai_ci of the database fresh"
shows collations pass "" -c 'phases=["data","sync"]'
sql source "ALTER DATABASE fresh COLLATE utf8mb4_general_ci"
shows collations pass "knows all"
stop_server target
rm -rf "$WORK/target"
start_target

# A transaction that is open for long holds up the lock that the copy of a table without a key begins with.
need_servers mysql-9.7
stop_server source
rm -rf "$WORK/source"
# In a time zone of its own: InnoDB tells the system's time.
TZ=XYZ-5 start_source mysql-9.7
sql source "CREATE DATABASE shop; CREATE TABLE shop.a (id INT PRIMARY KEY); CREATE TABLE shop.b (id INT); INSERT INTO shop.b VALUES (1)"
create_accounts shop
write_job shop
shows long-transactions pass "may not see"
sql source "GRANT PROCESS ON *.* TO dts@'%'"
shows long-transactions pass "no transaction is open"
mkfifo "$WORK/held"
client source <"$WORK/held" >/dev/null 2>&1 &
exec 3>"$WORK/held"
echo "BEGIN; UPDATE shop.b SET id = 2;" >&3
is_old() { [[ $(sql source "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_started < SYSDATE() - INTERVAL 11 SECOND") == 1 ]]; }
wait_for 30 is_old || die "no transaction"
shows long-transactions warning "more than 10 seconds: [0-9]+ \\("
shows long-transactions pass "does not wait" -c 'objects.exclude=["shop.b"]'
shows long-transactions warning "more than 10 seconds"
obey_all long-transactions
exec 3>&-
ended() { [[ $(sql source "SELECT COUNT(*) FROM information_schema.INNODB_TRX") == 0 ]]; }
wait_for 20 ended || die "the transaction does not end"
shows long-transactions pass "no transaction is open"
echo "surroundings: seen"
