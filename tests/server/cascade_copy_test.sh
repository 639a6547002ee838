#!/usr/bin/env bash
# Tables that foreign keys with CASCADE and SET NULL connect are copied from one position, whatever happens
# to them, to the copy, or to sync while it catches up.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cascades.sh"

# Rows are cascaded and changed while they are copied; the copy is killed, and goes on.
copied() {
  start_cascades 20000
  printf '[data]\nworkers = 2\nrows_per_second = 60000\n' >>"$JOB"
  precheck
  dts init-schema >/dev/null 2>&1 || die "init-schema"
  start_writer w cascade_writer 20000
  local pid i
  for i in 0.4 0.9 1.5; do
    "$DTSCTL" -f "$JOB" init-data >"$WORK/copy.out" 2>&1 &
    pid=$!
    sleep "$i"
    kill -0 "$pid" 2>/dev/null || die "the copy was through before it was killed: $(cat "$WORK/copy.out")"
    kill -9 "$pid"
    wait "$pid" 2>/dev/null || true
  done
  dts init-data >"$WORK/copy.out" 2>&1 || die "init-data: $(cat "$WORK/copy.out")"
  [[ $(sql target "SELECT COUNT(DISTINCT start_gtid), COUNT(start_gtid) FROM dtsctl.tracked_table WHERE table_name IN ('parent', 'child', 'grandchild', 'follower', 'keyless', 'held', 'both_ways')") == 1$'\t'7 ]] || die "tables of one group have several positions"
  start_sync
  for i in 1 2 3 4 5 6; do
    sleep 0.$((RANDOM % 8 + 2))
    kill -9 "$SYNC_PID"
    wait "$SYNC_PID" 2>/dev/null || true
    start_sync
  done
  stop_sync
  sleep 3 # what piles up is applied by lanes
  stop_writer w
  for i in 1 2 3; do
    start_sync -c sync.apply=parallel
    sleep 0.$((RANDOM % 5 + 3))
    kill -9 "$SYNC_PID"
    wait "$SYNC_PID" 2>/dev/null || true
  done
  dts -c sync.apply=parallel sync --until now >"$WORK/out" 2>&1 || die "sync: $(cat "$WORK/out")"
  must_be_equal shop
  no_conflicts
  echo "cascade: copied while rows change, killed"
}

# A table of the group is altered while it is copied: all of them begin again, from one position.
altered() {
  start_cascades 20000
  printf '[data]\nworkers = 2\nrows_per_second = 60000\n' >>"$JOB"
  precheck
  dts init-schema >/dev/null 2>&1 || die "init-schema"
  start_writer w cascade_writer 20000
  dts init-data >"$WORK/copy.out" 2>&1 &
  local pid=$!
  sleep 0.8
  sql source "ALTER TABLE shop.grandchild ADD COLUMN more INT NOT NULL DEFAULT 5;
    CREATE TABLE shop.late (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES shop.pair (x) ON DELETE CASCADE);
    INSERT INTO shop.late SELECT DISTINCT x, x FROM shop.pair WHERE x < 500" || die "ALTER"
  kill -0 "$pid" 2>/dev/null || die "the copy was through before it was disturbed"
  wait "$pid" || die "init-data: $(cat "$WORK/copy.out")"
  grep -q 'copied again' "$WORK/copy.out" || die "nothing was copied again: $(cat "$WORK/copy.out")"
  stop_writer w
  dts sync --until now >"$WORK/out" 2>&1 || die "sync: $(cat "$WORK/out")"
  must_be_equal shop
  no_conflicts
  echo "cascade: altered while it is copied"
}

copied
forget_all
altered
