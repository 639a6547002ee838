# What happens to a source while it is followed: new logs, lost logs, pauses, other servers, settings.
# To be sourced after stream.sh; each function is one trap.

position() { sql target "SELECT IF(gtid = '', CONCAT(log_file, ':', log_offset), gtid) FROM dtsctl.position WHERE job = 'test'"; }
last_but_one_log() { sql source "SHOW BINARY LOGS" | tail -n 2 | head -n 1 | cut -f 1; }
fresh_log() { sql source "SHOW BINARY LOGS" | tail -n 1 | cut -f 1; }

# A transaction every few milliseconds, into keyed and keyless tables.
busy() {
  awk -v stop="$1" 'BEGIN { while ((getline line < stop) < 0) { n++
    print "INSERT INTO stream.row_a VALUES (" n ", 1, \"busy\"); INSERT INTO stream.bag VALUES (" n % 50 ", \"busy\");"
    print "UPDATE stream.row_a SET v = v + 1 WHERE id % 7 = " n % 7 " AND id > " n - 100 "; DELETE FROM stream.bag WHERE v = " (n + 7) % 50 " LIMIT 1;"
    print "DO SLEEP(0.003);"; fflush() } }'
}

# --- starting again ------------------------------------------------------------------------------------

starts_skip_and_repeat_nothing() {
  local round rounds=8
  ((${DTS_TORTURE:-0} == 0)) || rounds=40
  start_writer busy busy
  for ((round = 1; round <= rounds; round++)); do
    if ((round % 2)); then
      start_running_sync
      sleep "0.$((RANDOM % 4))"
      if ((round % 4 == 1)); then stop_sync; else kill -9 "$SYNC_PID" && wait "$SYNC_PID" 2>/dev/null || true; fi
    else
      catch_up
    fi
    ((round % 3)) || sql source "FLUSH BINARY LOGS"
  done
  stop_writer busy
  catch_up
  must_be_equal stream
}

# Renames the newest log to the given number, as if the source had written so many.
renumber_log() {
  local number=$1 folder=$WORK/source/data last file
  stop_server source
  last=$(tail -n 1 "$folder/binlog.index")
  last=${last#./}
  mv "$folder/$last" "$folder/binlog.$number"
  for file in "$folder/$last".*; do [[ ! -e $file ]] || mv "$file" "$folder/binlog.$number.${file##*.}"; done
  sed -i "\$s/.*/.\/binlog.$number/" "$folder/binlog.index"
  restart_server source
}

the_millionth_log_comes_after_the_one_before() {
  local round
  sql source "FLUSH BINARY LOGS; INSERT INTO stream.bag VALUES (0, 'log')"
  catch_up
  renumber_log 999998
  [[ $PAIR != *OFF* ]] || sql target "UPDATE dtsctl.position SET log_file = 'binlog.999998' WHERE job = 'test'"
  start_running_sync
  for round in 1 2 3; do
    sql source "INSERT INTO stream.bag VALUES ($round, 'log'); FLUSH BINARY LOGS; INSERT INTO stream.bag VALUES ($round, 'log')"
    sleep 0.2
  done
  [[ $(fresh_log) == binlog.100000[0-9] ]] || wrong "the log is $(fresh_log)"
  stop_sync
  catch_up
  for round in 4 5; do
    sql source "FLUSH BINARY LOGS; INSERT INTO stream.bag VALUES ($round, 'log')"
    catch_up
  done
  is target "SELECT COUNT(*) FROM stream.bag" 9
  is target "SELECT log_file REGEXP '^binlog.100000[0-9]$' FROM dtsctl.position WHERE job = 'test'" 1
}

# A log ends at 1 GiB, but never within a transaction.
positions_beyond_four_gigabytes() {
  local size round
  sql source "CREATE TABLE IF NOT EXISTS other.wide (id INT PRIMARY KEY, body LONGTEXT) ENGINE = InnoDB; USE stream;
    BEGIN; INSERT INTO bag VALUES (0, 'begin'); INSERT INTO other.wide SELECT i, REPEAT('w', 1 << 20) FROM other.n WHERE i <= 2200;
    DELETE FROM other.wide; INSERT INTO bag VALUES (0, 'end'); COMMIT"
  size=$(sql source "SHOW BINARY LOGS" | cut -f 2 | sort -n | tail -n 1)
  ((size > 4 << 30)) || wrong "the largest log has only $size bytes"
  if [[ $PAIR == *OFF* ]]; then  # to stop at its very end, before the event that names the next log
    local log end
    log=$(last_but_one_log)
    end=$log:$((size - 19 - 8 - ${#log} - 4))
    dts sync --until "$end" >"$WORK/run.log" 2>&1 || wrong "sync: $(tail -n 3 "$WORK/run.log")"
    [[ $(position) == "$end" ]] || wrong "the position is $(position) instead of $end"
  fi
  LIMIT=600 catch_up
  is target "SELECT COUNT(*) FROM stream.bag" 2
  must_be_equal stream
  for round in 1 2; do
    sql source "INSERT INTO stream.bag VALUES ($round, 'beyond')"
    LIMIT=600 catch_up
  done
  is target "SELECT COUNT(*) FROM stream.bag" 4
}

# --- another server, lost logs -----------------------------------------------------------------------------

another_server_under_the_same_address_is_refused() {
  local before
  catch_up
  before=$(position)
  stop_server source
  SERVER_KIND[impostor]=${SERVER_KIND[source]}
  SERVER_FLAGS[impostor]=${SERVER_FLAGS[source]}
  SERVER_PORT[impostor]=${SERVER_PORT[source]}
  mkdir -p "$WORK/impostor/tmp"
  new_data_folder impostor
  restart_server impostor
  # It has the same tables and more transactions.
  client impostor <"$WORK/stream.sql"
  client impostor <"$WORK/source.grants.sql"
  for _ in {1..50}; do echo "INSERT INTO stream.bag VALUES (1, 'wrong server');"; done | client impostor
  for _ in 1 2; do
    dts_fails 4 "another server" -- sync --until now
    dts_fails 4 "another server" -- sync --recover-state --until now
  done
  is target "SELECT COUNT(*) FROM stream.bag" 0
  [[ $(position) == "$before" ]] || wrong "the position has moved"
  crash_server impostor
  unset "SERVER_PID[impostor]"
  rm -rf "$WORK/impostor"
  restart_server source
}

# As after RESET MASTER, or on a source that was restored from a backup: its log is shorter than what
# has been applied. That is not "up to date".
a_log_that_begins_anew_is_noticed() {
  sql source "INSERT INTO stream.bag VALUES (1, 'old log')"
  catch_up
  if is_mysql source; then sql source "RESET BINARY LOGS AND GTIDS"; else sql source "RESET MASTER"; fi
  sql source "INSERT INTO stream.bag VALUES (2, 'new log')"
  fails_to_sync "init-data --restart"
  is target "SELECT COUNT(*) FROM stream.bag" 1
  dts init-data --restart --yes >"$WORK/copy.log" 2>&1 || wrong "init-data: $(tail -n 3 "$WORK/copy.log")"
}

purged_logs_end_the_job_loudly() {
  local before
  catch_up
  before=$(position)
  sql source "INSERT INTO stream.bag VALUES (1, 'lost'); FLUSH BINARY LOGS; FLUSH BINARY LOGS; INSERT INTO stream.bag VALUES (2, 'kept')"
  wait_for 10 purge || wrong "the logs cannot be purged"
  for _ in 1 2; do
    fails_to_sync "init-data --restart"
    [[ $(position) == "$before" ]] || wrong "the position has moved"
    is target "SELECT COUNT(*) FROM stream.bag" 0
  done
  dts init-data --restart --yes >"$WORK/copy.log" 2>&1 || wrong "init-data: $(tail -n 3 "$WORK/copy.log")"
  catch_up
  is target "SELECT COUNT(*) FROM stream.bag" 2
}

purge() {
  sql source "PURGE BINARY LOGS TO '$(fresh_log)'"
  [[ $(sql source "SHOW BINARY LOGS" | wc -l) == 1 ]]
}

# --- silence -------------------------------------------------------------------------------------------

a_source_that_falls_silent() {
  start_writer busy busy
  start_running_sync
  sleep 1
  : >"$WORK/sync.log"
  kill -STOP "${SERVER_PID[source]}"
  sleep 15
  kill -CONT "${SERVER_PID[source]}"
  grep -q "trying again" "$WORK/sync.log" || wrong "sync has not noticed: $(cat "$WORK/sync.log")"
  sleep 1
  stop_writer busy
  caught_up() { [[ $(digests source "" "''" stream) == "$(digests target "" "''" stream)" ]]; }
  wait_for 60 caught_up || wrong "sync does not go on: $(tail -n 3 "$WORK/sync.log")"
  sync_alive
  stop_sync
}

the_position_moves_over_what_is_not_selected() {
  local before
  catch_up
  before=$(position)
  start_running_sync
  sql source "INSERT INTO other.row_a SELECT i, 1, 'not ours' FROM other.n WHERE i <= 100; DELETE FROM other.row_a; FLUSH BINARY LOGS;
    INSERT INTO other.row_a VALUES (1, 1, 'not ours'); DELETE FROM other.row_a"
  moved() { [[ $(position) != "$before" ]]; }
  wait_for 10 moved || wrong "the saved position stays at $before"
  if is_mysql source && [[ $PAIR == *OFF* ]]; then
    at_end() { [[ $(position) == "$(sql source "SHOW BINARY LOG STATUS" | awk '{ print $1 ":" $2 }')" ]]; }
  elif is_mysql source; then
    at_end() { [[ $(position) == "$(sql source "SELECT @@GLOBAL.gtid_executed" | sed 's/\\n//g')" ]]; }
  else
    at_end() { [[ $(position) == "$(sql source "SELECT @@GLOBAL.gtid_binlog_pos")" ]]; }
  fi
  wait_for 10 at_end || wrong "the saved position $(position) is not the end of the log"
  stop_sync
}

# --- identities ------------------------------------------------------------------------------------------

a_second_client_with_the_same_id_stops_the_first() {
  local second=$WORK/second.toml other ended=0
  catch_up
  sed 's/^name = .*/name = "second"/; s/^include = .*/include = ["nothing"]/' "$JOB" >"$second"
  start_running_sync
  rm -f "${second%.toml}".state.toml*
  "$DTSCTL" -f "$second" sync --from "$(position)" --no-precheck >"$WORK/second.log" 2>&1 &
  other=$!
  wait_for 20 sync_ended || wrong "sync goes on beside another client with its server_id: $(cat "$WORK/second.log")"
  wait "$SYNC_PID" || ended=$?
  [[ $ended == 1 ]] || wrong "sync ended with $ended: $(cat "$WORK/sync.log")"
  grep -q "server_id" "$WORK/sync.log" || wrong "the message does not name server_id: $(cat "$WORK/sync.log")"
  ! grep -q "trying again" "$WORK/sync.log" || wrong "it tried again: $(cat "$WORK/sync.log")"
  sleep 1
  kill -INT "$other" || wrong "the second client has ended, too: $(cat "$WORK/second.log")"
  wait "$other" || true
  ! grep -q "trying again" "$WORK/second.log" || wrong "the second client was disturbed: $(cat "$WORK/second.log")"
}

changes_that_another_server_made_with_our_id() {
  start_server origin "${SERVER_KIND[source]}" --server-id="$OWN_SERVER_ID" --log-bin=binlog "${ORIGIN_FLAGS[@]}"
  sql origin "CREATE DATABASE stream; USE stream; $(stream_tables row_a); CREATE TABLE bag (v INT, s VARCHAR(200));
    CREATE USER repl@'%' IDENTIFIED BY 'secret'; GRANT REPLICATION SLAVE ON *.* TO repl@'%'"
  if is_mysql source; then
    sql origin "RESET BINARY LOGS AND GTIDS"
    sql source "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = ${SERVER_PORT[origin]}, SOURCE_USER = 'repl',
      SOURCE_PASSWORD = 'secret', GET_SOURCE_PUBLIC_KEY = 1; START REPLICA"
  else
    sql origin "RESET MASTER; SET GLOBAL gtid_domain_id = 5"
    sql source "CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${SERVER_PORT[origin]}, MASTER_USER = 'repl',
      MASTER_PASSWORD = 'secret', MASTER_USE_GTID = slave_pos; START SLAVE"
  fi
  sql origin "SET SESSION $(is_mysql source || echo gtid_domain_id = 5, ) sql_mode = ''; USE stream; INSERT INTO row_a VALUES (1, 1, 'relayed');
    INSERT INTO bag VALUES (1, 'relayed'), (1, 'relayed'); UPDATE bag SET v = v + 1"
  start_running_sync
  sql origin "SET SESSION $(is_mysql source || echo gtid_domain_id = 5, ) sql_mode = ''; USE stream; UPDATE bag SET v = v + 1; UPDATE row_a SET v = v + 1"
  sql source "INSERT INTO stream.bag VALUES (9, 'own')"
  relayed() { [[ $(sql source "SELECT v FROM stream.row_a WHERE id = 1") == 2 ]]; }
  wait_for 30 relayed || wrong "the source does not replicate: $(tail -n 3 "$WORK/source/error.log")"
  stop_sync
  catch_up
  is target "SELECT GROUP_CONCAT(v ORDER BY v) FROM stream.bag" 3,3,9
  sql source "STOP $(is_mysql source && echo REPLICA || echo SLAVE)"
  crash_server origin
  unset "SERVER_PID[origin]"
}

# --- settings of the log -----------------------------------------------------------------------------------

checksums_on_and_off() {
  local algorithm
  start_running_sync
  for algorithm in NONE CRC32 NONE CRC32; do
    sql source "SET GLOBAL binlog_checksum = $algorithm; INSERT INTO stream.bag VALUES (1, '$algorithm')"
    sql source "FLUSH BINARY LOGS; INSERT INTO stream.bag VALUES (2, '$algorithm')"
    sleep 0.2
    sync_alive
  done
  stop_sync
  sql source "SET GLOBAL binlog_checksum = NONE; INSERT INTO stream.bag VALUES (3, 'none')"
  catch_up
  sql source "INSERT INTO stream.bag VALUES (4, 'none'); SET GLOBAL binlog_checksum = CRC32; INSERT INTO stream.bag VALUES (5, 'crc')"
  catch_up
  is target "SELECT COUNT(*) FROM stream.bag" 11
}

encrypted_logs() {
  catch_up
  start_running_sync
  sql source "INSERT INTO stream.bag VALUES (1, 'secret text'); FLUSH BINARY LOGS; INSERT INTO stream.bag VALUES (2, 'secret text')"
  ! grep -q "secret text" "$WORK/source/data/$(fresh_log)" || wrong "the log is not encrypted"
  stop_sync
  sql source "INSERT INTO stream.bag VALUES (3, 'secret text')"
  catch_up
  is target "SELECT COUNT(*) FROM stream.bag" 3
}

make_keys() { echo '1;770A8A65DA156D24EE2A093277530142770A8A65DA156D24EE2A093277530142' >"$WORK/keys.txt"; }

# --- commits in the making ---------------------------------------------------------------------------------

# The log has them already, SELECT does not see them yet: a copy that begins now must not lose them.
commits_held_between_log_and_engine() {
  local held=() i
  sql source "INSERT INTO stream.row_a SELECT i, 0, 'x' FROM other.n WHERE i <= 1000; INSERT INTO stream.bag SELECT i % 10, 'x' FROM other.n WHERE i <= 1000;
    SET GLOBAL rpl_semi_sync_source_timeout = 6000, GLOBAL rpl_semi_sync_source_wait_point = AFTER_SYNC, GLOBAL rpl_semi_sync_source_enabled = ON"
  hold() {
    sql source "$1" stream &
    held+=($!)
  }
  hold "INSERT INTO row_a VALUES (5000, 1, 'held')"
  hold "UPDATE row_a SET v = v + 1 WHERE id BETWEEN 100 AND 200"
  hold "DELETE FROM row_a WHERE id = 300"
  hold "INSERT INTO bag VALUES (1, 'x'), (1, 'new')"
  hold "DELETE FROM bag WHERE v = 3 LIMIT 10"
  sleep 1
  is source "SELECT COUNT(*) FROM stream.row_a WHERE id = 5000" 0
  dts init-data --restart --yes >"$WORK/copy.log" 2>&1 || wrong "init-data: $(tail -n 3 "$WORK/copy.log")"
  wait "${held[@]}"
  sql source "SET GLOBAL rpl_semi_sync_source_enabled = OFF"
  is source "SELECT COUNT(*) FROM stream.row_a WHERE id = 5000" 1
  catch_up
  is target "SELECT COUNT(*) FROM stream.row_a WHERE id = 5000" 1
  must_be_equal stream
}

commits_out_of_order() {
  local i writers=()
  sql source "SET GLOBAL binlog_order_commits = OFF"
  dts_fails 3 "binlog_order_commits" -- precheck --ignore non-transactional-tables
  dts precheck --ignore non-transactional-tables --ignore "${ORDER_CHECK:-binlog-order-commits}" >/dev/null 2>&1 || wrong "the warning cannot be acknowledged: $(dts precheck || true)"
  for i in 1 2 3 4; do
    awk -v w="$i" 'BEGIN { for (n = 1; n <= 400; n++) print "INSERT INTO stream.row_a VALUES (" n * 10 + w ", 1, \"order\"); INSERT INTO stream.bag VALUES (" n ", \"order\");" }' |
      client source &
    writers+=($!)
  done
  dts init-data --restart --yes >"$WORK/copy.log" 2>&1 || wrong "init-data: $(tail -n 3 "$WORK/copy.log")"
  catch_up
  wait "${writers[@]}"
  catch_up
  is target "SELECT COUNT(*) FROM stream.row_a" 1600
  must_be_equal stream
  sql source "SET GLOBAL binlog_order_commits = ON"
}

# --- memory ------------------------------------------------------------------------------------------------

a_large_transaction_in_little_memory() {
  local compressed peak pid=0 status
  sql source "CREATE TABLE stream.wide (id INT PRIMARY KEY, body MEDIUMTEXT) ENGINE = InnoDB"
  catch_up
  for compressed in OFF ON; do
    sql source "SET SESSION binlog_transaction_compression = $compressed, SESSION binlog_transaction_compression_level_zstd = 1; USE stream;
      BEGIN; INSERT INTO wide SELECT i, REPEAT(SHA2(i, 512), 512) FROM other.n WHERE i <= 2400; UPDATE wide SET body = CONCAT(body, 'x') WHERE id % 2; COMMIT"
    peak=0 status=0
    "$DTSCTL" -f "$JOB" sync --until now >"$WORK/run.log" 2>&1 &
    pid=$!
    while kill -0 "$pid" 2>/dev/null; do
      peak=$(awk -v peak="$peak" '/^VmHWM/ { peak = $2 } END { print peak }' "/proc/$pid/status" 2>/dev/null || echo "$peak")
      sleep 0.05
    done
    wait "$pid" || status=$?
    ((status == 0)) || wrong "sync ended with $status: $(tail -n 3 "$WORK/run.log")"
    ((peak < 256 * 1024)) || wrong "$((peak / 1024)) MiB of memory (compression $compressed)"
    echo "  compression $compressed: $((peak / 1024)) MiB at most"
    must_be_equal stream
    sql source "SET SESSION sql_log_bin = 0; TRUNCATE stream.wide"
    sql target "TRUNCATE stream.wide"
  done
  sql source "DROP TABLE stream.wide"
}

everywhere=(starts_skip_and_repeat_nothing the_position_moves_over_what_is_not_selected
  a_second_client_with_the_same_id_stops_the_first checksums_on_and_off
  the_millionth_log_comes_after_the_one_before another_server_under_the_same_address_is_refused
  purged_logs_end_the_job_loudly a_log_that_begins_anew_is_noticed)
