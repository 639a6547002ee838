#!/usr/bin/env bash
# Maps made up at random: names, columns, rows and DDL of the target are what the rules say, as
# mapping_random.py works it out by itself.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

lower_case=$((RANDOM % 3 == 0))
start_source
start_target "--lower-case-table-names=$lower_case"
create_accounts shop
for side in source target; do sql "$side" "GRANT ALL ON *.* TO dts@'%'"; done
write_job shop
sed -i '/^include/d' "$JOB"
python3 "$(dirname "$0")/mapping_random.py" "$SEED" "${WORLDS:-4}" "$WORK/source/sock" "$WORK/target/sock" \
  "$lower_case" "$JOB" "$DTSCTL" || die "lower_case_table_names = $lower_case on the target, job in $WORK/random.toml"
