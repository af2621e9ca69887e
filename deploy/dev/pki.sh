#!/usr/bin/env bash
# Development certificates and keys, made with openssl. Idempotent: what exists and is good for another week is kept.
#
#   pki.sh init   DIR                       both CAs, the control plane's certificate, the token issuer
#   pki.sh server DIR NAME   [options]      server certificate for 127.0.0.1 and localhost
#   pki.sh client DIR CN     [options]      Kafka client certificate; Kafka's principal is User:CN
#   pki.sh broker DIR NAME   [options]      a broker's certificate, CN=broker: server and client in one
#   pki.sh agent  DIR NAME   [options]      an agent's client certificate, URI SAN spiffe://sluice/agent/NAME
#   pki.sh issuer DIR [NAME]                a token issuer: key.pem and jwks.json (default name: issuer)
#
# Each prints the path of what it made, without extension: PATH.crt, PATH.key and PATH.pem (both, as Java wants it).
# For tests; any of these makes a new certificate every time:
#   --days N      validity; negative: expired N days ago      --ca NAME    another CA (dev, agents, or a new name)
#   --seconds N   validity, in seconds
#   --uri URI     a URI SAN; repeat for several               --out NAME   file name, so that a good one is kept
set -euo pipefail
umask 077

PKI_RENEW_SECONDS=$((7 * 86400))
CA_DAYS=3650 SERVER_DAYS=365 CLIENT_DAYS=365 AGENT_DAYS=30

fail()  { printf 'pki.sh: %s\n' "$*" >&2; exit 1; }
usage() { sed -n '2,/^set /s/^# \{0,1\}//p' "$0" >&2; exit 2; }
# days_from_now N: in the form that openssl ca takes.
days_from_now() { seconds_from_now $(($1 * 86400)); }
seconds_from_now() { date -u -d "@$(($(date +%s) + $1))" +%Y%m%d%H%M%SZ; }

# Both halves appear by rename, so that a reader never sees half a file.
place() { chmod "$1" "$2.tmp" && mv "$2.tmp" "$2"; }

new_key() {
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.tmp" 2>/dev/null
  place 0600 "$1"
}

ca_file() { printf '%s/%s-ca' "$PKI" "$1"; }

ensure_ca() {
  local name=$1 base
  base=$(ca_file "$name")
  [ -e "$base.crt" ] && return 0
  new_key "$base.key"
  openssl req -x509 -new -key "$base.key" -subj "/CN=Sluice development CA ($name)" -days $CA_DAYS \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign -out "$base.crt.tmp"
  place 0644 "$base.crt"
}

# sign CA SUBJECT EXTENSIONS DAYS BASE: a new key and certificate at BASE.
sign() {
  local ca subject=$2 extensions=$3 days=$4 base=$5 work
  ca=$(ca_file "$1")
  work=$(mktemp -d "$PKI/.sign.XXXXXX")
  : >"$work/index"
  cat >"$work/openssl.cnf" <<EOF
[ca]
default_ca = this
[this]
database = $work/index
new_certs_dir = $work
default_md = sha256
rand_serial = yes
policy = any
copy_extensions = none
[any]
commonName = supplied
[extensions]
basicConstraints = critical,CA:FALSE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
$extensions
EOF
  new_key "$work/key"
  openssl req -new -key "$work/key" -subj "$subject" -out "$work/csr"
  local from=-1
  [ "$days" -gt 0 ] || from=$((days - 1))
  openssl ca -batch -notext -config "$work/openssl.cnf" -extensions extensions \
    -cert "$ca.crt" -keyfile "$ca.key" -in "$work/csr" -out "$work/crt" \
    -startdate "$(days_from_now $from)" \
    -enddate "$([ -n "$VALID_SECONDS" ] && seconds_from_now "$VALID_SECONDS" || days_from_now "$days")" 2>"$work/log" || {
    cat "$work/log" >&2
    rm -rf "$work"
    fail "could not sign $subject"
  }
  mkdir -p "$(dirname "$base")"
  cp "$work/key" "$base.key.tmp"
  cp "$work/crt" "$base.crt.tmp"
  cat "$work/key" "$work/crt" "$ca.crt" >"$base.pem.tmp"
  rm -rf "$work"
  place 0600 "$base.key"
  place 0644 "$base.crt"
  place 0600 "$base.pem"
}

# A certificate is kept when nothing special was asked for and it is good for another week.
good() { [ -z "$SPECIAL" ] && [ -e "$1.pem" ] && openssl x509 -in "$1.crt" -noout -checkend $PKI_RENEW_SECONDS >/dev/null; }

# issue KIND NAME DEFAULT-CA DEFAULT-DAYS SUBJECT EXTENSIONS: prints where.
issue() {
  local base=$PKI/$1/${OUT:-$2} ca=${CA:-$3} days=${DAYS:-$4}
  ensure_ca "$ca"
  good "$base" || sign "$ca" "$5" "$6" "$days" "$base"
  printf '%s\n' "$base"
}

LOOPBACK='subjectAltName = IP:127.0.0.1,DNS:localhost'

issue_server() { issue server "$1" dev $SERVER_DAYS "/CN=$1" "$LOOPBACK"$'\nextendedKeyUsage = serverAuth'; }
issue_client() { issue client "$1" dev $CLIENT_DAYS "/CN=$1" 'extendedKeyUsage = clientAuth'; }
issue_broker() { issue broker "$1" dev $SERVER_DAYS "/CN=broker" "$LOOPBACK"$'\nextendedKeyUsage = serverAuth,clientAuth'; }
issue_agent() {
  local sans=${URIS:-URI:spiffe://sluice/agent/$1}
  issue agent "$1" agents $AGENT_DAYS "/CN=$1" "subjectAltName = $sans"$'\nextendedKeyUsage = clientAuth'
}

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# An RSA key for RS256, and its public half as a key set.
issue_issuer() {
  local dir=$PKI/$1 modulus
  if [ ! -e "$dir/jwks.json" ]; then
    mkdir -p "$dir"
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$dir/key.pem.tmp" 2>/dev/null
    place 0600 "$dir/key.pem"
    modulus=$(openssl rsa -in "$dir/key.pem" -noout -modulus)
    modulus=${modulus#Modulus=}
    # shellcheck disable=SC2001  # two digits at a time
    printf '{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"%s","e":"AQAB","n":"%s"}]}\n' \
      "$(printf '%s' "$modulus" | sha256sum | cut -c1-16)" \
      "$(printf '%b' "$(sed 's/../\\x&/g' <<<"$modulus")" | base64url)" >"$dir/jwks.json.tmp"
    place 0644 "$dir/jwks.json"
  fi
  printf '%s\n' "$dir"
}

init() {
  ensure_ca dev
  ensure_ca agents
  issue_server controlplane >/dev/null
  issue_issuer issuer >/dev/null
  printf '%s\n' "$PKI"
}

main() {
  [ $# -ge 2 ] || usage
  local verb=$1 name=
  mkdir -p "$2/pki"
  PKI=$(cd "$2/pki" && pwd)
  exec 9>"$PKI/.lock" && flock 9  # several tests may ask at once
  shift 2
  if [ $# -gt 0 ] && [[ $1 != --* ]]; then name=$1; shift; fi
  CA='' DAYS='' VALID_SECONDS='' URIS='' OUT='' SPECIAL=''
  while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || fail "$1 needs a value"
    case $1 in
      --days) DAYS=$2 ;;
      --seconds) VALID_SECONDS=$2 ;;
      --ca) CA=$2 ;;
      --uri) URIS=${URIS:+$URIS,}URI:$2 ;;
      --out) OUT=$2 ;;
      *) usage ;;
    esac
    [ "$1" = --out ] || SPECIAL=1
    shift 2
  done
  case $verb in
    init) init ;;
    issuer) issue_issuer "${name:-issuer}" ;;
    server | client | broker | agent) [ -n "$name" ] || usage; "issue_$verb" "$name" ;;
    *) usage ;;
  esac
}
main "$@"
