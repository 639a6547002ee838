# System-versioned tables of all shapes, what changes them, and their versions compared. To be
# sourced behind lib.sh.

versioned_tables() {
  cat <<'END'
CREATE DATABASE shop;
USE shop;
CREATE TABLE hidden (id INT PRIMARY KEY, v VARCHAR(40), n INT UNIQUE, b BLOB, d DOUBLE,
  g INT AS (id + 1) STORED, w INT AS (n * 2) VIRTUAL, e ENUM('', 'x', 'y')) WITH SYSTEM VERSIONING;
CREATE TABLE declared (a INT, k VARCHAR(20), v VARCHAR(40), born TIMESTAMP(6) GENERATED ALWAYS AS ROW START,
  gone TIMESTAMP(6) GENERATED ALWAYS AS ROW END INVISIBLE, unversioned INT WITHOUT SYSTEM VERSIONING,
  PRIMARY KEY (a, k), PERIOD FOR SYSTEM_TIME (born, gone)) WITH SYSTEM VERSIONING;
CREATE TABLE no_key (id INT, v VARCHAR(40)) WITH SYSTEM VERSIONING;
CREATE TABLE parted (id INT PRIMARY KEY, v VARCHAR(40)) WITH SYSTEM VERSIONING PARTITION BY HASH (id) PARTITIONS 3;
CREATE TABLE bitemporal (id INT, v VARCHAR(40), since DATE, until DATE, PERIOD FOR valid (since, until),
  PRIMARY KEY (id, valid WITHOUT OVERLAPS)) WITH SYSTEM VERSIONING;
CREATE TABLE unnamed (id INT, v VARCHAR(40), since DATE, until DATE, PERIOD FOR valid (since, until),
  UNIQUE (id, valid WITHOUT OVERLAPS));
CREATE TABLE periods (id INT, v VARCHAR(40), since DATE, until DATE, PERIOD FOR valid (since, until),
  PRIMARY KEY (id, valid WITHOUT OVERLAPS));
CREATE TABLE overlapping (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(40), since DATETIME(3), until DATETIME(3),
  PERIOD FOR valid (since, until));
CREATE TABLE moment (id INT PRIMARY KEY, v VARCHAR(200)) WITH SYSTEM VERSIONING;
CREATE TABLE parent (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING;
CREATE TABLE child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES parent (id)) WITH SYSTEM VERSIONING;
CREATE TABLE `odd ``name` (`select` INT PRIMARY KEY, `row start` TIMESTAMP(6) GENERATED ALWAYS AS ROW START,
  `e``nd` TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (`row start`, `e``nd`)) WITH SYSTEM VERSIONING;
INSERT INTO parent VALUES (1, 1), (2, 2); INSERT INTO child VALUES (1, 1), (2, 2);
INSERT INTO `odd ``name` (`select`) VALUES (1), (2); DELETE FROM `odd ``name` WHERE `select` = 1;
INSERT INTO hidden (id, v, n, b, d, e) SELECT seq, CONCAT('row ', seq), seq, UNHEX('00FF5C'), seq / 3, 1 + seq % 3 FROM seq_1_to_60;
INSERT INTO declared (a, k, v, unversioned) SELECT seq, CONCAT('k', seq % 7), 'first', seq FROM seq_1_to_60;
INSERT INTO no_key SELECT seq % 10, 'same' FROM seq_1_to_30;
INSERT INTO parted SELECT seq, 'first' FROM seq_1_to_30;
INSERT INTO bitemporal SELECT seq, 'first', '2020-01-01', '2030-01-01' FROM seq_1_to_20;
INSERT INTO periods SELECT seq, 'first', '2020-01-01', '2030-01-01' FROM seq_1_to_20;
INSERT INTO unnamed SELECT seq, 'first', '2020-01-01', '2030-01-01' FROM seq_1_to_20;
INSERT INTO overlapping (v, since, until) SELECT 'first', '2020-01-01', '2030-01-01' FROM seq_1_to_20;
UPDATE hidden SET v = 'second', n = n + 1000; DELETE FROM hidden WHERE id % 9 = 0;
UPDATE declared SET v = 'second' WHERE a % 2; UPDATE no_key SET v = 'other' WHERE id = 3 LIMIT 2;
END
}

# One of many small transactions, by a number: each kind of change, and several of a row in one.
versioned_change() {
  local i=$1 id=$(($1 * 7 % 60 + 1)) day
  day="2021-$(printf '%02d' $((i % 12 + 1)))"
  echo "UPDATE hidden SET v = 'u$i', d = $i / 7 WHERE id = $id;"
  echo "BEGIN; UPDATE hidden SET n = n + 5000 WHERE id = $id; UPDATE hidden SET n = n - 5000, v = 't$i' WHERE id = $id;"
  echo "INSERT INTO no_key VALUES ($id, 'n$i'), ($id, 'n$i'); UPDATE no_key SET v = 'm$i' WHERE v = 'n$i' LIMIT 1; COMMIT;"
  echo "UPDATE declared SET unversioned = $i WHERE a = $id; UPDATE declared SET v = 'u$i', unversioned = -$i WHERE a = $id;"
  echo "UPDATE declared SET a = a + 100 WHERE a = $id; UPDATE declared SET a = a - 100 WHERE a > 100;"
  echo "REPLACE INTO hidden (id, v, n, e) VALUES ($id, 'r$i', $id + 2000, 0 + 2);"
  echo "INSERT INTO parted VALUES ($((id % 30 + 1)), 'i$i') ON DUPLICATE KEY UPDATE v = 'o$i';"
  echo "DELETE FROM parted WHERE id = $((i % 30 + 1)); INSERT INTO parted VALUES ($((i % 30 + 1)), 'again $i');"
  echo "BEGIN; INSERT INTO moment VALUES ($i, 'a'); UPDATE moment SET v = 'b'; DELETE FROM moment WHERE id = $i; ROLLBACK;"
  echo "INSERT INTO moment VALUES ($((1000 + i)), 'x'); UPDATE moment SET v = 'b$i'; DELETE FROM moment WHERE id % 3 = 0;"
  echo "DELETE FROM hidden WHERE id = $((id % 60 + 1)); INSERT IGNORE INTO hidden (id, v, n) VALUES ($((id % 60 + 1)), 'back $i', $((id % 60 + 1)) + 1000);"
  echo "UPDATE bitemporal FOR PORTION OF valid FROM '$day-01' TO '$day-15' SET v = 'b$i' WHERE id = $((i % 20 + 1));"
  echo "DELETE FROM bitemporal FOR PORTION OF valid FROM '$day-05' TO '$day-10' WHERE id = $((i % 20 + 1));"
  echo "UPDATE periods FOR PORTION OF valid FROM '$day-01' TO '$day-15' SET v = 'b$i' WHERE id = $((i % 20 + 1));"
  echo "UPDATE unnamed FOR PORTION OF valid FROM '$day-01' TO '$day-15' SET v = 'b$i' WHERE id = $((i % 20 + 1));"
  echo "UPDATE overlapping FOR PORTION OF valid FROM '$day-01' TO '$day-15' SET v = 'b$i' WHERE id = $((i % 20 + 1));"
  echo "DELETE FROM periods FOR PORTION OF valid FROM '$day-05' TO '$day-10' WHERE id = $((i % 20 + 1));"
  if ((i % 5 == 4)); then echo "DELETE HISTORY FROM hidden BEFORE SYSTEM_TIME NOW(6) - INTERVAL 20000 MICROSECOND; DELETE HISTORY FROM no_key;"; fi
  # A time that stands still, or goes back: versions that end when they begin, and none at all.
  echo "SET timestamp = $((1600000000 + i)).25; INSERT INTO moment VALUES ($((2000 + i)), 'still'); UPDATE moment SET v = 'still' WHERE id = $((2000 + i));"
  echo "DELETE FROM moment WHERE id = $((2000 + i)); INSERT INTO moment VALUES ($((3000 + i)), 'past'); SET timestamp = $((1500000000 + i)).5;"
  echo "UPDATE moment SET v = 'earlier' WHERE id = $((3000 + i)); SET timestamp = DEFAULT;"
}

versioned_writer() {
  local i=$1 stop=$2
  echo "USE shop;"
  while [[ ! -e $stop ]]; do
    versioned_change $((i++))
    sleep 0.01
  done
}

# versions NAME: every version of every table of shop, sorted.
versions() {
  client "$1" --raw shop <<'END' >"$WORK/$1.queries"
SET group_concat_max_len = 1000000;
SELECT CONCAT('SELECT ''', TABLE_NAME, ''', ', GROUP_CONCAT('QUOTE(', column_name, ')' ORDER BY ORDINAL_POSITION),
  IF(TABLE_TYPE = 'SYSTEM VERSIONED', IF(SUM(is_limit) = 0, ', row_start, row_end', ''), ''),
  ' FROM `', REPLACE(TABLE_NAME, '`', '``'), '`', IF(TABLE_TYPE = 'SYSTEM VERSIONED', ' FOR SYSTEM_TIME ALL', ''), ';')
FROM (SELECT TABLE_NAME, TABLE_TYPE, ORDINAL_POSITION, IFNULL(GENERATION_EXPRESSION, '') = 'ROW START' AS is_limit,
        CONCAT('`', REPLACE(COLUMN_NAME, '`', '``'), '`') AS column_name
      FROM information_schema.TABLES JOIN information_schema.COLUMNS USING (TABLE_SCHEMA, TABLE_NAME)
      WHERE TABLE_SCHEMA = 'shop' AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')) columns
GROUP BY TABLE_NAME;
END
  { echo "SET time_zone = '+00:00';" && cat "$WORK/$1.queries"; } | client "$1" shop |
    sed -E 's/(2038-01-19 03:14:07|2106-02-07 06:28:15)\.999999/valid/' | sort >"$WORK/$1.versions"
}

# must_have_same_versions WHEN [AT_LEAST]
must_have_same_versions() {
  versions source
  versions target
  (($(wc -l <"$WORK/source.versions") >= ${2:-300})) || die "$1: the source has too few versions to tell anything"
  if ! cmp -s "$WORK/source.versions" "$WORK/target.versions"; then
    diff "$WORK/source.versions" "$WORK/target.versions" | head -n 20 >&2
    die "$1: the versions differ"
  fi
}
