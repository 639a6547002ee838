#!/usr/bin/env bash
# What happens to a source, a server of MySQL, while it is followed: stream_source.sh.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/stream.sh"
. "$LIB_FOLDER/stream_source.sh"

ORIGIN_FLAGS=(--gtid-mode=ON --enforce-gtid-consistency=ON)
start_pair mysql-9.7 mysql-9.7 --plugin-load-add=semisync_source.so
run_traps a_source_that_falls_silent changes_that_another_server_made_with_our_id \
  commits_held_between_log_and_engine "${everywhere[@]}" commits_out_of_order
((${DTS_TORTURE:-0} == 0)) || run_traps positions_beyond_four_gigabytes

echo "stream_source_mysql: identical"
