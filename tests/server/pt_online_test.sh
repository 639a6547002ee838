#!/usr/bin/env bash
# pt-online-schema-change itself, on a table that is written to all the time, while sync runs: with the
# rows of its shadow table and without, on tables selected by name, by database and under another name,
# and killed in the middle.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
command -v pt-online-schema-change >/dev/null || die "percona-toolkit is not installed"

rows=${DTS_TORTURE:+500000}
rows=${rows:-20000} pause=${DTS_TORTURE:+0.003}
pause=${pause:-0.01}
start_source
start_target
shape="(id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, v INT NOT NULL, name VARCHAR(30), KEY name (name))"
for database in whole single mapped eu; do
  sql source "CREATE DATABASE IF NOT EXISTS $database"
  create_accounts "$database"
done
sql source "DROP DATABASE eu"
for database in whole single mapped; do
  sql source "CREATE TABLE $database.t $shape; INSERT INTO $database.t SELECT seq, seq, CONCAT('name ', seq % 1000) FROM seq_1_to_$rows;
    CREATE TABLE $database.other (id INT PRIMARY KEY)" whole
done
write_job whole single.t mapped.t
cat >>"$JOB" <<'END'
[[objects.map]]
source = "mapped.t"
target = "eu.orders"
columns = { name = "title" }
END
# A trigger that an earlier run of the tool has left: it is not for the target.
sql source "CREATE TRIGGER pt_osc_whole_other_ins AFTER INSERT ON other FOR EACH ROW SET @inserted = 1" whole
precheck
dts init-schema
dts init-data
sql source "DROP TRIGGER pt_osc_whole_other_ins" whole

# Some 500 row changes a second in three tables; with DTS_TORTURE 500 statements.
changes() {
  awk -v rows="$rows" -v pause="$pause" 'BEGIN { srand(7); split("whole single mapped", base, " ")
    while ((getline line < ARGV[1]) < 0) { t = base[int(rand() * 3) + 1] ".t"
      printf "UPDATE %s SET v = v + 1, name = CONCAT(\"n\", v) WHERE id BETWEEN %d AND %d + 2;\n", t, id = int(rand() * rows), id
      printf "INSERT INTO %s (v, name) VALUES (1, \"new\"), (2, NULL); DELETE FROM %s WHERE id = %d; UPDATE %s SET id = id + 10000000 WHERE id = %d;\n", t, t, int(rand() * rows), t, int(rand() * rows)
      printf "DO SLEEP(%s);\n", pause; fflush(); n += 4 }
    print n >ARGV[1] ".count" }' "$1"
}
# A function in the background would be a shell, whose end is not that of the tool.
pt() {
  ${in_place:-} pt-online-schema-change --execute --no-check-replication-filters --recursion-method=none --charset=utf8mb4 --set-vars=lock_wait_timeout=10 \
    --chunk-size="${chunk:-2000}" --max-load Threads_running=500 --critical-load Threads_running=900 --no-version-check "${@:3}" --alter "$2" "S=$WORK/source/sock,u=root,D=$1,t=t"
}
same() {
  sql source "SELECT * FROM $1 ORDER BY id" >"$WORK/expected"
  sql target "SELECT * FROM $2 ORDER BY id" >"$WORK/found"
  cmp "$WORK/expected" "$WORK/found" >&2 || die "$1 differs from $2"
}
has_shadow() { [[ -n $(sql source "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = '$1' AND TABLE_NAME = '_t_new'") ]]; }

for mode in copy skip; do
  start_sync -c sync.online_ddl=$mode
  begun=$SECONDS
  start_writer changes changes
  for database in whole single mapped; do
    pt $database "ADD COLUMN ${mode}_a INT NOT NULL DEFAULT 4, MODIFY v BIGINT NOT NULL" >"$WORK/pt.log" 2>&1 || die "$(<"$WORK/pt.log")"
    sync_alive
  done
  pt mapped "ADD KEY ${mode}_v (v)" >"$WORK/pt.log" 2>&1 || die "$(<"$WORK/pt.log")"
  # Killed while it copies: triggers and shadow stay, and go when somebody cleans up.
  chunk=10 in_place=exec pt single "ADD COLUMN lost INT" --sleep 1 >"$WORK/pt.log" 2>&1 &
  tool=$!
  wait_for 20 has_shadow single || die "the tool does not begin: $(<"$WORK/pt.log")"
  kill -9 $tool
  wait $tool 2>/dev/null || true
  sql source "DROP TRIGGER IF EXISTS pt_osc_single_t_ins; DROP TRIGGER IF EXISTS pt_osc_single_t_upd; DROP TRIGGER IF EXISTS pt_osc_single_t_del" single
  # The shadow of the killed run is in the way of the next one, which takes another name.
  pt single "ADD COLUMN ${mode}_b INT" >"$WORK/pt.log" 2>&1 || die "$(<"$WORK/pt.log")"
  sql source "DROP TABLE single._t_new"
  stop_writer changes
  echo "pt_online: $mode: $(<"$WORK/changes.stop.count") statements of others in $((SECONDS - begun)) s"
  sync_alive
  stop_sync
  dts -c sync.online_ddl=$mode sync --until now
  must_be_equal whole
  same single.t single.t
  same mapped.t eu.orders
  tables=$(sql target "SELECT GROUP_CONCAT(TABLE_SCHEMA, '.', TABLE_NAME ORDER BY 1) FROM information_schema.TABLES WHERE TABLE_SCHEMA IN ('single', 'mapped', 'eu')")
  [[ $tables == "eu.orders,single.t" ]] || die "other tables are on the target: $tables"
  [[ $(sql target "SELECT COUNT(*) FROM information_schema.TRIGGERS") == 0 ]] || die "triggers of the tool are on the target"
done
skipped=$(dts status --json | jq '[.sync.skipped[] | select(.kind == "shadow-table") | .count] | add')
[[ $skipped == 5 ]] || die "the rows of $skipped shadow tables were left out, not of 5"
echo "pt_online: identical"
