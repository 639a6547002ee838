# Servers that take each other's place; for failover_test.sh and failover_stops_test.sh.

# replicate NAME PRIMARY: NAME becomes its replica, by GTID
replicate() {
  local at="HOST = '127.0.0.1', X_PORT = ${SERVER_PORT[$2]}, X_USER = 'copy', X_PASSWORD = 'copy'"
  if is_mysql "$2"; then
    sql "$1" "CHANGE REPLICATION SOURCE TO SOURCE_${at//X_/SOURCE_}, SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1; START REPLICA"
  else
    sql "$1" "CHANGE MASTER TO MASTER_${at//X_/MASTER_}, MASTER_USE_GTID = slave_pos; START SLAVE"
  fi
}
# promote NAME: with what it has received, as its primary is gone
promote() {
  if is_mysql "$1"; then
    sql "$1" "STOP REPLICA IO_THREAD"
    relayed() { sql "$1" "SELECT 1 FROM performance_schema.replication_connection_status c WHERE GTID_SUBSET(c.RECEIVED_TRANSACTION_SET, @@gtid_executed)" | grep -q 1; }
  else
    sql "$1" "STOP SLAVE IO_THREAD"
    relayed() { mariadb --no-defaults --socket="$WORK/$1/sock" --user=root --execute='SHOW SLAVE STATUS\G' | grep -q 'Slave_SQL_Running_State: Slave has read all relay log'; }
  fi
  wait_for 30 relayed "$1" || die "$1 does not apply its relay log"
  if is_mysql "$1"; then sql "$1" "STOP REPLICA; RESET REPLICA ALL"; else sql "$1" "STOP SLAVE; RESET SLAVE ALL"; fi
  sql "$1" "SET GLOBAL read_only = 0"
}

host() { echo "127.0.0.1:${SERVER_PORT[$1]}"; }
# set_hosts SIDE NAME...: of the job file
set_hosts() {
  local side=$1 list="" name
  shift
  for name in "$@"; do list+="${list:+, }\"$(host "$name")\""; done
  sed -i "/^\[$side\]/,/^user/ { /^host\|^port/d; s/^user/hosts = [$list]\nuser/ }" "$JOB"
}
