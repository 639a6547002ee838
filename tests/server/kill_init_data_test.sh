#!/usr/bin/env bash
# init-data is killed ten times at random moments while the source is written to, and then finished.
# With DTS_TORTURE=1 fifty times, from the beginning again when it has finished before, and on MySQL, too.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/shapes.sh"

begun() { [[ $(sql target 'SELECT COUNT(*) FROM dtsctl.position') == 1 ]]; }

# kill_copies SERVER KILLS
kill_copies() {
  local kind=$1 rounds=$2 pid killed=0 restarts=0 again=() failed
  start_source "$kind"
  start_target "$kind"
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
  wait_for 10 begun || die "init-data does not begin: $(tail -n 5 "$WORK/copy.log")"
  kill -9 "$pid"
  wait "$pid" 2>/dev/null || true
  cp "$WORK/before.state.toml" "$WORK/dtsctl.state.toml"

  echo "seed $SEED"
  while ((killed < rounds)); do
    "$DTSCTL" -f "$JOB" --yes init-data -j 1 "${again[@]}" >>"$WORK/copy.log" 2>&1 &
    pid=$!
    again=()
    sleep "0.$(printf '%03d' $((RANDOM % 600 + 50)))"
    if kill -9 "$pid" 2>/dev/null; then
      killed=$((killed + 1))
      failed=0
      wait "$pid" 2>/dev/null || failed=$?
      # Ended by itself just before, and had not been waited for.
      [[ $failed == 137 || $failed == 0 ]] || die "init-data failed: $(tail -n 5 "$WORK/copy.log")"
    else
      wait "$pid" || die "init-data failed: $(tail -n 5 "$WORK/copy.log")"
      ((${DTS_TORTURE:-0})) || break # it has finished
      again=(--restart)
      restarts=$((restarts + 1))
    fi
    dts status --json | jq -e '.running == false' >/dev/null || die "status after a kill: $(dts status)"
  done
  echo "$kind: killed $killed times, begun again $restarts times"
  ((killed > 2)) || die "init-data was too quick to be killed"
  dts init-data
  stop_shapes_writers
  dts sync --until now
  must_be_equal shop
  echo "kill_init_data: $kind: identical"
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
}

if ((${DTS_TORTURE:-0})); then
  kill_copies mariadb-10.11 50
  need_servers mysql-9.7
  kill_copies mysql-9.7 50
else
  kill_copies mariadb-10.11 10
fi
