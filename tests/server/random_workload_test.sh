#!/usr/bin/env bash
# Sessions write at random to twelve tables made up at random, while the copy and sync are killed,
# cut off, interrupted and robbed of their servers: in the end nothing is lost, doubled or altered.
#   DTS_APPLY=MODE   sync.apply of the job
#   DTS_TORTURE=1    200 times, also on MySQL and between versions
#   DTS_PAIRS="A,B"  source and target; DTS_KILLS=n; DTS_SOURCE_FLAGS="--gtid-mode=OFF ..."
set -euo pipefail
. "$(dirname "$0")/lib.sh"

WORKLOAD=$LIB_FOLDER/random_workload.py
APPLY=${DTS_APPLY:-transactional}
# What is done to sync, a round each, in an order by the seed. After the first line it is started anew,
# through the others it has to come by itself.
DEALT=(kill kill kill kill soon soon soon soon interrupt interrupt
  target_connections source_connections unsent.commit unanswered.commit unheard.commit unheard.commit
  unanswered.ddl unheard.ddl crash_target crash_target restart_target restart_source freeze second)

# --- the workload --------------------------------------------------------------------------------

# start_workload ROUND
start_workload() {
  rm -f "$WORK"/workload.stop "$WORK"/workload.w*
  python3 "$WORKLOAD" "$SEED" "${SERVER_KIND[source]}" write "$WORK/source/sock" "$WORK/workload" "$1" \
    >"$WORK/workload.out" 2>"$WORK/workload.wrong" &
  WORKLOAD_PID=$!
}

stop_workload() {
  touch "$WORK/workload.stop"
  wait "$WORKLOAD_PID" || die "the workload: $(cat "$WORK/workload.wrong")"
  cat "$WORK/workload.out"
}

# --- sync ----------------------------------------------------------------------------------------

# Every other time through the proxy, with another number of workers each time.
run_sync() {
  local options=(-c "sync.workers=$((RANDOM % 8 + 1))")
  THROUGH_PROXY=$((RANDOM % 2))
  [[ $1 != proxy ]] || THROUGH_PROXY=1
  ((!THROUGH_PROXY)) || options+=(-c "target.port=$PROXY_PORT" -c target.tls=disabled)
  cat "$WORK/sync.log" >>"$WORK/all.log" 2>/dev/null || true
  : >"$WORK/sync.log"
  start_sync "${options[@]}"
  wait_until 30 working || die "sync does not begin: $(tail -n 5 "$WORK/sync.log")"
}

# Connected to both, and about to apply or applying.
working() {
  sync_alive
  [[ $(<"$WORK/sync.log") == *"from position"* ]]
}

wait_until() {
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < until)) || return 1
    sleep 0.005
  done
}

# Whether it was left running; then it must not have ended by itself.
running() {
  [[ -n ${SYNC_PID:-} ]] || return 1
  sync_alive
}

end_sync() {
  stop_sync
  SYNC_PID=""
}

# ensure_sync [proxy]: it runs, in its first moments or for some time.
ensure_sync() {
  if running && [[ ${1:-} == proxy && $THROUGH_PROXY == 0 ]]; then
    end_sync
  fi
  running || run_sync "${1:-}"
}

milliseconds() { sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"; }

kill_sync() {
  local status=0
  kill -9 "$SYNC_PID" || die "sync has ended by itself: $(tail -n 5 "$WORK/sync.log")"
  wait "$SYNC_PID" 2>/dev/null || status=$?
  [[ $status == 137 ]] || die "sync ended with $status before it was killed: $(tail -n 5 "$WORK/sync.log")"
  SYNC_PID=""
}

kill_connections() {
  local id user rest
  sql "$1" "SHOW PROCESSLIST" | while read -r id user rest; do
    [[ $user != dts ]] || sql "$1" "KILL $id" 2>/dev/null || true
  done
}

# lose HOW KIND: the answer to the next statement of this kind is lost in this way.
lose() {
  local before cuts
  before=$(grep -c 'trying again' "$WORK/sync.log" || true)
  echo "$1 $2" >"$WORK/order.new"
  mv "$WORK/order.new" "$WORK/order"
  obeyed() { sync_alive && [[ ! -e $WORK/order ]]; }
  wait_until 60 obeyed || die "no $2 came through the proxy"
  noticed() { sync_alive && cuts=$(grep -c 'trying again' "$WORK/sync.log" || true) && ((cuts > before)); }
  wait_until 60 noticed || die "sync has not noticed a lost connection"
}

# Another dtsctl, with job and state of its own: it must not work beside the first one. While that one
# connects again after a loss, either of them may be the one to go on; so it is a fresh one.
second_sync() {
  local status=0
  mkdir -p "$WORK/second"
  cp "$JOB" "${JOB%.toml}.state.toml" "$WORK/second/"
  timeout 60 "$DTSCTL" -f "$WORK/second/${JOB##*/}" sync >"$WORK/second.log" 2>&1 || status=$?
  [[ $status == 5 ]] || die "a second dtsctl ended with $status: $(tail -n 5 "$WORK/second.log")"
}

attack() {
  kill -0 "$WORKLOAD_PID" 2>/dev/null || stop_workload
  case $1 in
    kill)
      ensure_sync
      milliseconds $((RANDOM % 1500))
      kill_sync
      ;;
    soon)
      if running; then end_sync; fi
      run_sync ""
      milliseconds $((RANDOM % 50))
      kill_sync
      ;;
    interrupt)
      ensure_sync
      milliseconds $((RANDOM % 800))
      end_sync
      ;;
    target_connections | source_connections)
      ensure_sync
      milliseconds $((RANDOM % 500))
      sync_alive
      kill_connections "${1%_connections}"
      ;;
    un*.commit | un*.ddl)
      ensure_sync proxy
      milliseconds $((RANDOM % 300))
      lose "${1%.*}" "${1#*.}"
      ;;
    crash_target)
      ensure_sync
      milliseconds $((RANDOM % 500))
      sync_alive
      crash_server target
      milliseconds $((RANDOM % 500))
      restart_server target
      ;;
    restart_source | restart_target)
      ensure_sync
      sync_alive
      stop_server "${1#restart_}"
      restart_server "${1#restart_}"
      ;;
    freeze)
      ensure_sync
      kill -STOP "$SYNC_PID"
      milliseconds $((RANDOM % 1000))
      kill -CONT "$SYNC_PID"
      milliseconds $((RANDOM % 1000))
      ;;
    second)
      if running; then end_sync; fi
      run_sync ""
      second_sync
      sync_alive
      ;;
    *) die "no such attack: $1" ;;
  esac
  running || return 0
  # Now and then it is left alone until it has come back; else trouble comes upon trouble.
  if ((RANDOM % 2)); then goes_on "$1"; else milliseconds $((RANDOM % 300)); fi
}

applied() { sql target "SELECT GROUP_CONCAT(lane, gtid, log_file, log_offset ORDER BY lane) FROM dtsctl.position"; }

goes_on() {
  local before
  before=$(applied)
  moved() { sync_alive && [[ $(applied) != "$before" ]]; }
  wait_until 120 moved || die "sync does not go on after $1: $(tail -n 5 "$WORK/sync.log")"
}

# shuffled WORD...: in an order by the seed.
shuffled() {
  local words=("$@") i j word
  for ((i = ${#words[@]} - 1; i > 0; i--)); do
    j=$((RANDOM % (i + 1)))
    word=${words[i]} words[i]=${words[j]} words[j]=$word
  done
  SHUFFLED=("${words[@]}")
}

# --- the end -------------------------------------------------------------------------------------

# differing_rows TABLE: the first rows that only one side has, by their digests.
differing_rows() {
  local name query
  for name in source target; do
    query=$(digest_queries "$name" "" "''" chaos | grep -F "'chaos.$1'" |
      sed "s/'chaos.$1', COUNT.* FROM (SELECT CONCAT_WS/LEFT(SHA2(r, 256), 12), LEFT(r, 300) FROM (SELECT CONCAT_WS/")
    { echo "SET time_zone = '+00:00';" && echo "$query"; } | client "$name" --raw | sort >"$WORK/$name.rows"
  done
  diff --label source --label target -U0 "$WORK/source.rows" "$WORK/target.rows" | sed -n '3,12p'
}

must_be_identical() {
  local table
  compare_servers chaos && return
  diff "$WORK/source.compare" "$WORK/target.compare" | sed -n 's/^[<>] chaos\.\([^\t]*\)\t.*/\1/p' | sort -u |
    while read -r table; do
      note "seed $SEED: table $table:"
      differing_rows "$table" >&2 || true
    done || true
  die "source and target differ, seed $SEED, $1"
}

# Everything written is applied, and nothing else.
catch_up_and_compare() {
  if running; then end_sync; fi
  stop_workload
  timeout 300 "$DTSCTL" -f "$JOB" sync --until now >"$WORK/last.log" 2>&1 || die "the last sync: $(tail -n 5 "$WORK/last.log")"
  must_be_identical "$1"
  dts status --json | jq -e '.sync.conflicts == [] and .sync.skipped == []' >/dev/null || die "seed $SEED: $(dts status --json)"
}

# torture SOURCE TARGET KILLS
torture() {
  local pair="$1 -> $2, $APPLY" count=0 pid status deal
  need_servers "$1" "$2"
  # shellcheck disable=SC2086 # these are words
  start_source "$1" --innodb-buffer-pool-size=64M ${DTS_SOURCE_FLAGS:-}
  start_target "$2" --innodb-buffer-pool-size=64M
  python3 "$WORKLOAD" "$SEED" "$1" schema >"$WORK/schema.sql"
  client source --force <"$WORK/schema.sql" 2>"$WORK/schema.err"
  if grep -vE '^ERROR (1062|1364|1451|1452) |^--------------' "$WORK/schema.err" | grep ERROR >&2; then die "the schema, seed $SEED"; fi
  create_accounts chaos
  write_job chaos
  printf '[sync]\napply = "%s"\n' "$APPLY" >>"$JOB"
  rm -f "$WORK"/workload.* "$WORK/order"
  python3 "$LIB_FOLDER/lossy_proxy.py" "${SERVER_PORT[target]}" "$WORK/order" >"$WORK/proxy.port" &
  PROXY_PID=$!
  wait_until 10 test -s "$WORK/proxy.port" || die "no proxy"
  PROXY_PORT=$(<"$WORK/proxy.port")
  precheck keyless-tables
  dts init-schema
  start_workload 0
  hand_over
  touch "$WORK/workload.xa"

  while ((count < $3)); do
    shuffled "${DEALT[@]}"
    for deal in "${SHUFFLED[@]}"; do
      ((count < $3)) || break
      attack "$deal"
      count=$((count + 1))
      echo "$count $deal" >>"$WORK/attacks"
      # Tables without a key are slow to write to: what has piled up must not grow without end.
      if ((count % 20 == 0 && count < $3)); then
        catch_up_and_compare "$pair"
        echo "identical after $count attacks"
        start_workload "$count"
      fi
    done
  done
  catch_up_and_compare "$pair"
  echo "random_workload: $pair: identical after $count attacks; $(dts status --json | jq -r '"\(.sync.transactions) transactions, \(.sync.row_changes) row changes"'); seed $SEED"
  end_processes "$PROXY_PID"
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state* "$WORK/second"
}

# The copy, killed two times and slow, while all is written to; and the first moments after it, in which
# sync finds rows that are ahead of it.
hand_over() {
  local round pid status slow
  for round in 1 2; do
    slow=(-c "data.rows_per_second=$((RANDOM % 1500 + 300))" -j $((RANDOM % 4 + 1)))
    "$DTSCTL" -f "$JOB" init-data "${slow[@]}" >>"$WORK/copy.log" 2>&1 &
    pid=$!
    milliseconds $((RANDOM % 600 + 50))
    kill -9 "$pid" 2>/dev/null || true
    status=0
    wait "$pid" 2>/dev/null || status=$?
    [[ $status == 137 || $status == 0 ]] || die "init-data failed: $(tail -n 5 "$WORK/copy.log")"
  done
  dts init-data "${slow[@]}" >>"$WORK/copy.log" 2>&1 || die "init-data failed: $(tail -n 5 "$WORK/copy.log")"
  attack soon
  attack soon
}

echo "seed $SEED"
if [[ -n ${DTS_PAIRS:-} ]]; then
  for pair in $DTS_PAIRS; do torture "${pair%,*}" "${pair#*,}" "${DTS_KILLS:-20}"; done
elif ((${DTS_TORTURE:-0})); then
  torture mariadb-10.11 mariadb-10.11 "${DTS_KILLS:-200}"
  torture mysql-9.7 mysql-9.7 "${DTS_KILLS:-200}"
  torture mariadb-10.11 mariadb-11.8 "${DTS_KILLS:-200}"
else
  torture mariadb-10.11 mariadb-10.11 "${DTS_KILLS:-20}"
fi
