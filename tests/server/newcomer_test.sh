#!/usr/bin/env bash
# Somebody who does what precheck says, and nothing else, gets a job to run: servers as they are installed,
# accounts without any right, the README's smallest job file.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/remedies.sh"

ROUNDS_MAX=5

# comes_through SERVER: from the first precheck to equal data.
comes_through() {
  local server=$1 side round
  start_server source "$server"
  start_server target "$server"
  client source <<'SQL'
CREATE DATABASE shop;
CREATE TABLE shop.customers (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL, UNIQUE KEY (name));
CREATE TABLE shop.orders (id INT AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL, amount DECIMAL(9, 2), note TEXT,
  FOREIGN KEY (customer) REFERENCES shop.customers (id));
CREATE TABLE shop.log (line VARCHAR(100));
CREATE VIEW shop.sums AS SELECT customer, SUM(amount) AS total FROM shop.orders GROUP BY customer;
CREATE FUNCTION shop.twice(n INT) RETURNS INT DETERMINISTIC RETURN 2 * n;
CREATE TRIGGER shop.logged AFTER INSERT ON shop.orders FOR EACH ROW INSERT INTO shop.log VALUES (NEW.note);
INSERT INTO shop.customers (name) VALUES ('Ann'), ('Bob');
INSERT INTO shop.orders (customer, amount, note) VALUES (1, 9.99, 'one'), (2, 0.01, 'two');
SQL
  for side in source target; do sql "$side" "CREATE USER dts@'%' IDENTIFIED BY 'secret'"; done
  echo secret >"$WORK/password"
  write_job shop
  for ((round = 1; ; round++)); do
    look
    ! jq -e .passed "$WORK/findings" >/dev/null || break
    ((round < ROUNDS_MAX)) || die "$server: not passed after $round rounds: $(findings)"
    obey_all
  done
  dts init-schema 2>"$WORK/err" || die "$server: init-schema: $(<"$WORK/err")"
  dts init-data >"$WORK/out" 2>"$WORK/err" || die "$server: init-data: $(<"$WORK/err")"
  sql source "INSERT INTO shop.orders (customer, amount, note) VALUES (1, 5, 'three'); DELETE FROM shop.orders WHERE id = 1;
    CREATE TABLE shop.later (id INT PRIMARY KEY) SELECT 7 AS id"
  dts sync --until now 2>"$WORK/err" || die "$server: sync: $(<"$WORK/err")"
  must_be_equal shop
  [[ $(sql target "SELECT shop.twice(COUNT(*)) FROM shop.log") == 6 ]] || die "$server: the log"
  echo "newcomer: $server in $round rounds"
}

comes_through mariadb-10.11
stop_server source
stop_server target
rm -f "$WORK"/dtsctl.state.toml*
rm -rf "$WORK/source" "$WORK/target"
comes_through mysql-9.7
