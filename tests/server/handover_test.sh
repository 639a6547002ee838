#!/usr/bin/env bash
# The start position of the copy. A commit is in the binlog before SELECT sees it; semi-sync without
# a replica holds that moment open for seconds. A start position behind such a commit would lose it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/shapes.sh"

HOLD=8 # seconds
start_source --rpl-semi-sync-master-timeout=$((HOLD * 1000)) --rpl-semi-sync-master-wait-point=AFTER_SYNC
start_target
load_shapes source 500
sql source "CREATE DATABASE held; USE held;
  CREATE TABLE keyed (id INT NOT NULL PRIMARY KEY, v INT);
  CREATE TABLE keyless (v INT, w VARCHAR(10));
  INSERT INTO keyed SELECT seq, 0 FROM seq_1_to_1000;
  INSERT INTO keyless SELECT seq % 10, 'x' FROM seq_1_to_1000"
create_accounts shop held
write_job shop held
precheck keyless-tables
dts init-schema

sql source "SET GLOBAL rpl_semi_sync_master_enabled = ON"
held=()
hold() {
  sql source "$1" held &
  held+=($!)
}
hold "INSERT INTO keyed VALUES (5000, 1)"
hold "UPDATE keyed SET v = v + 1 WHERE id BETWEEN 100 AND 200"
hold "DELETE FROM keyed WHERE id = 300"
hold "UPDATE keyed SET id = 6000 WHERE id = 400"
hold "INSERT INTO keyless VALUES (1, 'x'), (1, 'new')"
hold "DELETE FROM keyless WHERE v = 3 LIMIT 10"
hold "UPDATE keyless SET w = 'held' WHERE v = 4 LIMIT 10"
sleep 1
[[ $(sql source "SELECT COUNT(*) FROM held.keyed WHERE id = 5000") == 0 ]] || die "semi-sync holds nothing"
begin=$SECONDS
dts init-data
((SECONDS - begin < HOLD - 2)) || note "note: init-data took $((SECONDS - begin)) s, perhaps longer than commits were held"
wait "${held[@]}"
sql source "SET GLOBAL rpl_semi_sync_master_enabled = OFF"
[[ $(sql source "SELECT COUNT(*) FROM held.keyed WHERE id = 5000") == 1 ]] || die "the held commit is gone"
dts sync --until now
must_be_equal held shop

# The same with a copy that starts and ends in the midst of many writes to tables without a key.
crash_server target
rm -rf "$WORK/target" "${JOB%.toml}".state.toml*
start_target
create_accounts shop held
write_job shop held
keyless_writer() {
  local stop=$1
  awk -v stop="$stop" 'BEGIN { srand(); while ((getline line < stop) < 0) { for (i = 0; i < 20; i++) {
    v = int(rand() * 10)
    print "INSERT INTO held.keyless VALUES (" v ", \"n\"), (" v ", \"n\"); UPDATE held.keyless SET w = \"u\" WHERE v = " v " LIMIT 1;"
    print "DELETE FROM held.keyless WHERE v = " v " LIMIT 2;" } print "DO SLEEP(0.005);"; fflush() } }'
}
start_writer keyless keyless_writer
precheck keyless-tables
dts init-schema
dts init-data
dts sync --until now
stop_writer keyless
dts sync --until now
must_be_equal held shop
echo "handover: identical"
