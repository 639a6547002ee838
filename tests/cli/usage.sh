#!/bin/sh
# Exit codes and messages of a wrong command line; what goes to stdout and what to stderr; options
# before and after the command.
set -u
dtsctl=$(realpath "${DTSCTL:?the dtsctl to test}")
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT && cd "$dir" || exit 1
unset DTSCTL_FILE DTSCTL_STATE DTSCTL_SOURCE_PASSWORD DTSCTL_TARGET_PASSWORD
failed=0
fail() { echo "FAIL: $*"; failed=1; }

# run CODE ARGUMENT...: the output is in the files out and err
run() {
  want=$1
  shift
  "$dtsctl" "$@" >out 2>err </dev/null
  got=$?
  [ $got -eq "$want" ] || { fail "dtsctl $*: exit $got, not $want"; cat out err; }
}
# refused MESSAGE HINT ARGUMENT...: exit 2, nothing on stdout
refused() {
  message=$1 hint=$2
  shift 2
  run 2 "$@"
  [ ! -s out ] || { fail "dtsctl $*: stdout is not empty"; cat out; }
  head -n 1 err | grep -qF -e "dtsctl: $message" || { fail "dtsctl $*: not '$message'"; cat err; }
  sed -n 2p err | grep -qF -e "hint: $hint" || { fail "dtsctl $*: hint is not '$hint'"; cat err; }
}

cat >dtsctl.toml <<'TOML'
name = "usage"
[source]
port = 1
user = "dts"
[target]
port = 2
user = "dts"
[objects]
include = ["shop"]
TOML
cp dtsctl.toml other.toml
sed -i 's/usage/other/' other.toml

refused "no command given" "dtsctl help"
refused "there is no command 'snyc'" "did you mean 'sync'?" snyc
refused "there is no command 'init-dat'" "did you mean 'init-data'?" -q init-dat --restart
refused "there is no command 'frobnicate'" "dtsctl help" frobnicate
refused "there is no command 'snyc'" "did you mean 'sync'?" help snyc
refused "unknown option '--unitl'" "did you mean '--until'?" sync --unitl now
refused "unknown option '--dryrun'" "did you mean '--dry-run'?" init-schema --dryrun
refused "unknown option '--jsno'" "did you mean '--json'?" --jsno status
refused "unknown option '-x'" "dtsctl help" status -x
refused "'--until' is an option of sync, not of dtsctl itself" "write it after" --until now sync
refused "status has no option '--until'" "it is one of sync" status --until now
refused "unexpected argument 'now'" "dtsctl help sync" sync now
refused "unexpected argument 'status'" "dtsctl help sync" sync status
refused "option '--file' needs a value" "dtsctl help" -f
refused "option '--until' needs a value" "dtsctl help" sync --until
refused "option '--file' can be given only once" "dtsctl help" -f a -f b precheck
refused "option '--json' takes no value" "dtsctl help" status --json=yes
refused "cannot read the job file 'gone.toml'" "name it with -f" -f gone.toml sync
refused "--from: " "a position is" sync --from nowhere
refused "--skip-ddl: " "a position is" sync --skip-ddl 0-1
refused "--until: '2026-11-22T06:08:15' is not" "write it as" sync --until 2026-11-22T06:08:15
refused "there is no check 'tsl'" "did you mean 'tls'?" precheck --ignore tsl
refused "there is no check 'tsl'" "did you mean 'tls'?" precheck --explain tsl
refused "--restart empties tables" "add --yes" init-data --restart
for n in 0 x -1 1.5 99999999999; do
  run 2 sync -j "$n"
  grep -q -e "-j needs a number" err || { fail "sync -j $n"; cat err; }
done
run 2 sync -j 65  # more than the job file allows
[ "$(ls)" = "$(printf '%s\n' dtsctl.toml err other.toml out)" ] || fail "files were made: $(ls)"

for arguments in help --help -h --version "help sync" "sync -h" "sync --help" "-h sync" \
  "precheck --explain tls" "precheck --explain all" status; do
  run 0 $arguments
  [ -s out ] && [ ! -s err ] || { fail "dtsctl $arguments: not on stdout only"; cat err; }
done
"$dtsctl" --version | grep -qxE 'dtsctl [0-9.]+ \(libdts [0-9.]+\)' || fail "--version"

job() { run 0 "$@" && grep -oE '"job":"[a-z]*"' out; }
expect() { [ "$2" = "\"job\":\"$3\"" ] || fail "$1: $2, not $3"; }
expect "default file" "$(job status --json)" usage
expect "option before" "$(job -f other.toml --json status)" other
expect "option after" "$(job status -f other.toml --json)" other
expect "option with =" "$(job status --file=other.toml --json)" other
expect "variable" "$(DTSCTL_FILE=other.toml job status --json)" other
expect "flag over variable" "$(DTSCTL_FILE=gone.toml job status -f other.toml --json)" other
expect "-c" "$(job status --json -c name=third -c data.workers=2)" third
expect "-c before the command" "$(job -c name=third --json status)" third
expect "command as value" "$(job --log sync status --json)" usage
[ -s sync ] || fail "--log made no log"

run 4 status --state dtsctl.toml
DTSCTL_STATE=other.toml run 4 status
DTSCTL_STATE=other.toml run 0 status --state gone.state
run 2 status --log /nonexistent/log
if [ -w /dev/full ]; then
  "$dtsctl" status >/dev/full 2>err
  [ $? -eq 1 ] && grep -q "cannot write" err || fail "a full disk was not noticed"
fi
exit $failed
