#!/usr/bin/env bash
# Tables from MySQL to MariaDB and back: created in the words of the other, filled, followed; what
# can't be carried is refused by name, and unique keys by other rules are a warning.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# finding LEVEL CHECK PATTERN: in the last precheck --json
finding() {
  jq -e --arg level "$1" --arg check "$2" --arg pattern "$3" '.findings | any(.level == $level and .check == $check
    and (.message + " " + .subject | test($pattern; "i")))' "$WORK/findings" >/dev/null || {
    jq -r '.findings[] | select(.level != "pass") | [.level, .check, .subject, .message] | @tsv' "$WORK/findings" >&2
    die "precheck has no $1 of $2 that matches /$3/"
  }
}

# pair SOURCE TARGET: tables there and back again, with rows and changes of them.
pair() {
  local kind=${1%%-*}
  start_source "$1" --max-allowed-packet=64M
  start_target "$2" --max-allowed-packet=64M
  client source <"$LIB_FOLDER/translate_$kind.sql"
  create_accounts shop odd
  write_job shop odd
  dts precheck --ignore translations --ignore non-transactional-tables >"$WORK/precheck.out" 2>&1 || {
    cat "$WORK/precheck.out" >&2
    die "precheck $1 to $2 did not pass"
  }
  dts init-schema >"$WORK/out" 2>&1 || die "init-schema from $1 to $2: $(cat "$WORK/out")"
  dts init-schema >"$WORK/again" 2>&1 || die "a second init-schema from $1 to $2: $(cat "$WORK/again")"
  dts init-data >"$WORK/out2" 2>&1 || die "init-data from $1 to $2: $(cat "$WORK/out2")"
  must_be_equal shop
  same_rows odd.t
  sql source "USE shop; UPDATE every_type SET id = id + 10, j = '[1,  {\"x\": 0.10}]', c = 'né' ORDER BY id DESC;
    INSERT INTO every_type (ts2, jn) VALUES ('2021-01-01 01:01:01', '{}'); UPDATE computed SET a = a + 1;
    DELETE FROM keyless WHERE a = 1 LIMIT 1; UPDATE keyless SET c = '[]' WHERE a = 1; UPDATE every_key SET b = b + 1 ORDER BY b DESC;
    UPDATE odd.t SET exactly = CONCAT(exactly, ' ') ORDER BY exactly DESC"
  dts sync --until now >"$WORK/out3" 2>&1 || die "sync from $1 to $2: $(cat "$WORK/out3")"
  must_be_equal shop
  same_rows odd.t
  sql source "CREATE TABLE shop.later (id int PRIMARY KEY, c varchar(9), b varbinary(9) DEFAULT x'00'); ALTER TABLE shop.keyless ADD COLUMN added int DEFAULT 5;
    ALTER TABLE shop.parent RENAME COLUMN code TO code2; INSERT INTO shop.later VALUES (1, 'é', 'x'); INSERT INTO shop.keyless VALUES (7, 'b', '[7]', 8); DROP TABLE shop.parts"
  dts sync --until now >"$WORK/out4" 2>&1 || die "sync of DDL from $1 to $2: $(cat "$WORK/out4")"
  must_be_equal shop
  dts status --json | jq -e '(.sync.conflicts | length) == 0' >/dev/null || die "conflicts: $(dts status --json)"
  echo "translate: $1 to $2"
}

same_rows() {
  local server
  for server in source target; do sql "$server" "SELECT * FROM $1 ORDER BY id" >"$WORK/$server.rows"; done
  diff "$WORK/source.rows" "$WORK/target.rows" || die "$1 differs"
}

# refusals SOURCE TARGET: what its SQL on stdin makes, and "LEVEL CHECK PATTERN" lines behind "--".
refusals() {
  local level check pattern
  start_source "$1" --max-allowed-packet=64M
  start_target "$2" --max-allowed-packet=64M
  sed '/^---$/,$d' "$WORK/refused" | client source
  create_accounts shop
  write_job shop
  dts precheck --json >"$WORK/findings" 2>"$WORK/err" && die "precheck $1 to $2 passes"
  sed '1,/^---$/d' "$WORK/refused" >"$WORK/expected"
  while IFS=: read -r level check pattern; do finding "$level" "$check" "$pattern"; done <"$WORK/expected"
  echo "translate: $1 to $2 refuses"
}

forget_servers() {
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
}

# collations NAME...: of the columns of odd.t on the target
collations() {
  local found
  found=$(sql target "SELECT COLLATION_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'odd' AND COLLATION_NAME <> '' ORDER BY ORDINAL_POSITION" | xargs)
  [[ $found == "$*" ]] || die "collations on the target: $found instead of $*"
}

pair mysql-9.7 mariadb-10.11
grep -q "json becomes longtext with a check (j, jn)" "$WORK/out" || die "init-schema does not tell what it changes"
collations utf8mb4_nopad_bin utf8mb4_uca1400_nopad_as_cs utf8mb4_uca1400_german2_nopad_ai_ci
forget_servers
pair mariadb-10.11 mysql-9.7
collations utf8mb4_0900_bin utf8mb4_unicode_520_ci utf8mb3_general_ci utf8mb4_bin
forget_servers
pair mysql-9.7 mariadb-10.5
collations utf8mb4_nopad_bin utf8mb4_nopad_bin utf8mb4_unicode_520_nopad_ci
forget_servers
pair mariadb-11.8 mysql-9.7
collations utf8mb4_0900_bin utf8mb4_unicode_520_ci utf8mb3_general_ci utf8mb4_bin
forget_servers
pair mysql-9.7 mariadb-11.8
collations utf8mb4_0900_bin utf8mb4_0900_as_cs utf8mb4_de_pb_0900_ai_ci
forget_servers

cat >"$WORK/refused" <<'END'
CREATE DATABASE shop; USE shop;
CREATE TABLE name (a varchar(9) PRIMARY KEY) COLLATE utf8mb4_0900_ai_ci;
CREATE TABLE functional (a int PRIMARY KEY, KEY k ((a + 1)));
CREATE TABLE vectors (a int PRIMARY KEY, v vector(3));
CREATE TABLE chinese (a int PRIMARY KEY, c char(3) CHARACTER SET gb18030);
CREATE VIEW v AS SELECT ANY_VALUE(a) AS a FROM functional;
CREATE VIEW fine AS SELECT 1;
CREATE FUNCTION f() RETURNS int DETERMINISTIC RETURN IS_UUID('x');
---
warning:translations:shop.name.a: utf8mb4_0900_ai_ci becomes
failure:translations:functional key.*shop.functional
failure:column-types:vector.*shop.vectors.v
failure:collations:gb18030_chinese_ci of shop.chinese.c
warning:translations:view is left out.*any_value.*shop.v
warning:translations:function is left out.*IS_UUID.*shop.f
END
refusals mysql-9.7 mariadb-10.11
forget_servers
cat >"$WORK/refused" <<'END'
CREATE DATABASE shop; USE shop;
CREATE TABLE name (a varchar(9) COLLATE utf8mb4_unicode_520_nopad_ci PRIMARY KEY);
CREATE TABLE kinds (a int PRIMARY KEY, u uuid, i inet6, j inet4);
CREATE TABLE longer (a text, UNIQUE (a));
CREATE TABLE versions (a int PRIMARY KEY) WITH SYSTEM VERSIONING;
CREATE TABLE aria (a int PRIMARY KEY) ENGINE=Aria;
CREATE SEQUENCE s;
CREATE TABLE next_ (a int PRIMARY KEY DEFAULT nextval(s));
CREATE TABLE rest (a int PRIMARY KEY) PARTITION BY LIST (a) (PARTITION p VALUES IN (1), PARTITION q DEFAULT);
CREATE TABLE check1 (a int PRIMARY KEY, CONSTRAINT positive CHECK (a > 0));
CREATE TABLE check2 (a int PRIMARY KEY, CONSTRAINT Positive CHECK (a > 0));
CREATE TABLE fine (a int PRIMARY KEY, b varchar(9) COLLATE utf8mb4_general_ci UNIQUE);
---
warning:translations:shop.name.a: utf8mb4_unicode_520_nopad_ci becomes
failure:column-types:uuid.*shop.kinds.u
failure:column-types:inet6.*shop.kinds.i
failure:column-types:inet4.*shop.kinds.j
failure:translations:long column a.*shop.longer
failure:engines:system-versioned.*shop.versions
failure:engines:Aria.*shop.aria
failure:translations:DEFAULT.*nextval.*shop.next_
failure:translations:partition q: DEFAULT.*shop.rest
failure:translations:check 'positive' is called like one of 'shop.check1'.*shop.check2
END
refusals mariadb-10.11 mysql-9.7
jq -e '[.findings[] | select(.message + .subject | test("shop.fine"))] == []' "$WORK/findings" >/dev/null || die "what both have alike is not passed"
echo "translate: all pairs"
