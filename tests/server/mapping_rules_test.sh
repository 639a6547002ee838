#!/usr/bin/env bash
# Statements and transactions that could give the target other rows than the maps choose: what can't
# be carried over stops before anything is changed, and what is then done by hand counts.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# same QUERY_ON_SOURCE QUERY_ON_TARGET
same() {
  same_result "$1" "$2" || die "'$2' is not '$1' on the source"
}
synced() { dts sync --until now "$@" >/dev/null 2>"$WORK/err" || die "sync: $(cat "$WORK/err")"; }

everything() { mariadb-dump --no-defaults --socket="$WORK/target/sock" --user=root --skip-comments --databases dr; }

# stops PATTERN STATEMENT [BY_HAND]: it stops the job and changes nothing; the job goes on without it.
stops() {
  sql source "$2" shop
  everything >"$WORK/before"
  dts_fails 1 "$1" -- sync --until now
  everything | diff "$WORK/before" - >&2 || die "'$2' has changed the target"
  if [[ -n ${3:-} ]]; then sql target "$3" dr; fi
  synced --skip-ddl "$(sed -n 's/.*--skip-ddl \([^ ;]*\).*/\1/p' "$WORK/err" | head -1)"
}

begin() { # the maps come from stdin
  create_accounts shop dr s1 s2 whole
  write_job "$@"
  cat >>"$JOB"
  precheck merges max-allowed-packet
  dts init-schema 2>/dev/null >&2 || die "init-schema"
  dts init-data 2>/dev/null >&2 || die "init-data"
}

renew() {
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
}

start_source
start_target
sql source "CREATE DATABASE shop; USE shop; CREATE TABLE chosen (id INT PRIMARY KEY, r VARCHAR(9) COLLATE utf8mb4_bin, q VARCHAR(9) COLLATE utf8mb4_bin);
  INSERT INTO chosen VALUES (1, 'eu', 'us'), (2, 'us', 'eu'), (3, 'EU', 'EU'); CREATE TABLE plain LIKE chosen; INSERT INTO plain SELECT * FROM chosen;
  CREATE TABLE parts (id INT PRIMARY KEY, r VARCHAR(9)) PARTITION BY HASH (id) PARTITIONS 1; INSERT INTO parts VALUES (1, 'eu'), (2, 'us');
  CREATE TABLE part (id INT PRIMARY KEY, r VARCHAR(9)); INSERT INTO part VALUES (5, 'eu'), (6, 'us');
  CREATE TABLE named (id INT PRIMARY KEY, a INT, KEY k (a)); INSERT INTO named VALUES (1, 2); CREATE TABLE log (id INT PRIMARY KEY); INSERT INTO log VALUES (1)"
sql target "CREATE DATABASE dr; CREATE TABLE dr.mine (id INT PRIMARY KEY); INSERT INTO dr.mine VALUES (7)"
begin shop <<'END'

[[objects.map]]
source = "~^shop\\.(chosen|parts)$"
target = "dr.{1}"
where = "r = 'eu'"

[[objects.map]]
source = "shop.named"
target = "dr.named"
columns = { a = "b" }

[[objects.map]]
source = "shop.log"
target = "dr.log"
dml = ["insert"]

[[objects.map]]
source = "shop"
target = "dr"
END
# Rows that are not chosen are not on the target, where another table would need them.
stops "choose rows by different conditions" "RENAME TABLE plain TO x, chosen TO plain, x TO chosen" \
  "DELETE FROM chosen; DELETE FROM plain; INSERT INTO plain VALUES (1, 'eu', 'us'), (2, 'us', 'eu'), (3, 'EU', 'EU'); INSERT INTO chosen VALUES (1, 'eu', 'us')"
stops "choose rows by different conditions" "ALTER TABLE part RENAME chosen2; ALTER TABLE chosen2 RENAME part; ALTER TABLE parts EXCHANGE PARTITION p0 WITH TABLE part" \
  "DELETE FROM parts; DELETE FROM part; INSERT INTO part VALUES (1, 'eu'), (2, 'us'); INSERT INTO parts VALUES (5, 'eu')"
stops "choose rows by different conditions" "ALTER TABLE chosen RENAME TO gone" "ALTER TABLE chosen RENAME TO gone; REPLACE INTO gone SELECT * FROM plain"
sql source "CREATE TABLE chosen LIKE gone; INSERT INTO chosen SELECT * FROM gone; UPDATE gone SET id = id + 10" shop
synced
# The condition would choose other rows, of which nothing is in the binlog.
stops "alters column 'r'" "ALTER TABLE chosen MODIFY r VARCHAR(9) COLLATE utf8mb4_general_ci" \
  "ALTER TABLE chosen MODIFY r VARCHAR(9) COLLATE utf8mb4_general_ci; INSERT INTO chosen VALUES (3, 'EU', 'EU')"
stops "alters column 'R'" "ALTER TABLE chosen ADD c INT, DROP COLUMN IF EXISTS R, ADD r VARCHAR(9) COLLATE utf8mb4_bin DEFAULT 'eu'" \
  "ALTER TABLE chosen ADD c INT, DROP COLUMN r, ADD r VARCHAR(9) COLLATE utf8mb4_bin DEFAULT 'eu'; REPLACE INTO chosen SELECT id, q, NULL, 'eu' FROM plain"
stops "alters column 'r'" "ALTER TABLE chosen RENAME COLUMN q TO r, RENAME COLUMN r TO q" \
  "ALTER TABLE chosen RENAME COLUMN q TO r, RENAME COLUMN r TO q; DELETE FROM chosen WHERE id <> 2"
sql source "ALTER TABLE chosen MODIFY q VARCHAR(20), ADD KEY r (r); ALTER TABLE chosen DROP KEY r; UPDATE chosen SET r = 'eu' WHERE id = 3; INSERT INTO chosen (id, r) VALUES (8, 'us'), (9, 'eu')" shop
synced
same "SELECT * FROM shop.chosen WHERE r = 'eu' ORDER BY id" "SELECT * FROM dr.chosen ORDER BY id"
same "SELECT * FROM shop.plain ORDER BY id" "SELECT * FROM dr.plain ORDER BY id"
same "SELECT * FROM shop.gone ORDER BY id" "SELECT * FROM dr.gone ORDER BY id"
same "SELECT * FROM shop.parts WHERE r = 'eu' ORDER BY id" "SELECT * FROM dr.parts ORDER BY id"
same "SELECT * FROM shop.part ORDER BY id" "SELECT * FROM dr.part ORDER BY id"
# Columns would have names that no map gives.
stops "rename columns in different ways" "CREATE TABLE copy LIKE named" "CREATE TABLE copy (id INT PRIMARY KEY, a INT, KEY k (a))"
sql source "INSERT INTO copy VALUES (1, 2)" shop
synced
same "SELECT * FROM shop.copy" "SELECT * FROM dr.copy"
# What is not to be deleted is not emptied.
stops "dml of its map leaves deletes out" "DELETE FROM log; TRUNCATE log"
same "SELECT 1" "SELECT * FROM dr.log"
# Tables that are not of this job stay.
stops "dml of its map leaves deletes out" "DROP TABLE log" "DROP TABLE log"
stops "'dr.mine' on the target is not of this job" "DROP DATABASE shop"
sql source "CREATE DATABASE IF NOT EXISTS shop"
sql source "CREATE TABLE IF NOT EXISTS mine (id INT PRIMARY KEY, a INT)" shop
dts_fails 1 "'dr.mine' on the target is another table" -- sync --until now
position=$(sed -n 's/.*--skip-ddl \([^ ;]*\).*/\1/p' "$WORK/err" | head -1)
dts_fails 1 "cannot skip .*'dr.mine' on the target has rows" -- sync --skip-ddl "$position" --until now
same "SELECT 7" "SELECT * FROM dr.mine"
sql target "RENAME TABLE mine TO theirs" dr
synced
same "SELECT 7" "SELECT * FROM dr.theirs"
echo "rules: statements"
renew

# A row that moves between tables that are one on the target is in both for a moment.
start_source
start_target
sql source "CREATE DATABASE s1; CREATE DATABASE s2; CREATE TABLE s1.t (id INT PRIMARY KEY, v INT, u INT UNIQUE); CREATE TABLE s2.t LIKE s1.t;
  INSERT INTO s1.t SELECT seq, seq, seq FROM seq_1_to_9" mysql
maps() { printf '\n[[objects.map]]\nsource = "s1.t"\ntarget = "whole.t"\n\n[[objects.map]]\nsource = "s2.t"\ntarget = "whole.t"\n%s\n' "$1"; }
create_accounts s1 s2 whole
write_job s1 s2
maps 'dml = ["insert"]' >>"$JOB"
dts_fails 3 "dml of their maps differs" -- precheck
begin s1 s2 < <(maps '')
for round in 1 2 3; do
  sql source "START TRANSACTION; INSERT INTO s2.t SELECT id, v + 10, u + 1000 FROM s1.t WHERE id = $round; DELETE FROM s1.t WHERE id = $round; COMMIT;
    START TRANSACTION; DELETE FROM s1.t WHERE id = 9; INSERT INTO s2.t VALUES (9, $round, 9); DELETE FROM s2.t WHERE id = 9; INSERT INTO s1.t VALUES (9, 77, $round + 500); UPDATE s1.t SET v = v + 1 WHERE id = 8; COMMIT;
    START TRANSACTION; INSERT INTO s2.t VALUES (8, 8, 100); UPDATE s1.t SET id = 20 + $round WHERE id = 8; UPDATE s2.t SET v = $round, u = u + 1 WHERE id = 8; COMMIT;
    START TRANSACTION; INSERT INTO s1.t SELECT 8, v, 700 + $round FROM s2.t WHERE id = 8; DELETE FROM s2.t WHERE id = 8; DELETE FROM s1.t WHERE id = 20 + $round; COMMIT"
  synced
  same "SELECT * FROM s1.t UNION ALL SELECT * FROM s2.t ORDER BY id" "SELECT * FROM whole.t ORDER BY id"
done
dts --yes init-data --restart 2>/dev/null >&2 || die "merged tables are not copied again"
synced
same "SELECT * FROM s1.t UNION ALL SELECT * FROM s2.t ORDER BY id" "SELECT * FROM whole.t ORDER BY id"
# In pieces, a row that is there before it is deleted would be lost: such a transaction stops. The other way round is fine.
sql source "INSERT INTO s1.t SELECT seq, 1, seq + 100000 FROM seq_1000_to_60000" mysql
synced
sql source "CREATE TEMPORARY TABLE mysql.moved SELECT id, v, u FROM s1.t WHERE id >= 1000; START TRANSACTION; DELETE FROM s1.t WHERE id >= 1000; INSERT INTO s2.t SELECT * FROM mysql.moved; COMMIT"
synced
same "SELECT * FROM s1.t UNION ALL SELECT * FROM s2.t ORDER BY id" "SELECT * FROM whole.t ORDER BY id"
sql source "START TRANSACTION; INSERT INTO s1.t SELECT id, v, u FROM s2.t WHERE id >= 1000; DELETE FROM s2.t WHERE id >= 1000; COMMIT"
dts_fails 1 "more than 4 MiB inserts the row .* into s1.t before it deletes it" -- -c sync.on_conflict=overwrite sync --until now
same "SELECT * FROM s1.t UNION ALL SELECT * FROM s2.t ORDER BY id" "SELECT * FROM whole.t ORDER BY id"
dts --yes init-data --restart 2>/dev/null >&2 || die "merged tables are not copied again"
synced
same "SELECT * FROM s1.t UNION ALL SELECT * FROM s2.t ORDER BY id" "SELECT * FROM whole.t ORDER BY id"
echo "rules: rows that move"
renew

# Conditions go on by the source's collation, when the shape of the table has been read on the target.
need_servers mysql-9.7
start_source mysql-9.7
start_target
sql source "CREATE DATABASE shop COLLATE utf8mb4_0900_ai_ci; CREATE TABLE shop.t (id INT PRIMARY KEY, r VARCHAR(9)); INSERT INTO shop.t VALUES (1, 'eu'), (2, 'us')"
begin shop <<'END'

[[objects.map]]
source = "shop.t"
target = "dr.t"
where = "r = 'éu'"
END
sql source "ALTER TABLE shop.t ADD c INT; INSERT INTO shop.t VALUES (3, 'ÉU', 1), (4, 'us', 1), (5, 'eu ', 1); UPDATE shop.t SET r = 'Eu' WHERE id = 2"
synced
same "SELECT * FROM shop.t WHERE r = 'éu' ORDER BY id" "SELECT * FROM dr.t ORDER BY id"
echo "rules: collations"
