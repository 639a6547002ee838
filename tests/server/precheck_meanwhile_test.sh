#!/usr/bin/env bash
# What happens while precheck reads: tables and views that go, servers that do not answer, a source that
# shows too little.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

start_source
start_target --general-log --general-log-file="$WORK/target/general.log"
{
  for d in 1 2 3; do
    echo "CREATE DATABASE d$d; USE d$d;"
    for i in {1..100}; do echo "CREATE TABLE t$i (id INT PRIMARY KEY, a INT, b INT, KEY (a));"; done
  done
} | client source
create_accounts d1 d2 d3
write_job d1 d2 d3
printf '[schema]\nexisting_tables = "keep"\n' >>"$JOB"

# Each lives for a tenth of a second.
come_and_go() {
  local i
  for ((i = 0; ; i++)); do
    [[ ! -e $1 ]] || return 0
    echo "CREATE TABLE d2.a$i (id INT PRIMARY KEY); CREATE VIEW d2.b$i AS SELECT * FROM d2.t1;"
    sleep 0.1
    echo "DROP VIEW d2.b$i; DROP TABLE d2.a$i;"
  done | client source
}
come_and_go "$WORK/enough" &
writer=$!
for i in 1 2 3 4 5; do
  dts precheck >"$WORK/out" 2>&1 || die "tables and views came and went: $(cat "$WORK/out")"
done
touch "$WORK/enough"
wait $writer

# columns_read: how often the target was asked for the columns of a database
columns_read() { grep -c 'FROM information_schema.COLUMNS WHERE TABLE_SCHEMA' "$WORK/target/general.log" || true; }
dts init-schema >"$WORK/out" 2>&1 || die "init-schema: $(cat "$WORK/out")"
sql source "CREATE USER part@'%' IDENTIFIED BY '$(<"$WORK/password")'; GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO part@'%';
  GRANT SELECT, SHOW VIEW, TRIGGER ON d1.* TO part@'%'; GRANT SELECT (b) ON d2.t1 TO part@'%'; GRANT SELECT ON mysql.proc TO part@'%'"
before=$(columns_read)
dts_fails 3 "some are hidden" -- -c source.user=part precheck
read=$(($(columns_read) - before))
((read <= 6)) || die "the target's columns were read $read times for three databases"

# The precheck in the background ended by the signal, not by what it found.
interrupted() {
  local status=0
  wait $precheck || status=$?
  ((status == 130)) || die "precheck ended with $status, and was not interrupted: $(cat "$WORK/out")"
}

# A plan asks the target for none of its tables.
before=$(columns_read)
dts precheck --plan >"$WORK/out" 2>&1 || die "the plan: $(cat "$WORK/out")"
(($(columns_read) == before)) || die "the plan read columns of the target"

# Until one is caught in the act: it takes less than a second.
for ((try = 0; ; try++)); do
  ((try < 20)) || die "no precheck was caught while it asks the target"
  before=$(columns_read)
  under_way() { (($(columns_read) > before)); }
  "$DTSCTL" -f "$JOB" precheck >"$WORK/out" 2>&1 &
  precheck=$!
  wait_for 20 under_way || die "the target is asked nothing: $(cat "$WORK/out")"
  kill -STOP "$(<"$WORK/target/pid")"
  sleep 0.5
  ! kill -0 $precheck 2>/dev/null || break
  kill -CONT "$(<"$WORK/target/pid")"
done
begin=$SECONDS
kill -INT $precheck
interrupted
((SECONDS - begin < 10)) || die "precheck took $((SECONDS - begin)) s to be interrupted"
kill -CONT "$(<"$WORK/target/pid")"

# Nothing but the reading of the target's tables waits: RENAME has locked the one, and waits for the other.
client target d1 <<<"BEGIN; SELECT * FROM t6; DO SLEEP(300)" >/dev/null 2>&1 &
reader=$!
stands() { [[ -n $(sql target "SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE '$1' AND STATE LIKE '$2'") ]]; }
wait_for 20 stands 'DO SLEEP%' 'User sleep' || die "the reader does not stand"
client target d1 <<<"RENAME TABLE t5 TO t5_gone, t6 TO t6_gone" >/dev/null 2>&1 &
renaming=$!
wait_for 20 stands 'RENAME%' 'Waiting for table metadata lock' || die "RENAME does not wait"
"$DTSCTL" -f "$JOB" precheck >"$WORK/out" 2>&1 &
precheck=$!
wait_for 20 stands '%information_schema.%' 'Waiting for table metadata lock' || die "the target's tables are not waited for: $(sql target "SHOW PROCESSLIST"; cat "$WORK/out")"
sleep 1
begin=$SECONDS
kill -INT $precheck
interrupted
((SECONDS - begin < 10)) || die "precheck took $((SECONDS - begin)) s to be interrupted while it waits for a lock"
# Left alone it ends by itself, and says why.
begin=$SECONDS
dts_fails 3 'schema-compare .*d1.*t5.*Lock wait timeout' -- precheck
grep -q 'somebody has locked a table' "$WORK/out" "$WORK/err" || die "no remedy for a lock: $(cat "$WORK/out")"
((SECONDS - begin < 150)) || die "precheck waited $((SECONDS - begin)) s for a lock"
kill $reader $renaming
wait $reader $renaming || true
echo "precheck_meanwhile: nothing is in the way"
