#!/usr/bin/env bash
# System-versioned tables and application-time periods: every version with its times, by the copy and
# by sync, through definitions that change and kill -9; and what can't be carried is named.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/versions.sh"

start_source
start_target
versioned_tables | client source
sql source "SET GLOBAL system_versioning_alter_history = KEEP"
create_accounts shop
grep -o 'GRANT DELETE HISTORY.*;' "$DTS_SOURCE_DIR/README.md" | client target
write_job shop

sql source "CREATE TABLE shop.precise (id INT PRIMARY KEY, s BIGINT UNSIGNED GENERATED ALWAYS AS ROW START,
    e BIGINT UNSIGNED GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (s, e)) WITH SYSTEM VERSIONING;
  CREATE TABLE shop.rotated (id INT PRIMARY KEY) WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME LIMIT 100 PARTITIONS 2;
  CREATE TABLE shop.aria (id INT PRIMARY KEY) ENGINE = Aria WITH SYSTEM VERSIONING"
dts_fails 3 -- precheck
for finding in 'precise.*transaction numbers' 'rotated.*BY SYSTEM_TIME' 'without transactions.*shop.aria'; do
  grep -qE "$finding" "$WORK/out" || die "precheck does not name: $finding"
done
sql source "DROP TABLE shop.precise, shop.rotated, shop.aria"
sql target "REVOKE DELETE HISTORY ON shop.* FROM dts@'%'"
dts_fails 3 'lacks DELETE HISTORY' -- precheck
sql target "GRANT DELETE HISTORY ON shop.* TO dts@'%'"
precheck
dts init-schema

# Sessions that ask for the same may be told another's snapshot position, and so may we.
ask_for_status() {
  while [[ ! -e $1 ]]; do echo "SHOW STATUS LIKE 'binlog_snapshot_%';"; done
}
start_writer first versioned_writer 1
start_writer one ask_for_status
start_writer another ask_for_status
sleep 0.3
dts init-data
stop_writer one
stop_writer another
sleep 0.5
stop_writer first
dts sync --until now
must_have_same_versions "after the copy beside a writer"
must_be_equal shop

for i in $(seq 200 230); do versioned_change "$i"; done | client source shop
client source shop <<'END'
UPDATE parent SET v = v + 10; UPDATE child SET p = 2 WHERE id = 1; UPDATE child SET p = 1 WHERE id = 1;
DELETE FROM child WHERE id = 2; DELETE FROM parent WHERE id = 2;
XA START 'x'; UPDATE parent SET v = 99; INSERT INTO parent VALUES (50, 5); UPDATE parent SET v = 98 WHERE id = 50; XA END 'x';
XA PREPARE 'x'; XA COMMIT 'x';
INSERT INTO `odd ``name` (`select`) VALUES (5); UPDATE `odd ``name` SET `select` = 6 WHERE `select` = 5;
SET system_versioning_insert_history = 1;
INSERT INTO parent (id, v, row_start, row_end) VALUES (8, 7, '1990-01-01', '1991-01-01'), (8, 8, '1991-01-01', '2037-01-01');
DELETE HISTORY FROM parent BEFORE SYSTEM_TIME TIMESTAMP'1991-06-01 00:00:00';
CREATE TABLE chosen WITH SYSTEM VERSIONING AS SELECT * FROM child;
CREATE TABLE alike LIKE parent; INSERT INTO alike VALUES (1, 1); UPDATE alike SET v = 2;
END
dts sync --until now
must_have_same_versions "after sync"

# Definitions that change.
client source shop <<'END'
ALTER TABLE hidden ADD COLUMN later INT NOT NULL DEFAULT 7 AFTER id;
UPDATE hidden SET later = 8 WHERE id < 30;
CREATE TABLE fresh (id INT PRIMARY KEY, v INT);
INSERT INTO fresh VALUES (1, 1), (2, 2);
ALTER TABLE fresh ADD SYSTEM VERSIONING;
UPDATE fresh SET v = 3; DELETE FROM fresh WHERE id = 1;
CREATE TABLE born (id INT, v INT) WITH SYSTEM VERSIONING;
INSERT INTO born VALUES (1, 1); UPDATE born SET v = 2;
ALTER TABLE parted DROP SYSTEM VERSIONING;
UPDATE parted SET v = 'plain' WHERE id < 10;
RENAME TABLE declared TO renamed;
UPDATE renamed SET v = 'renamed' WHERE a < 5;
END
dts sync --until now
must_have_same_versions "after changed definitions"
must_be_equal shop
sql source "RENAME TABLE shop.renamed TO shop.declared; ALTER TABLE shop.parted ADD SYSTEM VERSIONING;
  ALTER TABLE shop.hidden DROP COLUMN later"

start_writer second versioned_writer 1000
for _ in 1 2 3 4 5; do
  start_sync
  sleep "0.$((RANDOM % 5 + 2))"
  kill -9 "$SYNC_PID" 2>/dev/null || die "sync has ended by itself: $(tail -n 5 "$WORK/sync.log")"
  wait "$SYNC_PID" 2>/dev/null || true
done
stop_writer second
dts sync --until now
must_have_same_versions "after kill -9"

# Transactions that come in pieces (above 4 MiB), and the end of all that history.
sql source "INSERT INTO moment SELECT seq + 100000, REPEAT('x', 150) FROM seq_1_to_15000; UPDATE moment SET v = REPEAT('y', 150) WHERE id > 100000;
  UPDATE moment SET v = REPEAT('z', 150) WHERE id > 100000; UPDATE moment SET v = REPEAT('z', 149) WHERE id = 100001; DELETE HISTORY FROM moment" shop
dts sync --until now
must_have_same_versions "after large transactions"

# A version that only the target has stops a DELETE HISTORY of its time.
sql source "UPDATE moment SET v = 'w' WHERE id = 100002" shop
dts sync --until now
sql target "SET system_versioning_insert_history = 1;
  INSERT INTO moment (id, v, row_start, row_end) VALUES (5, 'odd', '2001-01-01', '2002-01-01')" shop
sql source "DELETE HISTORY FROM moment" shop
dts_fails 1 'delete history of shop.moment.*1 versions more' -- sync --until now
sql target "DELETE HISTORY FROM moment BEFORE SYSTEM_TIME TIMESTAMP'2003-01-01 00:00:00'" shop
dts sync --until now
must_have_same_versions "after the odd version was removed"

# What comes later and can't be carried stops, too.
sql source "CREATE TABLE shop.rotated (id INT PRIMARY KEY) WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME LIMIT 100 PARTITIONS 2"
dts_fails 1 'rotated|BY SYSTEM_TIME' -- sync --until now

# Once more from the beginning, and killed: what was written of a table is removed with its history.
sql source "DROP TABLE rotated; INSERT INTO moment SELECT seq + 200000, 'a' FROM seq_1_to_60000; UPDATE moment SET v = 'b'" shop
restart=(--restart --yes)
for pause in 0.1 0.3; do
  "$DTSCTL" -f "$JOB" init-data "${restart[@]}" >"$WORK/killed.log" 2>&1 &
  killed=$!
  [[ -z ${restart[*]} ]] || wait_for 60 grep -q "start position" "$WORK/killed.log" || die "the copy does not begin again"
  restart=()
  sleep "$pause"
  kill -9 "$killed" 2>/dev/null || true
  wait "$killed" 2>/dev/null || true
done
dts init-data
dts sync --until now
must_have_same_versions "after a copy that was killed"
echo "versioned: $(wc -l <"$WORK/source.versions") versions identical"
