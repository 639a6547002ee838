# Tables that foreign keys connect in every way, what is done to them, and a writer. To be sourced.

# cascade_tables ROWS: all of them, filled
# With CYCLES=no, no keys lead back to their table.
cascade_tables() {
  client source <<'END'
CREATE DATABASE shop;
USE shop;
CREATE TABLE parent (id INT PRIMARY KEY, code INT, v VARCHAR(40), UNIQUE KEY code (code));
CREATE TABLE child (id INT PRIMARY KEY, parent INT, code INT, v INT DEFAULT 0,
  CONSTRAINT child_parent FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT child_code FOREIGN KEY (code) REFERENCES parent (code) ON DELETE SET NULL ON UPDATE CASCADE);
CREATE TABLE grandchild (id INT PRIMARY KEY, child INT, FOREIGN KEY (child) REFERENCES child (id) ON DELETE CASCADE);
CREATE TABLE follower (id INT PRIMARY KEY, grandchild INT, v INT, FOREIGN KEY (grandchild) REFERENCES grandchild (id) ON DELETE SET NULL);
CREATE TABLE keyless (parent INT, v INT, FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE held (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES parent (id));
CREATE TABLE both_ways (id INT PRIMARY KEY, parent INT, child INT, FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE SET NULL ON UPDATE CASCADE,
  FOREIGN KEY (child) REFERENCES child (id) ON DELETE CASCADE);
CREATE TABLE tree (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES tree (id) ON DELETE CASCADE);
CREATE TABLE left_one (id INT PRIMARY KEY, other INT);
CREATE TABLE right_one (id INT PRIMARY KEY, other INT, FOREIGN KEY (other) REFERENCES left_one (id) ON DELETE CASCADE);
ALTER TABLE left_one ADD FOREIGN KEY (other) REFERENCES right_one (id) ON DELETE CASCADE;
CREATE TABLE pair (x INT, y VARCHAR(10), v INT, PRIMARY KEY (x, y));
CREATE TABLE of_pair (id INT PRIMARY KEY, x INT, y VARCHAR(10), FOREIGN KEY (x, y) REFERENCES pair (x, y) ON DELETE SET NULL ON UPDATE CASCADE);
CREATE TABLE plain (id INT PRIMARY KEY, v LONGTEXT);
END
  [[ ${CYCLES:-} != no ]] || sql source "ALTER TABLE shop.left_one DROP FOREIGN KEY left_one_ibfk_1; ALTER TABLE shop.tree DROP FOREIGN KEY tree_ibfk_1"
  cascade_rows "$1" | client source shop
}

# cascade_rows COUNT: the statements that fill them
cascade_rows() {
  local limit="max_recursive_iterations = 1000000"
  ! is_mysql source || limit="cte_max_recursion_depth = 1000000"
  cat <<END
SET SESSION $limit;
CREATE TEMPORARY TABLE n (i INT PRIMARY KEY);
INSERT INTO n WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < $1) SELECT i FROM r;
INSERT INTO parent SELECT i, i * 10, CONCAT('name ', i) FROM n;
INSERT INTO child SELECT i, 1 + i % $1, (1 + i * 7 % $1) * 10, 0 FROM n;
INSERT INTO grandchild SELECT i, 1 + i * 3 % $1 FROM n;
INSERT INTO follower SELECT i, i, 0 FROM n;
INSERT INTO keyless SELECT 1 + i % 50, i % 3 FROM n WHERE i <= 100;
INSERT INTO held SELECT i, i * 9 FROM n WHERE i * 9 <= $1;
INSERT INTO both_ways SELECT i, 1 + i % 80, 1 + i * 3 % $1 FROM n;
INSERT INTO tree SELECT i, IF(i < 5, NULL, i DIV 3) FROM n;
INSERT INTO left_one SELECT i, NULL FROM n WHERE i <= 200;
INSERT INTO right_one SELECT i, i FROM n WHERE i <= 200;
UPDATE left_one SET other = id + 1 WHERE id % 4 <> 0 AND id < 200;
INSERT INTO pair SELECT i, CONCAT('y', i % 3), 0 FROM n;
INSERT INTO of_pair SELECT i, i, CONCAT('y', i % 3) FROM n;
INSERT INTO plain SELECT i, 'x' FROM n;
END
}

# What is hard, each in a transaction of its own. Rows with an id divisible by 9 are held.
cascade_deeds() {
  cat <<'END'
USE shop;
DELETE FROM parent WHERE id = 1;
UPDATE parent SET id = 100020, code = 21 WHERE id = 2;
UPDATE child SET v = v + 1 WHERE parent = 100020;
UPDATE parent SET v = 'no key changes' WHERE id = 4;
START TRANSACTION; DELETE FROM parent WHERE id = 3; INSERT INTO parent VALUES (3, 30, 'again'); INSERT INTO child VALUES (100003, 3, 30, 5); COMMIT;
START TRANSACTION; UPDATE parent SET code = 7777 WHERE id = 5; UPDATE parent SET code = 50 WHERE id = 5; COMMIT;
START TRANSACTION; INSERT INTO parent VALUES (100100, 9991, 'brief'); INSERT INTO child VALUES (100100, 100100, NULL, 1);
INSERT INTO keyless VALUES (100100, 1); DELETE FROM parent WHERE id = 100100; INSERT INTO parent VALUES (100100, 9992, 'stays'); COMMIT;
START TRANSACTION; UPDATE parent SET id = 100007 WHERE id = 7; UPDATE child SET v = 70 WHERE parent = 100007; DELETE FROM parent WHERE id = 100007; COMMIT;
START TRANSACTION; UPDATE child SET parent = 8 WHERE parent = 10; DELETE FROM parent WHERE id = 10; UPDATE child SET parent = NULL WHERE parent = 8; DELETE FROM parent WHERE id = 8; COMMIT;
SET foreign_key_checks = 0;
DELETE FROM parent WHERE id = 11;
UPDATE parent SET id = 100012 WHERE id = 12;
DELETE FROM tree WHERE id = 2;
SET foreign_key_checks = 1;
DELETE FROM parent WHERE id IN (13, 14, 15, 16, 17);
REPLACE INTO parent VALUES (19, 190, 'replaced');
INSERT INTO parent VALUES (20, 200, 'x') ON DUPLICATE KEY UPDATE code = 201;
DELETE FROM tree WHERE id = 3;
START TRANSACTION; DELETE FROM tree WHERE id IN (40, 13, 4) ORDER BY id DESC; INSERT INTO tree VALUES (4, NULL), (13, 4); COMMIT;
DELETE FROM left_one WHERE id = 9;
DELETE FROM right_one WHERE id = 30;
UPDATE pair SET x = x + 100000, y = 'z' WHERE x BETWEEN 20 AND 25;
DELETE FROM pair WHERE x BETWEEN 26 AND 28;
UPDATE parent SET id = id + 200000, code = code + 2000000, v = 'all moved' WHERE id BETWEEN 30 AND 60 AND id % 9 <> 0 ORDER BY id DESC;
START TRANSACTION; SAVEPOINT s; DELETE FROM parent WHERE id = 64; ROLLBACK TO SAVEPOINT s; DELETE FROM parent WHERE id = 65; COMMIT;
UPDATE held SET parent = 66 WHERE parent = 63; DELETE FROM parent WHERE id = 63;
END
}

# XA and a transaction of more than 4 MiB, which comes in pieces.
large_deeds() {
  cat <<'END'
USE shop;
START TRANSACTION;
INSERT INTO plain SELECT id + 100000, REPEAT('large ', 20000) FROM child WHERE id <= 30;
DELETE FROM parent WHERE id = 70;
UPDATE parent SET id = 300071 WHERE id = 71;
INSERT INTO plain SELECT id + 200000, REPEAT('large ', 20000) FROM child WHERE id <= 30;
UPDATE child SET v = 71 WHERE parent = 300071;
INSERT INTO parent VALUES (70, 700, 'again');
INSERT INTO child VALUES (300070, 70, 700, 1);
INSERT INTO plain SELECT id + 300000, REPEAT('large ', 20000) FROM child WHERE id <= 30;
DELETE FROM parent WHERE id = 300071;
UPDATE plain SET v = REPEAT('larger ', 20000) WHERE id > 200000;
DELETE FROM tree WHERE id IN (5, 6, 7);
COMMIT;
XA START 'x'; DELETE FROM parent WHERE id = 73; INSERT INTO parent VALUES (73, 730, 'xa'); UPDATE parent SET id = 300074 WHERE id = 74; XA END 'x'; XA PREPARE 'x';
XA COMMIT 'x';
END
}

# cascade_writer ROWS STOP: transactions at random until the file STOP is there. Some meet errors.
cascade_writer() {
  local rows=$1 stop=$2 i id other new=1000000 count
  echo "USE shop;"
  while [[ ! -e $stop ]]; do
    count=$((RANDOM % 4 + 1))
    ((count == 1)) || echo "START TRANSACTION;"
    for ((i = 0; i < count; i++)); do
      id=$((RANDOM % rows + 1)) other=$((RANDOM % rows + 1)) new=$((new + 1))
      case $((RANDOM % 16)) in
        0) echo "DELETE FROM parent WHERE id = $id;" ;;
        1) echo "DELETE FROM parent WHERE id = $id; INSERT INTO parent VALUES ($id, $id * 10, 'again'); INSERT INTO child VALUES ($new, $id, NULL, 1);" ;;
        2) echo "UPDATE parent SET id = $new WHERE id = $id; UPDATE child SET v = v + 1 WHERE parent = $new;" ;;
        3) echo "UPDATE parent SET code = $new WHERE id = $id;" ;;
        4) echo "INSERT INTO parent VALUES ($id, $id * 10, 'new'); INSERT INTO keyless VALUES ($id, 1), ($id, 1);" ;;
        5) echo "INSERT INTO child VALUES ($new, $id, $other * 10, 2); INSERT INTO grandchild (id, child) VALUES ($new, $new); INSERT INTO follower VALUES ($new, $new, 0); INSERT INTO both_ways VALUES ($new, $id, $other);" ;;
        6) echo "UPDATE child SET parent = $other WHERE id = $id; UPDATE follower SET v = v + 1 WHERE id = $other;" ;;
        7) echo "DELETE FROM tree WHERE id = $id;" ;;
        8) echo "INSERT INTO tree VALUES ($id, $other); INSERT INTO tree VALUES ($new, $id);" ;;
        9) echo "UPDATE tree SET parent = $other WHERE id = $id;" ;;
        10) echo "DELETE FROM pair WHERE x = $id; INSERT INTO pair VALUES ($id, 'n', 1); INSERT INTO of_pair VALUES ($new, $id, 'n');" ;;
        11) echo "UPDATE pair SET x = $new WHERE x = $id;" ;;
        12) echo "DELETE FROM left_one WHERE id = $id % 200; INSERT INTO left_one VALUES ($id % 200, NULL); INSERT INTO right_one VALUES ($other % 200, $id % 200);" ;;
        13) echo "DELETE FROM right_one WHERE id = $id % 200; UPDATE left_one SET other = $other % 200 WHERE id = $id % 200;" ;;
        14) echo "UPDATE plain SET v = '$new' WHERE id = $id; DELETE FROM child WHERE id = $other;" ;;
        15) echo "SET foreign_key_checks = 0; DELETE FROM parent WHERE id = $id; INSERT INTO parent VALUES ($id, $id * 10, 'under the children'); SET foreign_key_checks = 1;" ;;
      esac
    done
    ((count == 1)) || if ((RANDOM % 8)); then echo "COMMIT;"; else echo "ROLLBACK;"; fi
    sleep 0.002
  done
}

no_conflicts() {
  dts status --json | jq -e '(.sync.conflicts | length) == 0' >/dev/null || die "conflicts: $(dts status --json)"
}

# start_cascades ROWS: between two MariaDB servers, to the job file
start_cascades() {
  start_source
  start_target
  cascade_tables "$1"
  create_accounts shop store
  write_job shop
}

# cascade_scenario piled|running: the deeds, while sync is stopped or runs; then the large ones.
cascade_scenario() {
  cascade_deeds >"$WORK/deeds.sql"
  if [[ $1 == piled ]]; then
    client source <"$WORK/deeds.sql"
  else
    start_sync
    wait_for 20 grep -q 'from position' "$WORK/sync.log" || die "sync does not begin: $(cat "$WORK/sync.log")"
    client source <"$WORK/deeds.sql"
    stop_sync
  fi
  dts sync --until now >"$WORK/out" 2>&1 || die "sync ($1): $(cat "$WORK/out")"
  must_be_equal shop
  [[ $(sql target "SELECT COUNT(*) FROM shop.child WHERE parent IN (11, 12)") == 2 ]] || die "children of rows that went without checks are gone"
  [[ $(sql target "SELECT COUNT(*) FROM shop.child WHERE id BETWEEN 30 AND 60 AND parent > 200000") -gt 10 ]] || die "the test is wrong about itself"
  large_deeds >"$WORK/deeds.sql"
  client source <"$WORK/deeds.sql"
  dts sync --until now >"$WORK/out" 2>&1 || die "sync of a large transaction ($1): $(cat "$WORK/out")"
  must_be_equal shop
  no_conflicts
}

forget_all() {
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state* "$WORK/sync.log"
}
