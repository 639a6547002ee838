#!/usr/bin/env bash
# Servers of other Debian releases beside the host's: unpacked into a cache folder, not installed.
#
#   foreign.sh fetch SERVER...   gets what is not there yet; SERVER: mariadb-10.5 mariadb-11.8 mysql-9.7
#   foreign.sh list              the servers it knows
#
# Exit code 69: a server is not to be had. To be sourced, too: lib.sh starts servers through it.
#
# A private apt with an empty list of installed packages finds the server's package with all that it
# needs, down to the C library; the host's own packages are neither asked nor touched. The programs
# run through that C library's loader. The address of the archive, proxies and the like are the
# machine's own apt settings. The cache is $DTS_SERVER_CACHE, by default a folder in ~/.cache.

FOREIGN_SERVERS=(mariadb-10.5 mariadb-11.8 mysql-9.7)
FOREIGN_CACHE=${DTS_SERVER_CACHE:-${XDG_CACHE_HOME:-~/.cache}/dtsctl-test-servers}
FOREIGN_UNAVAILABLE=69
# As root, a server wants to be told that it is meant.
AS_ROOT=()
((EUID != 0)) || AS_ROOT=(--user=root)

# Debian release and package of a server.
foreign_package() {
  case $1 in
    mariadb-10.5) echo "bullseye mariadb-server-core-10.5" ;;
    mariadb-11.8) echo "trixie mariadb-server-core" ;;
    mysql-9.7) echo "sid mysql-server-core" ;;
    *) return 1 ;;
  esac
}

is_foreign() { foreign_package "$1" >/dev/null; }
foreign_root() { echo "$FOREIGN_CACHE/$1"; }
foreign_ready() { [[ -e $(foreign_root "$1")/complete ]]; }

# foreign_command SERVER [ROOT]: sets FOREIGN_COMMAND to what runs it.
foreign_command() {
  local root=${2:-$(foreign_root "$1")} loader triplet messages
  loader=$(find "$root/lib" "$root/usr/lib" -path '*-linux-gnu*/ld-linux*.so*' 2>/dev/null | head -n 1)
  messages=$(find "$root/usr/share" -maxdepth 2 -name charsets | head -n 1)
  [[ -n $loader && -n $messages ]] || return 1
  triplet=$(basename "$(dirname "$loader")")
  FOREIGN_COMMAND=("$loader" --library-path "$root/lib/$triplet:$root/usr/lib/$triplet"
    "$root/usr/sbin/mysqld" --no-defaults "${AS_ROOT[@]}" --basedir="$root/usr"
    --plugin-dir="$root/usr/lib/mysql/plugin" --character-sets-dir="$messages"
    --lc-messages-dir="$(dirname "$messages")")
  # The default of the latter is a folder that need not be there; then MySQL does not start.
  [[ $1 != mysql-* ]] || FOREIGN_COMMAND+=(--mysqlx=OFF --secure-file-priv=NULL)
}

# foreign_tool SERVER PROGRAM: sets FOREIGN_TOOL to what runs another program of it.
foreign_tool() {
  foreign_command "$1" && FOREIGN_TOOL=("${FOREIGN_COMMAND[@]:0:3}" "$(foreign_root "$1")/usr/bin/$2")
}

# --- fetching ------------------------------------------------------------------------------------

# The archive that the machine's own release comes from.
archive_address() {
  local codename
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Identifier: Packages' |
    awk -v release="$codename" '$1 == release && $2 == "main" && !found++ { print $3 }'
}

# Sets APT to the options of a private apt in a folder: one release, and nothing installed.
private_apt() {
  local folder=$1 release=$2 address keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  address=$(archive_address)
  if [[ -z $address ]]; then
    echo "apt knows no archive of this machine's release; apt-get update may help"
    return 1
  fi
  mkdir -p "$folder"/{lists,cache/archives}/partial
  : >"$folder/status"
  echo "deb [signed-by=$keyring] $address $release main" >"$folder/sources.list"
  APT=(-q -o Dir::State="$folder" -o Dir::State::lists="$folder/lists"
    -o Dir::State::status="$folder/status" -o Dir::Cache="$folder/cache"
    -o Dir::Etc::sourcelist="$folder/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null
    -o APT::Sandbox::User="$(id -un)" -o APT::Update::Error-Mode=any
    -o Acquire::Languages=none -o Acquire::http::Timeout=30)
}

unpack_server() {
  local root=$1 release=$2 package=$3 file
  private_apt "$root.apt" "$release" || return
  timeout 600 apt-get "${APT[@]}" update &&
    timeout 1800 apt-get "${APT[@]}" --yes --no-install-recommends --download-only install "$package" ||
    return
  mkdir -p "$root/usr/lib/mysql/plugin"
  for file in "$root.apt"/cache/archives/*.deb; do dpkg-deb -x "$file" "$root" || return; done
  rm -rf "$root"/usr/share/{doc,man,locale}
}

# The system tables, on copies of which servers start. The account "root" has no password.
make_data_folder() {
  local server=$1 root=$2 tables
  local run=("${FOREIGN_COMMAND[@]}" --datadir="$root/data" --tmpdir="$root/tmp")
  mkdir -p "$root/data" "$root/tmp"
  if [[ $server == mysql-* ]]; then
    "${run[@]}" --initialize-insecure --skip-log-bin || return
    # Where a server finds no identity, it makes itself a new one.
    rm -f "$root/data/auto.cnf"
    return
  fi
  tables=$(dirname "$(find "$root/usr/share" -name maria_add_gis_sp_bootstrap.sql)")
  {
    printf 'CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket = NULL;\n'
    cat "$tables"/m*_system_tables.sql "$tables"/m*_performance_tables.sql \
      "$tables"/m*_system_tables_data.sql "$tables/maria_add_gis_sp_bootstrap.sql"
  } | "${run[@]}" --bootstrap
}

# Everything in a new folder; that it has the version of its name is seen when it runs.
make_server() {
  local server=$1 root=$2
  unpack_server "$root" $(foreign_package "$server") && foreign_command "$server" "$root" || return
  "${FOREIGN_COMMAND[@]}" --version | grep -F " ${server#*-}." || {
    echo "this is not $server"
    return 1
  }
  make_data_folder "$server" "$root" && touch "$root/complete"
}

# fetch_server SERVER: quick if it is there. Two at a time wait for each other, and the folder gets
# its name when all is done, so what is there is whole.
fetch_server() {
  local server=$1 root
  is_foreign "$server" || {
    echo "foreign.sh: there is no server $server, but ${FOREIGN_SERVERS[*]}" >&2
    return 2
  }
  ! foreign_ready "$server" || return 0
  root=$(foreign_root "$server")
  mkdir -p "$FOREIGN_CACHE"
  (
    flock 9
    ! foreign_ready "$server" || exit 0
    echo "fetching $server into $root" >&2
    rm -rf "$root" "$root.new" "$root.new.apt"
    status=0
    make_server "$server" "$root.new" >"$root.log" 2>&1 9>&- || status=$FOREIGN_UNAVAILABLE
    ((status)) || mv "$root.new" "$root"
    rm -rf "$root.new" "$root.new.apt"
    if ((status)); then
      printf '*** %s IS NOT TO BE HAD. The end of %s:\n' "$server" "$root.log" >&2
      tail -n 5 "$root.log" >&2
    fi
    exit "$status"
  ) 9>>"$root.lock"
}

foreign_main() {
  local server status=0
  case ${1:-} in
    list) printf '%s\n' "${FOREIGN_SERVERS[@]}" ;;
    fetch)
      shift
      for server in "$@"; do fetch_server "$server" || status=$?; done
      return "$status"
      ;;
    *)
      sed -n '2,/^$/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
      return 2
      ;;
  esac
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  set -euo pipefail
  foreign_main "$@"
fi
