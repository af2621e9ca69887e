# shellcheck shell=bash
# The demo's people: one token and one CLI context for each role. Needs the variables of demo.sh.

# context | subject | name | groups
PEOPLE='
plan-owner     | pia     | Pia, owner of demand planning                 | plan-team
mobile-owner   | mo      | Mo, owner of store mobile and the event API   | mobile-team,event-api-team
domain-owner   | dora    | Dora, Domain Owner                            | fr-leads,integration-leads,store-leads
dpo            | paul    | Paul, Data Product Owner of order proposals   | order-dpo
review-board   | rita    | Rita, review board                            | ii-sig
data-products  | dana    | Dana, data products team                      | data-products
operator       | olga    | Olga, platform operator                       | platform
auditor        | arno    | Arno, auditor                                 | audit
'
FIRST_CONTEXT=plan-owner
ISSUER_URL=https://issuer.sluice.test

# each_person FUNCTION: called with context, subject, name, groups.
each_person() {
  local context subject name groups
  while IFS='|' read -r context subject name groups; do
    [ -z "${context// /}" ] || "$1" "${context// /}" "${subject// /}" "$(xargs <<<"$name")" "${groups// /}"
  done <<<"$PEOPLE"
}

write_token() {
  "$here/../dev/token.sh" "$DEMO/dev" --sub "$2" --name "$3" --groups "$4" --ttl 30d >"$DEMO/people/$1.jwt"
}

write_context() {
  cat <<EOF
- name: $1
  endpoint: 127.0.0.1:$(controlplane_port)
  ca: $DEMO/dev/pki/dev-ca.crt
  token_file: $DEMO/people/$1.jwt
EOF
}

prepare_people() {
  umask 077
  mkdir -p "$DEMO/people"
  each_person write_token
  { printf 'current: %s\ncontexts:\n' "$FIRST_CONTEXT"; each_person write_context; } >"$DEMO/people/contexts.yaml"
}

# as CONTEXT COMMAND...: the sluice command as one of them.
as() {
  local context=$1
  shift
  SLUICE_CONFIG=$DEMO/people/contexts.yaml "$(sluice_binary sluice)" --context "$context" "$@"
}
