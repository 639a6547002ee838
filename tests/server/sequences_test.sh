#!/usr/bin/env bash
# Sequences of MariaDB: copied, followed, and created, altered and dropped in the stream.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# Everything that a sequence holds, on one side.
sequences() {
  sql "$1" "SELECT * FROM shop.s; SELECT * FROM shop.\`odd name\`"
}
must_agree() {
  local source target
  source=$(sequences source) target=$(sequences target)
  [[ $(wc -l <<<"$source") == 2 ]] || die "$1: the source has no two sequences: $source"
  [[ $source == "$target" ]] || die "$1: '$source' on the source, '$target' on the target"
}

start_source
start_target
sql source "CREATE DATABASE shop; USE shop; CREATE SEQUENCE s START WITH 5 INCREMENT BY 3 CACHE 10;
  CREATE SEQUENCE \`odd name\` MINVALUE -10 MAXVALUE -1 INCREMENT BY -2 CYCLE NOCACHE;
  CREATE TABLE t (id INT DEFAULT NEXTVAL(s) PRIMARY KEY, v INT); INSERT INTO t (v) VALUES (1), (2), (3);
  DO NEXTVAL(\`odd name\`)"
create_accounts shop
write_job shop
precheck
dts init-schema
dts init-schema # once more: nothing is in the way
dts init-data
must_agree "after the copy"
must_be_equal shop

sql source "USE shop; INSERT INTO t (v) SELECT seq FROM seq_1_to_50; DO SETVAL(\`odd name\`, -5); DO NEXTVAL(\`odd name\`)"
dts sync --until now
must_agree "after sync"
must_be_equal shop

# The default database is another one: the name alone says that it is selected.
sql source "CREATE SEQUENCE shop.late START WITH 100; ALTER SEQUENCE shop.s INCREMENT BY 7 RESTART 1000; DO NEXTVAL(shop.late)" mysql
dts sync --until now
must_agree "after ALTER"
same_result "SELECT next_not_cached_value FROM shop.late" ||
  die "the new sequence differs"
sql source "DROP SEQUENCE shop.late" mysql
dts sync --until now
must_be_equal shop
[[ $(sql target "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_NAME = 'late'") == 0 ]] || die "the sequence was not dropped"
# Likewise a view.
sql source "CREATE VIEW shop.cheap AS SELECT 1 AS one" mysql
dts sync --until now
[[ $(sql target "SELECT one FROM shop.cheap") == 1 ]] || die "the view was not made"
echo "sequences: identical"
