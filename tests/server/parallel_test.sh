#!/usr/bin/env bash
# sync.apply = "parallel": several sessions, each with lanes and a position of its own, and never a change lost or applied
# twice: whatever is killed while lanes are apart, with other numbers of workers and the other mode afterwards.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/shapes.sh"

start_source
start_target
load_shapes source 1000
client source <<'END'
CREATE DATABASE bank;
USE bank;
CREATE TABLE account (id BIGINT NOT NULL PRIMARY KEY, amount INT NOT NULL, note VARCHAR(60));
CREATE TABLE place (x INT NOT NULL, y DATE NOT NULL, n INT NOT NULL, PRIMARY KEY (x, y));
CREATE TABLE named (name VARCHAR(30) COLLATE utf8mb4_general_ci NOT NULL PRIMARY KEY, n INT);
CREATE TABLE journal (at INT, id BIGINT, amount INT);
CREATE TABLE parent (id INT NOT NULL PRIMARY KEY, n INT NOT NULL);
CREATE TABLE child (id INT NOT NULL PRIMARY KEY, parent INT NOT NULL, FOREIGN KEY (parent) REFERENCES parent (id));
INSERT INTO account SELECT seq, seq, 'a' FROM seq_1_to_4000;
INSERT INTO place SELECT seq % 50, '2024-01-01' + INTERVAL seq DIV 50 DAY, seq FROM seq_0_to_1999;
INSERT INTO named SELECT CONCAT('Name ', seq), seq FROM seq_1_to_500;
INSERT INTO parent SELECT seq, seq FROM seq_1_to_500;
INSERT INTO child SELECT seq, seq % 500 + 1 FROM seq_1_to_2000;
END
create_accounts shop bank
write_job shop bank
precheck keyless-tables
dts init-schema
dts init-data

parallel() {
  local workers=$1
  shift
  dts -c sync.apply=parallel -c sync.workers="$workers" sync "$@"
}
# Lanes that have committed more than the job's position says.
ahead() {
  sql target "SELECT COUNT(*) FROM dtsctl.lane_position l JOIN dtsctl.position p USING (job) WHERE l.log_offset > p.log_offset"
}
# Another session holds a row that work() changes first.
hold_row() {
  mkfifo "$WORK/hold"
  client target --unbuffered <"$WORK/hold" >"$WORK/hold.out" &
  HOLDER=$!
  exec 7>"$WORK/hold"
  echo "BEGIN; SELECT 'held', id FROM bank.account WHERE id = 17 FOR UPDATE;" >&7
  wait_for 10 grep -q held "$WORK/hold.out"
}
release_row() {
  exec 7>&-
  wait "$HOLDER"
  rm "$WORK/hold"
}
# Runs sync until lanes are apart, and kills it.
kill_apart() {
  local i pid
  hold_row
  "$DTSCTL" -f "$JOB" -c sync.apply=parallel -c sync.workers="$1" sync >>"$WORK/sync.log" 2>&1 7>&- &
  pid=$!
  for ((i = 0; i < 100; ++i)); do
    [[ $(ahead 2>/dev/null || echo 0) == 0 ]] || break
    sleep 0.1
  done
  kill -9 "$pid" || die "sync has ended by itself: $(tail -n 5 "$WORK/sync.log")"
  wait "$pid" 2>/dev/null || true
  [[ $(ahead) != 0 ]] || die "lanes were not apart (seed $SEED): $(tail -n 5 "$WORK/sync.log")"
  release_row
}
# Transactions of many rows, in every table of bank; $1 tells one call from the next.
work() {
  local i x
  for ((i = 0; i < 12; ++i)); do
    x=$((RANDOM % 3000 + 1))
    echo "START TRANSACTION;
      UPDATE account SET amount = amount + 1 WHERE id = 17;
      UPDATE account SET amount = amount + $i, note = '$1.$i' WHERE id BETWEEN $x AND $x + 400;
      INSERT INTO journal SELECT $1$i, id, amount FROM account WHERE id BETWEEN $x AND $x + 100;
      UPDATE place SET n = n + 1 WHERE x BETWEEN $((i * 4)) AND $((i * 4 + 5));
      UPDATE place SET x = x + 100 WHERE x = $((RANDOM % 50));
      COMMIT;
      UPDATE place SET x = x - 100 WHERE x >= 100;
      UPDATE account SET id = id + 100000 WHERE id BETWEEN $x AND $x + 30;
      UPDATE account SET id = id - 100000 WHERE id > 100000;
      UPDATE named SET name = UPPER(name), n = n + 1 WHERE n % 7 = $((i % 7));
      DELETE FROM child WHERE id BETWEEN $x AND $x + 50;
      INSERT IGNORE INTO parent SELECT seq, $i FROM seq_1_to_600;
      INSERT INTO child SELECT id + 10000 * $1 + 100 * $i, parent FROM child WHERE id <= 50;
      DELETE FROM journal ORDER BY at, id, amount LIMIT 40;"
  done | client source bank
}

# One lane waits for a row that is locked on the target; others go on; then dtsctl is killed.
note "kill -9 while lanes are apart, then $SEED decides with how many workers it goes on"
rounds=4
((${DTS_TORTURE:-0} == 0)) || rounds=25
for ((round = 1; round <= rounds; ++round)); do
  work "$round"
  kill_apart $((RANDOM % 6 + 2))
  if ((round % 3 == 0)); then
    dts sync --until now
  else
    parallel $((RANDOM % 8 + 1)) --until now
  fi
  must_be_equal bank
done

note "who changes the target's foreign keys meanwhile is told"
work 90
kill_apart 3
sql target "SET foreign_key_checks = 0; ALTER TABLE bank.journal ADD KEY k (id), ADD CONSTRAINT odd FOREIGN KEY (id) REFERENCES bank.account (id)"
dts_fails 1 "foreign keys are others" -- sync --until now
sql target "ALTER TABLE bank.journal DROP FOREIGN KEY odd, DROP KEY k"
parallel 3 --until now
must_be_equal bank

note "every shape of table under kill -9"
start_shapes_writers 1500
rounds=8
((${DTS_TORTURE:-0} == 0)) || rounds=100
for ((round = 1; round <= rounds; ++round)); do
  work "10$round" &
  working=$!
  sleep "0.$((RANDOM % 900 + 100))"
  "$DTSCTL" -f "$JOB" -c sync.apply=parallel -c sync.workers=$((RANDOM % 8 + 1)) sync >>"$WORK/sync.log" 2>&1 &
  pid=$!
  sleep "$((RANDOM % 2)).$(printf '%03d' $((RANDOM % 1000)))"
  kill -9 "$pid" 2>/dev/null || die "sync has ended by itself: $(tail -n 5 "$WORK/sync.log")"
  wait "$pid" 2>/dev/null || true
  wait "$working"
done
stop_shapes_writers
parallel 4 --until now
must_be_equal shop bank

note "a definition changes between row changes, and a transaction of 40 MB"
work 200
sql source "ALTER TABLE bank.account ADD COLUMN extra INT NOT NULL DEFAULT 5 AFTER id; ALTER TABLE bank.place ADD UNIQUE KEY (y, x)"
work 201
sql source "UPDATE bank.account SET note = 'all', extra = id; CREATE TABLE bank.large (id INT NOT NULL PRIMARY KEY, t MEDIUMTEXT);
  USE bank; INSERT INTO bank.large SELECT seq, REPEAT(CHAR(65 + seq % 26), 1000) FROM seq_1_to_40000"
work 202
parallel 4 --until now
must_be_equal shop bank

note "a row changed behind its back is told, also by a session of the lanes"
sql target "DELETE FROM bank.account WHERE id = 77"
work 300
sql source "UPDATE bank.account SET amount = amount + 1 WHERE id < 3000"
dts_fails 1 "id. = 77" -- -c sync.apply=parallel sync --until now
dts -c sync.apply=parallel -c sync.on_conflict=overwrite sync --until now
must_be_equal bank
dts status --json | jq -e '.sync.conflicts[0] | .count >= 1 and .table == "bank.account"' >/dev/null || die "$(dts status --json)"
echo "parallel: identical"
