#!/usr/bin/env bash
# Encrypted connections, and that no password gets to anybody who should not have it: certificates
# good and bad, servers without TLS, servers and men in the middle that ask for the password.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tls.sh"

MARKER=Marker-in-the-rows-4711

# --- servers -------------------------------------------------------------------------------------

start_servers() {
  cp "$TLS/good.pem" "$TLS/server.pem"
  cp "$TLS/good.key" "$TLS/server.key"
  start_source --ssl-cert="$TLS/server.pem" --ssl-key="$TLS/server.key" --ssl-ca="$TLS/ca.pem" \
    --performance-schema=ON
  start_target --ssl-cert="$TLS/good.pem" --ssl-key="$TLS/good.key" --ssl-ca="$TLS/ca.pem"
  start_server plain --skip-ssl --server-id=3
  sql source "CREATE DATABASE shop; USE shop;
    CREATE TABLE item (id INT NOT NULL PRIMARY KEY, name VARCHAR(40));
    INSERT INTO item VALUES (1, '$MARKER')"
  create_accounts shop
  client plain <"$WORK/source.grants.sql"
  echo "$PASSWORD" >"$WORK/password"
  local name
  for name in source target plain; do
    sql "$name" "SET PASSWORD FOR dts@'%' = PASSWORD('$PASSWORD')"
  done
}

# serve_with NAME: from now on the source shows this certificate to new connections.
serve_with() {
  cp "$TLS/$1.pem" "$TLS/server.pem"
  cp "$TLS/$1.key" "$TLS/server.key"
  sql source "FLUSH SSL"
}

# encrypted SETTING...: both connections of a precheck are, with these settings.
encrypted() {
  both "$@"
  job source
  dts "${BOTH[@]}" precheck --json >"$WORK/out" 2>"$WORK/err" || die "precheck with $*: $(cat "$WORK/out" "$WORK/err")"
  [[ $(jq '[.findings[] | select(.check == "tls" and .message == "the connection is encrypted")] | length' \
    "$WORK/out") == 2 ]] || die "not encrypted with $*: $(<"$WORK/out")"
}

# --- cases ---------------------------------------------------------------------------------------

# A whole job with verified servers: nothing of it can be read on the way, not even the names.
whole_job_is_encrypted() {
  both 'tls="verify-identity"' "tls_ca=\"$TLS/ca.pem\""
  listen way-to-source relay "${SERVER_PORT[source]}"
  listen way-to-target relay "${SERVER_PORT[target]}"
  # The servers themselves insist on it, and tell what the sessions use.
  sql source "ALTER USER dts@'%' REQUIRE SSL"
  sql target "ALTER USER dts@'%' REQUIRE SSL"
  job way-to-source way-to-target
  precheck_passes
  dts "${BOTH[@]}" init-schema >/dev/null 2>"$WORK/err" || die "init-schema: $(<"$WORK/err")"
  dts "${BOTH[@]}" init-data >/dev/null 2>"$WORK/err" || die "init-data: $(<"$WORK/err")"
  start_sync "${BOTH[@]}"
  sql source "INSERT INTO shop.item VALUES (2, 'by binlog')"
  wait_for 20 row_arrived || die "the row does not come: $(<"$WORK/sync.log")"
  local ciphers
  ciphers=$(sql source "SELECT PROCESSLIST_COMMAND, VARIABLE_VALUE FROM performance_schema.threads
    JOIN performance_schema.status_by_thread USING (THREAD_ID)
    WHERE PROCESSLIST_USER = 'dts' AND VARIABLE_NAME = 'Ssl_cipher'")
  grep -qE $'^Binlog Dump\tTLS_' <<<"$ciphers" || die "the binlog is not sent encrypted: $ciphers"
  ! grep -qvE $'\tTLS_' <<<"$ciphers" || die "a session is not encrypted: $ciphers"
  stop_sync
  compare_servers shop || die "source and target differ"
  local name word
  for name in way-to-source way-to-target; do
    for word in "$PASSWORD" "$MARKER" "by binlog" shop SELECT; do
      ! heard "$WORK/$name" "$word" && ! heard "$WORK/$name.back" "$word" || die "'$word' could be read on the $name"
    done
    hang_up "$name"
  done
  sql source "ALTER USER dts@'%' REQUIRE NONE"
  sql target "ALTER USER dts@'%' REQUIRE NONE; DROP DATABASE shop; DROP DATABASE dtsctl"
}
row_arrived() { [[ $(sql target "SELECT COUNT(*) FROM shop.item WHERE id = 2" 2>/dev/null) == 1 ]]; }
precheck_passes() {
  dts "${BOTH[@]}" precheck >"$WORK/out" 2>"$WORK/err" || die "precheck: $(cat "$WORK/out" "$WORK/err")"
}

# The same way with tls = "disabled" shows everything but the password: the test above can fail.
disabled_can_be_read() {
  listen way-to-source relay "${SERVER_PORT[source]}"
  both 'tls="disabled"'
  job way-to-source
  precheck_passes
  heard "$WORK/way-to-source" shop || die "nothing to be read without TLS"
  never_told way-to-source
  hang_up way-to-source
}

# Every mode that can work with a good certificate does; localhost is the host and port, no socket.
good_certificate_works() {
  encrypted 'tls="verify-identity"' "tls_ca=\"$TLS/ca.pem\""
  encrypted 'tls="verify-identity"' "tls_ca=\"$TLS/ca.pem\"" 'host="localhost"'
  encrypted 'tls="verify-ca"' "tls_ca=\"$TLS/ca.pem\""
  encrypted 'tls="required"'
  encrypted 'tls="preferred"'
  encrypted # the default
}

# What is wrong with a certificate is refused, by name, as an error and as a finding of precheck.
bad_certificates_are_refused() {
  local mode ca="tls_ca=\"$TLS/ca.pem\""
  for mode in verify-ca verify-identity; do
    refused "certificate" source "tls=\"$mode\"" "tls_ca=\"$TLS/other-ca.pem\""
    serve_with foreign
    refused "certificate" source "tls=\"$mode\"" "$ca"
    serve_with expired
    refused "expired" source "tls=\"$mode\"" "$ca"
    serve_with self
    refused "self-signed" source "tls=\"$mode\"" "$ca"
    serve_with good
  done
  # None of the authorities of this machine has signed it.
  refused "certificate" source 'tls="verify-identity"'
  serve_with elsewhere
  refused "certificate" source 'tls="verify-identity"' "$ca"
  job source
  dts_fails 3 "cannot connect to dts@.*certificate" -- -c 'source.tls="verify-identity"' -c "source.$ca" precheck
  job source
  dts -c 'source.tls="verify-ca"' -c "source.$ca" precheck >"$WORK/out" 2>&1 ||
    die "verify-ca looks at the host: $(<"$WORK/out")"
  # A named authority is looked at in every mode.
  serve_with foreign
  refused "certificate" source 'tls="required"' "$ca"
  refused "certificate" source "$ca"
  serve_with good
}

# Settings that promise what they cannot hold are errors of the job file.
contradictions_are_refused() {
  job source
  dts_fails 2 "source.tls.*tls_ca" -- -c 'source.tls="verify-ca"' precheck
  sed -i "0,/^port/s#^port = .*#socket = \"$WORK/source/sock\"#; 0,/^host/{/^host/d}" "$JOB"
  dts_fails 2 "source.tls.*Unix socket" -- -c 'source.tls="required"' precheck
  dts precheck >"$WORK/out" 2>&1 || die "no connection by socket: $(<"$WORK/out")"
}

# Where TLS is asked for and not offered, not a single byte is answered; `preferred` goes on.
without_tls_nothing_is_said() {
  local mode settings
  listen way relay "${SERVER_PORT[plain]}"
  listen stripped relay "${SERVER_PORT[source]}" --until 0 # the server has TLS, somebody hides it
  for mode in required verify-ca verify-identity; do
    settings=("tls=\"$mode\"" "tls_ca=\"$TLS/ca.pem\"")
    refused "tls is '$mode', but the server does not offer it" way "${settings[@]}"
    refused "tls is '$mode', but the server does not offer it" stripped "${settings[@]}"
  done
  refused "tls is 'required', but the server does not offer it" way 'tls="required"'
  [[ ! -s $WORK/way && ! -s $WORK/stripped ]] || die "something was said without TLS"
  job way
  dts_fails 3 "the connection is not encrypted" -- precheck # plain has no binlog and no such table
  heard "$WORK/way" dts || die "preferred does not go on without TLS"
  never_told way
  hang_up way
  hang_up stripped
}

# What counts is the offer of each connection, not that of an earlier one.
each_connection_is_looked_at() {
  listen once relay "${SERVER_PORT[source]}" --until 1
  job once
  dts -c 'source.tls="required"' precheck >"$WORK/out" 2>&1 || die "required: $(<"$WORK/out")"
  : >"$WORK/once"
  refused "does not offer it" once 'tls="required"'
  [[ ! -s $WORK/once ]] || die "something was said without TLS"
  hang_up once
}

# ask PLUGIN PATTERN SETTING... -- OPTION...: a server asks to log in that way, at once and later on.
# The password is in nothing that it was told outside TLS.
ask() {
  local plugin=$1 pattern=$2 settings=() greeting
  shift 2
  while [[ $1 != -- ]]; do settings+=("$1") && shift; done
  shift
  for greeting in "" --greeting; do
    listen asking ask "$plugin" --rsa "$TLS/good" "$@" $greeting
    refused "$pattern" asking "${settings[@]}"
    hang_up asking
  done
}

# To be told the password a server has to prove who it is. Ways that are unknown, that ask questions,
# or that are as bad as telling (MySQL 4.0) are refused from anybody.
telling_the_password_is_refused() {
  local tls=(--tls "$TLS/good.pem" "$TLS/good.key") plugin why
  local verified=('tls="verify-identity"' "tls_ca=\"$TLS/ca.pem\"")
  why="asks to log in by 'mysql_clear_password', which would tell it the password"
  ask mysql_clear_password "$why" --
  ask mysql_clear_password "$why" 'tls="required"' -- "${tls[@]}"
  ! heard "$WORK/asking.tls" "$PASSWORD" || die "told to a server that has proved nothing"
  ask mysql_clear_password "Access denied by the test" "${verified[@]}" -- "${tls[@]}"
  heard "$WORK/asking.tls" "$PASSWORD" || die "not told to a verified server"
  for plugin in dialog mysql_old_password auth_nonsense; do
    why="asks to log in by '$plugin', which (needs a person|is unknown or unsafe)"
    ask "$plugin" "$why" --
    ask "$plugin" "$why" "${verified[@]}" -- "${tls[@]}"
    ! heard "$WORK/asking.tls" "$PASSWORD" || die "$plugin: told"
  done
}

# The ways of MySQL encrypt the password: by TLS, or by the key that the server hands out. A server
# that loses its TLS from one connection to the next does not make them send it in clear.
sha2_is_never_in_clear() {
  local plugin
  for plugin in caching_sha2_password sha256_password; do
    ask "$plugin" "Access denied by the test" --
    heard "$WORK/asking.rsa" "$PASSWORD" || die "$plugin: not sent by RSA"
    ask "$plugin" "Access denied by the test" -- --tls "$TLS/good.pem" "$TLS/good.key"
    ask "$plugin" "does not offer it" 'tls="required"' --
    listen asking ask "$plugin" --rsa "$TLS/good" --tls "$TLS/good.pem" "$TLS/good.key" --until 1
    refused "Access denied by the test" asking
    refused "Access denied by the test" asking
    refused "does not offer it" asking 'tls="required"'
    hang_up asking
  done
}

# Whatever else may be in the place of a greeting.
odd_greetings() {
  local tls=(--tls "$TLS/good.pem" "$TLS/good.key")
  local verified=('tls="verify-identity"' "tls_ca=\"$TLS/ca.pem\"")
  listen odd ask caching_sha2_password "${tls[@]}" --split
  refused "Access denied by the test" odd "${verified[@]}"
  heard "$WORK/odd.tls" "$PASSWORD" || die "a greeting in two pieces is not understood"
  hang_up odd
  listen odd ask mysql_native_password "${tls[@]}" --excess
  refused "ahead of the TLS handshake" odd "${verified[@]}"
  refused "ahead of the TLS handshake" odd 'tls="preferred"'
  [[ ! -s $WORK/odd ]] || die "answered in spite of what came ahead of TLS"
  hang_up odd
  listen odd ask mysql_native_password --full
  refused "Too many connections" odd 'tls="preferred"'
  refused "Too many connections" odd "${verified[@]}"
  hang_up odd
}

# A server may ask for a file in answer to any statement, such as the one with the password.
files_are_not_sent() {
  listen thief ask mysql_native_password --accept --file "$WORK/password"
  job thief
  dts_fails 1 "forbidden|refused" -- init-schema --no-precheck
  never_told thief
  job source thief
  dts_fails 1 "forbidden|refused" -- init-schema --no-precheck
  never_told thief
  hang_up thief
}

# A server that falls silent while it is connected to does not hold us for ever.
silence_is_noticed() {
  local when name pids=() status
  for when in greeting handshake login; do
    name=mute-$when
    listen "$name" ask mysql_native_password --tls "$TLS/good.pem" "$TLS/good.key" --mute "$when"
    job "$name"
    cp "$JOB" "$WORK/$name.toml"
    timeout 25 "$DTSCTL" -f "$WORK/$name.toml" init-schema --no-precheck >"$WORK/$name.out" 2>&1 &
    pids+=($!)
  done
  for when in greeting handshake login; do
    status=0
    wait "${pids[0]}" || status=$?
    pids=("${pids[@]:1}")
    [[ $status == 6 ]] || die "silent at $when: ended with $status: $(<"$WORK/mute-$when.out")"
    hang_up "mute-$when"
  done
}

# The limit for silence is for logging in only: a statement may take its time.
statements_may_take_long() {
  both 'tls="required"'
  job source
  precheck_passes
  dts "${BOTH[@]}" init-schema >/dev/null 2>&1
  cp "$JOB" "$WORK/slow.toml"
  cp "${JOB%.toml}.state.toml" "$WORK/slow.state.toml"
  sql target "LOCK TABLES shop.item WRITE; DO SLEEP(12)" &
  local locker=$! copier status=0
  sleep 0.3
  "$DTSCTL" -f "$WORK/slow.toml" "${BOTH[@]}" init-data >"$WORK/slow.out" 2>&1 &
  copier=$!
  "$@" # meanwhile
  wait "$locker"
  wait "$copier" || die "init-data: $(<"$WORK/slow.out")"
  compare_servers shop || die "source and target differ"
}

# An account that wants a certificate gets it.
client_certificate_works() {
  sql source "ALTER USER dts@'%' REQUIRE X509"
  local ca="tls_ca=\"$TLS/ca.pem\""
  refused "Access denied" source 'tls="verify-identity"' "$ca"
  job source
  dts -c 'source.tls="verify-identity"' -c "source.$ca" -c "source.tls_cert=\"$TLS/client.pem\"" \
    -c "source.tls_key=\"$TLS/client.key\"" precheck >"$WORK/out" 2>&1 || die "X509: $(<"$WORK/out")"
  refused "certificate|key|file" source 'tls="verify-identity"' "$ca" "tls_cert=\"$TLS/client.pem\"" \
    "tls_key=\"$TLS/good.key\""
  sql source "ALTER USER dts@'%' REQUIRE NONE"
}

make_certificates
start_servers
good_certificate_works
whole_job_is_encrypted
disabled_can_be_read
bad_certificates_are_refused
contradictions_are_refused
without_tls_nothing_is_said
each_connection_is_looked_at
telling_the_password_is_refused
sha2_is_never_in_clear
odd_greetings
files_are_not_sent
client_certificate_works
statements_may_take_long silence_is_noticed
