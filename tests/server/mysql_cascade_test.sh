#!/usr/bin/env bash
# Foreign keys that change rows by themselves: since MySQL 9.6 their changes are in the binlog, and
# applied like all others, while the target's own keys rest; unless InnoDB does it as before.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

start_source mysql-9.7
start_target mysql-9.7
client source <<'END'
CREATE DATABASE shop;
USE shop;
CREATE TABLE parent (id int PRIMARY KEY, code int, UNIQUE KEY code (code));
CREATE TABLE child (id int PRIMARY KEY, parent int, code int,
  FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE CASCADE,
  FOREIGN KEY (code) REFERENCES parent (code) ON DELETE SET NULL ON UPDATE CASCADE);
CREATE TABLE grandchild (id int PRIMARY KEY, child int, FOREIGN KEY (child) REFERENCES child (id) ON DELETE CASCADE);
CREATE TABLE tree (id int PRIMARY KEY, parent int, FOREIGN KEY (parent) REFERENCES tree (id) ON DELETE CASCADE);
CREATE TABLE keyless_child (parent int,
  FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE CASCADE);
INSERT INTO parent VALUES (1, 10), (2, 20), (3, 30), (4, 40), (5, 50);
INSERT INTO child VALUES (1, 1, 20), (2, 2, 30), (3, 3, 10), (4, 4, 40), (5, 1, NULL);
INSERT INTO grandchild VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5);
INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2), (4, 2), (5, NULL), (6, 5);
INSERT INTO keyless_child VALUES (1), (1), (2), (4);
END
create_accounts shop
write_job shop
precheck
dts init-schema
dts init-data
must_be_equal shop

client source shop <<'END'
DELETE FROM parent WHERE id = 1;
UPDATE parent SET id = 20, code = 21 WHERE id = 2;
START TRANSACTION;
DELETE FROM tree WHERE id = 2;
INSERT INTO tree VALUES (2, 5);
DELETE FROM parent WHERE id = 3;
INSERT INTO parent VALUES (3, 30);
INSERT INTO child VALUES (6, 3, 30);
COMMIT;
SET foreign_key_checks = 0;
DELETE FROM parent WHERE id = 4;
END
dts sync --until now
must_be_equal shop
[[ $(sql target "SELECT COUNT(*) FROM shop.child WHERE parent = 4") == 1 ]] || die "the test is wrong about itself"
dts status --json | jq -e '(.sync.conflicts | length) == 0' >/dev/null || die "conflicts: $(dts status --json)"

sql source "SELECT @@innodb_native_foreign_keys" >/dev/null
stop_server source
SERVER_FLAGS[source]+=" --innodb-native-foreign-keys=ON"
restart_server source
dts_fails 3 'not where they lead back to the same table, as those of shop.tree do' -- precheck
client source shop <<<'DELETE FROM tree WHERE id = 5'
dts_fails 1 'not where they lead back' -- sync --until now --no-precheck
stop_server target
SERVER_FLAGS[target]+=" --innodb-native-foreign-keys=ON"
restart_server target
precheck
grep -q '5 tables are copied in one snapshot' "$WORK/precheck.out" || die "precheck takes the binlog for complete: $(cat "$WORK/precheck.out")"
dts sync --until now
must_be_equal shop
echo "mysql_cascade: rows changed by foreign keys arrive"
