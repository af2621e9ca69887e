#!/usr/bin/env bash
# Tests of running clusters: who may do what on the real broker and registry.
#
#   cluster_test.sh DIR NAME       with DIR as `cluster.sh up` left it
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/checks.sh"
DIR=$1 NAME=$2
. "$DIR/$NAME/cluster.env"
KAFKA_CP=$(sed -n 's/^KAFKA_CP=//p' "$DIR/env")
topic=deploy-test-$$.events

cluster() { "$here/cluster.sh" "$@"; }
admin()   { cluster tool "$DIR" "$NAME" "$@"; }
java_tool() { timeout 60 java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "$@"; }

# As the agent's user, by certificate.
agent() {
  java_tool -cp "$KAFKA_CP" "org.apache.kafka.tools.$1" --bootstrap-server "$BOOTSTRAP_MTLS" \
    --command-config "$agent_config" "${@:2}"
}

# produce USER [TOKEN OPTIONS...]: one message, by token.
produce() {
  local user=$1 file=$DIR/clients/$1.jwt config
  mkdir -p "$DIR/clients"
  "$here/token.sh" "$DIR" --sub "$user" --aud kafka "${@:2}" >"$file"
  config=$(cluster client "$DIR" "$user-token" "$file")
  printf 'message of %s\n' "$user" | java_tool \
    -Dorg.apache.kafka.sasl.oauthbearer.allowed.urls="file://$file" -cp "$KAFKA_CP" \
    org.apache.kafka.tools.ConsoleProducer --bootstrap-server "$BOOTSTRAP_OAUTH" --command-config "$config" --topic "$topic"
}

messages() { admin consumer.ConsoleConsumer --topic "$topic" --from-beginning --timeout-ms 5000; }

# knock [CERTIFICATE]: what the mutual-TLS listener says to a client.
knock() {
  local certificate=()
  [ $# -eq 0 ] || certificate=(-cert "$1.crt" -key "$1.key")
  timeout 10 openssl s_client -connect "$BOOTSTRAP_MTLS" -CAfile "$CA_FILE" "${certificate[@]}" -ign_eof </dev/null
}
pki() { "$here/pki.sh" "$1" "$DIR" "${@:2}"; }

clean_up() {
  admin AclCommand --remove --force --topic "$topic" >/dev/null 2>&1 || true
  admin TopicCommand --delete --topic "$topic" >/dev/null 2>&1 || true
}
trap clean_up EXIT

agent_config=$(cluster client "$DIR" "sluice-agent-$NAME")
check   "the agent creates a topic" agent TopicCommand --create --topic "$topic"
check   "the agent grants an application" agent AclCommand --add --allow-principal User:granted --topic "$topic" \
          --operation Write --operation Describe
refused "the agent deletes no topic" "TopicAuthorizationException" agent TopicCommand --delete --topic "$topic"
refused "the agent reads no data" "TopicAuthorizationException|GroupAuthorizationException" \
          agent consumer.ConsoleConsumer --topic "$topic" --timeout-ms 5000

produce granted >/dev/null 2>&1 || true
refused "a granted application writes" "message of granted" messages
refused "an application without a grant does not" "TopicAuthorizationException" produce stranger
refused "a token for another audience is refused" "SaslAuthenticationException" produce granted --aud sluice
refused "a token of another issuer is refused" "SaslAuthenticationException" produce granted --iss https://other.test
refused "an expired token is refused" "SaslAuthenticationException|expired" produce granted --ttl -300
refused "the agents' CA opens no Kafka" "alert" knock "$(pki agent "$NAME")"
refused "an expired certificate opens no Kafka" "alert" knock "$(pki client granted --days -1 --out deploy-test-expired)"
refused "no certificate opens no Kafka" "alert" knock

check   "the registry answers with TLS" curl --silent --fail --cacert "$CA_FILE" "$REGISTRY_URL/subjects"
refused "and not without" "4..$|000" curl --silent --max-time 5 -o /dev/null -w '%{http_code}' "${REGISTRY_URL/https/http}/subjects"
end_checks
