#!/usr/bin/env bash
# The main job from start to end, on two private, throw-away MariaDB servers: real data is copied and
# kept in step while two writers change it, then both servers are compared. Nothing is left running.
set -euo pipefail

usage() {
  cat <<'END'
usage: examples/quickstart.sh [--keep]

Installs what is missing (as root), builds dtsctl, starts two MariaDB servers in a temporary
folder, and runs dtsctl's commands between them while the source is being written to.

  --keep   leave the servers up and say how to go on by hand
  --help   this text
END
}

KEEP=0
for argument in "$@"; do
  case $argument in
    --keep) KEEP=1 ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
done

cd "$(dirname "$0")/.."
. examples/setup.sh
. tests/server/lib.sh       # private servers, and comparing them
. tests/server/real_data.sh # the data and the writer
DTSCTL=$BUILD_DIR/dtsctl
# Debug information would cost a third of the compiler's time.
CMAKE_FLAGS=(-DCMAKE_BUILD_TYPE=Release "-DCMAKE_CXX_FLAGS_RELEASE=-O2 -DNDEBUG")
STARTED=$SECONDS
STEP=0
LEAST_RATE=1000 # row changes a second that the writers must reach

# step TITLE COMMAND...: a numbered line with its duration; what the command says goes to a log.
exec 3>&1 4>&2
LOG=""
step() {
  local title=$1 begin=$EPOCHREALTIME
  shift
  STEP=$((STEP + 1))
  LOG=$WORK/step-$STEP.log
  printf '%2d  %-64s' "$STEP" "$title"
  "$@" >"$LOG" 2>&1
  TOOK=$(awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }')
  printf ' %6.1f s\n' "$TOOK"
}

# Called by lib.sh when the script ends early.
on_failure() {
  exec >&3 2>&4
  [[ -n $LOG ]] || return 0
  printf '\n--- end of %s\n' "$LOG"
  tail -n 25 "$LOG"
  printf -- '---\n'
}

say() { printf '    %s\n' "$*"; }

# Row changes a second on the source since `begin_rate`.
begin_rate() {
  RATE_FROM=$(row_changes source)
  RATE_SINCE=$EPOCHREALTIME
}
end_rate() {
  CHANGES=$(($(row_changes source) - RATE_FROM))
  RATE=$(awk -v n="$CHANGES" -v a="$RATE_SINCE" -v b="$EPOCHREALTIME" 'BEGIN { printf "%d", n / (b - a) }')
}

start_servers() {
  start_source
  start_target
  create_accounts "${REAL_DATABASES[@]}"
  write_job "${REAL_DATABASES[@]}"
}

start_writers() {
  start_writer writer1 real_writer 1
  start_writer writer2 real_writer 2
  sleep 2
  begin_rate
  sleep 2
  end_rate
}

# Copies while the writers write, and measures how much they did meanwhile.
copy() {
  begin_rate
  dts init-data
  end_rate
}

sync_for_a_while() {
  start_sync
  sleep 10
  sync_alive
}

stop_all() {
  stop_writer writer1
  stop_writer writer2
  stop_sync
}

total_rows() { awk -F'\t' '{ n += $2 } END { print n }' "$1"; }

show_comparison() {
  join -t $'\t' "$WORK/source.compare" "$WORK/target.compare" | awk -F'\t' '
    BEGIN { printf "    %-26s %9s  %-20s  %-20s\n", "table", "rows", "digest on the source", "on the target" }
    { printf "    %-26s %9d  %-20s  %-20s  %s\n", $1, $2, $4, $7, $2 $3 $4 == $5 $6 $7 ? "same" : "DIFFERENT" }'
}

echo "dtsctl quickstart; logs and data in $WORK"
need="${BUILD_PACKAGES[*]} ${SERVER_PACKAGES[*]} ${REAL_DATA_PACKAGES[*]}"
step "packages: compiler, libraries, MariaDB, real data" need_packages $need
step "build" build dtsctl
step "two private MariaDB servers on loopback, accounts, a job file" start_servers
step "real data into the source: Unicode, ISO codes, dpkg's database" load_real_data source
say "$(sql source "SELECT CONCAT(FORMAT(SUM(TABLE_ROWS), 0), ' rows (estimated) in ', COUNT(*), ' tables')
  FROM information_schema.TABLES WHERE TABLE_SCHEMA IN ('babel', 'debian') AND TABLE_TYPE = 'BASE TABLE'")"
step "two writers begin to change eleven of the tables" start_writers
say "$RATE row changes a second, from here on"
step "dtsctl precheck --ignore keyless-tables" dts precheck --ignore keyless-tables
step "dtsctl init-schema" dts init-schema
step "dtsctl init-data" copy
COPY_RATE=$RATE COPY_CHANGES=$CHANGES
say "meanwhile the writers changed $CHANGES rows, $RATE a second"
step "dtsctl sync, for ten seconds in the background" sync_for_a_while
dts status | sed 's/^/    | /'
step "the writers stop; Ctrl-C for the sync (exit code 130)" stop_all
step "dtsctl sync --until now" dts sync --until now
LOG=""
EQUAL=0
begin=$EPOCHREALTIME
compare_servers "${REAL_DATABASES[@]}" 2>"$WORK/differences" || EQUAL=$?
echo "    both servers compute digests of all their rows:"
show_comparison
if [[ $EQUAL != 0 ]]; then
  cut -c1-200 "$WORK/differences" | head -n 40
  die "source and target differ, see $WORK/differences"
fi
((COPY_RATE >= LEAST_RATE)) || die "the writers managed only $COPY_RATE row changes a second during the copy"

cat <<END

All $(wc -l <"$WORK/source.compare") tables ($(total_rows "$WORK/source.compare") rows) are identical, and so are the definitions of tables,
views, routines and triggers. $COPY_CHANGES rows were changed during the copy; $((SECONDS - STARTED)) s in all.
END

if [[ $KEEP == 1 ]]; then
  cat <<END

The servers are still up. To go on by hand:
  mariadb --no-defaults -u root -S $WORK/source/sock babel     # or target/sock
  $DTSCTL -f $JOB sync            # Ctrl-C stops it, the same command goes on
  $DTSCTL -f $JOB status
To end it:
  kill ${SERVER_PID[source]} ${SERVER_PID[target]}; rm -r $WORK
END
fi
