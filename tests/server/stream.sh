# What the scenarios about the binlog stream share. To be sourced after lib.sh.
#
#   start_pair SOURCE TARGET [FLAG...]   two new servers, the tables below on both, copied, ready to sync
#   run_traps TRAP...                    each one, a function, begins with empty tables on the source;
#                                        then sync to the end, and compare
#
# The database "stream" is selected, "other" is not; other.n has the numbers 1 to 200,000.

PAIR=""
OWN_SERVER_ID=4711

stream_tables() {
  local table
  for table in "$@"; do
    echo "CREATE TABLE $table (id INT NOT NULL PRIMARY KEY, v INT, s VARCHAR(200)) ENGINE = InnoDB;"
  done
}

create_stream_tables() {
  {
    echo "CREATE DATABASE stream CHARACTER SET utf8mb4 COLLATE utf8mb4_bin; USE stream;"
    stream_tables row_a row_b row_c
    echo "CREATE TABLE bag (v INT, s VARCHAR(200)) ENGINE = InnoDB;
      CREATE TABLE isam (id INT NOT NULL PRIMARY KEY, v INT) ENGINE = MyISAM;
      CREATE TABLE page (id INT NOT NULL PRIMARY KEY, v INT, body LONGBLOB, note TEXT) ENGINE = InnoDB;"
  } >"$WORK/stream.sql"
  client source <"$WORK/stream.sql"
  [[ $1 == source ]] || client target <"$WORK/stream.sql"
  sql source "CREATE DATABASE other; USE other;
    $(stream_tables row_a)
    CREATE TABLE d (d INT); INSERT INTO d VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
    CREATE TABLE n (i INT NOT NULL PRIMARY KEY);
    INSERT INTO n SELECT 1 + a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 100000 * g.d
      FROM d a, d b, d c, d e, d f, d g WHERE g.d < 2"
}

# The servers that a former pair has left.
end_servers() {
  local name
  for name in "${!SERVER_PID[@]}"; do
    crash_server "$name"
    unset "SERVER_PID[$name]"
    rm -rf "${WORK:?}/$name"
  done
  rm -f "${JOB%.toml}".state.toml* "$WORK"/*.log
}

redo_log() {
  if [[ $1 == mysql-* ]]; then echo --innodb-redo-log-capacity=512M; else echo --innodb-log-file-size=512M; fi
}

start_pair() {
  local from=$1 to=$2 where=source
  shift 2
  PAIR="$from -> $to${*:+ ($*)}"
  end_servers
  start_source "$from" --max-allowed-packet=128M "$(redo_log "$from")" "$@"
  start_target "$to" --max-allowed-packet=128M "$(redo_log "$to")"
  [[ $from == "$to" ]] || where=both
  create_stream_tables "$where"
  create_accounts stream
  write_job stream
  sed -i "/^\[source\]/a server_id = $OWN_SERVER_ID" "$JOB"
  if [[ $where == both ]]; then sed -i '1a phases = ["data", "sync"]' "$JOB"; fi
  precheck "${ACKNOWLEDGED[@]}"
  [[ $where == both ]] || dts init-schema
  dts init-data
}
ACKNOWLEDGED=(non-transactional-tables)

# One that hangs is as wrong as one that fails.
catch_up() {
  local status=0
  timeout "${LIMIT:-120}" "$DTSCTL" -f "$JOB" sync --until now "$@" 2>"$WORK/catch_up.err" || status=$?
  ((status == 0)) || die "$PAIR: sync --until now ended with $status: $(tail -n 3 "$WORK/catch_up.err")"
}

run_traps() {
  local trap begin
  for trap in "$@"; do
    begin=${EPOCHREALTIME/./}
    TRAP=$trap
    sql source "USE stream; DELETE FROM row_a; DELETE FROM row_b; DELETE FROM row_c; DELETE FROM bag; DELETE FROM isam; DELETE FROM page"
    "$trap"
    catch_up
    must_be_equal stream
    echo "$PAIR: $trap ($(((${EPOCHREALTIME/./} - begin) / 1000)) ms)"
  done
}

# One that has connected: only then it rides over what happens to the servers.
start_running_sync() {
  : >"$WORK/sync.log"
  start_sync
  wait_for 30 grep -q "from position" "$WORK/sync.log" || wrong "sync does not run: $(cat "$WORK/sync.log")"
}

# wrong WHAT...: ends the test, naming the trap.
wrong() { die "$PAIR: $TRAP: $*"; }

# is SERVER QUERY WANTED: the result must be that.
is() {
  local found
  found=$(sql "$1" "$2")
  [[ $found == "$3" ]] || wrong "$1: $2 gives '$found' instead of '$3'"
}

# fails_to_sync PATTERN: with exit code 1 and a message that matches; $SKIP is the transaction that it
# names.
fails_to_sync() {
  local status=0
  timeout 60 "$DTSCTL" -f "$JOB" sync --until now >"$WORK/out" 2>"$WORK/err" || status=$?
  [[ $status == 1 ]] || wrong "sync ended with $status instead of 1: $(cat "$WORK/err")"
  grep -qE -- "$1" "$WORK/err" || wrong "the message does not match /$1/: $(cat "$WORK/err")"
  SKIP=$(sed -nE 's/.*(transaction|--skip-transaction) ([^ ,)]*[0-9])\)?( .*|$)/\2/p' "$WORK/err" | tail -n 1)
}
