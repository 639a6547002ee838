#!/usr/bin/env bash
# DDL about what is not as it was when the statement ran: tables that wait to be copied again are renamed and dropped, objects of a
# database that joined the job later are made, tools are at work while the job is restarted or grows, a server has crashed between
# the two halves of CREATE OR REPLACE, and a table is in a database with other defaults by its map.
#   DTS_PARTS="waiting joining tools replaced defaults patterns leaving definers"
set -euo pipefail
. "$(dirname "$0")/lib.sh"

synced() { dts sync "$@" --until now >"$WORK/sync.out" 2>&1 || die "sync: $(cat "$WORK/sync.out")"; }
init() { dts init-data >"$WORK/copy.out" 2>&1 || die "init-data: $(cat "$WORK/copy.out")"; }
include() { sed -i "s/^include = .*/include = [$1]/" "$JOB"; }

# begin DATABASE...: a new job on empty servers but for what SETUP makes on the source.
begin() {
  local side database
  for side in source target; do
    for database in shop crm lager dtsctl; do sql "$side" "DROP DATABASE IF EXISTS $database"; done
  done
  rm -f "${JOB%.toml}".state*
  sql source "$SETUP"
  write_job "$@"
  [[ -z ${MAPS:-} ]] || printf '%s\n' "$MAPS" >>"$JOB"
  [[ -z ${SCHEMA:-} ]] || printf '[schema]\n%s\n' "$SCHEMA" >>"$JOB"
  precheck keyless-tables
  dts init-schema >"$WORK/schema.out" 2>&1 || die "init-schema: $(cat "$WORK/schema.out")"
  init
  synced
}

uncopied() { dts status --json | jq -r '.sync.uncopied | map(split(":")[0]) | join(" ")'; }
must_wait() { [[ $(uncopied) == "$1" ]] || die "'$(uncopied)' waits instead of '$1'"; }

waiting() {
  SETUP="CREATE DATABASE shop; USE shop; CREATE TABLE t (id INT PRIMARY KEY, v INT); CREATE TABLE u (id INT PRIMARY KEY, v INT);
    CREATE TABLE w (id INT PRIMARY KEY, v INT); INSERT INTO t VALUES (1, 1), (2, 2); INSERT INTO u VALUES (5, 5); INSERT INTO w VALUES (7, 7)" begin shop
  local own="ADD COLUMN r VARCHAR(40) DEFAULT (UUID())" recopy=(-c 'sync.ddl_reevaluate="recopy"')
  sql source "USE shop; ALTER TABLE t $own; INSERT INTO t (id, v) VALUES (3, 3); RENAME TABLE t TO t1; UPDATE t1 SET v = 9 WHERE id = 1"
  synced "${recopy[@]}"
  must_wait shop.t1
  # With clauses that were not applied to it meanwhile; then two trade places, and one is dropped.
  # Some applications begin with the first of these.
  sql source "CREATE DATABASE IF NOT EXISTS shop; USE shop; ALTER TABLE t1 DROP COLUMN v; ALTER TABLE t1 ADD COLUMN x INT DEFAULT 3, RENAME TO t2; ALTER TABLE w $own;
    RENAME TABLE t2 TO swap_, u TO t2, swap_ TO u; INSERT INTO t2 VALUES (6, 6); INSERT INTO u (id) VALUES (66); DROP TABLE w;
    CREATE TABLE w (id INT PRIMARY KEY); INSERT INTO w VALUES (8)"
  synced "${recopy[@]}"
  must_wait shop.u
  [[ $(sql target "SELECT GROUP_CONCAT(id) FROM shop.t2; SELECT id FROM shop.w") == $'5,6\n8' ]] || die "what does not wait is not in step"
  # init-data comes before sync has come to the new name.
  sql source "USE shop; RENAME TABLE u TO v; INSERT INTO v (id) VALUES (67)"
  init
  grep -q 'shop.u was dropped or renamed on the source' "$WORK/copy.out" || die "it is not told: $(cat "$WORK/copy.out")"
  must_wait shop.u
  synced
  must_wait shop.v
  sql source "INSERT INTO shop.v (id) VALUES (68)"
  init
  sql source "INSERT INTO shop.v (id) VALUES (69)"
  synced
  must_wait ""
  must_be_equal shop
  # One that leaves the selected tables waits no more, and one whose renaming is passed over does.
  sql source "USE shop; CREATE DATABASE crm; CREATE TABLE x (id INT PRIMARY KEY); INSERT INTO x VALUES (1); ALTER TABLE x $own; RENAME TABLE x TO crm.x"
  synced "${recopy[@]}"
  must_wait ""
  sql target "DROP TABLE shop.x"
  sql source "USE shop; CREATE TABLE x (id INT PRIMARY KEY); INSERT INTO x VALUES (1); ALTER TABLE x $own; RENAME TABLE x TO x1"
  synced "${recopy[@]}" --skip-ddl "$(sql source "SELECT @@gtid_binlog_pos")"
  must_wait shop.x
  sql source "RENAME TABLE shop.x1 TO shop.x"
  synced "${recopy[@]}" --skip-ddl "$(sql source "SELECT @@gtid_binlog_pos")"
  init
  synced
  must_be_equal shop
  # The database with all of them.
  sql source "ALTER TABLE shop.v ADD COLUMN r2 VARCHAR(40) DEFAULT (UUID()); DROP DATABASE shop; CREATE DATABASE shop; CREATE TABLE shop.v (id INT PRIMARY KEY)"
  synced "${recopy[@]}"
  must_wait ""
  must_be_equal shop
}

joining() {
  SETUP="CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT); INSERT INTO shop.t VALUES (1, 1);
    CREATE DATABASE crm; CREATE TABLE crm.u (id INT PRIMARY KEY); CREATE FUNCTION crm.f() RETURNS INT RETURN 1; CREATE TABLE crm.short (id INT)" begin shop.t
  # Between the job's position and the joining; and a tool begins on a table that the job has.
  sql source "DROP DATABASE crm; CREATE DATABASE crm CHARACTER SET latin1; USE crm; CREATE TABLE u (id INT PRIMARY KEY, v INT); CREATE TABLE short (id INT);
    CREATE VIEW one AS SELECT id FROM u; CREATE VIEW of_short AS SELECT id FROM short; CREATE FUNCTION f() RETURNS INT RETURN 2; CREATE PROCEDURE p() DO 1;
    ALTER PROCEDURE p COMMENT 'gone soon'; DROP PROCEDURE p; CREATE OR REPLACE VIEW one AS SELECT id, v FROM u; DROP VIEW of_short; DROP TABLE short;
    CREATE TRIGGER g BEFORE INSERT ON u FOR EACH ROW SET NEW.v = 1; INSERT INTO u (id) VALUES (1); ALTER DATABASE crm CHARACTER SET utf8mb4;
    CREATE TABLE shop._t_gho LIKE shop.t; ALTER TABLE shop._t_gho ADD COLUMN w INT DEFAULT 4"
  include '"shop.t", "crm"'
  precheck keyless-tables
  dts init-schema >"$WORK/schema.out" 2>&1 || die "init-schema: $(cat "$WORK/schema.out")"
  sql source "CREATE VIEW crm.between_both AS SELECT id FROM crm.u"
  init
  sql source "INSERT INTO shop._t_gho (id, v) SELECT id, v FROM shop.t; RENAME TABLE shop.t TO shop._t_del, shop._t_gho TO shop.t; DROP TABLE shop._t_del;
    INSERT INTO crm.u (id) VALUES (2); DROP FUNCTION crm.f; DROP TABLE IF EXISTS crm.one; INSERT INTO shop.t (id) VALUES (2)"
  synced
  must_be_equal crm shop
}

tools() {
  local begun="CREATE TABLE shop._t_gho LIKE shop.t" needs_rows="ALTER TABLE shop._t_gho ADD COLUMN seen TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP"
  local ends="REPLACE INTO shop._t_gho (id, v) SELECT id, v FROM shop.t; RENAME TABLE shop.t TO shop._t_del, shop._t_gho TO shop.t; DROP TABLE shop._t_del"
  local skip=(-c sync.online_ddl=skip)
  SETUP="CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT); INSERT INTO shop.t VALUES (1, 1), (2, 2); CREATE TABLE shop.other (id INT)" begin shop.t
  sql source "$begun"
  synced "${skip[@]}"
  sql source "INSERT INTO shop.t VALUES (3, 3)"
  synced "${skip[@]}"
  sql source "$needs_rows; $ends"
  synced "${skip[@]}"
  same_result "SELECT * FROM shop.t" || die "rows of the tool's table are missing"
  # Rows that were passed over are not there; a position that has passed them says so.
  sql source "$begun; INSERT INTO shop._t_gho (id) VALUES (9)"
  synced "${skip[@]}"
  sql source "ALTER TABLE shop._t_gho ADD CONSTRAINT positive CHECK (id > 0)"
  dts_fails 1 'not do what it does in the' -- "${skip[@]}" sync --until now
  # What sync has followed goes with the copy that it belongs to.
  dts -c sync.online_ddl=copy --yes init-data --restart >"$WORK/copy.out" 2>&1 || die "restart: $(cat "$WORK/copy.out")"
  [[ $(sql target "SHOW TABLES FROM shop") == t ]] || die "tables are left: $(sql target "SHOW TABLES FROM shop")"
  sql source "DROP TABLE shop._t_gho; $begun; ALTER TABLE shop._t_gho DROP COLUMN seen"
  synced
  sql source "$ends"
  synced
  same_result "SELECT * FROM shop.t" || die "the table is another one"
}

# A server that is killed while it replaces a table may come back without either, and one that makes a sequence with one that
# has no row. interrupted LOCK STATEMENT: dtsctl is killed while the target waits with it.
interrupted() {
  local pid
  mkfifo "$WORK/hold"
  client target --unbuffered <"$WORK/hold" >"$WORK/hold.out" &
  pid=$!
  exec 7>"$WORK/hold"
  echo "$1; SELECT 'held';" >&7
  wait_for 10 grep -q held "$WORK/hold.out" || die "no lock"
  sql source "$2"
  start_sync
  session() { sql target "SELECT id FROM information_schema.processlist WHERE STATE LIKE 'Waiting for %' AND INFO LIKE 'CREATE %'"; }
  waits() { [[ -n $(session) ]]; }
  wait_for 30 waits || die "the statement does not wait: $(tail -n 5 "$WORK/sync.log")"
  kill -9 "$SYNC_PID"
  wait "$SYNC_PID" 2>/dev/null || true
  sql target "KILL $(session)"
  echo quit >&7
  exec 7>&-
  wait "$pid"
  rm "$WORK/hold"
}

replaced() {
  SETUP="CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); INSERT INTO shop.t VALUES (1); CREATE SEQUENCE shop.s" begin shop
  local statement columns
  for statement in "CREATE OR REPLACE TABLE shop.t (id INT PRIMARY KEY, v INT)" "CREATE OR REPLACE TABLE shop.t AS SELECT 1 AS id, 'x' AS v"; do
    interrupted "LOCK TABLES shop.t READ" "$statement; INSERT INTO shop.t VALUES (5, 5)"
    sql target "DROP TABLE shop.t"
    synced
    must_be_equal shop
  done
  interrupted "BACKUP STAGE START; BACKUP STAGE BLOCK_DDL" "CREATE SEQUENCE shop.late START WITH 7"
  columns=$(sql target "SELECT GROUP_CONCAT(COLUMN_NAME, ' ', COLUMN_TYPE, ' NOT NULL' ORDER BY ORDINAL_POSITION) FROM information_schema.COLUMNS WHERE TABLE_NAME = 's'")
  sql target "CREATE TABLE shop.late ($columns)"
  stop_server target
  cp "$WORK/target/data/shop/s.frm" "$WORK/target/data/shop/late.frm"
  restart_server target
  synced
  must_be_equal shop
  [[ $(sql target "SELECT start_value FROM shop.late") == 7 ]] || die "the sequence has no row"
}

# Tables that say no character set get that of their database on the source, not that of the other one.
defaults() {
  MAPS=$'[[objects.map]]\nsource = "shop.w"\ntarget = "lager.w"\n[[objects.map]]\nsource = "crm.w"\ntarget = "lager.v"'
  SETUP="CREATE DATABASE shop CHARACTER SET latin1; CREATE DATABASE crm CHARACTER SET utf8mb4; CREATE TABLE shop.w (id INT PRIMARY KEY, v VARCHAR(9));
    CREATE TABLE crm.w (id INT PRIMARY KEY, v VARCHAR(9)); INSERT INTO shop.w VALUES (1, 'é')" begin shop crm
  unset MAPS
  collations() { sql "$1" "SELECT GROUP_CONCAT(COLLATION_NAME ORDER BY TABLE_NAME) FROM information_schema.COLUMNS WHERE COLUMN_NAME = 'v' AND (TABLE_SCHEMA, TABLE_NAME) IN ($2)"; }
  for _ in 1 2; do
    sql source "DROP TABLE shop.w, crm.w; CREATE TABLE shop.w (id INT PRIMARY KEY, v VARCHAR(9)) PARTITION BY HASH (id) PARTITIONS 2; CREATE TABLE crm.w (id INT PRIMARY KEY, v VARCHAR(9));
      INSERT INTO shop.w VALUES (2, 'é'); INSERT INTO crm.w VALUES (2, 'é')"
    synced
    [[ $(collations source "('shop', 'w')"),$(collations source "('crm', 'w')") =~ latin1_.*,utf8mb4_|utf8mb4_.*,latin1_ ]] || die "not what is to be shown"
    same_output collations target "('lager', 'w')" -- collations source "('shop', 'w')" && same_output collations target "('lager', 'v')" -- collations source "('crm', 'w')" ||
      die "columns have other collations: $(collations target "('lager', 'w'), ('lager', 'v')")"
    [[ $(sql target "SELECT HEX(CONVERT(v USING utf8mb4)) FROM lager.w; SELECT HEX(CONVERT(v USING utf8mb4)) FROM lager.v") == $'C3A9\nC3A9' ]] || die "other texts"
    sql source "ALTER DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_bin; ALTER DATABASE crm CHARACTER SET latin1"
  done
}

# Of two children one leaves: what the target's foreign key still does to it is told.
leaving() {
  local child="(id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE)"
  SETUP="CREATE DATABASE shop; USE shop; CREATE TABLE parent (id INT PRIMARY KEY); CREATE TABLE one $child; CREATE TABLE two $child" begin shop
  include '"shop.parent", "shop.two"'
  precheck keyless-tables
  init
  grep -q "foreign key 'one_ibfk_1' of shop.one may still change it with shop.parent" "$WORK/copy.out" || die "it is not told: $(cat "$WORK/copy.out")"
  ! grep -q "of shop.two" "$WORK/copy.out" || die "it is told of a table that stays"
}

# Names of a tool of one's own.
patterns() {
  local n=0 mode names=(-c 'sync.shadow_tables=["^(.+)__neu$"]' -c 'sync.trash_tables=["^(.+)__alt$"]')
  SETUP="CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT); INSERT INTO shop.t VALUES (1, 1), (2, 2)" begin shop.t
  for mode in copy skip; do
    ((n += 1))
    sql source "USE shop; CREATE TABLE t__neu LIKE t; ALTER TABLE t__neu ADD COLUMN $mode INT DEFAULT 4; INSERT INTO t__neu (id, v) SELECT id, v FROM t"
    synced "${names[@]}" -c "sync.online_ddl=$mode"
    sql source "USE shop; UPDATE t SET v = 9 WHERE id = 1; UPDATE t__neu SET v = 9 WHERE id = 1; RENAME TABLE t TO t__alt, t__neu TO t;
      INSERT INTO t (id) VALUES (10 + $n)"
    synced "${names[@]}" -c "sync.online_ddl=$mode"
    sql source "DROP TABLE shop.t__alt"
    synced "${names[@]}" -c "sync.online_ddl=$mode"
    must_be_equal shop
  done
  dts status --json | jq -e '[.sync.skipped[] | select(.kind == "shadow-table") | .count] | add == 1' >/dev/null || die "rows of the shadow were not left out"
}

# Objects of the stream that keep their definers run with the rights of these.
definers() {
  for side in source target; do sql "$side" "CREATE USER owner@'%'; GRANT ALL ON shop.* TO owner@'%'; GRANT SET USER ON *.* TO dts@'%'"; done
  SCHEMA=$'definer = "keep"\nevents = true' SETUP="CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)" begin shop
  sql source "USE shop; CREATE DEFINER=owner@'%' SQL SECURITY DEFINER VIEW v AS SELECT id FROM t; CREATE DEFINER=owner@'%' FUNCTION f() RETURNS INT SQL SECURITY DEFINER RETURN 1;
    CREATE DEFINER=owner@'%' PROCEDURE p() SQL SECURITY INVOKER DO 1; CREATE DEFINER=owner@'%' TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.v = 1;
    CREATE DEFINER=owner@'%' EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01' DO DO 1; ALTER VIEW v AS SELECT v FROM t; ALTER FUNCTION f COMMENT 'x';
    ALTER DEFINER=owner@'%' EVENT e ON SCHEDULE EVERY 2 DAY STARTS '2035-01-01'; INSERT INTO t (id) VALUES (1)"
  synced
  owned() {
    sql "$1" "SELECT TABLE_NAME, DEFINER, SECURITY_TYPE, VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'shop';
      SELECT ROUTINE_NAME, DEFINER, SECURITY_TYPE, ROUTINE_COMMENT FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'shop' ORDER BY 1;
      SELECT TRIGGER_NAME, DEFINER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'shop'; SELECT EVENT_NAME, DEFINER, INTERVAL_VALUE FROM information_schema.EVENTS"
  }
  [[ $(owned source) == "$(owned target)" && $(owned source | grep -c "owner@%") -ge 4 ]] || die "definers: $(owned source) and $(owned target)"
  must_be_equal shop
  sql source "ALTER EVENT shop.e COMMENT 'whose?'"
  dts_fails 1 'another definer' -- sync --until now
}

start_source --log-bin-trust-function-creators=ON
start_target --log-bin-trust-function-creators=ON
sql source "CREATE DATABASE shop"
create_accounts shop
for side in source target; do sql "$side" "GRANT ALL ON *.* TO dts@'%'"; done
for part in ${DTS_PARTS:-waiting joining tools replaced defaults patterns leaving definers}; do
  began=$SECONDS
  $part
  echo "ddl_late: $part, $((SECONDS - began)) s"
done
