#!/usr/bin/env bash
# What the binlog of MySQL may hold, event by event: stream_events.sh.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$LIB_FOLDER/stream.sh"
. "$LIB_FOLDER/stream_events.sh"

METADATA=(MINIMAL FULL)
start_pair mysql-9.7 mysql-9.7
run_traps half_transactions_leave_nothing_behind a_savepoint_does_not_end_a_transaction \
  rollbacks_in_the_log_take_rows_back a_commit_without_a_transaction_id_ends_it_too \
  xa_takes_effect_at_its_commit xa_of_every_other_form xa_larger_than_memory_pieces \
  xa_survives_kills_and_a_restart_of_the_source a_statement_in_place_of_rows_stops \
  a_load_data_in_place_of_rows_stops an_incomplete_row_image_stops events_larger_than_a_packet \
  ids_of_tables_that_are_reused how_much_the_log_says_of_columns compressed_transactions \
  tagged_and_foreign_names_and_gaps

# Positions are a file and an offset. With GTIDs, MySQL itself refuses transactions of two engines.
start_pair mysql-9.7 mysql-9.7 --gtid-mode=OFF --enforce-gtid-consistency=OFF
run_traps half_transactions_leave_nothing_behind \
  rollbacks_in_the_log_take_rows_back myisam_rows_stay_when_their_transaction_is_rolled_back \
  a_commit_without_a_transaction_id_ends_it_too xa_takes_effect_at_its_commit xa_of_every_other_form \
  xa_survives_kills_and_a_restart_of_the_source a_statement_in_place_of_rows_stops \
  logs_that_end_all_the_time compressed_transactions
echo "stream_mysql: identical"
