#!/usr/bin/env bash
# sync is killed at random moments while the source is written to; nothing is lost and nothing applied
# twice, in tables without a key either. random_workload_test.sh does so with more kinds of trouble.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/shapes.sh"

start_source
start_target
load_shapes source 1000
create_accounts shop
write_job shop
precheck keyless-tables
dts init-schema
start_shapes_writers 1000
dts init-data

rounds=4
((${DTS_TORTURE:-0} == 0)) || rounds=100
echo "seed $SEED"
for ((round = 1; round <= rounds; round++)); do
  "$DTSCTL" -f "$JOB" sync >>"$WORK/sync.log" 2>&1 &
  pid=$!
  sleep "$((RANDOM % 2)).$(printf '%03d' $((RANDOM % 1000)))"
  kill -9 "$pid" 2>/dev/null || die "sync has ended by itself: $(tail -n 5 "$WORK/sync.log")"
  wait "$pid" 2>/dev/null || true
  [[ $(dts status --json | jq .running) == false ]] || die "status after a kill: $(dts status)"
done
stop_shapes_writers
dts sync --until now
must_be_equal shop
dts status --json | jq -e '(.sync.conflicts | length) == 0' >/dev/null || die "conflicts: $(dts status --json)"

# A lost state file is rebuilt from the target's own bookkeeping.
rm "${JOB%.toml}.state.toml"
start_shapes_writers 500
sleep 1
stop_shapes_writers
dts sync --recover-state --until now
must_be_equal shop
echo "kill_sync: identical after $rounds kills"
