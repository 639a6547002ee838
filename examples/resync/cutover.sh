#!/usr/bin/env bash
# Moves an application from the source of a job to its target:
#
#     cutover.sh JOBFILE SOURCE.cnf TARGET.cnf DATABASE...
#
# It stops writes on the source (read_only), brings the target into step for the last time, and compares the
# numbers of rows of all tables of the databases. If all is well the source stays read-only and the
# target may be written; else the source is given back. The two .cnf are option files of accounts that
# may SET GLOBAL read_only on the source and read the tables on both. A `dtsctl sync` that runs all the
# time has to be stopped before. Whoever may write in spite of read_only (SUPER, READ_ONLY ADMIN,
# CONNECTION_ADMIN) must not.
set -euo pipefail

if (($# < 4)); then
  sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | head -n -1 >&2
  exit 2
fi
job=$1 source_cnf=$2 target_cnf=$3
shift 3
dtsctl=${DTSCTL:-dtsctl}
client=$(command -v mariadb || command -v mysql)

ask() { "$client" --defaults-file="$1" --batch --skip-column-names --execute="$2"; }
tell() { printf '%s\n' "$*" >&2; }

give_back() {
  local status=$?
  trap - EXIT
  if [[ $status != 0 ]]; then
    ask "$source_cnf" "SET GLOBAL read_only = OFF" && tell "cut-over given up: the source can be written again"
  fi
  exit "$status"
}

# The end of the binlog: equal twice, nobody has written in between.
end_of() {
  ask "$source_cnf" "SHOW MASTER STATUS" 2>/dev/null || ask "$source_cnf" "SHOW BINARY LOG STATUS"
}

# "table rows" of all tables of the databases.
counts() {
  local cnf=$1 database table
  shift
  for database in "$@"; do
    while IFS= read -r table; do
      printf '%s.%s %s\n' "$database" "$table" "$(ask "$cnf" "SELECT COUNT(*) FROM \`$database\`.\`${table//\`/\`\`}\`")"
    done < <(ask "$cnf" "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '$database'
                         AND TABLE_TYPE NOT LIKE '%VIEW' ORDER BY TABLE_NAME")
  done
}

[[ $(ask "$source_cnf" "SELECT @@GLOBAL.read_only") == 0 ]] || {
  tell "the source is read-only already; if that is of an earlier try: SET GLOBAL read_only = OFF"
  exit 1
}
trap give_back EXIT
# Waits for commits that are under way.
ask "$source_cnf" "SET GLOBAL read_only = ON"
before=$(end_of)
"$dtsctl" -f "$job" sync --until now || {
  status=$?
  [[ $status != 5 ]] || tell "stop the dtsctl that runs, and try again"
  exit "$status"
}
here=$(counts "$source_cnf" "$@")
there=$(counts "$target_cnf" "$@")
if [[ $here != "$there" ]]; then
  diff <(printf '%s\n' "$here") <(printf '%s\n' "$there") >&2 || true
  tell "the numbers of rows differ: source above, target below"
  exit 1
fi
[[ $before == "$(end_of)" ]] || {
  tell "somebody has written to the source in spite of read_only"
  exit 1
}
printf '%s\n' "$here"
tell "the target has all of it: let the application write there; the source stays read-only"
