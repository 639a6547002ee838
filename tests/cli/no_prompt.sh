#!/bin/sh
# Without a terminal nobody is asked anything; on one the password is asked for without echo.
set -u
dtsctl=$(realpath "${DTSCTL:?the dtsctl to test}")
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT && cd "$dir" || exit 1
unset DTSCTL_FILE DTSCTL_STATE DTSCTL_SOURCE_PASSWORD DTSCTL_TARGET_PASSWORD
failed=0
fail() { echo "FAIL: $*"; cat out err; failed=1; }
cat >dtsctl.toml <<'TOML'
name = "noprompt"
[source]
port = 1
user = "dts"
[target]
port = 2
user = "dts"
[objects]
include = ["shop"]
TOML

for command in "init-schema --dry-run" "init-data --dry-run" "init-schema --no-precheck" \
  "init-data --no-precheck" "sync --no-precheck"; do
  echo typed | timeout 60 "$dtsctl" $command >out 2>err
  [ $? -eq 6 ] || fail "$command: no exit 6"
  grep -q "password of" err && fail "$command: has asked"
  grep -q "^dtsctl: cannot connect to dts@.*(2[0-9]*)$" err || fail "$command: the message"
  grep -q "^hint: " err || fail "$command: no hint"
done

echo y | timeout 60 "$dtsctl" init-data --restart >out 2>err
[ $? -eq 2 ] || fail "--restart without a terminal: no exit 2"
echo y | timeout 60 "$dtsctl" init-data --restart --yes --no-precheck >out 2>err
[ $? -eq 6 ] || fail "--restart --yes without a terminal: no exit 6"

"$dtsctl" -c source.password_file=gone.pw sync --no-precheck >out 2>err </dev/null
[ $? -eq 2 ] || fail "a missing password file: no exit 2"
grep -q "gone.pw" err || fail "a missing password file is not named"

if command -v script >/dev/null; then
  : >err
  # The second answer comes late, as what is typed ahead is thrown away.
  (sleep 1; echo hush1; sleep 1; echo hush2; sleep 1) |
    script -qec "$dtsctl init-schema --dry-run" /dev/null >out 2>&1
  [ $? -eq 6 ] || fail "on a terminal: no exit 6"
  grep -q "password of dts@127.0.0.1:1: " out || fail "on a terminal: the source is not asked for"
  grep -q "password of dts@127.0.0.1:2: " out || fail "on a terminal: the target is not asked for"
  grep -q hush out && fail "on a terminal: the password was shown"
fi
exit $failed
