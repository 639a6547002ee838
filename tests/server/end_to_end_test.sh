#!/usr/bin/env bash
# The main job on every shape of table, written to all the while: identical at the end, objects work.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/shapes.sh"

start_source
start_target
load_shapes source 30000
create_accounts shop
write_job shop

start_shapes_writers 600
precheck keyless-tables
dts init-schema
dts init-data -j 1
must_be_running() { dts status --json | jq -e '.running and .state == "synchronizing"' >/dev/null; }
start_sync
wait_for 60 must_be_running || die "status never says synchronizing: $(dts status --json)"
sleep 5
sync_alive
stop_shapes_writers
stop_sync
dts sync --until now
must_be_equal shop
dts status --json | jq -e '(.running | not) and .sync.row_changes > 1000 and (.sync.conflicts | length) == 0' \
  >/dev/null || die "status after the end: $(dts status --json)"

# Every finished command may be given again and changes nothing.
dts init-schema
dts init-data
dts sync --until now
must_be_equal shop

# Triggers were not fired by dtsctl's own writes (the rows are equal), but are by others'.
fired() { sql target "SELECT COUNT(*) FROM shop.hit"; }
before=$(fired)
sql target "UPDATE shop.orders SET state = IF(state = 'sent', 'paid', 'sent') LIMIT 3"
(($(fired) == before + 3)) || die "the trigger on the target does not fire"
# Called by another account than the one that made them.
sql target "CREATE USER app@localhost; GRANT ALL ON shop.* TO app@localhost"
[[ $(mariadb --no-defaults -N -S "$WORK/target/sock" -u app -e 'SELECT half(7), n > 0 FROM open_count; CALL ship(10)' shop) == $'3\t1' ]] ||
  die "function, procedure or views don't work on the target"
echo "end_to_end: identical"
