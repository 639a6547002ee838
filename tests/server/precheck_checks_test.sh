#!/usr/bin/env bash
# Every check of precheck: made to fail on real servers, with its level, subject and facts; what it says
# is pasted, and it passes. Those of MySQL are in precheck_checks_mysql_test.sh.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/remedies.sh"

# Where each check is shown. "here" and "mysql" mean that a remedy is pasted, "prose" that it is seen to
# fail here and that there is nothing to paste, "tells" that it never fails; else the test that does it.
declare -A SHOWN=(
  [source-connection]=prose      # which host, user or password is right, only people know
  [target-connection]=prose
  [source-version]=prose         # upgrade
  [target-version]=prose
  [same-server]=prose            # which of the two addresses is wrong, only people know
  [tls]=tells
  [objects-found]=here
  [selection]=grow_test.sh       # prose: a job that runs must not be changed lightly
  [source-privileges]=here
  [target-privileges]=here
  [binlog-enabled]=here
  [gtid-mode]=mysql
  [binlog-format]=here
  [binlog-row-image]=here
  [binlog-row-metadata]=tells
  [binlog-forms]=tells
  [server-id]=here
  [binlog-retention]=here
  [binlog-filters]=prose         # lines that have to go from a file
  [binlog-order-commits]=mysql
  [log-slave-updates]=here
  [xa-open]=here
  [long-transactions]=surroundings_test.sh
  [replication]=surroundings_test.sh
  [connections]=surroundings_test.sh
  [engines]=here
  [column-types]=here
  [collations]=mysql
  [translations]=mysql
  [keyless-tables]=here
  [non-transactional-tables]=here
  [foreign-keys]=here
  [views]=here
  [mapped-objects]=mapped_objects_test.sh # prose: acknowledged, or made by hand
  [definers]=here
  [target-objects]=here
  [schema-compare]=schema_compare_test.sh # prose: which side is right, only people know
  [names]=prose                  # which name, only people know
  [maps]=prose
  [merges]=prose
  [function-creators]=here
  [read-only]=here
  [primary-keys]=mysql
  [table-limits]=table_limits_test.sh
  [max-allowed-packet]=here
  [disk-space]=surroundings_test.sh       # prose: a larger disk, or fewer tables
  [target-events]=surroundings_test.sh
  [time-zones]=surroundings_test.sh       # prose: a program to run where the target is
  [sql-mode]=tells
  [clocks]=surroundings_test.sh           # prose: clocks are set outside of servers
  [local-infile]=tells
  [replicas]=replica_lag_test.sh # prose: wait, or leave one out
)

# fits COLUMNS: on such a terminal, no line is wider, but statements and commands in one piece; colours are
# for terminals that want them, and nothing is lost for being narrow.
fits() {
  local color words
  for color in TERM=xterm "NO_COLOR=1 TERM=xterm"; do
    script -qc "stty cols $1 rows 24; $color $DTSCTL -f '$JOB' precheck" /dev/null </dev/null |
      tr -d '\r' | tee "$WORK/colored" | sed 's/\x1b\[[0-9;]*m//g' >"$WORK/screen"
    [[ -z $(grep -vE ';$|^next: ' "$WORK/screen" | awk -v most="$1" 'length > most') ]] ||
      die "wider than $1 columns: $(awk -v most="$1" 'length > most' "$WORK/screen")"
    if [[ $color == TERM=xterm ]]; then ! cmp -s "$WORK/colored" "$WORK/screen"; else cmp "$WORK/colored" "$WORK/screen"; fi ||
      die "colours with $color"
    words=$(tr -s ' \n' '\n\n' <"$WORK/screen" | sort)
    [[ $words == "$(dts precheck 2>&1 | tr -s ' \n' '\n\n' | sort)" ]] || die "not the words that a pipe gets: $(<"$WORK/screen")"
  done
}

# --- servers that can't serve; what needs a restart ----------------------------------------------

start_server source --server-id=1 --version=10.4.30-MariaDB
start_server target --server-id=2 --log-bin=binlog --local-infile=OFF --version=10.4.30-MariaDB
sql source "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT) SELECT 1 AS id, 2 AS v;
  CREATE FUNCTION shop.twice(n INT) RETURNS INT DETERMINISTIC RETURN 2 * n"
create_accounts shop
sql source "GRANT SLAVE MONITOR ON *.* TO dts@'%'"
write_job shop
look
finds failure source-version source '10\.4'
finds failure target-version target '10\.4'
SERVER_FLAGS[source]="--server-id=1 --binlog-do-db=other"
SERVER_FLAGS[target]=${SERVER_FLAGS[target]/--version=10.4.30-MariaDB/--local-infile=ON}
finds pass local-infile target 'is OFF'
mends binlog-enabled failure source 'log_bin is OFF'
passes source-version

sql source "CHANGE MASTER TO master_host = '127.0.0.1', master_port = 1, master_user = 'nobody'"
stop_server target && restart_server target
look
passes target-version
finds pass local-infile target 'is ON'
finds failure binlog-filters source 'shop'
SERVER_FLAGS[source]=${SERVER_FLAGS[source]/--binlog-do-db=other/}
mends log-slave-updates failure source 'log_slave_updates is OFF'
passes binlog-filters
sql source "STOP SLAVE; RESET SLAVE ALL"
mends function-creators failure target 'shop\.twice'

# --- connections -----------------------------------------------------------------------------------

look -c source.port=1 -c target.user=stranger
finds failure source-connection source 'cannot connect to dts@127\.0\.0\.1:1'
finds failure target-connection target 'stranger.*Access denied'
look -c "target.port=${SERVER_PORT[source]}"
finds failure same-server target 'the same server'
look
passes source-connection target-connection same-server
finds pass tls source 'encrypted'

# --- settings of the source ------------------------------------------------------------------------

sql source "SET GLOBAL binlog_format = MIXED; SET GLOBAL binlog_row_image = MINIMAL; SET GLOBAL binlog_expire_logs_seconds = 3600;
  SET GLOBAL binlog_row_metadata = MINIMAL; SET GLOBAL max_allowed_packet = 64 << 20;
  XA START 'one'; INSERT INTO shop.t VALUES (5, 5); XA END 'one'; XA PREPARE 'one'"
sql source "XA START 'two'; INSERT INTO shop.t VALUES (6, 6); XA END 'two'; XA PREPARE 'two'"
sql target "SET GLOBAL read_only = ON"
sed -i '/^\[target\]/i server_id = 1\n' "$JOB"
look
finds failure binlog-format source 'MIXED'
finds failure binlog-row-image source 'MINIMAL'
finds failure binlog-retention source '1\.0 hours'
finds pass binlog-row-metadata source 'MINIMAL'
finds warning max-allowed-packet target '67108864 on the source, but 16777216'
finds failure xa-open source "'one'.*'two'|'two'.*'one'"
finds failure read-only target 'read_only is ON'
finds failure server-id source "source's server_id 1 is that of the job"
obey_all
look
passes binlog-format binlog-row-image binlog-retention max-allowed-packet xa-open read-only server-id
[[ $(sql source "SELECT COUNT(*) FROM shop.t WHERE id IN (5, 6)") == 2 ]] || die "not committed"
sql source "SET GLOBAL binlog_expire_logs_seconds = 100000, GLOBAL binlog_row_metadata = FULL"
sql target "SET GLOBAL read_only = ON"
finds pass binlog-forms source 'plain events'
finds pass sql-mode "" 'the same sql_mode'
sql source "SET GLOBAL log_bin_compress = ON, GLOBAL sql_mode = CONCAT(@@GLOBAL.sql_mode, ',ANSI_QUOTES')"
sql target "SET GLOBAL sql_mode = CONCAT(@@GLOBAL.sql_mode, ',NO_ZERO_DATE')"
look
finds pass binlog-forms source 'compressed events'
finds pass sql-mode "" 'only the source has ANSI_QUOTES; only the target has NO_ZERO_DATE'
sql source "SET GLOBAL log_bin_compress = OFF, GLOBAL sql_mode = DEFAULT"
finds pass binlog-row-metadata source 'is FULL'
mends binlog-retention warning source '27\.8 hours'
mends read-only failure target 'read_only is ON' 2
sql source "XA START 'three'; INSERT INTO shop.t VALUES (7, 7); XA END 'three'; XA PREPARE 'three'"
look
mends xa-open failure source "three" 2
[[ -z $(sql source "SELECT id FROM shop.t WHERE id = 7") ]] || die "not rolled back"
sql target "SET GLOBAL read_only = OFF"

# The largest row, as the statement that would write it: bytes are two digits each.
for server in source target; do sql "$server" "SET GLOBAL max_allowed_packet = 8 << 20"; done
sql source "CREATE TABLE shop.long (id INT PRIMARY KEY, a LONGBLOB, b LONGTEXT);
  INSERT INTO shop.long VALUES (1, REPEAT('x', 3000000), REPEAT('y', 500000)), (2, 'short', NULL)"
look
finds pass max-allowed-packet target '^8388608 .*of shop.long, makes a statement of up to 8388608'
sql source "UPDATE shop.long SET a = CONCAT(a, a) WHERE id = 1"
look
look -c 'phases = ["sync"]' # no copy has to begin there
finds pass gtid-mode source 'names every transaction'
look
mends gtid-mode failure source 'larger than max_allowed_packet .8388608' 2 # both images of the row are in one event
finds warning max-allowed-packet target 'of up to 16777216: a change of it could not be applied'
cp "$JOB" "$WORK/plain.toml"
printf '\n[[objects.map]]\nsource = "shop.long"\nwhere = "id > 1"\n' >>"$JOB"
look
finds pass max-allowed-packet target '^8388608 bytes on the target; the largest row, of shop.long, makes a statement of up to 128$'
cp "$WORK/plain.toml" "$JOB"
look -c 'phases = ["schema", "data"]' # LOAD DATA does not mind
finds pass max-allowed-packet target '^8388608 .* of up to 16777216$'
sql target "SET GLOBAL local_infile = OFF"
look -c 'phases = ["schema", "data"]'
finds warning max-allowed-packet target 'of up to 16777216: it could not be copied'
sql target "SET GLOBAL local_infile = ON"
look
mends max-allowed-packet warning target 'of up to 16777216: a change of it could not be applied'
finds pass max-allowed-packet target '^16777216'
# A table that takes longer to read than the check may, and is not known to be small.
sql source "ANALYZE TABLE shop.long" >/dev/null
mkfifo "$WORK/locked"
client source <"$WORK/locked" >/dev/null 2>&1 &
exec 4>"$WORK/locked"
echo "LOCK TABLES shop.long WRITE; DO GET_LOCK('held', 0); DO SLEEP(100);" >&4
is_held() { [[ $(sql source "SELECT IS_USED_LOCK('held') IS NOT NULL") == 1 ]]; }
wait_for 10 is_held || die "no lock"
look
finds pass max-allowed-packet source 'not measured, because it takes long or fails: shop.long'
sql source "KILL $(sql source "SELECT IS_USED_LOCK('held')")"
exec 4>&-
sql source "UPDATE shop.long SET b = 'z' WHERE id = 1"
look
mends gtid-mode failure source 'larger than max_allowed_packet .8388608'
sql source "DROP TABLE shop.long; SET GLOBAL max_allowed_packet = 64 << 20; FLUSH BINARY LOGS"

# --- rights ----------------------------------------------------------------------------------------

sql source "CREATE DATABASE hidden; CREATE TABLE hidden.t (id INT PRIMARY KEY); CREATE TABLE hidden.u (id INT PRIMARY KEY);
  REVOKE BINLOG MONITOR, REPLICATION SLAVE ON *.* FROM dts@'%'; REVOKE SHOW VIEW, TRIGGER ON shop.* FROM dts@'%';
  REVOKE SELECT ON mysql.proc FROM dts@'%'"
sql target "REVOKE INSERT, CREATE VIEW ON shop.* FROM dts@'%'; REVOKE ALTER ON dtsctl.* FROM dts@'%'"
write_job shop hidden.t gone
sql source "GRANT EXECUTE ON shop.* TO dts@'%'"
look
finds failure source-privileges source 'text of functions and procedures: shop\.twice$'
sql source "REVOKE EXECUTE ON shop.* FROM dts@'%'"
look
finds failure objects-found source '"hidden\.t" .* matches nothing'
finds failure objects-found source '"gone" .* matches nothing'
finds failure source-privileges source 'lacks SHOW VIEW, TRIGGER on shop\.\*; REPLICATION SLAVE, BINLOG MONITOR on \*\.\*'
finds warning source-privileges source 'functions and procedures'
finds failure binlog-filters source 'may not see'
finds failure target-privileges target 'lacks INSERT, CREATE VIEW on shop\.\*; ALTER on dtsctl\.\*'
obey_all
look
passes source-privileges
finds failure objects-found source '"gone" .* matches nothing'
finds failure target-privileges target 'on hidden\.\*'
[[ $(findings) != *'"hidden.t"'* ]] || die "hidden.t can't be seen: $(findings)"
mends target-privileges failure target 'on hidden\.\*'
mends objects-found failure source '"gone"'
[[ -z $(findings) ]] || die "not all is mended: $(findings)"

# --- objects ---------------------------------------------------------------------------------------

write_job shop
client source >/dev/null <<'SQL'
CREATE DATABASE other;
GRANT SELECT ON other.* TO dts@'%';
CREATE TABLE other.parent (id INT PRIMARY KEY);
CREATE TABLE shop.child (id INT PRIMARY KEY, parent INT, CONSTRAINT to_parent FOREIGN KEY (parent) REFERENCES other.parent (id));
CREATE TABLE shop.one (id INT PRIMARY KEY) ENGINE = MyISAM;
CREATE TABLE shop.all_of_them (id INT PRIMARY KEY) ENGINE = MERGE UNION = (shop.one);
CREATE TABLE shop.log (line TEXT) ENGINE = MyISAM;
USE shop;
CREATE TABLE shop.large (n INT, row_id INT) SELECT seq AS n, 1 AS row_id FROM seq_1_to_120000;
ANALYZE TABLE shop.large;
SET GLOBAL mysql56_temporal_format = OFF;
CREATE TABLE shop.old (id INT PRIMARY KEY, at TIME(3));
SET GLOBAL mysql56_temporal_format = ON;
CREATE TABLE other.unseen (id INT PRIMARY KEY);
CREATE VIEW shop.looks_away AS SELECT * FROM other.unseen;
CREATE DEFINER = nobody@nowhere VIEW shop.of_nobody AS SELECT 1;
SQL
sql target "CREATE DATABASE shop COLLATE latin1_swedish_ci; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT);
  GRANT SET USER ON *.* TO dts@'%'; GRANT SELECT ON mysql.proc TO dts@'%'"
printf '\n[schema]\ndefiner = "keep"\n' >>"$JOB"
look
finds failure engines shop.all_of_them 'MRG_MyISAM'
finds failure column-types shop.old.at '5\.3'
finds warning keyless-tables source 'shop\.large'
finds failure non-transactional-tables source 'without a key.*shop\.log'
finds warning non-transactional-tables source 'shop\.one'
finds failure foreign-keys shop.child "'other\.parent' of its foreign key 'to_parent'"
finds failure views shop.looks_away 'other\.unseen'
finds failure target-objects target 'shop\.t'
finds failure target-objects shop "'utf8mb4_general_ci' on the source, 'latin1_swedish_ci'"
finds warning definers target 'nobody@nowhere'
fits 80
fits 200
obey_all
look
finds failure target-privileges target 'on other\.\*' # as the parent is selected now
finds pass target-objects target 'nothing'
obey_all
look
passes engines column-types keyless-tables foreign-keys views definers target-objects
[[ -z $(findings) ]] || die "not all is mended: $(findings)"
[[ $(sql source "SELECT * FROM shop.large WHERE n = 5") == "5	1" ]] || die "the new key is seen by SELECT *"

# --- names that patterns and quotes do not hold; what is excluded -----------------------------------

sql source "CREATE DATABASE \`my.db\`; GRANT SELECT, SHOW VIEW, TRIGGER ON \`my.db\`.* TO dts@'%'; USE my.db;
  CREATE TABLE gone (id INT); CREATE VIEW \`say \"x\\\\*\` AS SELECT * FROM gone; CREATE TABLE \`say more\` (id INT PRIMARY KEY);
  CREATE TABLE parent (id INT PRIMARY KEY); CREATE TABLE child (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES parent (id));
  DROP TABLE gone; USE shop; CREATE TABLE shop.here (id INT PRIMARY KEY); CREATE TABLE shop.below (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES here (id))"
cp "$JOB" "$WORK/before.toml"
write_job shop 'my?db'
echo 'exclude = ["shop.here"]' >>"$JOB"
look
finds failure views 'my.db.say "x\\*' 'broken'
finds failure foreign-keys shop.below "'shop\\.here' of its foreign key"
obey views
obey_all foreign-keys
look
passes views foreign-keys
dts precheck --plan --json | jq -e '[.tables[].source] | contains(["my.db.say more", "shop.here"])' >/dev/null || die "too much is excluded: $(<"$JOB")"
cp "$WORK/before.toml" "$JOB"
sql source "DROP DATABASE \`my.db\`; DROP TABLE shop.below, shop.here"

# --- names and maps --------------------------------------------------------------------------------

sql source "CREATE TABLE shop.T (id INT PRIMARY KEY); CREATE TABLE shop.T2 (id INT PRIMARY KEY); CREATE TABLE shop.t3 LIKE shop.T2"
look -c 'objects.name_case="lower"'
finds failure names target "shop\.T, shop\.t would all be called 'shop\.t'"
cp "$JOB" "$WORK/plain.toml"
printf '\n[[objects.map]]\nsource = "shop.nothing"\ntarget = "shop.something"\n' >>"$JOB"
look
finds failure maps 'objects.map with source "shop.nothing"' 'serves no selected table'
cp "$WORK/plain.toml" "$JOB"
printf '\n[[objects.map]]\nsource = "~^shop\\\\.(T2|t3)$"\ntarget = "shop.both"\n' >>"$JOB"
look
finds warning merges shop.both 'come together'
passes names maps
precheck merges
cp "$WORK/plain.toml" "$JOB"
look
passes names maps merges

# --- what was created and is gone --------------------------------------------------------------------

sql source "CREATE DATABASE again; CREATE TABLE again.parent (id INT PRIMARY KEY); CREATE TABLE again.t (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES again.parent (id));
  INSERT INTO again.parent VALUES (1); INSERT INTO again.t VALUES (1)"
create_accounts again
rm -f "${JOB%.toml}".state*
write_job again
sed -i 's/^name = .*/name = "again"/' "$JOB"
precheck
dts init-schema 2>/dev/null >&2
sql target "DROP TABLE again.t"
look
finds pass schema-compare target "made again by dtsctl init-schema: .*'again\.t'"
passes schema-compare
dts init-schema 2>/dev/null >&2 || die "init-schema is refused"
sql target "DROP DATABASE again"
look
passes schema-compare
dts init-schema 2>/dev/null >&2 && dts init-data >/dev/null 2>&1 || die "it does not go on: $(dts status)"
must_be_equal again
# What has copied does not mind an event that is larger than the server lets itself read.
sql source "SET GLOBAL max_allowed_packet = 1 << 20; CREATE TABLE other.large (id INT PRIMARY KEY, v LONGBLOB)"
sql source "INSERT INTO other.large VALUES (1, REPEAT('v', 900000)); UPDATE other.large SET v = REPEAT('w', 900000)"
status=$(sql source "SHOW MASTER STATUS" | cut -f1,2 | sed "s/^/'/; s/\t/',/")
[[ $(sql source "SELECT BINLOG_GTID_POS($status)") == NULL ]] || die "the event is not too large: $status"
look
passes gtid-mode table-limits
sql source "SET GLOBAL max_allowed_packet = 64 << 20; FLUSH BINARY LOGS"
sql target "DROP TABLE again.t"
look
finds failure schema-compare again.t 'missing on the target'
jq -r '.findings[] | select(.check == "schema-compare") | .remedy' "$WORK/findings" | grep -q 'copied anew' || die "the remedy: $(findings)"

# --- the list is whole -----------------------------------------------------------------------------

while read -r check; do
  shown=${SHOWN[$check]:-}
  case $shown in
    "") die "the check '$check' has no entry in SHOWN: make it fail, and paste its remedy" ;;
    tells) ;;
    here | prose) [[ -n ${SEEN[$check]:-} ]] || die "$check is said to be shown here" ;;
    mysql) grep -qE "(mends|finds [a-z]+) $check " "$LIB_FOLDER/precheck_checks_mysql_test.sh" || die "$check is not shown for MySQL" ;;
    *) [[ -f $LIB_FOLDER/$shown ]] || die "there is no $shown, which is to show $check" ;;
  esac
done < <(dts precheck --explain all --json | jq -r '.checks[].check')
echo "precheck_checks: ${#SEEN[@]} checks fail, and pass again"
