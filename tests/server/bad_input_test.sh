#!/usr/bin/env bash
# Whatever is wrong is said, with the documented exit code, and nothing is left half done.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

start_source
start_target
sql source "CREATE DATABASE shop; USE shop;
  CREATE TABLE item (id INT NOT NULL PRIMARY KEY, name VARCHAR(20));
  INSERT INTO item SELECT seq, 'x' FROM seq_1_to_100000"
create_accounts shop
write_job shop
STATE=${JOB%.toml}.state.toml

# The target must hold nothing but the server's own databases.
target_untouched() {
  [[ $(sql target "SELECT COUNT(*) FROM information_schema.SCHEMATA
                   WHERE SCHEMA_NAME NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')") == 0 ]] ||
    die "something was made on the target: $(sql target 'SHOW DATABASES')"
}
# with COMMAND...: runs a sed expression over a copy of the job file, which then is $JOB.
edit_job() {
  cp "$JOB" "$JOB.good"
  sed -i "$1" "$JOB"
}
restore_job() { mv "$JOB.good" "$JOB"; }

# --- usage and job file: 2
dts_fails 2 "did you mean" -- snyc
dts_fails 2 "" -- sync --until
dts_fails 2 "did you mean.*workers" -- -c data.worker=3 precheck
dts_fails 2 "workers" -- -c data.workers=many precheck
edit_job 's/^port/prot/'
dts_fails 2 "dtsctl.toml:[0-9]+:[0-9]+: .*(did you mean|unknown)" -- precheck
restore_job
edit_job '1i name = '
dts_fails 2 "dtsctl.toml:1:" -- precheck
restore_job
edit_job '$d'
dts_fails 2 "include" -- precheck
restore_job
"$DTSCTL" -f "$WORK/none.toml" precheck 2>"$WORK/err" && die "a missing job file is no error"
grep -q "none.toml" "$WORK/err" || die "the missing job file is not named: $(<"$WORK/err")"
chmod 644 "$JOB"
edit_job '/^password_file/d; /^user/a password = "secret"'
dts_fails 2 "password" -- precheck # a literal password that others may read
restore_job
chmod 600 "$JOB"

# --- cannot connect or log in: 6, at once; where precheck reports it as a finding: 3
echo wrong >"$WORK/wrong"
free_port
for changed in 's#password_file = .*#password_file = "'"$WORK"'/wrong"#' \
  's/^port = .*/port = '"$FREE_PORT"'/' 's/^user = .*/user = "nobody"/'; do
  edit_job "$changed"
  begin=$SECONDS
  dts_fails '6' "127.0.0.1:" -- init-schema --no-precheck
  dts_fails '6' "" -- init-data --no-precheck
  dts_fails '6' "" -- sync --no-precheck
  ((SECONDS - begin < 20)) || die "took $((SECONDS - begin)) s to say that it cannot connect"
  status=0
  dts precheck >"$WORK/out" 2>&1 || status=$?
  [[ $status == 6 || $status == 3 ]] || die "precheck without a connection ends with $status: $(<"$WORK/out")"
  restore_job
done
rm -f "$STATE"*
target_untouched

# --- the gate: 3
dts_fails 3 "precheck" -- init-schema
dts_fails 3 "precheck" -- init-data
dts_fails 3 "precheck" -- sync
edit_job 's/include = .*/include = ["shop", "no_such_database"]/'
dts_fails 3 "no_such_database" -- precheck
dts_fails 3 "precheck" -- init-schema
restore_job
rm -f "$STATE"*
target_untouched

# --- an account without rights: precheck says which, and a step on its own fails whole
sql target "CREATE USER poor@'%' IDENTIFIED BY 'secret'"
edit_job '/^\[target\]/,$ s/^user = .*/user = "poor"/'
dts_fails 3 "GRANT .*poor" -- precheck
dts_fails 1 "" -- init-schema --no-precheck
restore_job
sql source "CREATE USER poor@'%' IDENTIFIED BY 'secret'; GRANT SELECT ON shop.* TO poor@'%'"
edit_job '/^\[source\]/,/^\[target\]/ s/^user = .*/user = "poor"/'
dts_fails 3 "REPLICATION SLAVE" -- precheck
restore_job
rm -f "$STATE"*
target_untouched

# --- things in the way on the target
sql target "CREATE DATABASE shop; CREATE TABLE shop.item (other INT)"
dts_fails 3 "item" -- precheck
sql target "DROP DATABASE shop"

# --- no binlog
stop_server source
SERVER_FLAGS[with_binlog]=${SERVER_FLAGS[source]}
SERVER_FLAGS[source]="--skip-log-bin --server-id=1"
restart_server source
dts_fails 3 "binlog" -- precheck
stop_server source
SERVER_FLAGS[source]=${SERVER_FLAGS[with_binlog]}
unset 'SERVER_FLAGS[with_binlog]'
restart_server source

precheck
dts init-schema

# --- two at a time: 5. The first one waits for a table that somebody has locked.
sql source "LOCK TABLES item WRITE; DO SLEEP(60)" shop 2>/dev/null &
blocker=$!
sleep 0.5
"$DTSCTL" -f "$JOB" init-data >"$WORK/first.log" 2>&1 &
first=$!
copying() { dts status --json | jq -e .running >/dev/null; }
wait_for 10 copying || die "status does not show the running init-data"
dts_fails 5 "$first|another" -- init-data
dts_fails 5 "" -- sync
# Also from another place, where the lock file is not seen.
mkdir -p "$WORK/elsewhere"
cp "$JOB" "$STATE" "$WORK/elsewhere/"
status=0
"$DTSCTL" -f "$WORK/elsewhere/dtsctl.toml" init-data >"$WORK/out" 2>&1 || status=$?
[[ $status == 5 ]] || die "a second dtsctl from another place ends with $status: $(<"$WORK/out")"
kill -INT "$first"
ended() { ! kill -0 "$first" 2>/dev/null; }
wait_for 10 ended || die "init-data does not react to SIGINT while it waits for a lock on the source"
status=0
wait "$first" || status=$?
[[ $status == 130 ]] || die "init-data ended with $status after SIGINT: $(<"$WORK/first.log")"
sql source "SELECT CONCAT('KILL ', ID) FROM information_schema.PROCESSLIST WHERE INFO = 'DO SLEEP(60)'" | client source
wait "$blocker" 2>/dev/null || true

# --- the state: 4
cp "$STATE" "$WORK/state.good"
for damage in 'truncate -s -20 %' 'truncate -s 0 %' 'sed -i s/^version.*/version=999/ %' 'cp /bin/true %'; do
  ${damage//%/$STATE}
  dts_fails 4 "state" -- init-data
  dts_fails 4 "state" -- status
  cp "$WORK/state.good" "$STATE"
done
edit_job 's/include = .*/include = ["shop.item"]/'
dts_fails 4 "" -- init-data # another selection is another job
restore_job

# --- and yet it all goes on from there
dts init-data
dts sync --until now
must_be_equal shop
echo "bad_input: all refused as documented"
