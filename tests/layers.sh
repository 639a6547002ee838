#!/usr/bin/env bash
# The rules of who may include whom (lib/README.md), file sizes, and words that must not appear.
set -euo pipefail
cd "${DTS_SOURCE_DIR:-$(dirname "$0")/..}"
shopt -s lastpipe # `complain` at the end of a pipe runs in this shell
broken=0

# grep that is content to find nothing
lines() { grep "$@" || (($? == 1)); }

# complain RULE: reads the offending lines.
complain() {
  local rule=$1 lines
  lines=$(cat)
  [[ -n $lines ]] || return 0
  printf '%s:\n%s\n\n' "$rule" "$lines"
  broken=1
}

# includes PATH...: "file:line:included" of every #include below the paths that are there.
includes() {
  local path paths=()
  for path in "$@"; do [[ ! -e $path ]] || paths+=("$path"); done
  ((${#paths[@]})) || return 0
  grep -rnE --include='*.[ch]pp' --include='*.hpp.in' '^[[:space:]]*#[[:space:]]*include' "${paths[@]}" |
    sed -E 's/^([^:]*:[0-9]+:)[^"<]*["<]([^">]*)[">].*/\1\2/' || true
}

# only WHO WHAT: lines whose included file matches WHAT, in files that don't match WHO.
only() { lines -E ":[0-9]+:($2)\$" | lines -vE "^($1):"; }
# but ALLOWED: lines whose included file does not match.
but() { lines -vE ":[0-9]+:($1)\$"; }

PROJECT='dts|db|schema|filter|binlog|copy|apply' # folders whose headers are included by path
own_headers() { lines -E ":[0-9]+:(($PROJECT)/.*|[a-z_]+\.hpp)\$"; }

includes lib cli examples tests | only 'lib/db/(connection|login)\.cpp|lib/binlog/stream\.cpp' '(mysql/)?mysql\.h|mariadb.*\.h|errmsg\.h' |
  complain "mysql.h belongs to lib/db/connection.cpp, lib/db/login.cpp and lib/binlog/stream.cpp"
includes lib cli examples | only 'lib/(job|state|toml_)[a-z_]*\.[ch]pp' 'toml\+\+/.*' |
  complain "toml++ belongs to the job file and the state"
includes lib examples tests | only 'none' 'CLI/.*' | complain "CLI11 belongs to cli/"
includes cli examples | lines -E ":[0-9]+:($PROJECT)/" | but 'dts/.*' |
  complain "cli and examples see the public headers only"
includes lib/include | but 'dts/[a-z_]+\.hpp|[a-z_]+' | complain "public headers include each other and the standard library only"
includes lib/db | own_headers | but 'db/.*|dts/.*' | lines -vE '^lib/db/bookkeeping\.[ch]pp:[0-9]+:schema/table\.hpp$' |
  complain "lib/db includes itself and public headers"
includes lib/schema | own_headers | but 'schema/.*|db/.*|dts/.*' | complain "lib/schema builds on lib/db"
includes lib/filter | own_headers | but 'filter/.*|schema/.*|db/.*|dts/.*' | complain "lib/filter builds on lib/schema and lib/db"
includes lib/db lib/schema lib/binlog | lines -E ':[0-9]+:filter/' | complain "lib/filter is for the phases, lib/copy and lib/apply"
includes lib/binlog | lines -E ':[0-9]+:(copy|apply)/' | complain "lib/binlog does not know copy and apply"
includes lib/copy | lines -E ':[0-9]+:(binlog|apply)/' | but 'binlog/json\.hpp' | complain "lib/copy does not know binlog and apply"
includes lib/apply | lines -E ':[0-9]+:(binlog|copy)/' | but 'binlog/(event|decoder)\.hpp' |
  complain "lib/apply knows of binlog only its events"

find lib cli tests examples \( -name '*.cpp' -o -name '*.hpp' -o -name '*.sh' \) -exec wc -l {} + |
  awk '$2 != "total" && $1 > 500' | complain "files of more than 500 lines"

# Nothing may depend on where the tree was made.
lines -rnIE '/(w)ork/|\.\./(s)hared|/(r)oot/|https?://[a-z.]*(mirror|debian)[a-z.]*/' . --exclude-dir=.git --exclude-dir='build*' --exclude=layers.sh |
  complain "paths and hosts of one machine"

((!broken)) || exit 1
echo "layers: all rules hold"
