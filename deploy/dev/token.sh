#!/usr/bin/env bash
# Prints a signed token (JWT, RS256) of the development issuer that `pki.sh init DIR` made.
#
#   token.sh DIR --sub SUBJECT [--groups a,b] [--aud sluice] [--ttl 30d] [--name "Alice"] [--iss URL]
#
# Audiences: `sluice` for the control plane (default), `kafka` for the brokers' OAuth listeners.
# --ttl takes seconds, or a number with s, m, h or d; negative: a token that has expired.
# For tests: --issuer NAME signs with another key (made with `pki.sh issuer DIR NAME`), --kid KID names a key.
set -euo pipefail

fail()  { printf 'token.sh: %s\n' "$*" >&2; exit 1; }
usage() { sed -n '2,/^set /s/^# \{0,1\}//p' "$0" >&2; exit 2; }

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

json_string() {
  [[ $1 != *[\"\\[:cntrl:]]* ]] || fail "no quotes, backslashes or control characters here: $1"
  printf '"%s"' "$1"
}

# "a,b" → ["a","b"]
json_list() {
  local items item out=
  IFS=, read -r -a items <<<"$1"
  for item in "${items[@]}"; do out=${out:+$out,}$(json_string "$item"); done
  printf '[%s]' "$out"
}

to_seconds() {
  local number=${1%[smhd]}
  [[ $number =~ ^-?[0-9]+$ ]] || fail "--ttl $1: a number, with s, m, h or d"
  case $1 in
    *m) printf '%d' $((number * 60)) ;;
    *h) printf '%d' $((number * 3600)) ;;
    *d) printf '%d' $((number * 86400)) ;;
    *) printf '%d' "$number" ;;
  esac
}

claims() {
  local now expires issued
  now=$(date +%s)
  expires=$((now + $(to_seconds "$TTL")))
  issued=$now
  [ "$expires" -gt "$now" ] || issued=$((expires - 3600))
  printf '{"iss":%s,"sub":%s,"aud":%s,"iat":%d,"exp":%d' \
    "$(json_string "$ISSUER_URL")" "$(json_string "$SUBJECT")" "$(json_string "$AUDIENCE")" "$issued" "$expires"
  [ -z "$NAME" ] || printf ',"name":%s' "$(json_string "$NAME")"
  [ -z "$GROUPS_CLAIM" ] || printf ',"groups":%s' "$(json_list "$GROUPS_CLAIM")"
  printf '}'
}

main() {
  [ $# -ge 1 ] || usage
  local dir=$1/pki issuer=issuer kid='' signed
  SUBJECT='' GROUPS_CLAIM='' AUDIENCE=sluice TTL=30d NAME='' ISSUER_URL=https://issuer.sluice.test
  shift
  while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || fail "$1 needs a value"
    case $1 in
      --sub) SUBJECT=$2 ;;
      --groups) GROUPS_CLAIM=$2 ;;
      --aud) AUDIENCE=$2 ;;
      --ttl) TTL=$2 ;;
      --name) NAME=$2 ;;
      --iss) ISSUER_URL=$2 ;;
      --issuer) issuer=$2 ;;
      --kid) kid=$2 ;;
      *) usage ;;
    esac
    shift 2
  done
  [ -n "$SUBJECT" ] || fail "--sub is required"
  [ -e "$dir/$issuer/key.pem" ] || fail "no token issuer at $dir/$issuer: run pki.sh init"
  [ -n "$kid" ] || kid=$(sed 's/.*"kid":"\([^"]*\)".*/\1/' "$dir/$issuer/jwks.json")
  signed=$(printf '{"alg":"RS256","typ":"JWT","kid":%s}' "$(json_string "$kid")" | base64url).$(claims | base64url)
  printf '%s.%s\n' "$signed" "$(printf '%s' "$signed" | openssl dgst -sha256 -sign "$dir/$issuer/key.pem" | base64url)"
}
main "$@"
