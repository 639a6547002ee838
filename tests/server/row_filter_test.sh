#!/usr/bin/env bash
# Row filters: the same rows by the copy and by the stream, as the source itself says of its rows.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

declare -A WHERE=(
  [orders]="region = 'EU' AND (amount >= 10.50 OR note IS NULL)"
  [people]="name IN ('josé', 'STRASSE') OR born < '1970-01-01'"
  [shards]="id % 4 = 1"
  [keyless]="kind <> 'b'"
)

# Every table has on the target what its condition holds for on the source, and some rows are left out.
must_hold() {
  local table rest
  for table in "${!WHERE[@]}"; do
    sql source "SELECT * FROM shop.$table WHERE ${WHERE[$table]} ORDER BY 1, 2" >"$WORK/rows.source"
    sql target "SELECT * FROM shop.$table ORDER BY 1, 2" >"$WORK/rows.target"
    rest=$(sql source "SELECT COUNT(*) FROM shop.$table WHERE NOT COALESCE((${WHERE[$table]}), 0)")
    [[ -s $WORK/rows.source && $rest != 0 ]] || die "$1: $table has nothing to tell apart"
    diff "$WORK/rows.source" "$WORK/rows.target" >&2 || die "$1: $table differs"
  done
}

# Random changes in all tables: rows enter and leave their filters, keys move, groups cancel out.
changes() {
  local i
  for ((i = 0; i < $1; ++i)); do
    local id=$((RANDOM % 60)) other=$((RANDOM % 60)) region=(EU eu "eu " US NULL)
    region=${region[RANDOM % 5]}
    [[ $region == NULL ]] || region="'$region'"
    echo "INSERT INTO orders VALUES ($id, $region, $((RANDOM % 20)).5, IF($((RANDOM % 2)), NULL, 'n'))
      ON DUPLICATE KEY UPDATE region = $region, amount = VALUES(amount);
      DELETE FROM orders WHERE id = $other; UPDATE IGNORE orders SET id = $other WHERE id = $id;
      REPLACE INTO people VALUES ($id, ELT(1 + $((RANDOM % 6)), 'josé', 'JOSE', 'José', 'straße', 'strasse', 'x'), DATE '1960-01-01' + INTERVAL $((RANDOM % 9000)) DAY);
      REPLACE INTO shards VALUES ($id, $i); UPDATE IGNORE shards SET id = id + 1 WHERE id = $other;
      INSERT INTO keyless VALUES (ELT(1 + $((RANDOM % 3)), 'a', 'b', 'c'), $((RANDOM % 3))); UPDATE keyless SET kind = IF(kind = 'b', 'a', 'b') WHERE n = $((RANDOM % 3)) LIMIT 2;
      DELETE FROM keyless WHERE n = $((RANDOM % 3)) LIMIT 1;"
    ((i % 3)) || echo "COMMIT; START TRANSACTION;"
  done
  echo "COMMIT;"
}

filtered() {
  start_source "$1" --max-allowed-packet=64M
  start_target "$2" --max-allowed-packet=64M
  sql source "CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci; USE shop;
    CREATE TABLE orders (id INT PRIMARY KEY, region VARCHAR(9), amount DECIMAL(9,2), note TEXT);
    CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(20), born DATE); CREATE TABLE shards (id BIGINT UNSIGNED PRIMARY KEY, v INT);
    CREATE TABLE keyless (kind ENUM('a','b','c'), n INT)"
  changes 60 | client source shop
  # Whatever the seed: rows that are taken and rows that are not, which no change touches.
  sql source "USE shop; INSERT INTO people VALUES (1000, 'x', '1980-01-01'), (1001, 'JOSE', '1980-01-01'); INSERT INTO shards VALUES (1001, 1), (1002, 1);
    INSERT INTO keyless VALUES ('a', 9), ('b', 9); INSERT INTO orders VALUES (1001, 'eu', 19.5, NULL), (1002, 'US', 0.5, NULL)"
  create_accounts shop
  write_job shop
  local table
  for table in "${!WHERE[@]}"; do
    printf '[[objects.map]]\nsource = "shop.%s"\nwhere = "%s"\n' "$table" "${WHERE[$table]}" >>"$JOB"
  done
  precheck translations
  dts init-schema 2>/dev/null >&2 || die "init-schema"
  dts init-data 2>"$WORK/err" >&2 || die "init-data: $(cat "$WORK/err")"
  must_hold "after the copy"
  changes 100 | client source shop
  dts sync --until now 2>"$WORK/err" >&2 || die "sync: $(cat "$WORK/err")"
  must_hold "while catching up"
  changes 100 | client source shop
  dts sync --until now 2>"$WORK/err" >&2 || die "sync: $(cat "$WORK/err")"
  must_hold "in ordinary mode"
  dts status --json | jq -e '(.sync.conflicts | length) == 0 and (.sync.skipped | any(.kind == "filtered" and .count > 10))' >/dev/null ||
    die "status: $(dts status --json | jq .sync)"
  echo "row_filter: $1 to $2"
}

filtered mariadb-10.11 mariadb-10.11

# What can't be decided on a row image, or is none, is refused by the precheck with the place.
refuses() { # WHERE PATTERN
  sed "s/^where = \"id % 4 = 1\"/where = \"$1\"/" "$JOB" >"$WORK/other.toml"
  cmp -s "$JOB" "$WORK/other.toml" && die "the condition was not put in"
  local status=0
  "$DTSCTL" -f "$WORK/other.toml" precheck >"$WORK/out" 2>&1 || status=$?
  [[ $status == 3 ]] || { cat "$WORK/out" >&2 && die "precheck with \"$1\" ended with $status"; }
  grep -qE -- "$2" "$WORK/out" || { cat "$WORK/out" >&2 && die "precheck with \"$1\" does not say /$2/"; }
}
refuses "nothing = 1" "nothing"
refuses "id IN (SELECT 1)" "shop.shards.*SELECT"
refuses "RAND() < 0.5" "RAND"
refuses "id = 1; DROP TABLE x" ";"
refuses "id = " "shop.shards"

stop_server source
stop_server target
rm -rf "$WORK"/source "$WORK"/target "$WORK"/other* "${JOB%.toml}".state*
need_servers mysql-9.7
filtered mysql-9.7 mariadb-10.11
