# Certificates, and servers that cannot be trusted, for the tests of encryption. To be sourced after
# lib.sh.
#
#   make_certificates                        in $TLS, see there
#   listen NAME ARGUMENT...  hang_up NAME    a server of listen.py
#   job SOURCE [TARGET]                      a new job file between two of the servers
#   both SETTING...                          $BOTH: the -c arguments that set it on both sides
#   heard FILE WORD                          whether a record has it
#   refused PATTERN NAME SETTING...          no connection to NAME as the source: why, and no password
#   never_told NAME                          no password in the record, nor in what dtsctl has said

PASSWORD=Sesame-0pen-7351
declare -A LISTENER

# --- certificates --------------------------------------------------------------------------------

# certificate NAME SUBJECT SAN [BEGIN END]: NAME.pem and NAME.key, signed by $CA.
certificate() {
  local name=$1 subject=$2 san=$3 begin=${4:-20200101000000Z} end=${5:-20490101000000Z}
  openssl req -newkey "${KEY_TYPE[@]}" -nodes -keyout "$name.key" -out "$name.csr" -subj "/CN=$subject" 2>/dev/null
  printf 'subjectAltName = %s\n' "$san" >"$name.ext"
  openssl ca -batch -config ca.conf -cert "$CA.pem" -keyfile "$CA.key" -in "$name.csr" -out "$name.pem" \
    -extfile "$name.ext" -startdate "$begin" -enddate "$end" 2>"$name.log" || die "openssl ca: $(<"$name.log")"
}

self_signed() {
  openssl req -x509 -newkey "${KEY_TYPE[@]}" -nodes -keyout "$1.key" -out "$1.pem" -days 3650 -subj "/CN=$2" \
    ${3:+-addext "subjectAltName = $3"} 2>/dev/null
}

make_certificates() {
  mkdir "$WORK/tls" && cd "$WORK/tls"
  touch index.txt && echo 01 >serial
  cat >ca.conf <<CONF
[ca]
default_ca = test
[test]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
CONF
  KEY_TYPE=(ec -pkeyopt ec_paramgen_curve:prime256v1) # made at once, other than RSA
  self_signed ca "test authority"
  self_signed other-ca "another authority"
  self_signed self 127.0.0.1 "IP:127.0.0.1, DNS:localhost"
  CA=ca
  certificate expired 127.0.0.1 "IP:127.0.0.1, DNS:localhost" 20200101000000Z 20200201000000Z
  certificate elsewhere db.example.com "DNS:db.example.com"
  certificate client dts "DNS:dts"
  CA=other-ca
  certificate foreign 127.0.0.1 "IP:127.0.0.1, DNS:localhost"
  KEY_TYPE=(rsa:2048) CA=ca
  certificate good 127.0.0.1 "IP:127.0.0.1, DNS:localhost"
  openssl rsa -in good.key -pubout -out good.pub 2>/dev/null
  cd - >/dev/null
  TLS=$WORK/tls
}

# --- listeners ----------------------------------------------------------------------------------

# listen NAME ARGUMENT...: an untrustworthy server, listen.py; its port is in ${SERVER_PORT[NAME]},
# what it was told in $WORK/NAME.
listen() {
  local name=$1 tries
  shift
  rm -f "$WORK/$name.port"
  python3 -I -S "$LIB_FOLDER/listen.py" "$WORK/$name" "$@" >"$WORK/$name.port" 2>"$WORK/$name.err" &
  LISTENER[$name]=$!
  for ((tries = 0; tries < 500; tries++)); do
    [[ ! -s $WORK/$name.port ]] || break
    sleep 0.02
  done
  [[ -s $WORK/$name.port ]] || die "listen.py: $(<"$WORK/$name.err")"
  SERVER_PORT[$name]=$(<"$WORK/$name.port")
}

hang_up() {
  kill "${LISTENER[$1]}"
  wait "${LISTENER[$1]}" 2>/dev/null || true
  [[ ! -s $WORK/$1.err ]] || die "listen.py: $(<"$WORK/$1.err")"
}

# job SOURCE [TARGET]: a new job between the two; -c arguments for both sides in $BOTH.
job() {
  rm -f "${JOB%.toml}".state.*
  write_job shop
  sed -i "/^\[source\]/,/^\[target\]/s/^port = .*/port = ${SERVER_PORT[$1]}/" "$JOB"
  sed -i "/^\[target\]/,\$s/^port = .*/port = ${SERVER_PORT[${2:-target}]}/" "$JOB"
}
both() {
  local setting
  BOTH=()
  for setting in "$@"; do BOTH+=(-c "source.$setting" -c "target.$setting"); done
}

heard() { [[ -f $1 ]] && grep -qaF -- "$2" "$1"; }

# Nothing of the password, and nothing that comes from dtsctl may show it either.
never_told() {
  local file
  for file in "$WORK/$1" "$WORK/$1.back" "$WORK/out" "$WORK/err" "${JOB%.toml}.state.toml"; do
    ! heard "$file" "$PASSWORD" || die "the password is in $file"
  done
}

# refused PATTERN NAME SETTING...: no connection to the listener or server NAME as source: 6 and why.
refused() {
  local pattern=$1 name=$2 setting settings=()
  shift 2
  for setting in "$@"; do settings+=(-c "source.$setting"); done
  job "$name"
  dts_fails 6 "cannot connect to dts@.*($pattern)" -- "${settings[@]}" init-schema --no-precheck
  grep -q '^hint: ' "$WORK/err" || die "no hint what to do: $(<"$WORK/err")"
  never_told "$name"
}
