#!/bin/sh
# While a command hangs: status shows it, a second one is refused with 5, and two signals end it
# with 130.
set -u
dtsctl=$(realpath "${DTSCTL:?the dtsctl to test}")
dir=$(mktemp -d) && trap 'rm -rf "$dir"; kill $server 2>/dev/null' EXIT && cd "$dir" || exit 1
unset DTSCTL_FILE DTSCTL_STATE DTSCTL_SOURCE_PASSWORD DTSCTL_TARGET_PASSWORD
server=
failed=0
fail() { echo "FAIL: $*"; cat out err 2>/dev/null; failed=1; }
command -v python3 >/dev/null || { echo "FAILED: needs python3"; exit 1; }

# A server that takes connections and never says a word.
python3 - >port <<'PYTHON' &
import socket, time
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
time.sleep(120)
PYTHON
server=$!
for _ in $(seq 100); do [ -s port ] && break; sleep 0.1; done
cat >dtsctl.toml <<TOML
name = "stop"
[source]
port = $(cat port)
user = "dts"
tls = "disabled"
[target]
port = $(cat port)
user = "dts"
tls = "disabled"
[objects]
include = ["shop"]
TOML

"$dtsctl" --log log precheck >first 2>&1 </dev/null &
pid=$!
for _ in $(seq 50); do "$dtsctl" status 2>/dev/null | grep -q running, && break; sleep 0.1; done
"$dtsctl" status >out 2>err || fail "status beside a running command: exit $?"
grep -q "^precheck is running, pid $pid, since 20" out || fail "status does not show the command"
grep -q " prechecking$" out || fail "not prechecking"
"$dtsctl" status --json >out
grep -q "\"running\":true,\"pid\":$pid," out || fail "status --json does not show the command"

for command in precheck init-schema init-data sync; do
  "$dtsctl" $command >out 2>err </dev/null
  [ $? -eq 5 ] || fail "a second $command: no exit 5"
  grep -q "pid $pid, precheck" err || fail "a second $command: not told who"
done

kill -TERM $pid
sleep 0.5
kill -TERM $pid 2>/dev/null
wait $pid
code=$?
[ $code -eq 130 ] || { fail "two signals: exit $code, not 130"; cat first; }
"$dtsctl" status >out 2>err || fail "status afterwards: exit $?"
grep -q "^not running$" out || fail "still running?"
grep -qE '^20[0-9-]+T[0-9:]+Z precheck\[[0-9]+\] info: started$' log || { fail "the log"; cat log; }
exit $failed
