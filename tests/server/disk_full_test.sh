#!/usr/bin/env bash
# The target's disk is full while rows are copied: the copy says so and waits; once there is room it goes
# on, by itself or when it is started again. A full disk while indexes are built is no other, nor is one while syncing.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

ROOM=$WORK/room # a small file system, in memory
mkdir "$ROOM"
if ! mount -t tmpfs -o size=16m dtsctl-test "$ROOM" 2>/dev/null; then
  echo "SKIPPED: $(basename "$0" .sh): no file system can be mounted here (needs root)"
  exit "$SKIPPED"
fi
# leave() removes the folder, so the file system goes first.
leave_room() {
  local status=$?
  [[ -z ${SERVER_PID[target]:-} ]] || crash_server target
  umount "$ROOM" 2>/dev/null || umount -l "$ROOM" || true
  (exit "$status")
  leave
}
trap leave_room EXIT

told() { grep -qE "$1" "$WORK/copy.out"; }

full() {
  local kind=$1 limit="max_recursive_iterations" target_flags
  start_source "$kind"
  mount -o remount,size=400m "$ROOM"
  start_target "$kind"
  # Only what the tables need is in the small file system.
  sql target "CREATE DATABASE shop"
  stop_server target
  mv "$WORK/target/data/shop" "$ROOM/shop"
  ln -s "$ROOM/shop" "$WORK/target/data/shop"
  restart_server target
  [[ $kind != mysql-* ]] || limit="cte_max_recursion_depth"
  sql source "SET SESSION $limit = 1000000; CREATE DATABASE shop; USE shop;
    CREATE TABLE big (id INT PRIMARY KEY, k VARCHAR(600), v VARCHAR(600), KEY k (k));
    INSERT INTO big WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
      SELECT i, CONCAT(i * 7919 % 60000, REPEAT('k', 100)), REPEAT(CHAR(65 + i % 26), 500) FROM n;
    ANALYZE TABLE big" >/dev/null
  create_accounts shop
  write_job shop
  precheck
  dts init-schema >"$WORK/schema.out" 2>&1 || die "init-schema: $(cat "$WORK/schema.out")"
  mount -o remount,size=24m "$ROOM"
  "$DTSCTL" -f "$JOB" init-data >"$WORK/copy.out" 2>&1 &
  local copy=$!
  wait_for 60 told 'trying again.*make room on the target' || die "$kind: a full disk is not told: $(cat "$WORK/copy.out")"
  echo "$kind: $(grep -m 1 'trying again' "$WORK/copy.out")"
  # It could also be given up.
  kill -INT "$copy"
  wait "$copy" 2>/dev/null || true
  dts status >"$WORK/status.out"
  grep -q 'no indexes *shop.big: k' "$WORK/status.out" || die "$kind: status does not list the index: $(cat "$WORK/status.out")"
  "$DTSCTL" -f "$JOB" init-data >"$WORK/copy.out" 2>&1 &
  copy=$!
  wait_for 60 told 'trying again.*make room on the target' || die "$kind: a full disk is not told: $(cat "$WORK/copy.out")"
  mount -o remount,size=400m "$ROOM"
  wait "$copy" || die "$kind: init-data does not go on: $(cat "$WORK/copy.out")"
  must_be_equal shop
  ! dts status | grep -q 'no indexes' || die "$kind: status still lists indexes"

  local used
  start_sync
  used=$(du -sm "$ROOM" | cut -f 1)
  mount -o remount,size=$((used + 6))m "$ROOM"
  sql source "USE shop; INSERT INTO big SELECT id + 100000, k, v FROM big; UPDATE big SET v = REPEAT('w', 600) WHERE id > 100000"
  wait_for 60 grep -qE 'trying again.*make room on the target' "$WORK/sync.log" || die "$kind: a full disk is not told while syncing: $(cat "$WORK/sync.log")"
  mount -o remount,size=400m "$ROOM"
  stop_sync
  dts sync --until now >"$WORK/sync.out" 2>&1 || die "$kind: sync does not go on: $(cat "$WORK/sync.out")"
  must_be_equal shop
  echo "disk_full: $kind: identical"
  crash_server target
  stop_server source
  rm -rf "$ROOM"/* "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
}

full mariadb-10.11
need_servers mysql-9.7
full mysql-9.7
