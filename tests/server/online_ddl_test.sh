#!/usr/bin/env bash
# Online DDL tools at work on the source while syncing: the statements that gh-ost and Alibaba's DMS send
# (pt-online-schema-change: pt_online_test.sh), replicated whole (online_ddl = "copy") or by the ALTER
# alone ("skip"); with tables selected by name, by database and under other names; tools that were
# killed, and dtsctl killed between any two steps.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

start_source
start_target
rows="id INT NOT NULL PRIMARY KEY, region CHAR(2) NOT NULL DEFAULT 'eu', cust INT, note VARCHAR(20), KEY cust (cust)"
sql source "CREATE DATABASE whole; CREATE DATABASE single; CREATE DATABASE mapped; CREATE DATABASE merged;"
for table in whole.t whole.w whole.early whole.late single.t single.other mapped.t merged.a merged.b; do
  sql source "CREATE TABLE $table ($rows); INSERT INTO $table (id, cust, note, region)
    SELECT seq, seq % 7, CONCAT('row ', seq), IF(seq % 3, 'eu', 'us') FROM seq_1_to_300" whole
done
sql source "UPDATE merged.b SET id = id + 1000"
for database in whole single mapped merged eu; do create_accounts "$database"; done
write_job whole single.t mapped.t merged.a merged.b
cat >>"$JOB" <<'END'
[[objects.map]]
source = "mapped.t"
target = "eu.orders"
columns = { cust = "customer" }
where = "region = 'eu'"
[[objects.map]]
source = "~^merged\\.[ab]$"
target = "merged.one"
END
run_sync() { dts -c sync.online_ddl=$mode sync --until now; }

# What an application does meanwhile, and the tool after it.
n=0
work() {
  ((n += 1))
  sql source "UPDATE $1.$2 SET note = 'round $n' WHERE id % 10 = $n % 10; DELETE FROM $1.$2 WHERE id = 290 - $n;
    INSERT INTO $1.$2 (id, note, region) VALUES (5000 + $n, 'new', 'eu'), (7000 + $n, 'us', 'us')"
}
copied="id, region, cust, note"
follow() {
  sql source "REPLACE INTO $1.$3 ($copied) SELECT $copied FROM $1.$2 WHERE id % 10 = $n % 10 OR id IN (5000 + $n, 7000 + $n);
    DELETE FROM $1.$3 WHERE id = 290 - $n"
}
ghost_begin() {
  sql source "drop /* gh-ost */ table if exists \`$1\`.\`_$2_gho\`; drop /* gh-ost */ table if exists \`$1\`.\`_$2_ghc\`;
    create /* gh-ost */ table \`$1\`.\`_$2_ghc\` (id bigint unsigned auto_increment, last_update timestamp not null DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
      hint varchar(64) charset ascii not null, value varchar(4096) charset ascii not null, primary key (id), unique key hint_uidx (hint)) auto_increment=256;
    create /* gh-ost */ table \`$1\`.\`_$2_gho\` like \`$1\`.\`$2\`;
    alter /* gh-ost */ table \`$1\`.\`_$2_gho\` $3;
    insert /* gh-ost */ into \`$1\`.\`_$2_ghc\` (id, hint, value) values (NULLIF(1, 0), 'state', 'GhostTableMigrated') on duplicate key update last_update = NOW()" "$1"
}
ghost_copy() {
  sql source "insert /* gh-ost */ ignore into \`$1\`.\`_$2_gho\` ($copied) (select $copied from \`$1\`.\`$2\` force index (PRIMARY) where id <= 150 lock in share mode)"
  work "$1" "$2" && follow "$1" "$2" "_$2_gho"
  sql source "insert /* gh-ost */ ignore into \`$1\`.\`_$2_gho\` ($copied) (select $copied from \`$1\`.\`$2\` force index (PRIMARY) where id > 150 lock in share mode);
    insert into \`$1\`.\`_$2_ghc\` (hint, value) values ('copy', 'done')"
  work "$1" "$2" && follow "$1" "$2" "_$2_gho"
}
ghost_cut() {
  sql source "create /* gh-ost */ table \`$1\`.\`_$2_del\` (id int auto_increment primary key) engine=InnoDB comment='ghost-cut-over-sentry';
    lock /* gh-ost */ tables \`$1\`.\`$2\` write, \`$1\`.\`_$2_del\` write; drop /* gh-ost */ table if exists \`_$2_del\`; unlock tables;
    rename /* gh-ost */ table \`$1\`.\`$2\` to \`$1\`.\`_$2_del\`, \`$1\`.\`_$2_gho\` to \`$1\`.\`$2\`" "$1"
}
ghost_end() { sql source "drop /* gh-ost */ table if exists \`$1\`.\`_$2_ghc\`; drop /* gh-ost */ table if exists \`$1\`.\`_$2_del\`"; }
ghost() {
  ghost_begin "$@"
  ghost_copy "$@"
  ghost_cut "$@"
  work "$1" "$2"
  ghost_end "$@"
  work "$1" "$2"
}
dms() {
  sql source "CREATE TABLE tp_77_ogt_$2 LIKE $2; ALTER TABLE tp_77_ogt_$2 $3; CREATE TABLE tp_77_ogl_$2 (id INT PRIMARY KEY, what TEXT); INSERT INTO tp_77_ogl_$2 VALUES (1, 'x');
    INSERT IGNORE INTO tp_77_ogt_$2 ($copied) SELECT $copied FROM $2 FORCE INDEX (PRIMARY)" "$1"
  work "$1" "$2" && follow "$1" "$2" "tp_77_ogt_$2"
  sql source "RENAME TABLE $2 TO tp_77_del_$2, tp_77_ogt_$2 TO $2; DROP TABLE tp_77_del_$2; DROP TABLE tp_77_ogl_$2" "$1"
  work "$1" "$2"
}
same() {  # QUERY_ON_SOURCE QUERY_ON_TARGET
  sql source "$1" >"$WORK/expected"
  sql target "$2" >"$WORK/found"
  diff "$WORK/expected" "$WORK/found" >&2 || die "other rows: $2"
}
equal() {
  must_be_equal whole
  same "SELECT * FROM single.t ORDER BY id" "SELECT * FROM single.t ORDER BY id"
  same "SHOW CREATE TABLE single.t" "SHOW CREATE TABLE single.t"
  same "SELECT * FROM mapped.t WHERE region = 'eu' ORDER BY id" "SELECT * FROM eu.orders ORDER BY id"
  tables=$(sql target "SELECT GROUP_CONCAT(TABLE_SCHEMA, '.', TABLE_NAME ORDER BY 1) FROM information_schema.TABLES WHERE TABLE_SCHEMA IN ('single', 'mapped', 'eu', 'merged')")
  [[ $tables == "eu.orders,merged.one,single.t" ]] || die "other tables are on the target: $tables"
  [[ $(sql target "SELECT COUNT(*) FROM dtsctl.tool_table") == 0 ]] || die "tables of tools are still known: $(sql target "SELECT * FROM dtsctl.tool_table")"
}

# Two tools are at work when the copy begins, on tables whose shadow is selected, too: it is copied.
for table in early late; do
  ghost_begin whole $table "ADD $table INT"
  work whole $table
  sql source "INSERT INTO _${table}_gho ($copied) SELECT $copied FROM $table WHERE id <= 150" whole
done
precheck merges
dts init-schema
dts init-data
for mode in copy skip; do
  table=early
  [[ $mode == copy ]] || table=late
  work whole $table && follow whole $table _${table}_gho
  sql source "INSERT IGNORE INTO _${table}_gho ($copied) SELECT $copied FROM $table" whole
  ghost_cut whole $table
  work whole $table
  ghost_end whole $table
  run_sync
  must_be_equal whole
done

for mode in copy skip; do
  for database in whole single mapped; do
    ghost $database t "add column ${mode}_ghost int not null default 5, modify note varchar(40)"
    run_sync
    ghost $database t "ENGINE=InnoDB"                       # the same shape
    dms $database t "ADD ${mode}_dms VARCHAR(9) DEFAULT 'x', DROP KEY cust, ADD KEY (note)"
    sql source "ALTER TABLE $database.t ADD KEY cust (cust)"
    # Killed, and begun again.
    ghost_begin $database t "add column lost int"
    ghost_copy $database t
    run_sync
    sql source "drop table $database._t_gho"
    ghost $database t "add column again_$mode int, alter note set default 'none'"
    run_sync
    equal
  done
done


# None of the rows of a shadow table have been applied in the second round: four runs of a tool in each
# database, and those that were killed.
skipped() { dts status --json | jq "[.sync.skipped[] | select(.kind == \"$1\") | .count] | add // 0"; }
[[ $(skipped shadow-table) == 12 ]] || die "rows of $(skipped shadow-table) shadow tables were left out, not of 12"

# An ALTER that may leave other rows than the tool copies, and shadows that are no copies: their rows are
# applied after all.
while read -r alter; do
  ghost whole t "$alter"
  run_sync
  must_be_equal whole
done <<'END'
add seen timestamp not null default current_timestamp
add number int auto_increment, add key (number)
drop column again_skip, add column again_skip int
add check (id > 0)
END
sql source "CREATE TABLE _t_new ($rows, extra INT DEFAULT 3); INSERT INTO _t_new ($copied) SELECT $copied FROM t; RENAME TABLE t TO _t_old, _t_new TO t; DROP TABLE _t_old;
  CREATE TABLE _t_new LIKE t; ALTER TABLE _t_new CHANGE note remark TEXT; INSERT INTO _t_new SELECT * FROM t; RENAME TABLE t TO __t_old, _t_new TO t; DROP TABLE __t_old" whole
run_sync
must_be_equal whole
[[ $(skipped shadow-table) == 12 ]] || die "rows of shadow tables were left out that can't be"

# Killed while the target runs what takes the place of the swap, or the swap: exactly once.
hold_table() {
  mkfifo "$WORK/hold"
  client target --unbuffered <"$WORK/hold" >"$WORK/hold.out" &
  HOLDER=$!
  exec 7>"$WORK/hold"
  echo "LOCK TABLES $1 READ; SELECT 'held';" >&7
  wait_for 10 grep -q held "$WORK/hold.out"
}
release_table() {
  echo quit >&7
  exec 7>&-
  wait "$HOLDER"
  rm "$WORK/hold"
}
waiting() { sql target "SELECT id FROM information_schema.processlist WHERE state LIKE 'Waiting for table metadata%'"; }
is_waiting() { [[ -n $(waiting) ]]; }
sql source "ALTER TABLE whole.t CHANGE remark note TEXT"
for mode in copy skip; do
  for end in finished never_run; do
    ghost_begin whole t "add ${mode}_$end int not null default 8"
    sql source "alter table whole._t_gho add key ${mode}_$end (${mode}_$end)"
    ghost_copy whole t
    run_sync
    ghost_cut whole t
    hold_table whole.t
    start_sync -c sync.online_ddl=$mode
    wait_for 30 is_waiting || die "the statement does not wait: $(tail -n 5 "$WORK/sync.log")"
    kill -9 "$SYNC_PID"
    wait "$SYNC_PID" 2>/dev/null || true
    if [[ $end == never_run ]]; then sql target "KILL $(waiting)"; fi
    release_table
    work whole t
    ghost_end whole t
    run_sync
    must_be_equal whole
  done
done

# What can't be followed stops with the way on, and goes on when that was gone.
stops() {  # PATTERN [STATEMENTS ON THE TARGET]: also after a restart
  local position=$(sql source "SELECT @@gtid_binlog_pos")
  dts_fails 1 "$1" -- -c sync.online_ddl=$mode sync --until now
  dts_fails 1 "$1" -- -c sync.online_ddl=$mode sync --until now
  grep -q -- "--skip-ddl $position" "$WORK/err" || die "the way on is not named: $(<"$WORK/err")"
  [[ -z ${2:-} ]] || sql target "$2"
  dts -c sync.online_ddl=$mode sync --skip-ddl "$position" --until now
}
mode=copy
# The tool was at work before the job began: here its first statements are not in the binlog.
sql source "SET sql_log_bin = 0; CREATE TABLE single._t_gho LIKE single.t; ALTER TABLE single._t_gho ADD early INT; INSERT INTO single._t_gho SELECT *, NULL FROM single.t"
ghost_cut single t
stops "_t_gho. is the shadow table .* when the copy began.*ALTER of the tool" "ALTER TABLE single.t ADD early INT"
work single t
ghost_end single t
sql source "CREATE TABLE merged._a_gho LIKE merged.a"
stops "holds rows of 'merged.b'"
sql source "ALTER TABLE merged._a_gho ADD x INT; INSERT INTO merged._a_gho SELECT *, 1 FROM merged.a; DROP TABLE merged._a_gho"
run_sync

mode=skip
ghost_begin single t "ADD two INT"
ghost_copy single t
sql source "alter /* gh-ost */ table single.t rename single._t_del"
stops "two steps" "ALTER TABLE single.t ADD two INT"
sql source "alter /* gh-ost */ table single._t_gho rename single.t"
stops "is .skip., and the tool does more"
ghost_end single t
work single t

ghost_begin whole t "ADD emptied INT"
ghost_copy whole t
sql source "TRUNCATE TABLE whole.t; TRUNCATE TABLE whole._t_gho"
ghost_cut whole t
stops "another statement has changed that table at" "ALTER TABLE whole.t ADD emptied INT"
ghost_end whole t
work whole t

ghost_begin whole w "ADD kept INT"
ghost_copy whole w
sql source "RENAME TABLE w TO w_backup, _w_gho TO w" whole
stops "it keeps the old table as 'whole.w_backup', which is selected" "ALTER TABLE whole.w ADD kept INT"
sql source "DROP TABLE IF EXISTS whole.w_backup; DROP TABLE whole._w_ghc"
work whole w

# Dropped with a shadow that was to take its place: that can't be followed either.
sql source "CREATE TABLE whole.gone LIKE whole.w; CREATE TABLE whole._gone_new LIKE whole.gone; INSERT INTO whole._gone_new (id) VALUES (1); DROP TABLE whole.gone"
stops "whose rows were not applied" "DROP TABLE whole.gone"
sql source "DROP TABLE whole._gone_new"
run_sync
equal

# With sync.ddl = "skip" nothing of the tool is on the target; this one leaves the shape as it is.
ghost whole w "ENGINE=InnoDB"
dts -c sync.ddl=skip sync --until now
equal
echo "online_ddl: identical"
