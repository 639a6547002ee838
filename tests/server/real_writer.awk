# Prints SQL that changes every table of real_data.sql, without end but at a steady rate: the session
# itself waits for the time at which the next batch is due. Stops once `stop_file` exists.
# Variables: who (1, 2 ...), seed, rate (row changes a second), data (folder of .tsv files).
# Each writer changes rows of its own (every second key), so writers seldom wait for each other.

BEGIN {
  FS = "\t"
  srand(seed * 10 + who)
  read_keys("language_name.tsv", languages); read_keys("country_name.tsv", countries)
  read_keys("subdivision_name.tsv", subdivisions); read_keys("package.tsv", packages)
  read_keys("reading.tsv", readings); read_keys("dependency.tsv", dependencies)
  read_keys("currency.tsv", currencies); read_keys("file.tsv", files)
  print "SET @due = UNIX_TIMESTAMP(SYSDATE(6));"
  while ((getline line <stop_file) < 0) {
    changes = 0
    while (changes < 50) one()
    printf "SET @due = @due + %.6f; DO SLEEP(GREATEST(0, @due - UNIX_TIMESTAMP(SYSDATE(6))));\n", changes / rate
    fflush()
  }
}

# keys[0] is their number; every second line only, and no more than 40,000.
function read_keys(file, keys,  line, n, i) {
  while ((getline line <(data "/" file)) > 0 && n < 40000) if (++i % 2 == who % 2) keys[++n] = line
  close(data "/" file)
  keys[0] = n
}

function pick(keys) { return split(keys[1 + int(rand() * keys[0])], field, "\t") }

function quoted(text) { gsub(/'/, "''", text); return "'" text "'" }

function run(sql, rows) { print sql ";"; changes += rows }

# What a value is changed to: some text of several alphabets, and now and then a NULL or nothing.
function text(  n) {
  n = int(rand() * 8)
  return n == 0 ? "''" : n == 1 ? "'Ω≈ç√ " int(rand() * 1e6) "'" : n == 2 ? "'変更 🚀 " int(rand() * 1e6) "'" \
    : n == 3 ? "REPEAT('long ', " int(rand() * 30) ")" : "'it''s \\\\ " int(rand() * 1e9) "'"
}

function where_language() { return "language = '" field[1] "' AND locale = '" field[2] "'" }

function where_dependency() {
  return "package = " quoted(field[1]) " AND architecture = '" field[2] "' AND kind = '" field[3] \
    "' AND item = " field[4] " AND choice = " field[5]
}

function character() { return 13312 + 2 * int(rand() * 3200) + who % 2 }

function one(  n, i, id, list) {
  n = int(rand() * 100)
  if (n < 22) {
    pick(languages); run("UPDATE babel.language_name SET name = " text() " WHERE " where_language(), 1)
  } else if (n < 32) {
    id = character()
    run("UPDATE babel.`character` SET numeric_value = " (rand() < 0.1 ? "NULL" : rand() * 1000) \
      " WHERE code IN (" id ", " id + 2 ", " id + 4 ", " id + 6 ")", 4)
  } else if (n < 40) {
    id = character()
    run("UPDATE babel.reading SET value = CONCAT(LEFT(value, 40), ' ', " text() ") WHERE `character` = " id, 5)
  } else if (n < 48) {
    pick(subdivisions)
    run("UPDATE babel.subdivision_name SET name = " text() " WHERE subdivision = '" field[1] "' AND locale = '" field[2] "'", 1)
  } else if (n < 54) {  # a row goes away and comes back as another one
    pick(readings)
    run("DELETE FROM babel.reading WHERE `character` = CONV('" field[1] "', 16, 10) AND kind = '" field[2] "'", 1)
    run("INSERT INTO babel.reading VALUES (CONV('" field[1] "', 16, 10), '" field[2] "', " text() ")", 1)
  } else if (n < 60) {  # new rows, whose oldest are deleted later
    for (i = 0; i < 4; i++) {
      pick(dependencies)
      list = list (i ? ", " : "") "(" quoted(field[1]) ", '" field[2] "', 'Suggests', 999, " \
        1000000 * who + ++inserted ", 'something-new', " (rand() < 0.5 ? "NULL" : "'>= 1~rc1'") ")"
    }
    run("INSERT INTO debian.dependency VALUES " list, 4)
  } else if (n < 63) {
    pick(dependencies)
    run("DELETE FROM debian.dependency WHERE package = " quoted(field[1]) " AND item = 999 ORDER BY choice LIMIT 3", 1)
  } else if (n < 67) {  # keys change
    pick(languages)
    run("UPDATE IGNORE babel.language_name SET locale = 'qa" (who % 2 ? "a" : "b") "' WHERE " where_language(), 1)
  } else if (n < 76) {  # no key: equal rows come and go
    pick(files)
    id = "'/opt/" who "/" int(rand() * 400) "'"
    run("INSERT INTO debian.file VALUES (" quoted(field[1]) ", '" field[2] "', " id "), (" \
      quoted(field[1]) ", '" field[2] "', " id "), ('bash', 'amd64', " id ")", 3)
  } else if (n < 79) {
    run("DELETE FROM debian.file WHERE path = '/opt/" who "/" int(rand() * 400) "' LIMIT 2", 2)
  } else if (n < 82) {
    run("UPDATE debian.file SET path = '/opt/" who "/" int(rand() * 400) "' WHERE path = '/opt/" who "/" \
      int(rand() * 400) "' LIMIT 1", 1)
  } else if (n < 90) {  # transactions over several tables; one in five is taken back
    run("BEGIN", 0)
    pick(packages)
    run("CALL debian.resize(" quoted(field[1]) ", " int(rand() * 2000 - 1000) ")", 2)
    pick(dependencies)
    run("UPDATE debian.dependency SET version = " quoted(int(rand() * 1000)) " WHERE " where_dependency(), 1)
    pick(currencies)
    run("UPDATE babel.currency SET rate = rate * " 0.9 + rand() / 5 " + 0.01 WHERE code = '" field[1] "'", 1)
    pick(countries)
    run("UPDATE babel.country_name SET name = " text() " WHERE country = '" field[1] "' AND locale = '" field[2] "'", 1)
    if (rand() < 0.2) { run("ROLLBACK", 0); changes -= 5 } else run("COMMIT", 0)
  } else if (n < 99) {
    pick(countries)
    run("UPDATE babel.country SET official_name = " text() " WHERE code = '" field[1] "'", 1)
  } else if (rand() < 0.3) {  # the other table without a key, and without an index
    run("DELETE FROM debian.history ORDER BY at LIMIT 2", 2)
    run("UPDATE debian.history SET kib_before = NULL ORDER BY at DESC LIMIT 1", 1)
  }
}
