#!/usr/bin/env bash
# sync.heartbeat_table: the source's time is written to it while sync runs, and only then. heartbeat_test.sh [SERVER]
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/remedies.sh"

start_source "$@"
start_target "$@"
sql source "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY)"
create_accounts shop
sql source "REVOKE ALL PRIVILEGES, GRANT OPTION FROM dts@'%'; GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES ON shop.* TO dts@'%'; GRANT REPLICATION SLAVE, REPLICATION CLIENT, RELOAD ON *.* TO dts@'%'"
write_job shop
printf '[sync]\nheartbeat_seconds = 0.2\nheartbeat_table = "ops.beat"\n' >>"$JOB"

# Its rights are asked for.
look
finds failure source-privileges source "SELECT, CREATE, INSERT, UPDATE on ops"
obey source-privileges
precheck source-privileges
dts init-schema
dts init-data

beats() { sql source "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'ops' AND TABLE_NAME = 'beat'"; }
dts sync --until now
[[ $(beats) == 0 ]] || die "sync --until writes heartbeats"

beat() { sql "$1" "SELECT CONCAT(job, ' ', beat) FROM $2" 2>/dev/null; }
begun() { [[ -n $(beat source ops.beat) ]]; }
moved() { [[ $(beat source ops.beat) != "$before" ]]; }
start_sync
wait_for 20 begun || die "no heartbeat: $(cat "$WORK/sync.log")"
for _ in 1 2 3; do
  before=$(beat source ops.beat)
  wait_for 20 moved || die "the heart stands still"
done
[[ $(sql source "SELECT COUNT(*), ABS(TIMESTAMPDIFF(SECOND, MAX(beat), UTC_TIMESTAMP(6))) < 30 FROM ops.beat") == 1?1 ]] || die "what beats: $(beat source ops.beat)"
stop_sync
[[ $(sql target "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'ops'") == 0 ]] || die "it is on the target"

# Among the selected tables, it tells the target's readers how old their data is.
sql source "GRANT CREATE, INSERT, UPDATE ON shop.* TO dts@'%'"
arrived() { [[ -n $(beat target shop.beat) ]]; }
later() { [[ $(beat target shop.beat) != "$before" ]]; }
start_sync -c sync.heartbeat_table=shop.beat
wait_for 20 arrived || die "it does not arrive: $(cat "$WORK/sync.log")"
before=$(beat target shop.beat)
wait_for 20 later || die "it does not move on the target"

# Without the right to write, sync goes on.
sql source "REVOKE INSERT ON shop.* FROM dts@'%'"
stop_sync
: >"$WORK/sync.log"
start_sync -c sync.heartbeat_table=shop.beat
told() { grep -q 'warning: cannot write the heartbeat table shop.beat: .*1142' "$WORK/sync.log"; }
wait_for 20 told || die "not told: $(cat "$WORK/sync.log")"
sql source "INSERT INTO shop.t VALUES (1)"
copied() { [[ $(sql target "SELECT COUNT(*) FROM shop.t") == 1 ]]; }
wait_for 20 copied || die "sync does not go on: $(cat "$WORK/sync.log")"
[[ $(grep -c 'heartbeat table' "$WORK/sync.log") == 1 ]] || die "told too often: $(cat "$WORK/sync.log")"
stop_sync
must_be_equal shop
echo "heartbeat: ok"
