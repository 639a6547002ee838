#!/bin/sh
# A wrong job file: exit 2, and a message with file, line and column.
set -u
dtsctl=$(realpath "${DTSCTL:?the dtsctl to test}")
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT && cd "$dir" || exit 1
unset DTSCTL_FILE DTSCTL_STATE DTSCTL_SOURCE_PASSWORD DTSCTL_TARGET_PASSWORD
failed=0

job() {
  cat >dtsctl.toml <<'TOML'
name = "errors"
[source]
port = 1
user = "dts"
[target]
port = 2
user = "dts"
[objects]
include = ["shop"]
TOML
}
# wrong PATTERN ARGUMENT...: status must refuse the job file
wrong() {
  pattern=$1
  shift
  "$dtsctl" status "$@" >out 2>err </dev/null
  code=$?
  if [ $code -ne 2 ] || [ -s out ] || ! tr '\n' ' ' <err | grep -qE -e "$pattern"; then
    echo "FAIL: exit $code, and not '$pattern':"
    cat err
    failed=1
  fi
}
# line TEXT PATTERN: the job file with this tenth line
line() {
  job
  echo "$1" >>dtsctl.toml
  wrong "^dtsctl: dtsctl\.toml:10:[0-9]+: .*$2"
}

line 'inclued = ["a"]' "inclued.*did you mean 'include'"
line 'exclude = 1' "exclude"
line 'exclude = [1]' "exclude"
line 'exclude = ["~("]' "regular expression"
line 'exclude = ["mysql"]' "server's own"
line 'sync = ' "."

job
wrong "^dtsctl: -c .*must be DATABASE.TABLE" -c sync.heartbeat_table=beat
wrong "^dtsctl: .*'hosts' exclude each other" -c 'source.hosts=["a:1"]'
wrong "^dtsctl: -c .*did you mean" -c sync.workerz=1
wrong "^dtsctl: -c .*workers" -c data.workers=many
wrong "^dtsctl: -c .*workers" -c sync.workers=65
wrong "^dtsctl: -c .*phases" -c 'phases=["shema"]'
wrong "^dtsctl: " -c no-value
wrong "statement_minutes" -c retry.connection_minutes=10

sed -i '/^name/d' dtsctl.toml
wrong "name"
job
sed -i 's/^\[target\]/password = "secret"\n&/' dtsctl.toml
chmod 644 dtsctl.toml
wrong "dtsctl\.toml:5:.*password.*hint: chmod 600"
grep -q secret err && { echo "FAIL: the password was printed"; failed=1; }
chmod 600 dtsctl.toml
"$dtsctl" status >/dev/null 2>err || { echo "FAIL: a private password was refused"; cat err; failed=1; }

for command in precheck init-schema init-data sync; do
  "$dtsctl" $command -f gone.toml >out 2>err </dev/null
  [ $? -eq 2 ] || { echo "FAIL: $command without a job file"; cat err; failed=1; }
done
[ -z "$(ls ./*.state.toml* 2>/dev/null)" ] || { echo "FAIL: a state file was made"; failed=1; }
exit $failed
