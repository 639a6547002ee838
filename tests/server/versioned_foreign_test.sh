#!/usr/bin/env bash
# System-versioned tables between versions of MariaDB: the end of all times differs, and older targets
# are refused by name.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/versions.sh"
need_servers mariadb-10.5 mariadb-11.8

end_of_pair() {
  stop_server source
  stop_server target
  rm -rf "$WORK/source" "$WORK/target" "$WORK"/dtsctl.state.*
}

carry() {
  local from=$1 to=$2 collation=()
  [[ $from != mariadb-11.8 ]] || collation=(--character-set-collations=)
  start_source "$from" "${collation[@]}"
  start_target "$to"
  versioned_tables | client source
  sql source "SET GLOBAL system_versioning_alter_history = KEEP"
  create_accounts shop
  grep -o 'GRANT DELETE HISTORY.*;' "$DTS_SOURCE_DIR/README.md" | client target
  write_job shop
  precheck
  dts init-schema
  start_writer first versioned_writer 1
  dts init-data
  sleep 0.5
  stop_writer first
  sql source "ALTER TABLE no_key ADD COLUMN later INT DEFAULT 5; UPDATE no_key SET later = 6 WHERE id = 1" shop
  dts sync --until now
  must_have_same_versions "$from to $to"
  end_of_pair
}

carry mariadb-10.5 mariadb-11.8
carry mariadb-11.8 mariadb-10.11

start_source
start_target mariadb-10.5
versioned_tables | client source
create_accounts shop
write_job shop
dts_fails 3 -- precheck
grep -qE "shop.hidden.*system-versioned.*10\.5\.[0-9]+.*10\.11" "$WORK/out" || die "precheck does not refuse the old target by name"
echo "versioned, foreign: identical"
