#!/usr/bin/env bash
# Rows of 60 MB each: the copy's memory stays below 200 MiB with any number of them and of workers.
# With DTS_TORTURE=1 a hundred rows; the server's data are in $TMPDIR.
set -euo pipefail
TMPDIR=${DTS_DISK:-${TMPDIR:-/tmp}} # gigabytes, which tests/run.sh would have in memory
. "$(dirname "$0")/lib.sh"

LIMIT_MIB=200
ROWS=8
((${DTS_TORTURE:-0} == 0)) || ROWS=100
needed_kib=$((ROWS * 60 * 1024 * 5 / 2 + 1024 * 1024))
free_kib=$(df --output=avail -k "$WORK" | tail -n 1)
((free_kib > needed_kib)) || die "needs $((needed_kib / 1024)) MiB of free space in ${TMPDIR:-/tmp} (set TMPDIR to another place)"

flags=(--max-allowed-packet=256M --innodb-log-file-size=768M --innodb-doublewrite=0)
start_source "${flags[@]}"
sql_lines() { for ((i = 1; i <= ROWS; ++i)); do echo "INSERT INTO big VALUES ($i, $i, REPEAT(UNHEX(SHA2($i, 256)), 60000000 DIV 32));"; done; }
sql source "CREATE DATABASE wide; USE wide; CREATE TABLE big (id INT PRIMARY KEY, n INT, body LONGBLOB); CREATE TABLE small (id INT PRIMARY KEY, v TEXT);
  INSERT INTO small SELECT seq, MD5(seq) FROM seq_1_to_1000"
{ echo "SET sql_log_bin = 0; USE wide;" && sql_lines; } | client source
sql source "ANALYZE TABLE wide.big" >/dev/null
start_target "${flags[@]}"
create_accounts wide
write_job wide
precheck
dts init-schema >/dev/null 2>&1

# copied TITLE OPTION...
copied() {
  local title=$1 peak=0 now pid status=0
  shift
  SECONDS=0
  "$DTSCTL" -f "$JOB" --yes "$@" init-data --restart >"$WORK/copy.out" 2>&1 &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    now=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
    peak=${now:-$peak}
    sleep 0.05
  done
  wait "$pid" || status=$?
  ((status == 0)) || die "$title ended with $status: $(cat "$WORK/copy.out")"
  ((peak > 1024)) || die "the memory of $title was not measured"
  echo "large_rows: $title: $ROWS rows of 60 MB, $((peak / 1024)) MiB at most, in $SECONDS s"
  must_be_equal wide
  ((peak / 1024 < LIMIT_MIB)) || die "$title took $((peak / 1024)) MiB of memory, not less than $LIMIT_MIB"
}
copied "LOAD DATA, 4 workers"
sql target "SET GLOBAL local_infile = 0"
copied "INSERT, 4 workers"
