#!/usr/bin/env bash
# The time of day of dtsctl's machine is not the source's, and jumps: rows, lag and --until do not mind.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

start_source
start_target
c++ -x c -shared -fPIC -o "$WORK/clock_jump.so" "$LIB_FOLDER/clock_jump.c" -ldl
sql source "CREATE DATABASE shop; CREATE TABLE shop.t (id INT AUTO_INCREMENT PRIMARY KEY, v INT)"
create_accounts shop
write_job shop
printf '[sync]\nheartbeat_seconds = 0.2\n' >>"$JOB"
precheck
dts init-schema
dts init-data

export CLOCK_JUMP=$WORK/jump
jump() { echo "$1" >"$WORK/jump.new" && mv "$WORK/jump.new" "$CLOCK_JUMP"; }
here() { LD_PRELOAD=$WORK/clock_jump.so date +%s; }
jump 0
before=$(here)
jump 7200
(($(here) - before >= 7200)) || die "the clock does not jump"

# Slow enough that it is behind for some seconds, and has a lag to tell.
write() { for _ in {1..10}; do echo "INSERT INTO shop.t (v) VALUES ($1), ($1);"; done | client source; }
arrived() { [[ $(sql source "SELECT COUNT(*) FROM shop.t") == "$(sql target "SELECT COUNT(*) FROM shop.t")" ]]; }
jump 0
LD_PRELOAD=$WORK/clock_jump.so start_sync -c sync.rows_per_second=10
for seconds in 0 7200 -7200 0; do
  jump "$seconds"
  write "$seconds"
  wait_for 30 arrived || die "after a jump to $seconds: $(tail -n 5 "$WORK/sync.log")"
  sync_alive
  lag=$(dts status --json | jq '[.sync.lag_seconds, .sync.lag_history[]] | map(select(. != null)) | max')
  jq -ne "$lag < 300" >/dev/null || die "after a jump to $seconds it says that it is $lag seconds behind"
done
if grep -E 'trying again|warning' "$WORK/sync.log"; then die "it was troubled"; fi
stop_sync
must_be_equal shop

# --until is a time of the source's clock: here it is past already.
jump 7200
end=$(sql source "SELECT UNIX_TIMESTAMP() + 4")
LD_PRELOAD=$WORK/clock_jump.so "$DTSCTL" -f "$JOB" sync --until "$(date -u -d "@$end" +%Y-%m-%dT%H:%M:%SZ)" >"$WORK/out" 2>&1 || die "sync: $(cat "$WORK/out")"
[[ $(sql source "SELECT UNIX_TIMESTAMP() >= $end") == 1 ]] || die "sync ended before the source's clock showed the time"
echo "clock: it may jump"
