#!/bin/sh
# What status says of a state file: without a server, a password, a lock, or even a job file.
set -u
dtsctl=$(realpath "${DTSCTL:?the dtsctl to test}")
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT && cd "$dir" || exit 1
unset DTSCTL_FILE DTSCTL_STATE DTSCTL_SOURCE_PASSWORD DTSCTL_TARGET_PASSWORD
failed=0
fail() { echo "FAIL: $*"; cat out err 2>/dev/null; failed=1; }
# shows STATE ARGUMENT...
shows() {
  state=$1
  shift
  "$dtsctl" status "$@" >out 2>err </dev/null || fail "status $*: exit $?"
  head -n 1 out | grep -qE " $state\$" || fail "status $*: not $state"
  "$dtsctl" status --json "$@" >out 2>err </dev/null || fail "status --json $*: exit $?"
  grep -q "\"state\":\"$state\"" out || fail "status --json $*: not $state"
}
exits() {
  want=$1
  shift
  "$dtsctl" "$@" >out 2>err </dev/null
  code=$?
  [ $code -eq "$want" ] || fail "dtsctl $*: exit $code, not $want"
}

exits 2 status                         # neither a job file nor a state file
exits 4 status --state gone.state.toml # the state file alone, and it is gone
cat >dtsctl.toml <<'TOML'
name = "states"
[source]
port = 1
user = "dts"
[target]
port = 2
user = "dts"
[objects]
include = ["shop"]
TOML
shows not-started
[ "$(ls)" = "$(printf '%s\n' dtsctl.toml err out)" ] || fail "status made files: $(ls)"

exits 3 precheck
shows precheck-failed
cp dtsctl.state.toml kept
cp dtsctl.toml job
echo nonsense >dtsctl.toml
shows precheck-failed
rm dtsctl.toml
shows precheck-failed
chmod a-w . && shows precheck-failed
chmod u+w .
rm -f dtsctl.state.toml.lock
shows precheck-failed
shows precheck-failed --state kept
mv job dtsctl.toml

size=$(wc -c <kept)
for n in 0 1 $((size / 2)) $((size - 1)); do
  head -c "$n" kept >dtsctl.state.toml
  exits 4 status
  grep -q "^hint: " err || fail "a truncated state file: no hint"
  exits 4 precheck
  exits 4 sync
  [ "$(wc -c <dtsctl.state.toml)" -eq "$n" ] || fail "a damaged state file was replaced"
done
sed 's/precheck/perchcek/' kept >dtsctl.state.toml
exits 4 status
cp kept dtsctl.state.toml

command -v python3 >/dev/null || { echo "FAILED: needs python3"; exit 1; }
# state FILE LINE...: a state file as dtsctl would write it
state() {
  python3 - "$@" <<'PYTHON'
import re, sys
kept = open("kept").read()
text = "\n".join(sys.argv[2:]) + "\n"
head = kept.split("[precheck]")[0]
text = head + text
checksum = 0xcbf29ce484222325
for byte in text.encode():
    checksum = (checksum ^ byte) * 0x100000001b3 % 2**64
open(sys.argv[1], "w").write(text + "# end fnv1a=%016x\n" % checksum)
PYTHON
}
passed='[precheck]
status = "done"
started = 2026-11-22T06:08:15Z
finished = 2026-11-22T06:08:17Z
passed = true'
schema='[schema]
status = "done"
started = 2026-11-22T06:09:00Z
finished = 2026-11-22T06:09:01Z'
data() {
  printf '[data]\nstatus = "%s"\nstarted = 2026-11-22T06:10:00Z\n' "$1"
}
sync() {
  printf '[sync]\nstatus = "%s"\nstarted = 2026-11-22T07:00:00Z\n' "$1"
}
table() {
  printf '[[tables]]\nschema = "shop"\ntable = "%s"\nrows_estimated = %s\nrows = %s\ndone = %s\n' "$@"
}

state dtsctl.state.toml "$passed" && shows precheck-passed
state dtsctl.state.toml "$passed" "$schema" && shows initializing
state dtsctl.state.toml "$passed" "$schema" "$(data running)" && shows suspended
state dtsctl.state.toml "$passed" "$schema" "$(data interrupted)" && shows suspended
state dtsctl.state.toml "$passed" "$schema" "$(data failed)" 'error = "disk full"' &&
  shows initialize-failed
"$dtsctl" status >out && grep -qE '^last error +disk full$' out || fail "the error is not shown"
state dtsctl.state.toml "$passed" "$schema" "$(data done)" "$(sync interrupted)" && shows suspended
state dtsctl.state.toml "$passed" "$schema" "$(data done)" "$(sync failed)" && shows failed
state dtsctl.state.toml "$passed" "$schema" "$(data done)" "$(sync done)" && shows finished

tables=$(for i in $(seq 10 39); do table "t$i" "${i}000" 1000 false; done)
state dtsctl.state.toml "$passed" "$schema" "$tables" "$(table done 5 5 true)" "$(data interrupted)"
shows suspended
grep -q '"rows_estimated":735005' out || fail "the sum of the tables"
"$dtsctl" status >out || fail "status with many tables"
[ "$(wc -l <out)" -le 24 ] || fail "more than a screen"
[ "$(wc -L <out)" -le 80 ] || fail "wider than a screen"
grep -qE '^shop.t39 +1,000 +39,000 +38,000 +copying$' out || fail "the table with most to do"
grep -qE '^21 others .* 1 done$' out || fail "the sum of the others"
exit $failed
