#!/usr/bin/env bash
# Every job file of examples/ is read, passes the precheck on servers that have what it names, and its first
# steps run.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

start_source
start_target
client source <<'SQL'
CREATE DATABASE shop; CREATE DATABASE shard_1; CREATE DATABASE shard_2; CREATE DATABASE crm; CREATE DATABASE log;
CREATE TABLE shop.customer (id INT PRIMARY KEY, name VARCHAR(40), note TEXT);
CREATE TABLE shop.order_line (id INT PRIMARY KEY, amount DECIMAL(9, 2), KEY (amount));
CREATE TABLE shop.order_tmp1 (id INT PRIMARY KEY);
CREATE TABLE shop.tmp_1 (id INT PRIMARY KEY);
CREATE VIEW shop.large AS SELECT id FROM shop.order_line WHERE amount > 1000;
CREATE EVENT shop.nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM shop.order_tmp1;
INSERT INTO shop.customer VALUES (1, 'Ann', 'x'), (2, 'Bob', 'y');
INSERT INTO shop.order_line VALUES (1, 5), (2, 500);
CREATE TABLE shard_1.t (id INT PRIMARY KEY); INSERT INTO shard_1.t VALUES (1);
CREATE TABLE shard_2.t (id INT PRIMARY KEY); INSERT INTO shard_2.t VALUES (2);
CREATE TABLE crm.customer (id INT PRIMARY KEY);
CREATE TABLE log.event_1 (id INT PRIMARY KEY);
CREATE USER dts@'%' IDENTIFIED BY 'secret';
GRANT ALL ON *.* TO dts@'%';
SQL
sql target "CREATE USER dts@'%' IDENTIFIED BY 'secret'; GRANT ALL ON *.* TO dts@'%'"
echo secret >"$WORK/password"
FROM=$(sql source "SELECT @@gtid_binlog_pos")

# example FILE: an example between our servers.
example() {
  local side file=$1
  JOB=$WORK/$(basename "$file")
  cp "$file" "$JOB"
  OPTIONS=()
  for side in source target; do
    if grep -q '^hosts = ' "$JOB"; then
      OPTIONS+=(-c "$side.hosts=[\"127.0.0.1:${SERVER_PORT[$side]}\"]")
    else
      OPTIONS+=(-c "$side.host=\"127.0.0.1\"" -c "$side.port=${SERVER_PORT[$side]}")
    fi
    OPTIONS+=(-c "$side.password_file=\"$WORK/password\"")
    ! grep -q '^tls = ' "$JOB" || OPTIONS+=(-c "$side.tls=\"preferred\"")
  done
  dts "${OPTIONS[@]}" precheck >"$WORK/out" 2>&1 || die "$file: precheck: $(<"$WORK/out")"
}

# fresh: the target as it was.
fresh() {
  sql target "SELECT CONCAT('DROP DATABASE \`', SCHEMA_NAME, '\`') FROM information_schema.SCHEMATA
    WHERE SCHEMA_NAME NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')" >"$WORK/drop"
  sed 's/$/;/' "$WORK/drop" | client target
}

# target_has WHAT EXPECTED
target_has() {
  local found
  found=$(sql target "SELECT $1")
  [[ $found == "$2" ]] || die "$NAME: $1 is '$found', not '$2'"
}

for file in "$DTS_SOURCE_DIR"/examples/dtsctl.toml "$DTS_SOURCE_DIR"/examples/jobs/*.toml; do
  NAME=$(basename "$file" .toml)
  fresh
  if [[ $NAME == follow-only ]]; then
    mariadb-dump --no-defaults --socket="$WORK/source/sock" --user=root --databases shop --skip-triggers >"$WORK/dump"
    client target <"$WORK/dump"
  fi
  example "$file"
  for step in init-schema init-data "sync --until now"; do
    [[ $NAME != follow-only ]] || step=${step/sync/sync --from $FROM}
    code=0
    dts "${OPTIONS[@]}" $step >"$WORK/out" 2>&1 || code=$?
    # 2: the phases of the job do not include it.
    [[ $code == 0 || $code == 2 && $NAME =~ ^(copy-once|follow-only)$ ]] || die "$NAME: $step: $(<"$WORK/out")"
  done
  case $NAME in
    copy-once) target_has "GROUP_CONCAT(TABLE_NAME ORDER BY 1) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop'" customer,order_line ;;
    other-names) target_has "GROUP_CONCAT(full_name), (SELECT GROUP_CONCAT(id) FROM crm.large_order_line) FROM crm.client" "Ann,Bob	2" ;;
    merge-shards) target_has "COUNT(*) FROM whole.t" 2 ;;
    append-only) target_has "COUNT(*) FROM shop.order_line" 2 ;;
    dtsctl) target_has "COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA IN ('shop', 'crm', 'log')" 6 ;;
    *) target_has "COUNT(*) FROM shop.customer" 2 ;;
  esac
done
echo "examples: all run"
