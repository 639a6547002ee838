#!/usr/bin/env bash
# Tables that come and go beside statements that name others: the parent of a cascade that is renamed away, a table that was
# copied later and is named by a statement that is skipped, and tables of an online DDL tool while the objects change.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

start_source
start_target
client source <<'END'
CREATE DATABASE shop; CREATE DATABASE crm; CREATE DATABASE away; CREATE DATABASE family;
CREATE TABLE shop.t (id INT PRIMARY KEY, v INT);
CREATE TABLE crm.u (a INT);
CREATE TABLE crm.w (id INT PRIMARY KEY);
CREATE TABLE family.parent (id INT PRIMARY KEY);
CREATE TABLE family.child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES family.parent (id) ON DELETE CASCADE);
INSERT INTO shop.t VALUES (1, 1), (2, 2);
INSERT INTO crm.u VALUES (1), (1);
INSERT INTO family.parent VALUES (1), (2);
INSERT INTO family.child VALUES (1, 1), (2, 2);
END
create_accounts shop crm family

# The rows of family.child that go with its parent are in nobody's log.
write_job family
precheck
dts init-schema >/dev/null 2>&1 && dts init-data >/dev/null 2>&1 && dts sync --until now >/dev/null 2>&1 || die "the first copy"
sql source "RENAME TABLE family.parent TO away.parent; DELETE FROM away.parent WHERE id = 1; INSERT INTO family.child VALUES (3, 2)"
dts_fails 1 'family.child.*not of this job|parent.*not of this job' -- sync --until now
rm "${JOB%.toml}".state*
sql target "DROP DATABASE dtsctl"

# Of crm.u, which joins later, the copy has the rows that were inserted behind the CREATE.
write_job shop
precheck
dts init-schema >/dev/null 2>&1 && dts init-data >/dev/null 2>&1 && dts sync --until now >/dev/null 2>&1 || die "the second copy"
sql source "CREATE TABLE shop.u2 LIKE crm.u; INSERT INTO crm.u VALUES (5); INSERT INTO shop.u2 VALUES (6); ALTER TABLE crm.u ADD COLUMN b INT; INSERT INTO crm.u VALUES (7, 7)"
include() { sed -i "s/^include = .*/include = [$1]/" "$JOB"; }
include '"shop", "crm.u"'
precheck keyless-tables
dts init-schema >/dev/null 2>&1 && dts init-data >"$WORK/grow.out" 2>&1 || die "growing: $(cat "$WORK/grow.out")"
dts_fails 1 'copied before it, others after' -- sync --until now
position=$(grep -ohE 'skip-ddl [0-9-]+' "$WORK/err" | head -n 1 | cut -d ' ' -f 2)
[[ -n $position ]] || die "no position: $(cat "$WORK/err")"
sql target "CREATE TABLE IF NOT EXISTS shop.u2 (a INT)"
dts sync --until now --skip-ddl "$position" >"$WORK/sync.out" 2>&1 || die "sync: $(cat "$WORK/sync.out")"
must_be_equal shop
same_result "SELECT a, b, COUNT(*) FROM crm.u GROUP BY a, b ORDER BY a, b" || die "rows of crm.u are there twice"

# A tool's tables follow their real table, whatever the selection says: it can't be changed meanwhile.
include '"shop.t", "shop.u2", "crm.u"'
precheck keyless-tables
dts init-data >"$WORK/shrink.out" 2>&1 || die "shrinking: $(cat "$WORK/shrink.out")"
sql source "USE shop; CREATE TABLE _t_gho LIKE t; ALTER TABLE _t_gho ADD COLUMN w INT; INSERT INTO _t_gho (id, v) SELECT * FROM t"
dts sync --until now >"$WORK/sync.out" 2>&1 || die "sync: $(cat "$WORK/sync.out")"
include '"shop.t", "shop.u2", "crm.u", "crm.w"'
precheck keyless-tables
dts_fails 4 "online DDL tool has made 'shop._t_gho' of 'shop.t'" -- init-data
include '"shop.t", "shop.u2", "crm.u"'
precheck keyless-tables
sql source "USE shop; INSERT INTO _t_gho (id, v) VALUES (9, 9); INSERT INTO t VALUES (9, 9); RENAME TABLE t TO _t_del, _t_gho TO t; DROP TABLE _t_del"
dts sync --until now >"$WORK/sync.out" 2>&1 || die "sync: $(cat "$WORK/sync.out")"
include '"shop.t", "shop.u2", "crm.u", "crm.w"'
precheck keyless-tables
dts init-schema >/dev/null 2>&1 && dts init-data >"$WORK/grow.out" 2>&1 || die "growing: $(cat "$WORK/grow.out")"
dts sync --until now >"$WORK/sync.out" 2>&1 || die "sync: $(cat "$WORK/sync.out")"
must_be_equal shop crm

# By its map, a new table is the first one of a database of the target's.
rm "${JOB%.toml}".state*
sql target "DROP DATABASE dtsctl; DROP DATABASE shop; DROP DATABASE crm"
sql source "ALTER DATABASE shop CHARACTER SET latin1 COLLATE latin1_german1_ci"
write_job shop crm
cat >>"$JOB" <<'END'
[[objects.map]]
source = '~^(shop|crm)\.(w|late)$'
target = "{1}_x.{2}"
END
for database in shop_x crm_x; do documented_grants target "$database" | client target; done
precheck keyless-tables
dts init-schema >/dev/null 2>&1 && dts init-data >/dev/null 2>&1 && dts sync --until now >/dev/null 2>&1 || die "the third copy"
[[ -z $(sql target "SHOW DATABASES LIKE 'shop_x'") ]] || die "shop_x is there"
sql source "CREATE TABLE shop.late (id INT PRIMARY KEY, v VARCHAR(10)); INSERT INTO shop.late VALUES (1, 'x')"
dts sync --until now >"$WORK/sync.out" 2>&1 || die "sync: $(cat "$WORK/sync.out")"
row=$(sql target "SELECT id, v, COLLATION(v) FROM shop_x.late")
[[ $row == $'1\tx\tlatin1_german1_ci' ]] || die "shop_x.late: $row"
echo "tables that leave and join: ok"
