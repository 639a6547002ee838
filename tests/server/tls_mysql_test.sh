#!/usr/bin/env bash
# Logging in to MySQL, whose accounts use caching_sha2_password: in full and from the server's cache,
# over TLS and by the server's RSA key without it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tls.sh"

need_servers mysql-9.7

start_servers() {
  start_source mysql-9.7 --ssl-cert="$TLS/good.pem" --ssl-key="$TLS/good.key" --ssl-ca="$TLS/ca.pem"
  start_target
  sql source "CREATE DATABASE shop; CREATE TABLE shop.item (id INT PRIMARY KEY)"
  create_accounts shop
  sql source "ALTER USER dts@'%' IDENTIFIED BY '$PASSWORD'; GRANT SESSION_VARIABLES_ADMIN ON *.* TO dts@'%'"
  sql target "SET PASSWORD FOR dts@'%' = PASSWORD('$PASSWORD')"
  echo "$PASSWORD" >"$WORK/password"
}

# The server forgets who has logged in, so the next one has to do it in full.
forget_logins() { sql source "FLUSH PRIVILEGES"; }

# logs_in NAME SETTING...: does, through the listener NAME, whose record then is of this login only.
logs_in() {
  local name=$1 setting settings=()
  shift
  for setting in "$@"; do settings+=(-c "source.$setting"); done
  : >"$WORK/$name"
  : >"$WORK/$name.back"
  job "$name"
  dts "${settings[@]}" precheck --json >"$WORK/out" 2>"$WORK/err" || true # it may find other things
  jq -e '.findings[] | select(.check == "source-connection" and .level == "pass")' "$WORK/out" >/dev/null ||
    die "cannot log in with $*: $(cat "$WORK/out" "$WORK/err")"
  never_told "$name"
}

key_was_fetched() { heard "$WORK/$1.back" "BEGIN PUBLIC KEY"; }
readable() { heard "$WORK/$1" "SET SESSION"; }

# In full, then from the cache; nothing can be read.
over_tls() {
  local ca="tls_ca=\"$TLS/ca.pem\"" settings time
  listen way relay "${SERVER_PORT[source]}"
  for settings in 'tls="verify-identity"' 'tls="required"' 'tls="preferred"'; do
    forget_logins
    for time in first second; do
      logs_in way "$settings" "$ca"
      ! readable way || die "$settings: the $time login is not encrypted"
    done
  done
  hang_up way
}

# Without TLS the first login fetches the server's key; the second does without.
by_rsa_without_tls() {
  local settings
  listen way relay "${SERVER_PORT[source]}" --until 0
  for settings in 'tls="preferred"' 'tls="disabled"'; do
    forget_logins
    logs_in way "$settings"
    key_was_fetched way || die "$settings: no login in full"
    logs_in way "$settings"
    ! key_was_fetched way || die "$settings: no login from the cache"
    readable way || die "$settings: encrypted in spite of all"
  done
  : >"$WORK/way"
  refused "does not offer it" way 'tls="required"'
  [[ ! -s $WORK/way ]] || die "something was said without TLS"
  hang_up way
}

wrong_password_is_refused() {
  local mode
  echo wrong >"$WORK/password"
  for mode in required disabled; do
    forget_logins
    refused "Access denied.*1045" source "tls=\"$mode\""
  done
  echo "$PASSWORD" >"$WORK/password"
}

make_certificates
start_servers
over_tls
by_rsa_without_tls
wrong_password_is_refused
