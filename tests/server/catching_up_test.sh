#!/usr/bin/env bash
# While catching up, the target may hold rows in a state that they had only later, or not any more.
# What the copy may have seen is put there by hand, so that each case is met for certain.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

start_source
start_target
sql source "CREATE DATABASE shop; USE shop;
  CREATE TABLE t (id INT PRIMARY KEY, u INT UNIQUE, v VARCHAR(20));
  INSERT INTO t VALUES (1, 1, 'one'), (2, 2, 'two'), (3, 3, 'three')"
create_accounts shop
write_job shop
precheck
dts init-schema
dts init-data

# came_and_went: inserted, read by the copy, deleted; all inside one group of sync.
sql source "INSERT INTO shop.t VALUES (10, 10, 'brief'); DELETE FROM shop.t WHERE id = 10"
sql target "INSERT INTO shop.t VALUES (10, 10, 'brief')"
# The same for a key that the row had in between only.
sql source "UPDATE shop.t SET id = 20 WHERE id = 1; UPDATE shop.t SET id = 30 WHERE id = 20"
sql target "UPDATE shop.t SET id = 20 WHERE id = 1"
# unique_value_moved: the copy saw row 3 with the value that row 2 had before.
sql source "UPDATE shop.t SET u = 22 WHERE id = 2; UPDATE shop.t SET u = 2 WHERE id = 3"
sql target "DELETE FROM shop.t WHERE id = 2; UPDATE shop.t SET u = 2 WHERE id = 3"
# updated_then_deleted: the copy came too late to see it.
sql source "UPDATE shop.t SET v = 'late' WHERE id = 2; DELETE FROM shop.t WHERE id = 2"
# Until here the job is catching up.
sql target "UPDATE dtsctl.position SET copy_end_gtid = '$(sql source 'SELECT @@gtid_binlog_pos')'"

dts sync --until now
compare_servers shop || die "rows differ: $(sql target 'SELECT * FROM shop.t')"
dts status --json | jq -e '(.sync.conflicts | length) == 0' >/dev/null || die "conflicts were counted"

# From then on a row that is not as expected is a conflict.
sql target "DELETE FROM shop.t WHERE id = 3"
sql source "UPDATE shop.t SET v = 'x' WHERE id = 3"
dts_fails 1 "is not there" -- sync --until now
dts -c sync.on_conflict=overwrite sync --until now
compare_servers shop || die "overwrite has not mended it: $(sql target 'SELECT * FROM shop.t')"
[[ $(dts status --json | jq -r '.sync.conflicts[0].kind') == missing-row ]] || die "$(dts status --json)"

# Of many, the first keys are told one by one, each with its count, and all are counted.
sql source "USE shop; INSERT INTO t SELECT seq, seq, 'many' FROM seq_100_to_129"
dts sync --until now
sql target "DELETE FROM shop.t WHERE id >= 100"
for v in a b; do
  sql source "UPDATE shop.t SET v = '$v' WHERE id >= 100"
  dts -c sync.on_conflict=ignore sync --until now
done
dts status --json | jq -e '.sync.conflicts[0] | .count == 61 and (.keys | length) == 20 and .keys[0] == {"key": "(`id` = 3)", "count": 1} and
  .keys[1] == {"key": "(`id` = 100)", "count": 2}' >/dev/null || die "conflicts: $(dts status --json | jq -c .sync.conflicts)"
dts status | grep -q '(`id` = 100) (2 times)' || die "keys are not shown: $(dts status)"
echo "catching_up: identical"
