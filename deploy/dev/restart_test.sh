#!/usr/bin/env bash
# Test of cluster.sh: a cluster comes back at its addresses with its data, in every way that it can have stopped.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/checks.sh"
. "$here/../lib/process.sh"
DIR=$(mktemp -d)
NAME=solo
squatter=

cluster() { "$here/cluster.sh" "$@"; }
clean_up() {
  [ -z "$squatter" ] || kill "$squatter" 2>/dev/null || true
  cluster down "$DIR" || true
  rm -rf "$DIR"
}
trap clean_up EXIT

registry() { curl --silent --fail --cacert "$CA_FILE" -H 'content-type: application/json' "$@"; }
# shellcheck disable=SC2016  # a schema's $schema, not a variable
register() {
  registry "$REGISTRY_URL/subjects/kept-value/versions" \
    -d '{"schemaType":"JSON","schema":"{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"type\":\"object\"}"}'
}
kept_topic()   { cluster tool "$DIR" $NAME TopicCommand --list | grep -x kept; }
kept_subject() { registry "$REGISTRY_URL/subjects" | grep -F '"kept-value"'; }
same_env()     { [ "$(cat "$DIR/env")" = "$env" ]; }
kill_part()    { kill -9 "$(cut -d' ' -f1 "$DIR/$NAME/$1.pid")"; }
stopped()      { cluster status "$DIR" | grep -E "$1 +stopped"; }
# What a cluster must have after each kind of stop.
check_kept() {
  check "$1: same addresses" same_env
  check "$1: the topic is there" kept_topic
  check "$1: the subject is there" kept_subject
}

cluster up "$DIR" $NAME
env=$(cat "$DIR/env")
. "$DIR/$NAME/cluster.env"
check "a topic" cluster tool "$DIR" $NAME TopicCommand --create --topic kept
check "a subject" register
check "up again is a no-op" cluster up "$DIR" $NAME

cluster down "$DIR"
check "down stops Kafka" stopped kafka
check "down stops the registry" stopped registry
cluster up "$DIR" $NAME
check_kept "after down and up"

cluster stop "$DIR" $NAME registry
check "the registry stops alone" stopped registry
check "Kafka goes on" kept_topic
cluster start "$DIR" $NAME registry
kill_part kafka
check "Kafka starts after a crash" cluster start "$DIR" $NAME kafka
check_kept "after a crash"

cluster stop "$DIR" $NAME
openssl s_server -www -accept "$BOOTSTRAP_MTLS" -cert "$DIR/pki/server/controlplane.crt" \
  -key "$DIR/pki/server/controlplane.key" >/dev/null 2>&1 </dev/null & squatter=$!
wait_until 10 port_taken "${BOOTSTRAP_MTLS#*:}"
refused "a port that another process took is named" "port ${BOOTSTRAP_MTLS#*:} belongs to $NAME's kafka" \
  cluster start "$DIR" $NAME kafka
end_checks
