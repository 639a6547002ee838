#!/usr/bin/env bash
# What happens to a source, a server of MySQL, while it is followed by file and offset: stream_source.sh.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/stream.sh"
. "$LIB_FOLDER/stream_source.sh"

start_pair mysql-9.7 mysql-9.7 --gtid-mode=OFF --enforce-gtid-consistency=OFF --plugin-load-add=semisync_source.so
run_traps commits_held_between_log_and_engine a_large_transaction_in_little_memory "${everywhere[@]}"
((${DTS_TORTURE:-0} == 0)) || run_traps positions_beyond_four_gigabytes
echo "stream_source_offset: identical"
