# Private servers for tests and examples, and comparing what they hold. To be sourced.
#
#   start_source [SERVER] [FLAG...]  start_target [SERVER] [FLAG...]    servers "source" and "target"
#   start_server NAME [SERVER] [FLAG...]  restart_server NAME  stop_server NAME  crash_server NAME
#     SERVER: mariadb-10.11, the host's and the default, or one that foreign.sh fetches
#   need_servers SERVER...                    skips the test (exit code 77) if one is not to be had
#   client NAME [OPTION...] [DATABASE]        a client session as root, fed by stdin
#   sql NAME STATEMENTS [DATABASE]            its result, tab-separated, without headings
#   create_accounts DATABASE...               the accounts as the README grants them
#   write_job DATABASE...                     $JOB; more TOML may be appended to it
#   dts [-c KEY=VALUE...] COMMAND...          the program under test, on $JOB
#   start_writer NAME COMMAND...              what COMMAND prints, run on the source; stop_writer NAME
#   compare_servers DATABASE...               data and definitions of both; returns 1 if they differ
#   compare_pair NAME NAME DATABASE...        the same for any two
#   same_result QUERY [QUERY_ON_TARGET]       source and target give the same, and not nothing
#   same_output COMMAND... -- COMMAND...      so do two commands
#
# Everything lives in $WORK, a new folder of mode 700. Whatever happens, the processes are ended when
# the script ends, by their pids, and $WORK is removed unless the script failed or KEEP=1.

umask 077
export LC_ALL=C.UTF-8
LIB_FOLDER=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
DTS_SOURCE_DIR=${DTS_SOURCE_DIR:-$(cd "$LIB_FOLDER/../.." && pwd)}
DTSCTL=${DTSCTL:-$DTS_SOURCE_DIR/build/dtsctl}
WORK=$(mktemp -d "${TMPDIR:-/tmp}/dtsctl.XXXXXX")
JOB=$WORK/dtsctl.toml
KEEP=${KEEP:-0}
# One seed for everything random; a failure prints it, so that the same can be tried again.
SEED=${DTS_SEED:-$((RANDOM + 1))}
RANDOM=$SEED
declare -A SERVER_PID SERVER_PORT SERVER_FLAGS SERVER_KIND WRITER_PID WRITER_CLIENT
. "$LIB_FOLDER/foreign.sh"

note() { printf '%s\n' "$*" >&2; }
die() {
  note "FAILED: $*"
  exit 1
}

# --- leaving -------------------------------------------------------------------------------------

leave() {
  local status=$? name
  trap - EXIT
  trap '' INT TERM HUP
  if [[ $status != 0 ]]; then
    KEEP=0
    if [[ $status != "$SKIPPED" ]] && declare -F on_failure >/dev/null; then on_failure; fi
  fi
  for name in "${!WRITER_PID[@]}"; do touch "$WORK/$name.stop"; done  # killed shells may leave children
  end_processes "${WRITER_PID[@]}" "${WRITER_CLIENT[@]}" $(jobs_besides_servers)
  if [[ $KEEP == 1 ]]; then exit 0; fi
  # They are thrown away: no need to wait for an orderly end.
  for name in "${!SERVER_PID[@]}"; do crash_server "$name"; done
  if [[ $status == 0 || $status == "$SKIPPED" ]]; then
    rm -rf "$WORK"
  else
    note "the same again: DTS_SEED=$SEED; logs and data are in $WORK"
  fi
  exit "$status"
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

jobs_besides_servers() {
  local pid
  for pid in $(jobs -p); do
    [[ " ${SERVER_PID[*]} " == *" $pid "* ]] || echo "$pid"
  done
}

# Asks processes of ours to end, and after three seconds makes them.
end_processes() {
  local pid tries
  for pid in "$@"; do
    kill "$pid" 2>/dev/null || continue
    for ((tries = 0; tries < 60; tries++)); do
      kill -0 "$pid" 2>/dev/null || continue 2
      sleep 0.05
    done
    kill -9 "$pid" 2>/dev/null || true
  done
}

# --- servers -------------------------------------------------------------------------------------

# A port nobody listens on, below the range that the kernel gives to clients. Somebody may still
# take it first; start_server then tries another.
free_port() {
  while :; do
    FREE_PORT=$((10000 + RANDOM % 20000))
    (exec 3<>"/dev/tcp/127.0.0.1/$FREE_PORT") 2>/dev/null || return 0
  done
}

mariadbd_program() {
  PATH=$PATH:/usr/sbin:/usr/local/sbin command -v mariadbd ||
    die "mariadbd is not installed; on Debian: apt-get install mariadb-server-core mariadb-client-core"
}

# The host's server is named by its version, too; a foreign one by what foreign.sh calls it.
HOST_SERVER=mariadb-10.11
SKIPPED=77

is_server_kind() { [[ ${1:-} =~ ^(mariadb|mysql)-[0-9.]+$ ]]; }
is_mysql() { [[ ${SERVER_KIND[$1]} == mysql-* ]]; }

# A test that can't have its servers is neither passed nor failed. What tests/run.sh could not
# fetch is in $DTS_MISSING_SERVERS and not tried again.
need_servers() {
  local server
  for server in "$@"; do
    [[ $server != "$HOST_SERVER" ]] || continue
    if [[ " ${DTS_MISSING_SERVERS:-} " == *" $server "* ]] || ! fetch_server "$server"; then
      echo "SKIPPED: $(basename "$0" .sh): no $server"
      exit "$SKIPPED"
    fi
  done
}

start_server() {
  local name=$1 server=$HOST_SERVER try
  shift
  if is_server_kind "${1:-}"; then
    server=$1
    shift
  fi
  need_servers "$server"
  SERVER_KIND[$name]=$server
  # A starting mariadbd removes other servers' temporary tables from a folder that they share.
  mkdir -p "$WORK/$name/tmp"
  new_data_folder "$name"
  SERVER_FLAGS[$name]=${*@Q}
  for try in 1 2 3; do
    free_port
    SERVER_PORT[$name]=$FREE_PORT
    restart_server "$name" && return
  done
  die "server $name does not start (tried $try times), see $WORK/$name/error.log"
}

# Sets PLUGINS to the flag that lets the host's server find its plugins. They come with the package of the
# whole server, whose service nobody wants here: unpacked, not installed.
host_plugins() {
  local folder=$FOREIGN_CACHE/$HOST_SERVER-plugins made
  PLUGINS=()
  [[ ! -e /usr/lib/mysql/plugin/file_key_management.so ]] || return 0
  if [[ ! -d $folder ]]; then
    mkdir -p "$FOREIGN_CACHE"
    made=$(mktemp -d "$FOREIGN_CACHE/$HOST_SERVER.XXXXXX")
    if ! (cd "$made" && timeout 300 apt-get -q download mariadb-server && dpkg-deb -x mariadb-server_*.deb .) >"$WORK/plugins.log" 2>&1; then
      rm -rf "$made"
      echo "SKIPPED: $(basename "$0" .sh): what needs plugins of $HOST_SERVER, which can't be fetched: $(tail -n 1 "$WORK/plugins.log")"
      return 1
    fi
    mv -T "$made/usr/lib/mysql/plugin" "$folder" 2>/dev/null || true # or somebody else was faster
    rm -rf "$made"
  fi
  PLUGINS=(--plugin-dir="$folder")
}

new_data_folder() {
  local name=$1
  if [[ ${SERVER_KIND[$name]} != "$HOST_SERVER" ]]; then
    cp -a --sparse=always "$(foreign_root "${SERVER_KIND[$name]}")/data" "$WORK/$name/data"
    return
  fi
  # Installing takes seconds, and gives the same each time: one of these, made by whoever comes first,
  # serves all. It goes by the version of the server.
  local version template made
  version=$("$(mariadbd_program)" --no-defaults --version | md5sum)
  template=$FOREIGN_CACHE/$HOST_SERVER-${version:0:12}
  if [[ ! -d $template ]]; then
    mkdir -p "$FOREIGN_CACHE"
    made=$(mktemp -d "$FOREIGN_CACHE/$HOST_SERVER.XXXXXX")
    # --force: also where the name of the host cannot be looked up.
    TMPDIR=$WORK/$name/tmp mariadb-install-db --no-defaults "${AS_ROOT[@]}" --datadir="$made/data" \
      --auth-root-authentication-method=normal --skip-test-db --force >"$WORK/$name/install.log" 2>&1 ||
      die "mariadb-install-db failed, see $WORK/$name/install.log"
    # Somebody else may have been faster: then ours is not needed.
    mv -T "$made" "$template" 2>/dev/null || rm -rf "$made"
  fi
  cp -a --sparse=always "$template/data" "$WORK/$name/data"
}

# Sets SERVER_COMMAND to what runs the program of a server.
server_command() {
  local server=${SERVER_KIND[$1]}
  if [[ $server == "$HOST_SERVER" ]]; then
    SERVER_COMMAND=("$(mariadbd_program)" --no-defaults "${AS_ROOT[@]}")
  else
    foreign_command "$server" || die "$(foreign_root "$server") is damaged; remove it"
    SERVER_COMMAND=("${FOREIGN_COMMAND[@]}")
  fi
  # As MariaDB does by default; and less memory.
  [[ $server != mysql-* ]] || SERVER_COMMAND+=(--sync-binlog=0 --table-open-cache=400 --table-definition-cache=400)
}

# Starts a server on the data, port and flags that it had.
restart_server() {
  local name=$1 tries
  eval "set -- ${SERVER_FLAGS[$name]}"
  server_command "$name"
  "${SERVER_COMMAND[@]}" --datadir="$WORK/$name/data" \
    --tmpdir="$WORK/$name/tmp" --socket="$WORK/$name/sock" --pid-file="$WORK/$name/pid" --log-error="$WORK/$name/error.log" \
    --port="${SERVER_PORT[$name]}" --bind-address=127.0.0.1 --skip-name-resolve \
    --character-set-server=utf8mb4 --collation-server=utf8mb4_general_ci \
    --innodb-buffer-pool-size=128M --innodb-flush-log-at-trx-commit=2 "$@" \
    >/dev/null 2>>"$WORK/$name/error.log" </dev/null 3>&- 4>&- &
  SERVER_PID[$name]=$!
  for ((tries = 0; tries < 1200; tries++)); do
    [[ -S $WORK/$name/sock ]] && sql "$name" 'SELECT 1' >/dev/null 2>&1 && return 0
    kill -0 "${SERVER_PID[$name]}" 2>/dev/null || return 1
    sleep 0.05
  done
  die "server $name does not answer, see $WORK/$name/error.log"
}

stop_server() {
  kill "${SERVER_PID[$1]}"
  wait "${SERVER_PID[$1]}" || true
}

crash_server() {
  kill -9 "${SERVER_PID[$1]}" 2>/dev/null || true
  wait "${SERVER_PID[$1]}" 2>/dev/null || true
}

# The flags of a caller come last, so they win.
start_source() {
  local server=$HOST_SERVER flags=(--server-id=1 --log-bin=binlog --binlog-row-image=FULL --binlog-row-metadata=FULL)
  if is_server_kind "${1:-}"; then
    server=$1
    shift
  fi
  case $server in
    mysql-*) flags+=(--gtid-mode=ON --enforce-gtid-consistency=ON) ;;
    *) flags+=(--binlog-format=ROW --gtid-strict-mode=ON) ;;
  esac
  start_server source "$server" "${flags[@]}" "$@"
}

# Without a binlog of its own; MySQL would write one unasked, and refuse LOAD DATA LOCAL.
start_target() {
  local server=$HOST_SERVER flags=(--server-id=2)
  if is_server_kind "${1:-}"; then
    server=$1
    shift
  fi
  [[ $server != mysql-* ]] || flags+=(--skip-log-bin --local-infile=ON)
  start_server target "$server" "${flags[@]}" "$@"
}

# Without TLS, for which it would read all certificates of the host each time: five times the work.
client() {
  local name=$1
  shift
  mariadb --no-defaults --skip-ssl --socket="$WORK/$name/sock" --user=root --batch --skip-column-names \
    --default-character-set=utf8mb4 --local-infile=1 "$@"
}

sql() {
  client "$1" --execute="$2" ${3:+"$3"}
}

# --- job and program -----------------------------------------------------------------------------

# The GRANT statements of the README for one side, with its example database replaced.
documented_grants() {
  local side=$1 database=$2 heading="the $1" condition="-- none"
  if [[ $side == source ]] && is_mysql source; then
    heading="a MySQL source"
    [[ $(sql source 'SELECT @@gtid_mode') == ON ]] || condition="-- where gtid_mode is not ON: "
  fi
  sed -n "/^-- on $heading\$/,/^\`\`\`/p" "$DTS_SOURCE_DIR/README.md" | grep -v '^```' |
    sed "s/^$condition//; s/\bshop\b/$database/g"
}

create_accounts() {
  local side database
  for side in source target; do
    for database in "$@"; do documented_grants "$side" "$database"; done >"$WORK/$side.grants.sql"
    grep -q GRANT "$WORK/$side.grants.sql" || die "README.md has no GRANT statements for the $side"
    client "$side" <"$WORK/$side.grants.sql"
  done
  echo secret >"$WORK/password"
}

write_job() {
  local database include=""
  for database in "$@"; do include+="${include:+, }\"$database\""; done
  cat >"$JOB" <<END
name = "test"

[source]
host = "127.0.0.1"
port = ${SERVER_PORT[source]}
user = "dts"
password_file = "$WORK/password"

[target]
host = "127.0.0.1"
port = ${SERVER_PORT[target]}
user = "dts"
password_file = "$WORK/password"

[objects]
include = [$include]
END
}

# In the background, because a shell waits for a foreground program before it acts on a signal.
dts() {
  "$DTSCTL" -f "$JOB" "$@" &
  wait $!
}

# dts_fails CODE [PATTERN] -- ARGUMENT...: must end with this exit code, and stderr or stdout match
# the pattern. The output stays in $WORK/out and $WORK/err.
dts_fails() {
  local code=$1 pattern="" status=0
  shift
  if [[ $1 != -- ]]; then pattern=$1 && shift; fi
  shift
  dts "$@" >"$WORK/out" 2>"$WORK/err" || status=$?
  if [[ $status != "$code" ]]; then
    cat "$WORK/out" "$WORK/err" >&2
    die "dtsctl $* ended with $status instead of $code"
  fi
  if [[ -n $pattern ]] && ! grep -qiE -- "$pattern" "$WORK/out" "$WORK/err"; then
    cat "$WORK/out" "$WORK/err" >&2
    die "dtsctl $*: the output does not match /$pattern/"
  fi
}

# precheck, acknowledging the warnings named; its findings are shown if it does not pass.
precheck() {
  local check ignore=()
  for check in "$@"; do ignore+=(--ignore "$check"); done
  dts precheck "${ignore[@]}" >"$WORK/precheck.out" 2>&1 || {
    cat "$WORK/precheck.out" >&2
    die "precheck did not pass"
  }
}

# Starts `dtsctl sync` in the background: $SYNC_PID, log in $WORK/sync.log. Job control gives it an
# own process group and leaves SIGINT alive, which a plain background process would ignore.
start_sync() {
  set -m
  "$DTSCTL" -f "$JOB" "$@" sync >>"$WORK/sync.log" 2>&1 &
  SYNC_PID=$!
  set +m
}

# Interrupts it and checks that it ends as promised.
stop_sync() {
  local status=0
  kill -INT "$SYNC_PID" || die "sync has ended by itself: $(tail -n 5 "$WORK/sync.log")"
  wait_for 60 sync_ended || die "sync does not end after SIGINT"
  wait "$SYNC_PID" || status=$?
  [[ $status == 130 ]] || die "sync ended with $status after SIGINT: $(tail -n 5 "$WORK/sync.log")"
}

sync_ended() { ! kill -0 "$SYNC_PID" 2>/dev/null; }
sync_alive() {
  ! sync_ended || die "sync has ended: $(tail -n 5 "$WORK/sync.log")"
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < until)) || return 1
    sleep 0.1
  done
}

# --- writers -------------------------------------------------------------------------------------

# start_writer NAME COMMAND...: runs the SQL that COMMAND prints without end. COMMAND gets the name
# of a file as its last argument and stops once that exists.
start_writer() {
  local name=$1
  shift
  rm -f "$WORK/$name.stop" "$WORK/$name.fifo"
  mkfifo "$WORK/$name.fifo"
  client source --force <"$WORK/$name.fifo" >/dev/null 2>"$WORK/$name.err" &
  WRITER_CLIENT[$name]=$!
  "$@" "$WORK/$name.stop" >"$WORK/$name.fifo" 2>>"$WORK/$name.generator.err" &
  WRITER_PID[$name]=$!
}

# Lets a writer finish what it has begun. Errors that belong to concurrent writers are part of the
# game: duplicate key, deadlock, lock wait, foreign key, cascades deeper than InnoDB goes (193);
# anything else is a mistake in the test.
stop_writer() {
  local name=$1
  kill -0 "${WRITER_CLIENT[$name]}" 2>/dev/null || die "writer $name has ended by itself"
  touch "$WORK/$name.stop"
  wait "${WRITER_PID[$name]}" "${WRITER_CLIENT[$name]}" || true
  unset "WRITER_PID[$name]" "WRITER_CLIENT[$name]"
  if grep '^ERROR' "$WORK/$name.err" | grep -vE '^ERROR (1062|1205|1213|1451|1452) |^ERROR 1296 .* Got error 193 ' >"$WORK/$name.wrong"; then
    head -n 5 "$WORK/$name.wrong" >&2
    die "writer $name met errors"
  fi
}

# Rows inserted, updated and deleted on a server since it started, as it counts them itself.
row_changes() {
  sql "$1" "SELECT SUM(VARIABLE_VALUE) FROM information_schema.GLOBAL_STATUS
            WHERE VARIABLE_NAME IN ('HANDLER_WRITE', 'HANDLER_UPDATE', 'HANDLER_DELETE')"
}

. "$LIB_FOLDER/digest.sh"
