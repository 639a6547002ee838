# What precheck finds, and doing what it says. To be sourced after lib.sh.
#
#   look [OPTION...]                       precheck --json; its findings are in $WORK/findings
#   finds LEVEL CHECK SUBJECT PATTERN      the last look has such a finding, whose message matches
#   passes CHECK...                        the last look has nothing but passes of these
#   obey [CHECK [WAY]]                     does what the findings of the last look say (remedies.py)
#   obey_all [CHECK [WAY]]                 the same; all of them must have something to paste
#   mends CHECK LEVEL SUBJECT PATTERN [WAY [OPTION...]]   finds, pastes, looks again: it passes
#
# Each check that was seen to be other than passed is in SEEN.

declare -A SEEN

look() {
  local status=0
  dts "$@" precheck --json >"$WORK/findings" 2>"$WORK/err" || status=$?
  [[ $status == 0 || $status == 3 ]] || die "precheck ended with $status: $(<"$WORK/err")"
}

findings() { jq -r '.findings[] | select(.level != "pass") | [.level, .check, .subject, .message, .remedy] | @tsv' "$WORK/findings"; }

finds() {
  jq -e --arg level "$1" --arg check "$2" --arg subject "$3" --arg pattern "$4" '.findings | any(.level == $level
    and .check == $check and .subject == $subject and (.message | test($pattern)))' "$WORK/findings" >/dev/null ||
    die "no $1 of $2 about '$3' that matches /$4/: $(jq -c --arg check "$2" '.findings[] | select(.check == $check)' "$WORK/findings")"
  [[ $1 == pass ]] || SEEN[$2]=1
}

passes() {
  local check
  for check in "$@"; do
    jq -e --arg check "$check" '[.findings[] | select(.check == $check) | .level] | length > 0 and all(. == "pass")' \
      "$WORK/findings" >/dev/null || die "$check has not passed: $(findings)"
  done
}

# Leaves the checks of which nothing can be pasted in LEFT. A server whose configuration is to be changed
# is restarted with it.
obey() {
  local side lines
  LEFT=$(python3 "$LIB_FOLDER/remedies.py" "$WORK/findings" "$JOB" "$WORK" "$@") || die "remedies.py"
  for side in source target; do
    client "$side" <"$WORK/$side.sql" >/dev/null || die "pasted into the $side: $(<"$WORK/$side.sql")"
    [[ -s $WORK/$side.cnf ]] || continue
    mapfile -t lines < <(sed -nE 's/ *= */=/; s/^[a-z]/--&/p' "$WORK/$side.cnf")
    SERVER_FLAGS[$side]+=" ${lines[*]@Q}"
    stop_server "$side"
    restart_server "$side" || die "the $side does not start with ${lines[*]}"
  done
}

obey_all() {
  obey "$@"
  [[ -z $LEFT ]] || die "nothing to paste for" $LEFT ": $(findings)"
}

mends() {
  local check=$1 level=$2 subject=$3 pattern=$4 way=${5:-1}
  shift $(($# < 5 ? $# : 5))
  finds "$level" "$check" "$subject" "$pattern"
  obey_all "$check" "$way"
  look "$@"
  passes "$check"
}
