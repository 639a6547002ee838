#!/usr/bin/env bash
# What happens to a source, a server of MariaDB, while it is followed: stream_source.sh.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/stream.sh"
. "$LIB_FOLDER/stream_source.sh"

make_keys
ORIGIN_FLAGS=(--gtid-strict-mode=ON --binlog-format=ROW)
start_pair mariadb-10.11 mariadb-10.11 --log-slave-updates
run_traps a_source_that_falls_silent changes_that_another_server_made_with_our_id "${everywhere[@]}"
((${DTS_TORTURE:-0} == 0)) || run_traps positions_beyond_four_gigabytes

if host_plugins; then
  start_pair mariadb-10.11 mariadb-10.11 --encrypt-binlog "${PLUGINS[@]}" --plugin-load-add=file_key_management \
    --file-key-management-filename="$WORK/keys.txt"
  run_traps encrypted_logs
fi
echo "stream_source: identical"
