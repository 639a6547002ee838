# Installing what is missing, and building. To be sourced, by quickstart.sh and tests/run.sh.
#
#   need_packages PACKAGE...   installs those that are missing, as root; else says which and ends
#   build [TARGET...]          builds in $BUILD_DIR; configures it with $CMAKE_FLAGS if it is new
#
# BUILD_DIR is build/ of the tree unless DTS_BUILD_DIR names another folder.

SETUP_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD_DIR=${DTS_BUILD_DIR:-$SETUP_ROOT/build}
CMAKE_FLAGS=(-DCMAKE_BUILD_TYPE=RelWithDebInfo)

BUILD_PACKAGES=(cmake g++ ninja-build pkg-config libmariadb-dev libcli11-dev libtomlplusplus-dev
  libfmt-dev doctest-dev zlib1g-dev libzstd-dev)
# The servers' programs alone: these two packages have no service that an installation would start.
SERVER_PACKAGES=(mariadb-server-core mariadb-client-core)
REAL_DATA_PACKAGES=(unicode-data iso-codes jq gettext bzip2)

need_packages() {
  local package missing=()
  for package in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    echo "missing packages; as root: apt-get install ${missing[*]}" >&2
    return 1
  fi
  echo "installing ${missing[*]}"
  without_services apt_get update && without_services apt_get install "${missing[@]}"
}

apt_get() {
  DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 --no-install-recommends "$@"
}

# Should a dependency bring a service after all, it must not be started: Debian's way to say so is a
# policy. One that is there already is left alone.
without_services() {
  local policy=/usr/sbin/policy-rc.d status=0
  if [[ -e $policy ]]; then
    "$@"
    return
  fi
  trap 'rm -f /usr/sbin/policy-rc.d' RETURN
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  "$@" || status=$?
  rm -f "$policy"
  trap - RETURN
  return "$status"
}

build() {
  if [[ ! -e $BUILD_DIR/CMakeCache.txt ]]; then
    cmake -S "$SETUP_ROOT" -B "$BUILD_DIR" -G Ninja "${CMAKE_FLAGS[@]}" || return
  fi
  cmake --build "$BUILD_DIR" --parallel 2 ${1:+--target "$@"}
}
