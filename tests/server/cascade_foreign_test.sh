#!/usr/bin/env bash
# Foreign keys with CASCADE and SET NULL of MySQL when InnoDB itself follows them, as before 9.6: then they
# are not in the binlog. The target is of either kind; MariaDB's are followed by MySQL, too.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cascades.sh"
need_servers mysql-9.7

native=--innodb-native-foreign-keys=ON

# prepare ROWS SOURCE FLAG TARGET FLAG
prepare() {
  start_source "$2" ${3:+"$3"}
  start_target "$4" ${5:+"$5"}
  cascade_tables "$1"
  create_accounts shop
  write_job shop
  printf '[data]\nrows_per_second = 20000\n' >>"$JOB"
  precheck max-allowed-packet
  dts init-schema >/dev/null 2>&1 || die "init-schema"
}

# between SOURCE FLAG TARGET FLAG: copied while rows change
between() {
  prepare 2000 "$@"
  start_writer w cascade_writer 2000
  dts init-data >"$WORK/out" 2>&1 || die "init-data: $(cat "$WORK/out")"
  sleep 1
  stop_writer w
  dts sync --until now >"$WORK/out" 2>&1 || die "sync: $(cat "$WORK/out")"
  must_be_equal shop
  no_conflicts
  forget_all
  echo "cascade_foreign: $1 to $3, copied while rows change"
}

# A source that begins to log what foreign keys change: what it did before would be lost.
upgraded() {
  sql source "USE shop; DELETE FROM parent WHERE id IN (91, 92); UPDATE parent SET id = 400093 WHERE id = 93"
  local mode
  for mode in OFF ON; do
    stop_server source
    SERVER_FLAGS[source]+=" --innodb-native-foreign-keys=$mode"
    restart_server source
    [[ $mode == ON ]] || dts_fails 1 "can't be told since when" -- sync --until now
  done
  dts sync --until now >"$WORK/out" 2>&1 || die "sync: $(cat "$WORK/out")"
  must_be_equal shop
  no_conflicts
}

# deeds SOURCE FLAG TARGET FLAG: also where the target's SQL layer follows, which can't do cycles
deeds() {
  prepare 400 "$@"
  dts init-data >"$WORK/out" 2>&1 || die "init-data: $(cat "$WORK/out")"
  cascade_scenario piled
  [[ $1 != mysql-* ]] || upgraded
  forget_all
  echo "cascade_foreign: $1 to $3, deeds"
}

between mysql-9.7 "$native" mysql-9.7 "$native"
between mysql-9.7 "$native" mariadb-10.11 ""
between mariadb-10.11 "" mysql-9.7 "$native"
deeds mysql-9.7 "$native" mariadb-10.11 ""
CYCLES=no
deeds mysql-9.7 "$native" mysql-9.7 ""
deeds mariadb-10.11 "" mysql-9.7 ""
