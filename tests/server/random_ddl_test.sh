#!/usr/bin/env bash
# Definitions of every class that is replicated, made up at random and mixed with row changes, under random maps, while sync is
# killed, cut off and robbed of its servers: structures and rows are what the maps say, as random_ddl.py works it out by itself.
#   DTS_ROUNDS=n     rounds of each pair, by default 2; DTS_COUNT=n definitions in a round
#   DTS_TORTURE=1    50 rounds, also on MySQL
#   DTS_PAIRS="A,B"  source and target
set -euo pipefail
. "$(dirname "$0")/lib.sh"

MADE_UP=$LIB_FOLDER/random_ddl.py
COUNT=${DTS_COUNT:-60}
# What is done to sync, one after the other in an order by the seed.
DEALT=(kill kill kill kill soon soon interrupt target_connections source_connections unanswered unheard crash_target restart_source)

milliseconds() { sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"; }

run_sync() {
  cat "$WORK/sync.log" >>"$WORK/all.log" 2>/dev/null || true
  : >"$WORK/sync.log"
  local options=(-c sync.ddl_reevaluate=recopy -c "sync.apply=$APPLY" -c "sync.workers=$((RANDOM % 4 + 1))")
  [[ ${1:-} != proxy ]] || options+=(-c "target.port=$PROXY_PORT" -c target.tls=disabled)
  start_sync "${options[@]}"
}

running() { [[ -n ${SYNC_PID:-} ]]; }

kill_sync() {
  local status=0
  kill -9 "$SYNC_PID" || die "sync has ended by itself: $(tail -n 5 "$WORK/sync.log")"
  wait "$SYNC_PID" 2>/dev/null || status=$?
  [[ $status == 137 ]] || die "sync ended with $status before it was killed: $(tail -n 5 "$WORK/sync.log")"
  SYNC_PID=""
}

begun() {
  sync_alive
  [[ $(<"$WORK/sync.log") == *"from position"* ]]
}

kill_connections() {
  local id user rest
  sql "$1" "SHOW PROCESSLIST" | while read -r id user rest; do
    [[ $user != dts ]] || sql "$1" "KILL $id" 2>/dev/null || true
  done
}

# The answer to the next DDL statement is lost, if there is one before the writer ends.
lose_answer() {
  wait_for 30 begun || die "sync does not begin: $(tail -n 5 "$WORK/sync.log")"
  rm -f "$WORK/order"
  echo "$1 ddl" >"$WORK/order.new"
  mv "$WORK/order.new" "$WORK/order"
  obeyed() { sync_alive && { [[ ! -e $WORK/order ]] || writer_is_over; }; }
  wait_for 60 obeyed || die "no statement came through the proxy"
  rm -f "$WORK/order"
  milliseconds $((RANDOM % 500))
  kill_sync
}

# MariaDB itself loses a table with partitions when it is killed in the middle of an ALTER of it.
no_alter() {
  is_mysql target || [[ $(sql target "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'ALTER%'") == 0 ]]
}

writer_is_over() { ! kill -0 "$WRITER" 2>/dev/null; }
writer_waits() { [[ -e $WORK/writer.paused ]] || writer_is_over; }

attack() {
  local way=""
  if [[ $1 == un* ]]; then way=proxy; fi
  if [[ $1 == soon || $way == proxy ]] && running; then kill_sync; fi
  if ! running; then run_sync "$way"; fi
  if [[ $1 == soon ]]; then milliseconds $((RANDOM % 150)); else milliseconds $((RANDOM % 900)); fi
  sync_alive
  case $1 in
    kill | soon) kill_sync ;;
    interrupt)
      wait_for 30 begun
      stop_sync
      SYNC_PID=""
      ;;
    unanswered | unheard) lose_answer "$1" ;;
    *_connections)
      wait_for 30 begun
      kill_connections "${1%_connections}"
      ;;
    crash_target)
      wait_for 30 begun
      kill -STOP "$SYNC_PID"
      wait_for 60 no_alter || die "the target's ALTER does not end"
      crash_server target
      kill -CONT "$SYNC_PID"
      restart_server target
      ;;
    restart_source)
      wait_for 30 begun
      touch "$WORK/writer.pause"
      wait_for 60 writer_waits
      stop_server source
      restart_server source
      rm "$WORK/writer.pause"
      ;;
  esac
}

clean() {
  local side database
  for side in source target; do
    sql "$side" "SHOW DATABASES" | while read -r database; do
      case $database in
        mysql | sys | *_schema) ;;
        *) sql "$side" "SET foreign_key_checks = 0; DROP DATABASE \`$database\`" ;;
      esac
    done
  done
  rm -f "${JOB%.toml}".state* "$WORK"/writer.*
}

begin() {
  clean
  write_job
  sed -i 's/^include = .*/include = ["plain", "shop", "crm", "late_*"]/' "$JOB"
  made_up job >>"$JOB"
  { made_up schema | client source; } 2>"$WORK/begin.log" || die "the schema, seed $SEED: $(cut -c1-300 "$WORK/begin.log" | grep -A5 ERROR)"
  (
    precheck keyless-tables
    dts init-schema
    dts init-data
  ) >"$WORK/begin.log" 2>&1 || die "seed $SEED: $(tail -n 20 "$WORK/begin.log")"
}

made_up() { python3 "$MADE_UP" "$SEED" "${SERVER_KIND[source]}" "$@"; }

round() {
  local i
  RANDOM=$SEED
  APPLY=transactional
  ((SEED % 2)) || APPLY=parallel
  begin
  made_up write "$WORK/source/sock" "$WORK/writer" "$COUNT" 2>"$WORK/writer.wrong" &
  WRITER=$!
  for i in $(shuf -i "0-$((${#DEALT[@]} - 1))" --random-source=<(yes "$SEED")); do
    attack "${DEALT[i]}"
    ! writer_is_over || break
  done
  wait "$WRITER" || die "the writer, seed $SEED: $(cat "$WORK/writer.wrong")"
  attack soon
  attack kill
  # Those that wait for a copy get it; one that was renamed or dropped, when sync has come there.
  for i in 1 2 3; do
    timeout 300 "$DTSCTL" -f "$JOB" sync -c sync.ddl_reevaluate=recopy -c "sync.apply=$APPLY" --json --until now >"$WORK/last.log" 2>&1 ||
      die "the last sync, seed $SEED: $(tail -n 5 "$WORK/last.log")"
    ((i < 3)) || break
    timeout 300 "$DTSCTL" -f "$JOB" init-data >"$WORK/copy.log" 2>&1 || die "the last copy, seed $SEED: $(tail -n 5 "$WORK/copy.log")"
  done
  tail -n 1 "$WORK/last.log" >"$WORK/ended"
  made_up compare "$WORK/source/sock" "$WORK/target/sock" "$WORK/writer" >"$WORK/compared" || die "the target is wrong, seed $SEED"
  jq -e '.conflicts == [] and .uncopied == []' "$WORK/ended" >/dev/null || die "conflicts, seed $SEED: $(<"$WORK/ended")"
  echo "random_ddl: seed $SEED, $PAIR, $APPLY: $(<"$WORK/compared"), $(jq -r '"\(.ddl) statements"' "$WORK/ended")"
}

torture() {
  local left
  PAIR="$1 -> $2"
  need_servers "$1" "$2"
  start_source "$1" --innodb-buffer-pool-size=64M --log-bin-trust-function-creators=ON
  start_target "$2" --innodb-buffer-pool-size=64M
  rm -f "$WORK/proxy.port"
  python3 "$LIB_FOLDER/lossy_proxy.py" "${SERVER_PORT[target]}" "$WORK/order" >"$WORK/proxy.port" &
  PROXY_PID=$!
  wait_for 10 test -s "$WORK/proxy.port" || die "no proxy"
  PROXY_PORT=$(<"$WORK/proxy.port")
  create_accounts plain
  for side in source target; do sql "$side" "GRANT ALL ON *.* TO dts@'%'"; done
  for ((left = ${DTS_ROUNDS:-$ROUNDS}; left > 0; --left)); do
    round
    SEED=$((SEED + 1))
  done
  end_processes "$PROXY_PID"
  stop_server source
  stop_server target
  rm -rf "$WORK/source" "$WORK/target"
}

PAIRS="mariadb-10.11,mariadb-10.11" ROUNDS=2
if ((${DTS_TORTURE:-0})); then PAIRS+=" mysql-9.7,mysql-9.7" ROUNDS=50; fi
for pair in ${DTS_PAIRS:-$PAIRS}; do torture "${pair%,*}" "${pair#*,}"; done
