#!/usr/bin/env bash
# dtsctl's memory stays below 256 MiB with a table of 2 GiB and a transaction of 1 GiB, nor when
# large changes are applied in parallel. DTS_TRANSACTION_GIB=5 makes that transaction larger.
set -euo pipefail
TMPDIR=${DTS_DISK:-${TMPDIR:-/tmp}} # gigabytes, which tests/run.sh would have in memory
. "$(dirname "$0")/lib.sh"

LIMIT_KIB=$((256 * 1024))
TABLE_ROWS=$((2 * 1024 * 16)) # of 64 KiB
GIB=${DTS_TRANSACTION_GIB:-1}
TRANSACTION_ROWS=$((1024 * 16))

free_kib=$(df --output=avail -k "$WORK" | tail -n 1)
((free_kib > (8 + 6 * GIB) * 1024 * 1024)) || die "needs $((8 + 6 * GIB)) GiB of free space in ${TMPDIR:-/tmp} (set TMPDIR to another place)"

# measured TITLE ARGUMENT...: runs dtsctl and watches the high-water mark of its resident memory.
measured() {
  local title=$1 pid peak=0 now status=0
  shift
  "$DTSCTL" -f "$JOB" "$@" >"$WORK/run.log" 2>&1 &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    now=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
    peak=${now:-$peak}
    sleep 0.1
  done
  wait "$pid" || status=$?
  ((status == 0)) || die "$title ended with $status: $(tail -n 5 "$WORK/run.log")"
  ((peak > 1024)) || die "the memory of $title was not measured"
  echo "$title: $((peak / 1024)) MiB at most, in $SECONDS s"
  ((peak < LIMIT_KIB)) || die "$title took $((peak / 1024)) MiB of memory"
}

fast=(--innodb-log-file-size=1G --innodb-doublewrite=0 --max-allowed-packet=64M)
start_source "${fast[@]}" --max-binlog-size=1G
start_target "${fast[@]}"
# Rows are made by the server, and not alike, so that nothing compresses or coalesces them away.
sql source "CREATE DATABASE wide; USE wide;
  CREATE TABLE page (id INT NOT NULL PRIMARY KEY, body MEDIUMBLOB NOT NULL);
  SET sql_log_bin = 0;
  INSERT INTO page SELECT seq, REPEAT(MD5(seq), 2048) FROM seq_1_to_$TABLE_ROWS"
create_accounts wide
write_job wide
precheck
dts init-schema
SECONDS=0
measured "copy of 2 GiB" init-data
# Half of it new rows, half changed ones, in one transaction.
sql source "USE wide; BEGIN;
  INSERT INTO page SELECT 1000000 + seq, REPEAT(MD5(-seq), 2048) FROM seq_1_to_$((GIB * TRANSACTION_ROWS - TRANSACTION_ROWS / 2));
  UPDATE page SET body = CONCAT(body, 'x') WHERE id <= $((TRANSACTION_ROWS / 4));
  COMMIT"
SECONDS=0
measured "transaction of $GIB GiB" sync --until now
# The same in transactions of some MB, which several sessions apply at the same time.
for ((from = 0; from < TRANSACTION_ROWS / 4; from += 40)); do
  echo "UPDATE page SET body = CONCAT(body, 'y') WHERE id BETWEEN $from AND $((from + 39));"
done | client source wide
SECONDS=0
measured "500 MiB in parallel" -c sync.apply=parallel sync --until now
[[ $(sql target "SELECT COUNT(*) FROM dtsctl.lane_position") == 4 ]] || die "nothing was applied in parallel"
must_be_equal wide
echo "memory: identical"
