#!/usr/bin/env bash
# init-data is killed ten times at random moments while the source is written to, and then finished.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/shapes.sh"

start_source
start_target
load_shapes source 60000
create_accounts shop
write_job shop
precheck keyless-tables
dts init-schema
start_shapes_writers 400

# Killed at once after it has begun on the target, before the state file says so.
cp "$WORK/dtsctl.state.toml" "$WORK/before.state.toml"
"$DTSCTL" -f "$JOB" init-data -j 1 >>"$WORK/copy.log" 2>&1 &
pid=$!
begun() { [[ $(sql target 'SELECT COUNT(*) FROM dtsctl.position') == 1 ]]; }
wait_for 10 begun || die "init-data does not begin: $(tail -n 5 "$WORK/copy.log")"
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
cp "$WORK/before.state.toml" "$WORK/dtsctl.state.toml"

rounds=10
((${DTS_TORTURE:-0} == 0)) || rounds=60
killed=0
echo "seed $SEED"
for ((round = 1; round <= rounds; round++)); do
  "$DTSCTL" -f "$JOB" init-data -j 1 >>"$WORK/copy.log" 2>&1 &
  pid=$!
  pause=$(printf '0.%03d' $((RANDOM % 600 + 50)))
  sleep "$pause"
  if kill -9 "$pid" 2>/dev/null; then
    killed=$((killed + 1))
    wait "$pid" 2>/dev/null || true
  else
    wait "$pid" || die "init-data failed: $(tail -n 5 "$WORK/copy.log")"
    break # it has finished
  fi
  dts status --json | jq -e '.running == false' >/dev/null || die "status after a kill: $(dts status)"
done
echo "killed $killed times"
((killed > 2)) || die "init-data was too quick to be killed"
dts init-data
stop_shapes_writers
dts sync --until now
must_be_equal shop
echo "kill_init_data: identical"
