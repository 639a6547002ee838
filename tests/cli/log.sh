#!/usr/bin/env bash
# --log: one line an event, as text or, by the name of the file, as JSON; nothing secret in it.
set -euo pipefail
dtsctl=$(realpath "${DTSCTL:?the dtsctl to test}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset DTSCTL_FILE DTSCTL_STATE
die() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}
cat >dtsctl.toml <<'END'
name = "logged"
[source]
port = 1
user = "dts"
password_command = "echo hush1"
[target]
port = 2
user = "dts"
password_command = "echo hush2"
[objects]
include = ["shop"]
END

# run CODE ARGUMENT...
run() {
  local want=$1 code=0
  shift
  "$dtsctl" "$@" >out 2>err </dev/null || code=$?
  [[ $code == "$want" ]] || die "dtsctl $*: exit $code: $(cat out err)"
}
for log in log log.json log.jsonl; do
  run 3 --log $log precheck
  run 3 --log $log -q init-data
  run 6 --log $log --json init-data --no-precheck
  run 0 --log $log status
done
[[ -z $(grep -vE '^[0-9T:-]+Z [a-z-]+\[[0-9]+\] [a-z]+: .' log) ]] || die "odd lines: $(<log)"
for line in 'precheck\[[0-9]+\] info: started' 'precheck\[[0-9]+\] failure: source source-connection: cannot connect' \
  'init-data\[[0-9]+\] error: cannot start: the job has not passed|init-data\[[0-9]+\] error: cannot start' 'status\[[0-9]+\] info: ended with exit code 0'; do
  grep -qE "$line" log || die "no /$line/ in: $(<log)"
done
cmp <(jq -c 'del(.time, .pid)' log.json) <(jq -c 'del(.time, .pid)' log.jsonl) || die "the two names differ"
[[ $(wc -l <log) == $(wc -l <log.jsonl) && $(wc -l <log.jsonl) == $(jq -c . log.jsonl | wc -l) ]] || die "not one object a line: $(<log.jsonl)"
jq -se 'all((.time | test("^[0-9-]+T[0-9:]+Z$")) and (.command | type == "string") and (.pid > 0) and (.level | type == "string")
    and (.message | length > 0))
  and any(.level == "failure" and .finding.check == "source-connection" and .finding.subject == "source" and (.finding.remedy | length > 0))
  and any(.level == "error" and .command == "init-data" and .exit_code == 3 and .server_errno == null and (.hint | length > 0))
  and any(.level == "error" and .exit_code == 6 and .server_errno == 2003 or .server_errno == 2002)
  and (.[-1] | .command == "status" and .exit_code == 0)' log.jsonl >/dev/null || die "not as documented: $(<log.jsonl)"
! grep -q hush log log.jsonl out err || die "a password was written"
echo "log: as documented"
