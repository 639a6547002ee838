#!/usr/bin/env bash
# Views, routines, triggers and events by the names of the target: they work there as on the source,
# and those that can't be told are left out by name.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
need_servers mysql-9.7

# agree QUERY_ON_SOURCE QUERY_ON_TARGET: must give the same, and something.
agree() {
  local here there
  here=$(sql source "$1") there=$(sql target "$2")
  [[ -n $here && $here == "$there" ]] || die "'$1' gives '$here', '$2' gives '$there'"
}

scenario() {
  sql source "CREATE DATABASE shop; CREATE DATABASE crm; USE shop;
    CREATE TABLE orders (id INT PRIMARY KEY, cust INT, note VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, extra INT);
    CREATE TABLE items (id INT PRIMARY KEY, a INT); CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(99) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin);
    CREATE TABLE crm.people (id INT PRIMARY KEY, name VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin); CREATE TABLE \`o\`\`dd\` (id INT PRIMARY KEY, k INT);
    INSERT INTO orders VALUES (1, 1, 'x', 1), (2, 2, 'y', 2); INSERT INTO items VALUES (1, 10), (2, 20);
    INSERT INTO crm.people VALUES (1, 'ann'), (2, 'bob'); INSERT INTO \`o\`\`dd\` VALUES (7, 7);
    CREATE FUNCTION twice(x INT) RETURNS INT DETERMINISTIC RETURN 2 * x;
    CREATE FUNCTION total() RETURNS INT READS SQL DATA RETURN (SELECT SUM(orders.id) + SUM(shop.orders.id) FROM orders, items i, shop.\`o\`\`dd\`);
    CREATE VIEW bought AS SELECT p.name AS who, twice(o.cust) AS n FROM orders o JOIN crm.people p ON p.id = o.cust
      WHERE o.id IN (SELECT id FROM items) UNION ALL SELECT 'orders', orders.cust FROM orders ORDER BY who, n;
    CREATE VIEW again AS SELECT b.who, COUNT(*) AS orders FROM bought b, \`o\`\`dd\` GROUP BY b.who;
    CREATE VIEW moved AS SELECT cust, twice(id) AS cust2 FROM orders;
    CREATE PROCEDURE add_order(n INT) INSERT INTO orders (id) VALUES (n);
    CREATE TRIGGER told AFTER UPDATE ON orders FOR EACH ROW INSERT INTO log (what) VALUES (CONCAT(OLD.cust, ' orders ', NEW.cust));
    CREATE TRIGGER filled BEFORE INSERT ON orders FOR EACH ROW SET NEW.cust = 2;
    CREATE EVENT cleared ON SCHEDULE EVERY 1 DAY DO DELETE FROM shop.orders WHERE id > 1000;
    CREATE VIEW not_noted AS SELECT note FROM orders; CREATE VIEW on_it AS SELECT * FROM not_noted;
    CREATE PROCEDURE ambiguous() SELECT COUNT(*) AS orders FROM orders"
  create_accounts shop crm dr far
  for side in source target; do sql "$side" "GRANT EVENT ON *.* TO dts@'%'"; done
  write_job shop crm
  rm -f "${JOB%.toml}".state.toml*
  cat >>"$JOB" <<'JOB'

[[objects.map]]
source = "shop.orders"
target = "dr.orders_eu"
columns = { cust = "customer" }
exclude_columns = ["note"]

[[objects.map]]
source = "shop.o`dd"
target = "dr.e`ven"

[[objects.map]]
source = "shop.moved"
target = "far.moved_here"

[[objects.map]]
source = "shop"
target = "dr"

[schema]
events = true
JOB
  dts precheck --json >"$WORK/findings" 2>"$WORK/err" || true
  [[ $(jq -r '.findings[] | select(.check == "mapped-objects") | .subject' "$WORK/findings" | sort | tr '\n' ' ') == "shop.ambiguous shop.not_noted shop.on_it " ]] ||
    die "mapped-objects: $(jq -c '.findings[] | select(.level != "pass")' "$WORK/findings")"
  precheck mapped-objects
  dts init-schema >"$WORK/out" 2>&1 || die "init-schema failed: $(cat "$WORK/out")"
  grep -q "view 'shop.on_it' is left out: it mentions the view 'shop.not_noted'" "$WORK/out" || die "on_it: $(cat "$WORK/out")"
  dts init-schema >"$WORK/out" 2>&1 || die "a second init-schema failed: $(cat "$WORK/out")"
  dts init-data >"$WORK/out" 2>&1 || die "init-data failed: $(cat "$WORK/out")"

  agree "SELECT * FROM shop.bought" "SELECT * FROM dr.bought"
  agree "SELECT * FROM shop.again ORDER BY who" "SELECT * FROM dr.again ORDER BY who"
  agree "SELECT * FROM shop.moved ORDER BY cust" "SELECT * FROM far.moved_here ORDER BY cust"
  agree "SELECT shop.total()" "SELECT dr.total()"
  # By hand, so that the triggers fire on both.
  sql source "CALL shop.add_order(3); UPDATE shop.orders SET cust = 1 WHERE id = 3"
  sql target "CALL dr.add_order(3); UPDATE dr.orders_eu SET customer = 1 WHERE id = 3"
  agree "SELECT id, cust FROM shop.orders" "SELECT id, customer FROM dr.orders_eu"
  agree "SELECT what FROM shop.log" "SELECT what FROM dr.log"
  [[ $(sql target "SELECT EVENT_DEFINITION FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'dr'") == *'`dr`.`orders_eu`'* ]] || die "the event was not mapped"
  [[ $(sql target "SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_NAME = 'ambiguous'") == 0 ]] || die "ambiguous was made"
}

start_source
start_target
scenario
for server in source target; do stop_server "$server" && rm -rf "${WORK:?}/$server"; done
start_source mysql-9.7
start_target mysql-9.7
scenario
echo "mapped objects: they do on the target what they do on the source"
