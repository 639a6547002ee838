# What a binlog may hold, event by event: transactions of every form, and what must not be applied.
# To be sourced after stream.sh; each function is one trap.

# --- kills in the middle of transactions -----------------------------------------------------------

# Kills sync in the middle of a transaction: where it waits for a row of the target that somebody else
# has locked.
kill_at_row() {
  local table=$1 id=$2 holder
  client target >/dev/null 2>&1 <<<"BEGIN; INSERT INTO stream.$table (id) VALUES ($id) ON DUPLICATE KEY UPDATE id = $id; DO SLEEP(100)" &
  holder=$!
  wait_for 10 is_held || wrong "the row cannot be locked"
  start_sync
  wait_for 60 is_waiting || wrong "sync never came to row $id: $(tail -n 3 "$WORK/sync.log")"
  kill -9 "$SYNC_PID"
  wait "$SYNC_PID" 2>/dev/null || true
  sql target "KILL $(sleeping)"
  wait "$holder" || true
}

sleeping() { sql target "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO = 'DO SLEEP(100)'"; }
is_held() { [[ $(sleeping) ]]; }
is_waiting() {
  sync_alive
  [[ $(sql target "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'") == 1 ]]
}

half_transactions_leave_nothing_behind() {
  sql source "INSERT INTO stream.row_b SELECT i, 0, 'before' FROM other.n WHERE i <= 1000"
  catch_up
  sql source "USE stream; BEGIN;
    INSERT INTO row_a SELECT i, i, REPEAT('x', 100) FROM other.n WHERE i <= 100000;
    INSERT INTO bag SELECT i % 100, 'twice' FROM other.n WHERE i <= 3000;
    UPDATE row_b SET v = v + 1; DELETE FROM row_a WHERE id % 10 = 0; COMMIT"
  for row in 1 60000 99999; do
    kill_at_row row_a "$row"
    is target "SELECT COUNT(*) FROM stream.row_a" 0
    is target "SELECT SUM(v) FROM stream.row_b" 0
  done
  catch_up
  is target "SELECT COUNT(*) FROM stream.row_a" 90000
  is target "SELECT COUNT(*) FROM stream.bag" 3000
  sql source "TRUNCATE stream.row_a"
}

a_savepoint_does_not_end_a_transaction() {
  sql source "USE stream; BEGIN; INSERT INTO row_a SELECT i, 1, REPEAT('x', 100) FROM other.n WHERE i <= 40000;
    SAVEPOINT a; INSERT INTO row_a SELECT i, 2, REPEAT('y', 100) FROM other.n WHERE i BETWEEN 40001 AND 80000;
    SAVEPOINT b; DELETE FROM row_a WHERE id < 100; ROLLBACK TO b; RELEASE SAVEPOINT a;
    INSERT INTO row_b VALUES (1, 1, 'last'); COMMIT"
  kill_at_row row_a 30000
  kill_at_row row_a 80000
  is target "SELECT COUNT(*) FROM stream.row_a" 0
  catch_up
  is target "SELECT COUNT(*) FROM stream.row_a" 80000
  sql source "TRUNCATE stream.row_a"
}

# --- savepoints, rollbacks, engines without transactions ---------------------------------------------

myisam_rows_stay_when_their_transaction_is_rolled_back() {
  sql source "USE stream; BEGIN; INSERT INTO row_a VALUES (1, 1, 'gone'); INSERT INTO isam VALUES (1, 1); ROLLBACK;
    BEGIN; INSERT INTO row_a VALUES (2, 1, 'stays'); SAVEPOINT a; INSERT INTO isam VALUES (2, 1);
    INSERT INTO row_a VALUES (3, 1, 'gone'); ROLLBACK TO a; UPDATE isam SET v = 7 WHERE id = 1; COMMIT;
    BEGIN; INSERT INTO isam VALUES (3, 1); INSERT INTO row_a VALUES (4, 1, 'stays'); COMMIT"
  catch_up
  is target "SELECT GROUP_CONCAT(id ORDER BY id) FROM stream.row_a" 2,4
  is target "SELECT GROUP_CONCAT(id, '=', v ORDER BY id) FROM stream.isam" 1=7,2=1,3=1
}

# A temporary table keeps the server from cutting its log: it writes a ROLLBACK instead.
rollbacks_in_the_log_take_rows_back() {
  sql source "USE stream; BEGIN; INSERT INTO row_a VALUES (10, 1, 'gone'); CREATE TEMPORARY TABLE tmp (a INT);
    INSERT INTO row_a VALUES (11, 1, 'gone'); ROLLBACK;
    BEGIN; INSERT INTO row_a VALUES (12, 1, 'stays'); SAVEPOINT A; INSERT INTO row_a VALUES (13, 1, 'gone');
    CREATE TEMPORARY TABLE tmp2 (a INT); INSERT INTO row_a VALUES (15, 1, 'gone');
    ROLLBACK TO \`a\`; INSERT INTO row_a VALUES (14, 1, 'stays'); COMMIT"
  catch_up
  is target "SELECT GROUP_CONCAT(id ORDER BY id) FROM stream.row_a WHERE id BETWEEN 10 AND 19" 12,14
}

a_commit_without_a_transaction_id_ends_it_too() {
  local before
  before=$(sql target "SELECT CONCAT(gtid, log_file, log_offset) FROM dtsctl.position WHERE job = 'test'")
  sql source "INSERT INTO stream.isam VALUES (20, 1); UPDATE stream.isam SET v = 2 WHERE id = 20;
    INSERT INTO stream.isam VALUES (21, 1); DELETE FROM stream.isam WHERE id = 21"
  catch_up
  is target "SELECT v FROM stream.isam WHERE id = 20" 2
  [[ $(sql target "SELECT CONCAT(gtid, log_file, log_offset) FROM dtsctl.position WHERE job = 'test'") != "$before" ]] ||
    wrong "the position has not moved"
}

# --- XA ------------------------------------------------------------------------------------------------

# xa NAME STATEMENTS: a prepared transaction, whose session is gone.
xa() { sql source "USE stream; XA START '$1'; $2; XA END '$1'; XA PREPARE '$1'"; }

nothing_is_kept() { is target "SELECT COUNT(*) FROM dtsctl.xa_event" 0; }

xa_takes_effect_at_its_commit() {
  xa yes "INSERT INTO row_a VALUES (30, 1, 'xa'); UPDATE row_c SET v = v WHERE id = -1; INSERT INTO row_b VALUES (30, 1, 'xa')"
  xa no "INSERT INTO row_a VALUES (31, 1, 'xa')"
  sql source "INSERT INTO stream.row_a VALUES (32, 1, 'between')"
  catch_up
  is target "SELECT GROUP_CONCAT(id) FROM stream.row_a WHERE id BETWEEN 30 AND 39" 32
  sql source "UPDATE stream.row_a SET v = 2 WHERE id = 32; XA COMMIT 'yes'; XA ROLLBACK 'no';
    UPDATE stream.row_a SET v = 3 WHERE id = 30"
  catch_up
  is target "SELECT GROUP_CONCAT(id, '=', v ORDER BY id) FROM stream.row_a WHERE id BETWEEN 30 AND 39" 30=3,32=2
  is target "SELECT COUNT(*) FROM stream.row_b WHERE id = 30" 1
  nothing_is_kept
}

xa_of_every_other_form() {
  sql source "USE stream; XA START 'one', 'branch', 7; INSERT INTO row_a VALUES (40, 1, 'one'); XA END 'one', 'branch', 7;
    XA COMMIT 'one', 'branch', 7 ONE PHASE;
    XA START x'00ff27', 'b'; INSERT INTO row_a VALUES (41, 1, 'odd name'); XA END x'00ff27', 'b'; XA PREPARE x'00ff27', 'b'"
  sql source "XA COMMIT x'00ff27', 'b'; USE stream;
    XA START 'dropped'; INSERT INTO row_a VALUES (42, 1, 'never prepared'); XA END 'dropped'; XA ROLLBACK 'dropped'"
  xa empty "DO 0"
  sql source "XA COMMIT 'empty'" 2>/dev/null || true
  xa elsewhere "INSERT INTO other.row_a VALUES ($((RANDOM + 1)), 1, 'not selected')"
  sql source "XA COMMIT 'elsewhere'"
  # The same name again, with another end.
  xa again "INSERT INTO row_a VALUES (43, 1, 'again')"
  sql source "XA ROLLBACK 'again'"
  xa again "INSERT INTO row_a VALUES (44, 1, 'again')"
  sql source "XA COMMIT 'again'"
  catch_up
  is target "SELECT GROUP_CONCAT(id ORDER BY id) FROM stream.row_a WHERE id BETWEEN 40 AND 49" 40,41,44
  nothing_is_kept
}

xa_larger_than_memory_pieces() {
  xa big "INSERT INTO row_c SELECT i, 1, REPEAT('z', 150) FROM other.n WHERE i <= 75000; SAVEPOINT a; DELETE FROM row_c WHERE id <= 10"
  catch_up
  is target "SELECT COUNT(*) FROM stream.row_c" 0
  (($(sql target "SELECT COUNT(*) FROM dtsctl.xa_event") > 1)) || wrong "the transaction is kept in one piece"
  sql source "XA COMMIT 'big'"
  kill_at_row row_c 50000
  is target "SELECT COUNT(*) FROM stream.row_c" 0
  catch_up
  is target "SELECT COUNT(*) FROM stream.row_c" 74990
  nothing_is_kept
  sql source "USE stream; XA START 'big'; DELETE FROM row_c; XA END 'big'; XA COMMIT 'big' ONE PHASE"
  kill_at_row row_c 50000
  catch_up
  nothing_is_kept
}

xa_survives_kills_and_a_restart_of_the_source() {
  sql source "INSERT INTO stream.row_a VALUES (32, 1, 'x')"
  xa old "INSERT INTO row_a VALUES (50, 1, 'old'); UPDATE row_a SET v = 9 WHERE id = 32"
  start_sync
  kept() { [[ $(sql target "SELECT COUNT(*) FROM dtsctl.xa_event") == 1 ]]; }
  wait_for 30 kept || wrong "a prepared transaction is not kept"
  kill -9 "$SYNC_PID"
  wait "$SYNC_PID" 2>/dev/null || true
  stop_server source
  restart_server source
  sql source "INSERT INTO stream.row_a VALUES (51, 1, 'after'); XA COMMIT 'old'; INSERT INTO stream.row_a VALUES (52, 1, 'after')"
  catch_up
  is target "SELECT GROUP_CONCAT(id, '=', v ORDER BY id) FROM stream.row_a WHERE id IN (32, 50, 51, 52)" 32=9,50=1,51=1,52=1
  nothing_is_kept
}

# --- what was not logged as whole rows -------------------------------------------------------------------

# stops_at PATTERN STATEMENTS REPAIR: sync stops there, has applied all before and nothing behind, and
# goes on with --skip-transaction once the effect has been made by hand.
stops_at() {
  local pattern=$1 statements=$2 repair=$3
  sql source "INSERT INTO stream.row_b VALUES (100, 1, 'before')"
  client source stream <<<"$statements"
  sql source "INSERT INTO stream.row_b VALUES (101, 1, 'behind')"
  for _ in 1 2; do
    fails_to_sync "$pattern"
    is target "SELECT GROUP_CONCAT(id) FROM stream.row_b WHERE id BETWEEN 100 AND 109" 100
  done
  [[ -n $SKIP ]] || wrong "no position to skip is named: $(cat "$WORK/err")"
  client target stream <<<"$repair"
  catch_up --skip-transaction "$SKIP"
  is target "SELECT GROUP_CONCAT(id ORDER BY id) FROM stream.row_b WHERE id BETWEEN 100 AND 109" 100,101
  must_be_equal stream
  sql source "DELETE FROM stream.row_b"
  catch_up
}

a_statement_in_place_of_rows_stops() {
  sql source "INSERT INTO stream.row_a VALUES (60, 1, 's'), (61, 1, 's')"
  local update="UPDATE row_a SET v = v + id WHERE id BETWEEN 60 AND 69"
  stops_at "UPDATE row_a SET v = v \+ id.*logged as a statement" "SET SESSION binlog_format = STATEMENT; $update" "$update"
  local several="BEGIN; INSERT INTO row_a VALUES (62, RAND() * 0, LENGTH(UUID())); INSERT INTO row_a (id) VALUES (63); COMMIT"
  stops_at "INSERT INTO row_a VALUES \(62.*logged as a statement" "SET SESSION binlog_format = STATEMENT; SET @x = 5; $several" "$several"
}

a_load_data_in_place_of_rows_stops() {
  printf '70\t1\tloaded\n71\t1\tloaded\n' >"$WORK/load.txt"
  local load="LOAD DATA LOCAL INFILE '$WORK/load.txt' INTO TABLE row_a"
  sql target "SET GLOBAL local_infile = ON"
  sql source "SET GLOBAL local_infile = ON"
  stops_at "LOAD DATA.*logged as a statement" "SET SESSION binlog_format = STATEMENT; $load" "$load"
  is target "SELECT GROUP_CONCAT(id ORDER BY id) FROM stream.row_a WHERE id BETWEEN 70 AND 79" 70,71
}

an_incomplete_row_image_stops() {
  local image update
  sql source "INSERT INTO stream.page VALUES (1, 1, 'blob', 'text')"
  for image in MINIMAL NOBLOB; do
    update="UPDATE page SET v = v + 1 WHERE id = 1"
    stops_at "stream.page.*row image is not complete" "SET SESSION binlog_row_image = $image; $update" "$update"
    is target "SELECT CONCAT(body, note) FROM stream.page" blobtext
  done
  update="DELETE FROM page WHERE id = 1"
  stops_at "stream.page.*row image is not complete" "SET SESSION binlog_row_image = MINIMAL; $update" "$update"
}

# --- compression ---------------------------------------------------------------------------------------

compressed_transactions() {
  local on="SET SESSION binlog_transaction_compression = ON; USE stream;" before
  before=$(payloads)
  sql source "$on INSERT INTO row_a VALUES (80, 1, 'small')"
  sql source "$on BEGIN; INSERT INTO row_a VALUES (81, 1, 'a'); SAVEPOINT a; INSERT INTO row_a VALUES (82, 1, 'b');
    ROLLBACK TO a; INSERT INTO row_b VALUES (82, 1, 'b'); SAVEPOINT b; DELETE FROM row_a WHERE id = 80; COMMIT"
  sql source "$on INSERT INTO row_c SELECT i, i, CONCAT('compressed ', i) FROM other.n WHERE i <= 60000"
  (($(payloads) >= before + 3)) || wrong "nothing was compressed"
  kill_at_row row_c 40000
  is target "SELECT COUNT(*) FROM stream.row_c" 0
  catch_up
  is target "SELECT COUNT(*), MAX(s) FROM stream.row_c" $'60000\tcompressed 9999'
  sql source "$on DELETE FROM row_c; DELETE FROM row_b;
    XA START 'packed'; INSERT INTO row_a VALUES (83, 1, 'xa'); XA END 'packed'; XA PREPARE 'packed'"
  sql source "XA COMMIT 'packed'; SET SESSION binlog_transaction_compression = ON; UPDATE stream.row_a SET v = 2 WHERE id = 83"
}

payloads() {
  sql source "SELECT SUM(COUNTER_TRANSACTIONS) - SUM(IF(COMPRESSION_TYPE = 'NONE', COUNTER_TRANSACTIONS, 0))
    FROM (SELECT TRANSACTION_COUNTER COUNTER_TRANSACTIONS, COMPRESSION_TYPE
      FROM performance_schema.binary_log_transaction_compression_stats) c" | sed 's/NULL/0/'
}

compressed_events() {
  sql source "SET GLOBAL log_bin_compress = ON; SET GLOBAL log_bin_compress_min_len = 10"
  sql source "USE stream; INSERT INTO row_a VALUES (80, 1, REPEAT('c', 150)); UPDATE row_a SET s = REPEAT('d', 200) WHERE id = 80;
    BEGIN; INSERT INTO row_a VALUES (81, 1, REPEAT('a', 99)), (82, 2, REPEAT('b', 99)); SAVEPOINT a_rather_long_name;
    DELETE FROM row_a WHERE id = 82; COMMIT;
    CREATE TABLE packed_statement (id INT PRIMARY KEY, note VARCHAR(200) DEFAULT 'a default that is long enough'); DROP TABLE packed_statement;
    XA START 'packed'; INSERT INTO row_a VALUES (83, 1, REPEAT('x', 150)); XA END 'packed'; XA PREPARE 'packed'"
  sql source "XA COMMIT 'packed'; USE stream; INSERT INTO row_c SELECT i, i, CONCAT('compressed ', i) FROM other.n WHERE i <= 60000;
    FLUSH BINARY LOGS"
  (($(sql source "SHOW BINLOG EVENTS IN '$(last_but_one_log)' LIMIT 100000" | grep -ciE '_compressed') > 5)) || wrong "nothing was compressed"
  catch_up
  is target "SELECT COUNT(*), MAX(s) FROM stream.row_c" $'60000\tcompressed 9999'
  is target "SELECT GROUP_CONCAT(id, '=', LENGTH(s)) FROM stream.row_a WHERE id BETWEEN 80 AND 83" 80=200,81=99,83=150
  sql source "DELETE FROM stream.row_c; SET GLOBAL log_bin_compress = OFF"
}

# --- names of transactions -----------------------------------------------------------------------------

several_domains_interleaved() {
  local round domain
  for round in 1 2 3; do
    for domain in 0 7 3 7; do
      echo "SET SESSION gtid_domain_id = $domain; INSERT INTO stream.row_c VALUES ($round$domain$RANDOM, $domain, 'domain') ON DUPLICATE KEY UPDATE v = v + 1;
        INSERT INTO stream.bag VALUES ($domain, 'domain');"
    done | client source
    catch_up
    must_be_equal stream
  done
  is target "SELECT GROUP_CONCAT(v, '=', n ORDER BY v) FROM (SELECT v, COUNT(*) n FROM stream.bag GROUP BY v) x" 0=3,3=3,7=6
  is target "SELECT gtid REGEXP '^0-1-[0-9]+,3-1-[0-9]+,7-1-[0-9]+$' FROM dtsctl.position WHERE job = 'test'" 1
}

tagged_and_foreign_names_and_gaps() {
  local round uuid=aaaaaaaa-0000-4000-8000-000000000001
  for round in 1 2 3; do
    sql source "SET gtid_next = 'AUTOMATIC:mytag'; INSERT INTO stream.bag VALUES (1, 'tagged'); INSERT INTO stream.bag VALUES (2, 'tagged');
      SET gtid_next = '$uuid:$((1000000 * round))'; INSERT INTO stream.bag VALUES (3, 'far');
      SET gtid_next = '$uuid:second_tag:$((500 - round * 2))'; INSERT INTO stream.bag VALUES (4, 'backwards');
      SET gtid_next = 'AUTOMATIC'; INSERT INTO stream.bag VALUES (5, 'plain');
      SET gtid_next = '$uuid:$((2000000000 + round))'; BEGIN; COMMIT; SET gtid_next = 'AUTOMATIC'"
    catch_up
    is target "SELECT COUNT(*) FROM stream.bag" $((5 * round))
    must_be_equal stream
  done
  # Filled afterwards: a smaller number than all that have been applied.
  sql source "SET gtid_next = '$uuid:5'; INSERT INTO stream.bag VALUES (6, 'late'); SET gtid_next = 'AUTOMATIC'"
  catch_up
  is target "SELECT COUNT(*) FROM stream.bag WHERE v = 6" 1
  [[ $(sql target "SELECT gtid FROM dtsctl.position WHERE job = 'test'" | tr -d '\n') == "$(sql source "SELECT @@GLOBAL.gtid_executed" | sed 's/\\n//g')" ]] ||
    wrong "the position is not the source's set: $(sql target "SELECT gtid FROM dtsctl.position WHERE job = 'test'")"
}

# What another server once called itself: no reason to leave its changes out.
transactions_with_our_own_server_id() {
  sql source "SET SESSION server_id = $OWN_SERVER_ID; INSERT INTO stream.bag VALUES (1, 'ours'); UPDATE stream.bag SET v = v + 1;
    ALTER TABLE stream.bag ADD COLUMN extra INT"
  sql source "UPDATE stream.bag SET v = v + 1, extra = 5"
  catch_up
  is target "SELECT v, extra FROM stream.bag" $'3\t5'
  sql source "ALTER TABLE stream.bag DROP COLUMN extra"
}

# --- sizes ---------------------------------------------------------------------------------------------

# What one row of "page" takes in the log beside its body.
size_of_an_event() {
  sql source "SET NAMES utf8mb4; INSERT INTO stream.page VALUES (9, 1, 'x', NULL); FLUSH BINARY LOGS; DELETE FROM stream.page WHERE id = 9"
  sql source "SHOW BINLOG EVENTS IN '$(last_but_one_log)' LIMIT 1000000" |
    awk -F '\t' '$3 ~ /^Write_rows/ { size = $5 - $2 - 1 } END { print size }'
}

last_but_one_log() { sql source "SHOW BINARY LOGS" | tail -n 2 | head -n 1 | cut -f 1; }

events_larger_than_a_packet() {
  local limit size
  # The protocol sends more than so many bytes in several packets; one of them marks the event.
  limit=$(((1 << 24) - 1 - 1 - $(size_of_an_event)))
  for size in -1 0 1; do
    sql source "INSERT INTO stream.page VALUES (20 + $size, 1, REPEAT('t', $limit + $size), NULL)"
  done
  sql source "USE stream; INSERT INTO page VALUES (10, 1, REPEAT('p', 20 << 20), 'x'), (11, 1, NULL, 'y');
    BEGIN; UPDATE page SET body = REPEAT('q', 40000000), note = 'both images' WHERE id = 10; UPDATE page SET v = 2 WHERE id = 11; COMMIT"
  catch_up
  is target "SELECT LENGTH(body), note, v FROM stream.page WHERE id IN (10, 11) ORDER BY id" $'40000000\tboth images\t1\nNULL\ty\t2'
  must_be_equal stream
  sql source "SET SESSION sql_log_bin = 0; TRUNCATE stream.page"
  sql target "TRUNCATE stream.page"
}

logs_that_end_all_the_time() {
  local i
  start_sync
  for i in {1..30}; do
    echo "INSERT INTO stream.bag VALUES (1, 'rotate'); FLUSH BINARY LOGS; UPDATE stream.bag SET v = v + 1;"
  done | client source
  sync_alive
  stop_sync
  catch_up
  is target "SELECT COUNT(*), SUM(v) FROM stream.bag" $'30\t495'
}

ids_of_tables_that_are_reused() {
  local i
  tables() { for i in {1..40}; do echo "${1//@/$i}"; done | client source stream; }
  tables "CREATE TABLE many_@ (id INT PRIMARY KEY, v INT$([[ ${1:-} ]] || echo ', w INT'));"
  tables "INSERT INTO many_@ VALUES (1, @, 0);"
  catch_up
  for i in 1 2 3; do
    sql source "FLUSH TABLES"
    tables "UPDATE many_@ SET v = v + 1;"
  done
  # After a restart ids begin anew, and belong to other tables.
  start_running_sync
  stop_server source
  restart_server source
  for i in {40..1}; do echo "UPDATE many_$i SET w = $i; INSERT INTO many_$i VALUES (2, 2, $i);"; done | client source stream
  stop_sync
  catch_up
  is target "SELECT GROUP_CONCAT(v, '/', w) FROM stream.many_27" 30/27,2/27
  sql source "DROP TABLE $(printf ', stream.many_%s' {1..40} | cut -c 3-)"
}

how_much_the_log_says_of_columns() {
  local metadata
  sql source "CREATE TABLE stream.signs (id INT UNSIGNED PRIMARY KEY, e ENUM('a', 'b'), t TINYINT UNSIGNED, s SET('x', 'y'), c VARCHAR(9) CHARACTER SET latin1)"
  start_sync
  for metadata in "${METADATA[@]}"; do
    sql source "SET GLOBAL binlog_row_metadata = $metadata"
    sql source "INSERT INTO stream.signs VALUES ($((4000000000 + RANDOM)), 'b', 255, 'y', 'é'), ($((3000000000 + RANDOM)), 'a', 128, 'x,y', ''); UPDATE stream.signs SET t = t - 1"
  done
  sql source "SET GLOBAL binlog_row_metadata = FULL"
  stop_sync
  catch_up
  must_be_equal stream
  sql source "DROP TABLE stream.signs"
}
