#!/usr/bin/env bash
# Tables that are on the target already, with rows of their own: kept while copying, overtaken by the
# source while syncing. And jobs that leave kinds of changes out.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# rows SIDE TABLE: "id=v ..."
rows() { sql "$1" "SELECT CONCAT(id, '=', COALESCE(v, '-')) FROM $2 ORDER BY id" | paste -sd ' '; }
must_have() { # TABLE ROWS WHEN
  [[ $(rows target "$1") == "$2" ]] || die "$3: $1 has '$(rows target "$1")' instead of '$2'"
}

kept() {
  start_source "$1" --max-allowed-packet=64M
  start_target "$2" --max-allowed-packet=64M "${@:3}"
  sql source "CREATE DATABASE shop; USE shop; CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(20), u INT UNIQUE, e ENUM('x','y'));
    CREATE TABLE fresh (id INT PRIMARY KEY, v VARCHAR(20)); CREATE TABLE only_inserts (id INT PRIMARY KEY, v VARCHAR(20));
    INSERT INTO a VALUES (1, 's1', 1, 'x'), (2, 's2', 2, 'y'), (3, 's3', 3, NULL), (4, 's4', 4, 'x'), (5, 's5', 5, 'x');
    INSERT INTO fresh VALUES (1, 's1'), (2, 's2'); INSERT INTO only_inserts VALUES (1, 's1')"
  sql target "CREATE DATABASE shop; USE shop"
  sql source "SHOW CREATE TABLE shop.a" | cut -f 2 | sed 's/\\n/\n/g; s/^CREATE TABLE /CREATE TABLE shop./' | client target
  sql target "INSERT INTO shop.a VALUES (2, 't2', 20, 'x'), (9, 't9', 3, 'y'), (10, 't10', 100, NULL), (11, 't11', NULL, 'y')"
  sql target "ALTER DATABASE shop COLLATE $(sql source "SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'shop'")"
  create_accounts shop
  write_job shop
  precheck_fails_without_keep
  printf '[[objects.map]]\nsource = "shop.only_inserts"\ndml = ["insert"]\n\n[schema]\nexisting_tables = "keep"\n' >>"$JOB"
  precheck
  dts init-schema 2>/dev/null >&2 || die "init-schema"
  # IGNORE drops what no partition takes as it drops duplicates: that row is not kept for another one.
  sql target "ALTER TABLE shop.fresh PARTITION BY LIST (id) (PARTITION p VALUES IN (1, 3))"
  dts_fails 1 "cannot copy shop.fresh: a row would stay out" -- init-data
  sql target "ALTER TABLE shop.fresh REMOVE PARTITIONING"
  dts init-data 2>"$WORK/err" >&2 || die "init-data: $(cat "$WORK/err")"
  # Rows that are there win: 2 by its key, 3 because 9 has its unique value.
  must_have shop.a "1=s1 2=t2 4=s4 5=s5 9=t9 10=t10 11=t11" "after the copy"
  must_have shop.fresh "1=s1 2=s2" "after the copy"
  dts_fails 2 'keep' -- --yes init-data --restart
  # From now on the source wins, whatever is there; nothing of it is a conflict.
  sql source "USE shop; UPDATE a SET v = 'new2' WHERE id = 2; UPDATE a SET v = 'new3' WHERE id = 3; DELETE FROM a WHERE id = 4;
    INSERT INTO a VALUES (10, 'new10', 10, 'x'); UPDATE fresh SET v = 'n'; INSERT INTO a VALUES (12, 'gone', 12, 'x'); DELETE FROM a WHERE id = 12;
    INSERT INTO only_inserts VALUES (2, 's2'), (3, 's3'); UPDATE only_inserts SET v = 'x'; DELETE FROM only_inserts WHERE id = 1"
  dts sync --until now 2>"$WORK/err" >&2 || die "sync: $(cat "$WORK/err")"
  must_have shop.a "1=s1 2=new2 3=new3 5=s5 10=new10 11=t11" "while catching up"
  must_have shop.only_inserts "1=s1 2=s2 3=s3" "while catching up"
  sql target "INSERT INTO shop.a VALUES (12, 't12', 12, 'x'), (13, 't13', 13, 'x')"
  sql source "USE shop; UPDATE a SET id = 13 WHERE id = 5; INSERT INTO a VALUES (12, 'x', 14, 'x'), (15, 'y', 12, 'y'); DELETE FROM a WHERE id = 12;
    INSERT INTO only_inserts VALUES (4, 's4'); DELETE FROM only_inserts"
  dts sync --until now 2>"$WORK/err" >&2 || die "sync: $(cat "$WORK/err")"
  must_have shop.a "1=s1 2=new2 3=new3 10=new10 11=t11 13=s5 15=y" "in ordinary mode"
  must_have shop.only_inserts "1=s1 2=s2 3=s3 4=s4" "in ordinary mode"
  dts status --json | jq -e '(.sync.conflicts | length) == 0 and (.sync.skipped | any(.kind == "filtered"))' >/dev/null ||
    die "status: $(dts status --json | jq .sync)"
  echo "keep: $1 to $2"
  stop_server source
  stop_server target
  rm -rf "$WORK"/source "$WORK"/target "${JOB%.toml}".state*
}

precheck_fails_without_keep() { dts_fails 3 "already" -- precheck; }

kept mariadb-10.11 mariadb-10.11
# INSERT IGNORE, where the target refuses LOAD DATA.
kept mariadb-10.11 mariadb-10.11 --local-infile=0
need_servers mysql-9.7
kept mysql-9.7 mysql-9.7
