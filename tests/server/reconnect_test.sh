#!/usr/bin/env bash
# Connections are killed and servers restarted while copying and syncing: dtsctl goes on by itself.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/shapes.sh"

# Ends all sessions of the account, the binlog stream included.
kill_connections() {
  sql "$1" "SELECT CONCAT('KILL ', ID) FROM information_schema.PROCESSLIST WHERE USER = 'dts'" |
    while read -r statement; do sql "$1" "$statement" 2>/dev/null || true; done
}

applied() { dts status --json | jq '.sync.row_changes'; }
goes_on() {
  local before
  before=$(applied)
  more() { (($(applied) > before)); }
  sync_alive
  wait_for 60 more || die "sync does not go on after: $*: $(tail -n 5 "$WORK/sync.log")"
}

start_source
start_target
load_shapes source 40000
create_accounts shop
write_job shop
precheck keyless-tables
dts init-schema
start_shapes_writers 400

# A lock holds init-data up before its workers begin: then its own session is lost.
mkfifo "$WORK/hold"
client target --unbuffered <"$WORK/hold" >"$WORK/held" &
exec {hold}>"$WORK/hold"
echo "FLUSH TABLES WITH READ LOCK; SELECT 1;" >&"$hold"
wait_for 10 test -s "$WORK/held" || die "no lock"
"$DTSCTL" -f "$JOB" init-data -j 1 >"$WORK/copy.log" 2>&1 &
copy=$!
waiting() { [[ $(sql target "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'dts' AND STATE LIKE 'Waiting%'") != 0 ]]; }
wait_for 10 waiting || die "init-data does not wait: $(tail -n 5 "$WORK/copy.log")"
kill_connections target
again() { grep -q 'trying again' "$WORK/copy.log"; }
wait_for 10 again || die "init-data does not try again: $(tail -n 5 "$WORK/copy.log")"
echo "UNLOCK TABLES;" >&"$hold"
exec {hold}>&-
for server in source target source target; do
  sleep 0.4
  kill -0 "$copy" 2>/dev/null || break
  kill_connections "$server"
done
wait "$copy" || die "init-data did not survive lost connections: $(tail -n 5 "$WORK/copy.log")"

start_sync
goes_on "start"
rounds=3
((${DTS_TORTURE:-0} == 0)) || rounds=30
for ((round = 1; round <= rounds; round++)); do
  for server in source target; do
    kill_connections "$server"
    goes_on "connections to the $server killed"
  done
done

crash_server target
sleep 2
restart_server target
goes_on "crash of the target"
stop_server target
restart_server target
goes_on "restart of the target"

# The writers lose their sessions with the source, so they rest meanwhile.
stop_shapes_writers
crash_server source
sleep 2
restart_server source
start_shapes_writers 400
goes_on "crash of the source"
stop_shapes_writers
stop_server source
restart_server source
start_shapes_writers 400
goes_on "restart of the source"

stop_shapes_writers
stop_sync
dts sync --until now
must_be_equal shop
echo "reconnect: identical"
