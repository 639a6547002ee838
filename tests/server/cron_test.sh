#!/usr/bin/env bash
# What a scheduler needs of sync: `--until` in every form, runs that overlap, a start without a copy, what was
# left out on request; and the scripts of examples/.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

rows() { sql "$1" "SELECT COUNT(*) FROM shop.t"; }
synced() { dts "$@" >"$WORK/sync.out" 2>"$WORK/sync.err" || die "sync: $(cat "$WORK/sync.out" "$WORK/sync.err")"; }

begin() {
  start_source "$@"
  start_target "$1"
  sql source "CREATE DATABASE shop; CREATE TABLE shop.t (id INT AUTO_INCREMENT PRIMARY KEY, v INT); INSERT INTO shop.t (v) VALUES (1), (2)"
  create_accounts shop
  write_job shop
  printf '[sync]\nheartbeat_seconds = 0.2\n' >>"$JOB"
  precheck binlog-retention
  dts init-schema >/dev/null 2>&1 && dts init-data >/dev/null 2>&1 || die "the copy"
}

# One line of result, exit code 0, and no waiting: the best of five runs, as others use the machine, too.
nothing_to_do() {
  synced sync --until now
  local i start took best=1000000
  for ((i = 0; i < 5; ++i)); do
    start=${EPOCHREALTIME/./}
    synced sync --until now
    took=$((${EPOCHREALTIME/./} - start))
    ((took >= best)) || best=$took
  done
  ((best < 1000000)) || die "a run with nothing to do takes $best microseconds"
  [[ $(wc -l <"$WORK/sync.err") == 1 ]] && grep -q '^sync done: 0 transactions, 0 row changes applied' "$WORK/sync.err" || die "not one line: $(cat "$WORK/sync.err")"
  sql source "INSERT INTO shop.t (v) VALUES (3)"
  synced sync --until now
  grep -q '^sync done: 1 transaction, 1 row change applied' "$WORK/sync.err" || die "what this run did: $(cat "$WORK/sync.err")"
  # All is applied, however long ago it was written.
  local age lag
  for age in 0 10000; do
    sql source "SET timestamp = UNIX_TIMESTAMP() - $age; INSERT INTO shop.t (v) VALUES (3)"
    synced sync --until now
    lag=$(dts status --json | jq .sync.lag_seconds)
    jq -ne "$lag >= 0 and $lag < 60" >/dev/null || die "--until now, of what was written $age s ago, ends with a lag of $lag s"
  done
}

# The second of two runs, here or with a state of its own elsewhere, ends with 5 and changes nothing.
overlapping() {
  start_sync
  wait_for 10 sync_runs || die "sync does not start"
  cp "${JOB%.toml}.state.toml" "$WORK/before"
  dts_fails 5 'another dtsctl works on this job' -- sync --until now
  mkdir "$WORK/elsewhere"
  cp "${JOB%.toml}.state.toml" "$WORK/elsewhere/state.toml"
  local position
  position=$(sql target "SELECT gtid, log_file, log_offset FROM dtsctl.position")
  dts_fails 5 'IS_USED_LOCK' -- --state "$WORK/elsewhere/state.toml" sync --until now
  [[ $position == "$(sql target "SELECT gtid, log_file, log_offset FROM dtsctl.position")" ]] || die "the second run moved the position"
  stop_sync
}
sync_runs() { [[ $(dts status --json | jq -r .phases.sync.state) == running ]]; }

# To a position, to the end of a file, to a time.
until_forms() {
  local gtid place
  sql source "INSERT INTO shop.t (v) VALUES (4)"
  if is_mysql source; then gtid=$(sql source "SELECT REPLACE(@@gtid_executed, '\n', '')"); else gtid=$(sql source "SELECT @@gtid_binlog_pos"); fi
  sql source "INSERT INTO shop.t (v) VALUES (5)"
  place=$(sql source "$(is_mysql source && echo 'SHOW BINARY LOG STATUS' || echo 'SHOW MASTER STATUS')" | awk '{ print $1 ":" $2 }')
  sql source "SET timestamp = 2000000000; INSERT INTO shop.t (v) VALUES (6)"
  sql source "SET timestamp = 2000000100; INSERT INTO shop.t (v) VALUES (7)"
  synced sync --until "$gtid"
  [[ $(sql target "SELECT MAX(v) FROM shop.t") == 4 ]] || die "--until GTID"
  synced sync --until "$place"
  [[ $(sql target "SELECT MAX(v) FROM shop.t") == 5 ]] || die "--until FILE:OFFSET"
  synced sync --until 2033-05-18T03:33:20Z
  [[ $(sql target "SELECT MAX(v) FROM shop.t") == 6 ]] || die "--until TIME"
  synced sync --until now
  [[ $(sql target "SELECT MAX(v) FROM shop.t") == 7 ]] || die "--until now"
  dts_fails 2 'has a position already' -- sync --from "$gtid" --until now
}

# What is left out is written down: what, where, when. A position that nothing stands at leaves nothing out.
left_out() {
  local gtid
  sql source "INSERT INTO shop.t (v) VALUES (8)"
  gtid=$(sql source "SELECT @@gtid_binlog_pos")
  sql target "DELETE FROM shop.t WHERE v = 7"
  sql source "UPDATE shop.t SET v = 70 WHERE v = 7"
  dts_fails 2 'does not have it' -- sync --until now --skip-transaction "${gtid%-*}-$((${gtid##*-} + 50))"
  dts_fails 2 'applied already' -- sync --until now --skip-transaction "${gtid%-*}-1"
  dts_fails 1 '' -- sync --until now --skip-ddl "$(sql source "SELECT @@gtid_binlog_pos")"
  dts status --json | jq -e '[.sync.skipped[] | select(.kind == "transaction")] == []' >/dev/null || die "left out what was not named"
  gtid=$(sql source "SELECT @@gtid_binlog_pos")
  synced sync --until now --skip-transaction "$gtid"
  dts status --json | jq -e --arg p "$gtid" '.sync.skipped[] | select(.kind == "transaction" and (.detail | endswith($p)) and .when != null)' >/dev/null ||
    die "--skip-transaction is not recorded: $(dts status --json)"
  dts status | grep -q "left out on request: $gtid" || die "status does not show it"
  sql target "INSERT INTO shop.t VALUES ($(sql source "SELECT id FROM shop.t WHERE v = 70"), 70)"
  sql target "DROP TABLE IF EXISTS shop.mine; CREATE TABLE shop.mine (a INT); INSERT INTO shop.mine VALUES (1)"
  sql source "CREATE TABLE shop.mine (a INT)"
  gtid=$(sql source "SELECT @@gtid_binlog_pos")
  dts_fails 1 'is another table' -- sync --until now
  dts_fails 2 'applied already' -- sync --until now --skip-ddl "${gtid%-*}-1"
  sql target "DELETE FROM shop.mine"
  synced sync --until now --skip-ddl "$gtid"
  dts status --json | jq -e '.sync.skipped[] | select(.kind == "ddl" and (.detail | startswith("CREATE TABLE shop.mine")) and .when != null)' >/dev/null ||
    die "--skip-ddl is not recorded"
}

# The script of examples/: it refuses while rows differ, and then gives the source back.
cut_over() {
  local side
  for side in source target; do
    printf '[client]\nsocket = %s\nuser = root\n' "$WORK/$side/sock" >"$WORK/$side.cnf"
  done
  sql source "DROP TABLE shop.mine; INSERT INTO shop.t (v) VALUES (90)"
  sql target "INSERT INTO shop.t VALUES (1000, 1)"
  local script="$DTS_SOURCE_DIR/examples/resync/cutover.sh" status=0
  DTSCTL=$DTSCTL bash "$script" "$JOB" "$WORK/source.cnf" "$WORK/target.cnf" shop >"$WORK/out" 2>"$WORK/err" || status=$?
  [[ $status == 1 ]] && grep -q 'numbers of rows differ' "$WORK/err" || die "the cut-over passed over a difference: $(cat "$WORK/err")"
  [[ $(sql source "SELECT @@read_only") == 0 ]] || die "the source was not given back"
  sql target "DELETE FROM shop.t WHERE id = 1000"
  sql source "INSERT INTO shop.t (v) VALUES (91)"
  DTSCTL=$DTSCTL bash "$script" "$JOB" "$WORK/source.cnf" "$WORK/target.cnf" shop >"$WORK/out" 2>"$WORK/err" || die "cut-over: $(cat "$WORK/err")"
  grep -q "^shop.t $(rows source)\$" "$WORK/out" || die "no counts: $(cat "$WORK/out")"
  [[ $(sql source "SELECT @@read_only") == 1 && $(rows source) == "$(rows target)" ]] || die "the cut-over is not whole"
  sql source "SET GLOBAL read_only = OFF"
}

# Tables that are there, a position that is known: no copy.
from_position() {
  local gtid
  gtid=$(sql source "SELECT @@gtid_binlog_pos")
  sql source "CREATE DATABASE fresh; CREATE TABLE fresh.t (id INT PRIMARY KEY)"
  gtid=$(sql source "SELECT @@gtid_binlog_pos")
  sql source "INSERT INTO fresh.t VALUES (1)"
  sql target "CREATE DATABASE fresh; CREATE TABLE fresh.t (id INT PRIMARY KEY)"
  create_accounts fresh
  write_job fresh
  sed -i 's/^name = .*/name = "fresh"\nphases = ["sync"]/' "$JOB"
  rm -f "${JOB%.toml}".state*
  precheck binlog-retention
  dts_fails 4 'knows no position' -- sync --until now
  synced sync --from "$gtid" --until now
  synced sync --until now
  must_be_equal fresh
}

begin mariadb-10.11
nothing_to_do
overlapping
until_forms
left_out
cut_over
from_position
stop_server source
stop_server target
rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
begin mysql-9.7
until_forms
echo "cron: done"
