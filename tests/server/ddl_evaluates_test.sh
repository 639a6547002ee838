#!/usr/bin/env bash
# Statements that fill rows by evaluating something: what comes to the same on the target is applied; what
# does not stops, or has the table copied again.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

synced() {
  dts "$@" sync --until now >"$WORK/sync.out" 2>&1 || die "sync: $(cat "$WORK/sync.out")"
}

begin() {
  start_source "$1"
  start_target "$1"
  sql source "CREATE DATABASE shop; USE shop; CREATE TABLE t (id INT PRIMARY KEY, v INT); INSERT INTO t VALUES (3, 3), (1, 1), (2, 2);
    CREATE TABLE heap (a INT); INSERT INTO heap VALUES (5), (4), (9); CREATE TABLE empty_one (a INT); CREATE TABLE steady (id INT PRIMARY KEY, v INT);
    CREATE TABLE parent (id INT PRIMARY KEY); CREATE TABLE child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE);
    INSERT INTO parent VALUES (1), (2); INSERT INTO child VALUES (1, 1), (2, 2), (3, 2)"
  create_accounts shop
  write_job shop
  precheck keyless-tables
  dts init-schema >/dev/null 2>&1 && dts init-data >/dev/null 2>&1 || die "the copy"
  synced
}

# MySQL itself refuses to fill rows with values that are not the same on a replica.
own_values() {
  is_mysql source || sql source "USE shop; ALTER TABLE empty_one ADD COLUMN u VARCHAR(40) DEFAULT (UUID()); ALTER TABLE t MODIFY w VARCHAR(50) DEFAULT (UUID())"
}

# The time, its zone and steps between numbers are the session's; the order is that of the key.
exact() {
  sql source "USE shop; SET time_zone = '+05:30', timestamp = 1700000000.123456, auto_increment_increment = 7, auto_increment_offset = 3;
    ALTER TABLE t ADD COLUMN ts TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), ADD dt DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP;
    ALTER TABLE t ADD COLUMN n INT NOT NULL AUTO_INCREMENT UNIQUE; ALTER TABLE t ADD COLUMN w VARCHAR(40) DEFAULT 'uuid()' COMMENT 'rand()';
    ALTER TABLE empty_one ADD n INT AUTO_INCREMENT PRIMARY KEY; ALTER TABLE t ADD KEY v (v); INSERT INTO t (id, v, ts, dt, n) VALUES (9, 9, NOW(6), NOW(), 100)"
  own_values
  synced
  must_be_equal shop
}

# stops PATTERN STATEMENT: rows would be others; the target is as before, and the statement can be passed by hand.
stops() {
  sql source "USE shop; $2"
  dts_fails 1 "$1" -- sync --until now
  grep -q 'ddl_reevaluate' "$WORK/err" || die "the way on is not told"
  dts_fails 1 "$1" -- sync --until now
}

# Behind the statement the table waits; all else goes on, and it comes back with init-data.
copied_again() {
  synced -c 'sync.ddl_reevaluate="recopy"'
  dts status --json | jq -e --arg t "shop.$1: " '.sync.uncopied | any(startswith($t))' >/dev/null || die "status does not tell that $1 waits"
  dts status | grep -q 'NOT COPIED' || die "status does not show that $1 waits"
  sql source "USE shop; INSERT INTO steady VALUES (UNIX_TIMESTAMP() + FLOOR(RAND() * 1e6), 1)"
  synced
  grep -q "shop.$1: " "$WORK/sync.out" || die "sync does not tell that $1 waits"
  same_result "SELECT COUNT(*) FROM shop.steady" || die "the rest is not in step"
}

init() { dts init-data >"$WORK/copy.out" 2>&1 || die "init-data: $(cat "$WORK/copy.out")"; }

uuids() {
  stops 'fills rows with uuid' "ALTER TABLE t ADD COLUMN u CHAR(36) NOT NULL DEFAULT (UUID()), ADD KEY u (u); INSERT INTO t (id, v, n) VALUES (20, 1, 200); DELETE FROM t WHERE id = 1"
  copied_again t
  sql source "USE shop; ALTER TABLE t ADD COLUMN later INT DEFAULT 4; UPDATE t SET v = 77 WHERE id = 2; INSERT INTO t (id, v, n) VALUES (21, 1, 201)"
  synced
  # Killed when the new position is written and the table is not made anew; then altered once more.
  mkfifo "$WORK/holder"
  client target --unbuffered <"$WORK/holder" >"$WORK/holder.out" &
  local holder=$! pid
  exec 7>"$WORK/holder"
  echo "BEGIN; SELECT COUNT(*), 'locked' FROM shop.t;" >&7
  wait_for 10 grep -q locked "$WORK/holder.out" || die "no lock"
  "$DTSCTL" -f "$JOB" init-data >"$WORK/copy.out" 2>&1 &
  pid=$!
  drops() { [[ $(sql target "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'DROP TABLE%' AND STATE LIKE 'Waiting%'") == 1 ]]; }
  wait_for 20 drops || die "nothing is made anew: $(cat "$WORK/copy.out")"
  kill -9 "$pid"
  wait "$pid" 2>/dev/null || true
  exec 7>&-
  wait "$holder" || true
  rm "$WORK/holder"
  dts_fails 4 'copy of shop.t is not finished' -- sync --until now
  sql source "USE shop; ALTER TABLE t DROP COLUMN later; UPDATE t SET v = 78 WHERE id = 2"
  init
  sql source "USE shop; UPDATE t SET v = 79 WHERE id = 3; INSERT INTO t (id, v, n) VALUES (22, 1, 202)"
  synced
  must_be_equal shop
}

numbers() {
  stops 'numbers to rows in their order' "ALTER TABLE heap ADD COLUMN id INT AUTO_INCREMENT PRIMARY KEY, RENAME TO heap2; INSERT INTO heap2 (a) VALUES (1)"
  copied_again heap2
  init
  synced
  must_be_equal shop
}

sequences() {
  stops 'fills rows with' "CREATE SEQUENCE s; ALTER TABLE t ADD COLUMN q BIGINT DEFAULT (NEXT VALUE FOR s)"
  dts_fails 1 'fills rows' -- -c 'sync.ddl="apply"' sync --until now
  copied_again t
  init
  synced
  must_be_equal shop
}

# What foreign keys tie together is copied together.
group() {
  stops 'fills rows with rand' "ALTER TABLE parent ADD COLUMN r DOUBLE DEFAULT (RAND()); DELETE FROM parent WHERE id = 2; INSERT INTO parent (id) VALUES (7); INSERT INTO child VALUES (7, 7)"
  copied_again parent
  is_mysql source || dts status --json | jq -e '.sync.uncopied | any(startswith("shop.child"))' >/dev/null || die "the child does not wait with its parent"
  init
  sql source "DELETE FROM shop.parent WHERE id = 7"
  synced
  must_be_equal shop
}

begin mariadb-10.11
exact
uuids
numbers
sequences
group
echo "evaluates: mariadb-10.11"
stop_server source
stop_server target
rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
begin mysql-9.7
exact
numbers
echo "evaluates: mysql-9.7"
