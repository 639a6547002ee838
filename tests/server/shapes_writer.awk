# Prints SQL that changes every table of shapes.sql, without end but at a steady rate (the session
# waits for the time at which the next batch is due). Stops once `stop_file` exists.
# Variables: who (1, 2), n (as in shapes.sql), seed, rate (row changes a second), round (a number).

BEGIN {
  srand(seed * 10 + who + round)
  # Rows of our own are numbered so that no other writer and no later one uses the number.
  next_id = 1000000 + (round % 1000) * 2000000 + who * 1000000
  print "USE shop; SET @due = UNIX_TIMESTAMP(SYSDATE(6));"
  while ((getline line <stop_file) < 0) {
    changes = 0
    while (changes < 25) one()
    printf "SET @due = @due + %.6f; DO SLEEP(GREATEST(0, @due - UNIX_TIMESTAMP(SYSDATE(6))));\n", changes / rate
    fflush()
  }
}

function run(sql, rows) { print sql ";"; changes += rows }
function any(m) { return 1 + int(rand() * m) }
function text(  k) {
  k = any(6)
  return k == 1 ? "NULL" : k == 2 ? "''" : k == 3 ? "'\\\\ \\' \\n \\t %_ " any(1000) "'" : k == 4 ? "REPEAT('äöü ', " any(60) ")" \
    : k == 5 ? "'🚀\\0 zero'" : "'plain " any(1e6) "'"
}

# A new customer with an order of three lines.
function add_order(  id) {
  id = ++next_id
  run("BEGIN", 0)
  run("INSERT INTO customer (email, name, balance, note) VALUES ('w" id "@example.org', ' new " id " ', " any(1000) / 8 ", " text() ")", 1)
  run("INSERT INTO orders VALUES (" id ", LAST_INSERT_ID(), 'new', NOW(3), " (rand() < 0.5 ? "NULL" : "'{\"n\": [1, 2.50]}'") ")", 1)
  run("INSERT INTO order_line (order_id, line, sku, quantity, price) VALUES (" id ", 1, 'A', 2, 3.5), (" id ", 2, 'B', 1, 0), (" id ", -3, 'C', 65535, 9999.99)", 3)
  added[++count] = id
  if (rand() < 0.15) { run("ROLLBACK", 0); count--; changes -= 5 } else run("COMMIT", 0)
}

function remove_order(  i, id) {
  i = any(count + 1)
  id = i > count ? 10 * any(n) : added[i]
  run("BEGIN", 0)
  run("DELETE FROM order_line WHERE order_id = " id, 3)
  run("DELETE FROM orders WHERE id = " id, 1)
  run("COMMIT", 0)
}

# The values of two rows' unique columns change places.
function swap(  a, b) {
  a = 2 * any(n / 2) - who % 2; b = 2 * any(n / 2) - who % 2
  if (a == b) return
  run("BEGIN", 0)
  run("SELECT MAX(IF(id = " a ", u, NULL)), MAX(IF(id = " b ", u, NULL)) INTO @x, @y FROM two_unique WHERE id IN (" a ", " b ") FOR UPDATE", 0)
  run("UPDATE two_unique SET u = NULL WHERE id = " a, 1)
  run("UPDATE two_unique SET u = @x, w = w + 1 WHERE id = " b, 1)
  run("UPDATE two_unique SET u = @y WHERE id = " a, 1)
  run("COMMIT", 0)
}

# A unique value moves to a new row.
function move_unique(  a) {
  a = 2 * any(n / 2) - who % 2
  run("BEGIN", 0)
  run("SELECT MAX(u), MAX(v) INTO @u, @v FROM two_unique WHERE id = " a " FOR UPDATE", 0)
  run("DELETE FROM two_unique WHERE id = " a, 1)
  run("INSERT INTO two_unique VALUES (" ++next_id ", @u, @v, -1)", 1)
  run("INSERT INTO two_unique VALUES (" a ", NULL, NULL, 7)", 1)
  run("COMMIT", 0)
}

function hits(  k, url) {
  k = any(10); url = "'/" who "/" any(60) "'"
  if (k <= 5) run("INSERT INTO hit VALUES ('2024-12-31 23:59:59.999999', " url ", NULL, 0.1, 'same'), ('2024-12-31 23:59:59.999999', " url ", NULL, 0.1, 'same'), (NOW(6), " url ", 404, 1 / 3, " text() ")", 3)
  else if (k == 6) run("DELETE FROM hit WHERE url = " url " LIMIT 1", 1)
  else if (k == 7) run("UPDATE hit SET status = IFNULL(status, 0) + 1, note = NULL WHERE url = " url " LIMIT 1", 1)
  else if (k == 8) run("INSERT INTO visit VALUES (" any(40) ", NULL, 0.1, 'x', b'101'), (" any(40) ", NULL, 16777217, NULL, NULL)", 2)
  else if (k == 9) run("DELETE FROM visit WHERE customer = " any(40) " AND token IS NULL LIMIT 1", 1)
  else run("UPDATE visit SET size = size * 1.1, body = " text() " WHERE customer = " any(40) " LIMIT 2", 2)
}

function one(  k, a) {
  k = any(100)
  if (k <= 20) run("UPDATE customer SET balance = balance + " rand() " WHERE id = " any(n), 1)
  else if (k <= 26) { a = any(n); run("UPDATE customer SET note = " text() ", vip = 1 - vip WHERE id BETWEEN " a " AND " a + 3, 4) }
  else if (k <= 29) run("UPDATE customer SET email = CONCAT('E', " ++next_id ", '@Example.org') WHERE id = " any(n), 1)
  else if (k <= 38) add_order()
  else if (k <= 43) remove_order()
  else if (k <= 48) run("UPDATE order_line SET quantity = quantity + 1, price = price / 2 WHERE order_id = " 10 * any(n), 3)
  else if (k <= 51) { a = 10 * any(n); run("UPDATE order_line SET line = line + 7 WHERE order_id = " a " ORDER BY line DESC", 3) }
  else if (k <= 55) run("CALL ship(" 10 * any(n) ")", 2)
  else if (k <= 59) swap()
  else if (k <= 62) move_unique()
  else if (k <= 64) run("UPDATE two_unique SET id = -id WHERE ABS(id) = " 2 * any(n / 2) - who % 2, 1)
  else if (k <= 68) {
    a = any(n / 4)  # spellings that are one key
    run("REPLACE INTO word VALUES (" (rand() < 0.5 ? "'X" a "'" : rand() < 0.5 ? "'x" a "'" : "'x" a " '") ", " text() ")", 1)
    if (rand() < 0.3) run("DELETE FROM word WHERE word = 'x" a "'", 1)
  } else if (k <= 71) run("INSERT INTO customer_word SELECT " any(n) ", word, " rand() " FROM word WHERE word LIKE 'a%' LIMIT 1 ON DUPLICATE KEY UPDATE weight = weight + 0.1", 1)
  else if (k <= 73) run("DELETE FROM customer_word WHERE customer = " any(n), 1)
  else if (k <= 75) run("UPDATE latin SET name = " (rand() < 0.5 ? "UPPER(name)" : "REPLACE(name, 'ß', 'ss')") ", n = n + 1 WHERE n % 1000 = " any(1000), 1)
  else if (k <= 79) run("UPDATE binary_key SET value = " (rand() < 0.2 ? "x''" : "UNHEX(SHA2(RAND(), 256))") ", flags = flags ^ 1 WHERE id = UNHEX(LPAD(HEX(256 * " any(n) "), 16, '0'))", 1)
  else if (k <= 81) run("UPDATE binary_key SET id = UNHEX(RPAD(HEX(" ++next_id "), 16, '0')) WHERE id = UNHEX(LPAD(HEX(256 * " any(n) "), 16, '0'))", 1)
  else if (k <= 85) run("REPLACE INTO unique_only VALUES ('u" any(n) "', " text() ", " any(1000) ")", 2)
  else if (k <= 87) run("UPDATE unique_only SET code = CONCAT('w', " ++next_id ") WHERE code = 'u" any(n) "'", 1)
  else if (k <= 89) run("UPDATE node SET parent = " (rand() < 0.3 ? "NULL" : any(n)) " WHERE id = " any(n), 1)
  else if (k <= 91) run("UPDATE measured SET day = day + INTERVAL 400 DAY, value = value * -1.1 WHERE station = " any(50) - 1 " LIMIT 1", 1)
  else if (k <= 93) run("UPDATE `odd ``name``` SET `select` = LEFT(" text() ", 20), `é` = NULL WHERE `a b` = " any(100), 1)
  else if (k <= 99) hits()
  else run("UPDATE customer SET balance = balance * 1.01 WHERE id % 100 = " any(100) - 1, n / 100)
}
