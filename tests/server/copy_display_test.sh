#!/usr/bin/env bash
# What init-data shows while it copies and builds indexes: bars on a terminal, lines elsewhere, objects with
# --json; and what status says of a copy that was killed while indexes were away.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

start_source
start_target
sql source "CREATE DATABASE shop; USE shop; CREATE TABLE orders (id INT PRIMARY KEY, k INT, v VARCHAR(600), w VARCHAR(300), KEY k (k), KEY w (w));
  INSERT INTO orders SELECT seq, seq % 7, CONCAT(MD5(seq), REPEAT('x', 200)), MD5(seq * 3) FROM seq_1_to_100000;
  CREATE TABLE \`odd
table\` LIKE orders; INSERT INTO \`odd
table\` SELECT * FROM orders; ANALYZE TABLE orders" >/dev/null
create_accounts shop
write_job shop
precheck
dts init-schema >/dev/null 2>&1

# Killed while rows are copied: everybody can see which indexes are not there.
"$DTSCTL" -f "$JOB" -c data.rows_per_second=40000 init-data >"$WORK/copy.out" 2>&1 &
pid=$!
rows() { (($(sql target "SELECT COUNT(*) FROM shop.orders") > 100)); }
emptied() { (($(sql target "SELECT COUNT(*) FROM shop.orders") == 0)); }
wait_for 20 rows || die "the copy does not begin"
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
stop_server target # status needs no server
stop_server source
dts status >"$WORK/out"
grep -qF 'no indexes  shop.odd\x0atable: k, w, which init-data builds' "$WORK/out" || die "status does not list the indexes: $(cat "$WORK/out")"
grep -qF '            shop.orders: k, w, which' "$WORK/out" || die "status does not list all indexes: $(cat "$WORK/out")"
dts status --json | jq -e '[.data.tables[].indexes_waiting] == [["k", "w"], ["k", "w"]]' >/dev/null || die "status --json: $(dts status --json)"
restart_server target
restart_server source

# screen COLUMNS: what it writes to a terminal of this width, in $WORK/tty
screen() {
  script -qec "stty cols $1 rows 24; TERM=xterm $DTSCTL -f '$JOB' --yes -c data.rows_per_second=60000 init-data --restart" /dev/null \
    </dev/null >"$WORK/tty" 2>&1 &
  local copy=$!
  # Who reads the table holds up the build of its indexes: long enough to be seen.
  wait_for 20 emptied && wait_for 20 rows || die "the copy does not begin: $(tail -n 5 "$WORK/tty")"
  client target <<<"BEGIN; SELECT * FROM shop.orders LIMIT 1; DO SLEEP(8); ROLLBACK" >/dev/null
  wait "$copy" || die "init-data: $(tail -n 5 "$WORK/tty")"
  # Moves of the cursor end lines, too.
  sed 's/\r/\n/g; s/\x1b\[[0-9]*[A-Z]//g' "$WORK/tty" >"$WORK/lines"
  grep -q '^data  *\[=*> *\]  *[0-9]*%  ETA .* rows/s' "$WORK/lines" || die "no bar of the whole: $(cat "$WORK/lines")"
  grep -qE '^  shop.o.* \[=*> *\]  *[0-9]+%  [0-9,]+/~' "$WORK/lines" || die "no bar of a table: $(cat "$WORK/lines")"
  grep -q '^  shop.orders  *indexing  *2 indexes' "$WORK/lines" || die "no build of indexes: $(cat "$WORK/lines")"
  awk -v width="$1" '/^(data|  shop)/ && length($0) >= width { print; exit 1 }' "$WORK/lines" || die "lines are too long for $1 columns"
}
screen 80
# A busy server may be waited for long enough that a warning says so, which is.
! grep $'\x1b\\[3[0-9]m' "$WORK/lines" | grep -v warning || die "bars are coloured"
screen 200
grep -q '^TABLE  *ROWS  *MB  *SECONDS  *CHUNKS  *STATE' "$WORK/lines" || die "no table in the end: $(cat "$WORK/lines")"

# Elsewhere: the table on stdout, few lines on stderr, no control characters.
dts --yes -c data.rows_per_second=60000 init-data --restart >"$WORK/out" 2>"$WORK/err"
(($(wc -l <"$WORK/err") < 8)) || die "many lines: $(cat "$WORK/err")"
! grep -q $'[\x1b\r]' "$WORK/out" "$WORK/err" || die "control characters"
grep -q '^shop.orders  *100,000 ' "$WORK/out" || die "no table: $(cat "$WORK/out")"
! dts status | grep 'no indexes' || die "status still lists indexes"

dts --json --yes -c data.rows_per_second=40000 init-data --restart >"$WORK/out" 2>/dev/null
jq -se 'map(select(.type == "progress") | .active[]) | any(.table == "shop.orders" and .state == "copying" and .rows_estimated > 0)' "$WORK/out" >/dev/null ||
  die "--json does not show a table under way: $(cat "$WORK/out")"
jq -se 'last | .type == "summary" and (.tables | length) == 2 and .tables[0].chunks > 0' "$WORK/out" >/dev/null || die "no summary: $(tail -n 1 "$WORK/out")"
[[ $(sql target "SELECT COUNT(*) FROM shop.orders") == 100000 ]] || die "not all rows are there"
echo "copy_display: shown"
