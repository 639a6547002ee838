#!/usr/bin/env bash
# The checks of precheck that only MySQL can fail, and remedies that are others there: pasted, and passed.
# The list of all checks is in precheck_checks_test.sh.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/remedies.sh"

need_servers mysql-9.7
start_source mysql-9.7 --gtid-mode=OFF
start_target mysql-9.7 --skip-log-bin=0 --log-bin=binlog
client source >/dev/null <<'SQL'
CREATE DATABASE shop;
CREATE TABLE shop.plain (a INT, b INT);
INSERT INTO shop.plain VALUES (1, 2);
CREATE TABLE shop.keyed (id INT PRIMARY KEY, a VARCHAR(9));
CREATE TABLE shop.large (n INT);
SET cte_max_recursion_depth = 200000;
INSERT INTO shop.large WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 120000) SELECT n FROM r;
ANALYZE TABLE shop.large;
CREATE FUNCTION shop.twice(n INT) RETURNS INT DETERMINISTIC RETURN 2 * n;
CREATE USER strong@'%' IDENTIFIED BY 'secret', nobody@nowhere;
GRANT SYSTEM_USER, SELECT ON *.* TO strong@'%';
CREATE DEFINER = strong@'%' VIEW shop.of_strong AS SELECT 1;
CREATE DEFINER = nobody@nowhere VIEW shop.of_nobody AS SELECT 1;
SQL
create_accounts shop
write_job shop

# --- settings --------------------------------------------------------------------------------------

sql source "SET GLOBAL binlog_order_commits = OFF, GLOBAL binlog_row_image = NOBLOB, GLOBAL binlog_expire_logs_seconds = 7200,
  GLOBAL server_id = 0; XA START 'a', 'b', 3; INSERT INTO shop.keyed VALUES (1, 'x'); XA END 'a', 'b', 3; XA PREPARE 'a', 'b', 3"
sql target "SET GLOBAL super_read_only = ON, GLOBAL sql_require_primary_key = ON"
sed -i "s/^host = .*/hosts = [\"127.0.0.1:${SERVER_PORT[source]}\"]/; /^port = ${SERVER_PORT[source]}\$/d" "$JOB"
sed -i '/^\[target\]/,$ { s/^hosts = .*/host = "127.0.0.1"/ }' "$JOB"
look
finds failure gtid-mode source 'gtid_mode is OFF'
finds warning binlog-order-commits source 'OFF'
finds failure binlog-row-image source 'NOBLOB'
finds failure binlog-retention source '2\.0 hours'
finds failure server-id source 'server_id is 0'
finds failure xa-open source "X'61',X'62',3"
finds failure read-only target 'super_read_only is ON'
finds failure primary-keys target 'shop\.large, shop\.plain'
finds failure function-creators target 'shop\.twice'
finds warning keyless-tables source 'shop\.large'
obey_all
look
[[ -z $(findings) ]] || die "not all is mended: $(findings)"
[[ $(sql source "SELECT a FROM shop.keyed; SELECT COUNT(*), COUNT(DISTINCT row_id) FROM shop.large; SELECT @@gtid_mode") == "x
120000	120000
ON" ]] || die "not what was pasted"
sql target "SET GLOBAL super_read_only = OFF, GLOBAL read_only = ON"
look
mends read-only failure target 'read_only is ON' 2
sql target "SET GLOBAL read_only = OFF"

sql source "SET GLOBAL binlog_transaction_compression = ON, GLOBAL binlog_row_value_options = PARTIAL_JSON;
  SET GLOBAL max_allowed_packet = 8 << 20"
sql target "SET GLOBAL max_allowed_packet = 8 << 20"
sql source "CREATE TABLE shop.long (id INT PRIMARY KEY, a LONGBLOB, j JSON) STATS_AUTO_RECALC = 0;
  INSERT INTO shop.long VALUES (1, REPEAT('x', 3000000), JSON_ARRAY(REPEAT('y', 500000)))"
look
finds pass binlog-forms source 'compressed transactions, changes of JSON documents by their parts'
finds pass sql-mode "" 'the same sql_mode'
finds pass max-allowed-packet target '^8388608 .*of shop.long, makes a statement of up to 8388608'
sql source "UPDATE shop.long SET a = CONCAT(a, a) WHERE id = 1"
look
mends max-allowed-packet warning target 'of up to 16777216: a change of it could not be applied'
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
sql source "DROP TABLE shop.long; SET GLOBAL max_allowed_packet = DEFAULT"
sql target "SET GLOBAL max_allowed_packet = DEFAULT"

# --- who objects belong to -------------------------------------------------------------------------

sql target "CREATE USER strong@'%' IDENTIFIED BY 'secret'; GRANT SYSTEM_USER ON *.* TO strong@'%'"
printf '\n[schema]\ndefiner = "keep"\n' >>"$JOB"
look
finds failure target-privileges target 'lacks SET_ANY_DEFINER'
finds failure target-privileges target 'may not see the functions'
finds warning definers target 'may not see whether .*nobody@nowhere, .*strong@%'
obey_all
look
passes target-privileges
finds failure definers target 'not there.*nobody@nowhere'
obey definers 2
sql target "GRANT SELECT ON mysql.global_grants TO dts@'%'"
look
finds warning definers target 'not there.*nobody@nowhere'
finds failure definers target 'only an account with SYSTEM_USER .*strong@%'
sql target "CREATE USER nobody@nowhere"
look
mends definers failure target 'only an account with SYSTEM_USER .*strong@%'

# --- to MariaDB ------------------------------------------------------------------------------------

crash_server target
rm -rf "$WORK/target"
start_target
write_job shop
create_accounts shop
client source <<'SQL'
CREATE TABLE shop.only_mysql (id INT PRIMARY KEY, v VECTOR(3));
CREATE TABLE shop.chinese (id INT PRIMARY KEY, c VARCHAR(9) CHARACTER SET gb18030);
CREATE TABLE shop.accents (c VARCHAR(9) COLLATE utf8mb4_0900_ai_ci PRIMARY KEY);
CREATE TABLE shop.by_function (id INT PRIMARY KEY, a INT, KEY ((a + 1)));
CREATE VIEW shop.only_there AS SELECT BIN_TO_UUID(UUID_TO_BIN('6ccd780c-baba-1026-9564-5b8c656024db')) AS u;
SQL
look
finds failure column-types shop.only_mysql.v 'vector'
finds failure collations target 'gb18030.*shop\.chinese\.c'
finds failure translations shop.by_function 'nothing for'
finds warning translations target 'shop\.accents\.c: utf8mb4_0900_ai_ci becomes'
finds warning translations shop.only_there 'left out'
# One that can't be read hides none of the others.
sql source "CREATE FUNCTION shop.unread() RETURNS INT DETERMINISTIC RETURN 1; REVOKE SHOW_ROUTINE ON *.* FROM dts@'%'; GRANT EXECUTE ON shop.* TO dts@'%'"
look
finds failure source-privileges source 'text of functions and procedures: shop\.twice, shop\.unread'
[[ $(jq '[.findings[] | select(.check == "source-privileges")] | length' "$WORK/findings") == 1 ]] || die "it passes, too"
finds failure translations shop.unread 'its text is hidden'
finds failure translations shop.by_function 'nothing for'
finds warning translations shop.only_there 'left out'
! jq -e '.findings[] | select(.message | test("cannot be checked"))' "$WORK/findings" >&2 || die "a check has failed as a whole"
dts precheck --plan --json | jq -e '.left_out | any(.kind == "function" and .name == "shop.unread" and (.reason | test("hidden")))' >/dev/null || die "the plan"
obey_all source-privileges
sql source "REVOKE EXECUTE ON shop.* FROM dts@'%'; DROP FUNCTION shop.unread"
look
finds failure column-types shop.only_mysql.v 'vector'
obey
[[ $LEFT == *translations* ]] || die "not told: $LEFT"
precheck translations
echo "precheck_checks_mysql: ${#SEEN[@]} checks fail, and pass again"
