#!/usr/bin/env bash
# Names on the target: databases, tables and columns that are renamed, left out or merged, in the
# schema, the copy, the stream and DDL.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# same WHAT QUERY_ON_SOURCE QUERY_ON_TARGET: must give the same rows, and some.
same() {
  sql source "$2" >"$WORK/rows.source"
  sql target "$3" >"$WORK/rows.target"
  [[ -s $WORK/rows.source ]] || die "$1: nothing to compare"
  diff "$WORK/rows.source" "$WORK/rows.target" >&2 || die "$1 differs"
}

all_same() {
  same "$1: orders" "SELECT id, cust, region, HEX(twice) FROM shop.orders ORDER BY id" \
    "SELECT id, customer, region, HEX(twice) FROM dr.orders_eu ORDER BY id"
  same "$1: customers" "SELECT * FROM shop.customers ORDER BY id" "SELECT * FROM dr.customers ORDER BY id"
  same "$1: odd" "SELECT * FROM shop.\`o\`\`dd %é\` ORDER BY id" "SELECT * FROM dr.\`t\`\`here %é\` ORDER BY id"
  same "$1: merged" "SELECT * FROM shard_1.events UNION ALL SELECT * FROM shard_2.events ORDER BY id" \
    "SELECT * FROM whole.events ORDER BY id"
  same "$1: keyless" "SELECT a, c FROM shop.keyless ORDER BY a, c" "SELECT a, c FROM dr.keyless ORDER BY a, c"
}

# change ROUND: changes of all kinds in all tables, unique values that move included.
change() {
  sql source "
    INSERT INTO shop.customers VALUES ($1 * 100, 'new'), ($1 * 100 + 1, 'né');
    INSERT INTO shop.orders (id, cust, region, note) VALUES ($1 * 100, $1 * 100, 'eu', 'secret'), ($1 * 100 + 1, 1, 'us', NULL);
    UPDATE shop.orders SET cust = 2, note = 'changed' WHERE id <= 2; UPDATE shop.orders SET note = 'alone' WHERE id = 3;
    START TRANSACTION; UPDATE shop.orders SET region = 'x' WHERE id = 1; UPDATE shop.orders SET region = 'eu$1' WHERE id = 1; COMMIT;
    DELETE FROM shop.orders WHERE id = $1 + 3;
    UPDATE shop.\`o\`\`dd %é\` SET \`select\` = id + $1;
    INSERT INTO shard_1.events VALUES ($1 * 10, 'one'); INSERT INTO shard_2.events VALUES (1000 + $1 * 10, 'two');
    UPDATE shard_2.events SET v = CONCAT(v, $1); DELETE FROM shard_1.events WHERE id = $1;
    UPDATE shop.keyless SET c = c + 1 WHERE a = 1 LIMIT 1; DELETE FROM shop.keyless WHERE a = 2 LIMIT 1"
}

# mapped SOURCE TARGET: the whole life of a job between these servers.
mapped() {
start_source "$1" --max-allowed-packet=64M
start_target "$2" --max-allowed-packet=64M
sql source "CREATE DATABASE shop CHARACTER SET utf8mb4; CREATE DATABASE shard_1; CREATE DATABASE shard_2; USE shop;
  CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(20)) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  INSERT INTO customers VALUES (1, 'a'), (2, 'b'), (3, 'c');
  CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, cust INT, region VARCHAR(9), note VARCHAR(99), twice INT AS (cust * 2) VIRTUAL,
    UNIQUE KEY cust (cust, id), KEY noted (note(5)), CONSTRAINT buyer FOREIGN KEY (cust) REFERENCES customers (id)) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  INSERT INTO orders (id, cust, region, note) VALUES (1, 1, 'eu', 'n'), (2, 1, 'us', 'n'), (3, 2, NULL, NULL), (4, 3, 'eu', 'x'), (5, 3, 'eu', 'y'), (6, 1, 'eu', 'z');
  CREATE TABLE \`o\`\`dd %é\` (id INT PRIMARY KEY, \`select\` INT); INSERT INTO \`o\`\`dd %é\` VALUES (1, 1), (2, 2);
  CREATE TABLE keyless (a INT, b INT, c INT); INSERT INTO keyless VALUES (1, 1, 1), (1, 2, 1), (2, 1, 1), (2, 1, 1), (3, 3, 3);
  CREATE TABLE shard_1.events (id INT PRIMARY KEY, v VARCHAR(50)) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin; CREATE TABLE shard_2.events LIKE shard_1.events;
  INSERT INTO shard_1.events VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd'); INSERT INTO shard_2.events VALUES (1001, 'a'), (1002, 'b')"
create_accounts shop shard_1 shard_2 dr whole
write_job shop shard_1.events shard_2.events
cat >>"$JOB" <<'END'

[[objects.map]]
source = "shop.orders"
target = "dr.orders_eu"
columns = { cust = "customer" }
exclude_columns = ["note"]

[[objects.map]]
source = "shop.o`dd %é"
target = "dr.t`here %é"

[[objects.map]]
source = "shop.keyless"
exclude_columns = ["b"]
target = "dr.keyless"

[[objects.map]]
source = "~^shard_[0-9]+\\.(.*)$"
target = "whole.{1}"

[[objects.map]]
source = "shop"
target = "dr"
END
precheck merges
dts init-schema >"$WORK/schema.out" 2>&1 || die "init-schema: $(cat "$WORK/schema.out")"
grep -q "key 'noted' is left out with column 'note'" "$WORK/schema.out" || die "init-schema does not say what it leaves out"
dts init-schema >/dev/null 2>"$WORK/again" || die "a second init-schema: $(cat "$WORK/again")"
dts init-data 2>/dev/null >&2 || die "init-data"
all_same "after the copy"
change 2
dts sync --until now >/dev/null 2>"$WORK/sync.err" || die "sync: $(cat "$WORK/sync.err")"
all_same "while catching up"
change 3
dts sync --until now >/dev/null 2>"$WORK/sync.err" || die "sync: $(cat "$WORK/sync.err")"
all_same "in ordinary mode"
[[ $(sql target "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN ('shop', 'shard_1', 'shard_2')") == 0 ]] ||
  die "a database of the source is on the target"
[[ $(sql target "SELECT COUNT(*) FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = 'dr' AND TABLE_NAME = 'orders_eu'
  AND COLUMN_NAME = 'customer' AND REFERENCED_TABLE_NAME = 'customers' AND CONSTRAINT_NAME = 'buyer'") == 1 ]] || die "the foreign key is not there"

# DDL by the names of the target.
sql source "USE shop; ALTER TABLE customers ADD COLUMN c2 INT DEFAULT 7 AFTER id, ADD INDEX cust (c2);
  CREATE TABLE later (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES shop.customers (id)); INSERT INTO later VALUES (1, 1);
  CREATE TABLE other LIKE shop.later; RENAME TABLE other TO shop.last; INSERT INTO last VALUES (5, NULL);
  TRUNCATE TABLE orders; INSERT INTO orders (id, cust) VALUES (1, 1)" shop
sql source "ALTER TABLE shop.customers MODIFY name VARCHAR(40); INSERT INTO shop.customers VALUES (77, 1, 'late'); DROP INDEX cust ON shop.customers" shard_1
dts sync --until now >/dev/null 2>"$WORK/sync.err" || die "sync of DDL: $(cat "$WORK/sync.err")"
all_same "after DDL"
same later "SELECT * FROM shop.later" "SELECT * FROM dr.later"
same last "SELECT * FROM shop.last" "SELECT * FROM dr.last"

# What can't be carried over stops, and changes nothing.
sql source "ALTER TABLE shop.orders ADD COLUMN more INT"
dts_fails 1 "left out, so that its new shape can't be known.*ALTER TABLE shop.orders" -- sync --until now
sql source "ALTER TABLE shop.orders DROP COLUMN more"
stops=$(dts status --json | jq -r '.sync.position')
[[ $stops != null ]] || die "status has no position"
skip=(--skip-ddl "$(sed -n 's/.*--skip-ddl \([^ ;]*\).*/\1/p' "$WORK/err" | head -1)")
dts_fails 1 "DROP COLUMN more" -- sync --until now "${skip[@]}"
skip=(--skip-ddl "$(sed -n 's/.*--skip-ddl \([^ ;]*\).*/\1/p' "$WORK/err" | head -1)")
sql source "TRUNCATE TABLE shard_2.events"
dts_fails 1 "'whole.events' on the target holds rows of 'shard_1.events', too" -- sync --until now "${skip[@]}"
[[ $(sql target "SELECT COUNT(*) > 3 FROM whole.events") == 1 ]] || die "the merged table was emptied"
echo "mapping: $1 to $2"
}

mapped mariadb-10.11 mariadb-10.11
stop_server source
stop_server target
rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
need_servers mysql-9.7
mapped mysql-9.7 mariadb-10.11
