#!/usr/bin/env bash
# Tables cut by keys of every type, with several workers: each row is copied, and the table in pieces.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# keyed SERVER TYPE EXPRESSION: a table of 14 MiB with a key of this type, made of the row's number i
keyed() {
  local name=k$((++COUNT)) limit="max_recursive_iterations = 1000000"
  [[ $1 != mysql-* ]] || limit="cte_max_recursion_depth = 1000000"
  sql source "SET SESSION $limit, sql_mode = ''; USE shop; CREATE TABLE $name (k $2, id INT NOT NULL, pad VARBINARY(4000), PRIMARY KEY (${4:-k}));
    INSERT INTO $name WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3600) SELECT $3, i, REPEAT(CHAR(i % 256), 4000) FROM n; ANALYZE TABLE $name" >/dev/null
}

# Every row of a wide part is large, every row of another small.
skewed() {
  local limit="max_recursive_iterations = 1000000"
  [[ $1 != mysql-* ]] || limit="cte_max_recursion_depth = 1000000"
  sql source "SET SESSION $limit; USE shop; CREATE TABLE skewed (k INT PRIMARY KEY, pad MEDIUMBLOB); INSERT INTO skewed
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i, IF(i > 19900, REPEAT('x', 500000), 'y') FROM n; ANALYZE TABLE skewed" >/dev/null
}

copied() {
  COUNT=0
  start_source "$1" --max-allowed-packet=64M
  start_target "$1" --max-allowed-packet=64M
  sql source "CREATE DATABASE shop"
  keyed "$1" "FLOAT NOT NULL" "(i - 1800) * 0.37"
  keyed "$1" "DOUBLE NOT NULL" "(i - 1800) / 7e10"
  keyed "$1" "BIT(64) NOT NULL" "CAST(i AS UNSIGNED) * 5000000000000000"
  keyed "$1" "ENUM('z', 'b', '', 'D', 'a') NOT NULL" "i % 6" "k, id"
  keyed "$1" "SET('z', 'b', 'D', 'a') NOT NULL" "i % 16" "k, id"
  keyed "$1" "DECIMAL(30, 12) NOT NULL" "(i - 1800) * 1234567890.123456789"
  keyed "$1" "VARCHAR(40) CHARACTER SET latin1 COLLATE latin1_german2_ci NOT NULL" "CONCAT(CHAR(192 + i % 60 USING latin1), ' ', i)"
  keyed "$1" "VARBINARY(16) NOT NULL" "UNHEX(LPAD(HEX(i * 71), 8, '0'))"
  keyed "$1" "TIME(3) NOT NULL" "SEC_TO_TIME(i - 1800)" "k, id"
  keyed "$1" "TIMESTAMP NOT NULL" "FROM_UNIXTIME(i * 100000)"
  if [[ $1 != mysql-* ]]; then
    keyed "$1" "UUID NOT NULL" "UUID()"
    keyed "$1" "INET6 NOT NULL" "CONCAT('fe80::', HEX(i))"
    keyed "$1" "INET4 NOT NULL" "INET_NTOA(i * 1000003)"
  fi
  skewed "$1"
  create_accounts shop
  write_job shop
  precheck
  dts init-schema >/dev/null 2>&1 || die "init-schema"
  dts init-data >"$WORK/copy.out" 2>&1 || die "init-data: $(cat "$WORK/copy.out")"
  must_be_equal shop
  local whole
  # Several pieces of each, and of the skewed one not a single one for all that is large.
  whole=$(grep -c '^chunks = 1$' "${JOB%.toml}.state.toml" || true)
  [[ $whole == 0 ]] || die "$whole tables were not cut: $(grep -E '^(table|chunks)' "${JOB%.toml}.state.toml")"
  echo "chunk_keys: $1, chunks of each: $(sed -n 's/^chunks = //p' "${JOB%.toml}.state.toml" | paste -sd ' ')"
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
}

copied mariadb-10.11
need_servers mysql-9.7
copied mysql-9.7
