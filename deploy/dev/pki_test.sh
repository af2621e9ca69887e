#!/usr/bin/env bash
# Tests of pki.sh and token.sh: what they promise to the demo and to other tests.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/checks.sh"
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT

pki()   { "$here/pki.sh" "$@"; }
token() { "$here/token.sh" "$DIR" "$@"; }

verified_by()   { openssl verify -CAfile "$DIR/pki/$1-ca.crt" "$2.crt"; }
says()          { openssl x509 -in "$1.crt" -noout -text | grep -F "$2"; }
same_file()     { [ "$(sha256sum <"$1")" = "$2" ]; }
count_uris()    { [ "$(openssl x509 -in "$1.crt" -noout -ext subjectAltName | grep -o URI: | wc -l)" -eq "$2" ]; }
private_keys()  { [ -z "$(find "$DIR/pki" \( -name '*.key' -o -name '*.pem' \) ! -perm 600)" ]; }
key_matches()   { [ "$(openssl pkey -in "$1.key" -pubout)" = "$(openssl x509 -in "$1.crt" -noout -pubkey)" ]; }

# Base64url without padding, decoded.
decode() {
  local text
  text=$(tr -- '-_' '+/' <<<"$1")
  while [ $((${#text} % 4)) -ne 0 ]; do text+='='; done
  openssl base64 -d -A <<<"$text"
}
# signed_by ISSUER TOKEN
signed_by() {
  decode "${2##*.}" >"$DIR/signature"
  openssl pkey -in "$DIR/pki/$1/key.pem" -pubout -out "$DIR/public.pem"
  printf '%s' "${2%.*}" | openssl dgst -sha256 -verify "$DIR/public.pem" -signature "$DIR/signature"
}
claims() { decode "$(cut -d. -f2 <<<"$1")"; }
claim()  { claims "$1" | grep -F -e "$2"; }
expired() { [ "$(claims "$1" | sed 's/.*"exp":\([0-9]*\).*/\1/')" -lt "$(date +%s)" ]; }

pki init "$DIR" >/dev/null
server=$DIR/pki/server/controlplane
check "the control plane's certificate is of the development CA" verified_by dev "$server"
check "it names the loopback" says "$server" "IP Address:127.0.0.1, DNS:localhost"
check "key and certificate belong together" key_matches "$server"

before=$(sha256sum <"$server.crt")
pki init "$DIR" >/dev/null
check "a second init keeps a good certificate" same_file "$server.crt" "$before"

agent=$(pki agent "$DIR" eu-prod)
check "an agent's certificate is of the agents' CA" verified_by agents "$agent"
check "it names its cluster" says "$agent" "URI:spiffe://sluice/agent/eu-prod"
check "and nothing else" count_uris "$agent" 1
refused "the development CA does not vouch for agents" "error 20|unable to get local issuer" verified_by dev "$agent"
check "a Kafka client's name is its CN" says "$(pki client "$DIR" app-1)" "CN = app-1"

refused "an expired certificate on demand" "certificate has expired" \
  verified_by agents "$(pki agent "$DIR" eu-prod --days -1 --out expired)"
check "a certificate with two names on demand" count_uris \
  "$(pki agent "$DIR" eu-prod --uri spiffe://sluice/agent/a --uri spiffe://sluice/agent/b --out two)" 2
refused "a certificate of a stranger's CA on demand" "error 20|unable to get local issuer" \
  verified_by agents "$(pki agent "$DIR" eu-prod --ca stranger --out stranger)"
check "the good one is still there" verified_by agents "$agent"
check "private keys are readable by their owner only" private_keys

good=$(token --sub alice --groups ii-sig,fr-leads --name "Alice A")
check "a token is signed by the issuer" signed_by issuer "$good"
check "it says who" claim "$good" '"sub":"alice"'
check "which groups" claim "$good" '"groups":["ii-sig","fr-leads"]'
check "for the control plane" claim "$good" '"aud":"sluice"'
check "or for Kafka" claim "$(token --sub app-1 --aud kafka)" '"aud":"kafka"'
check "an expired token on demand" expired "$(token --sub alice --ttl -60)"
pki issuer "$DIR" other >/dev/null
refused "a token of another issuer on demand" "Verification failure" signed_by issuer "$(token --sub alice --issuer other)"
refused "no quotes in claims" "no quotes" token --sub 'a","groups":["x'
end_checks
