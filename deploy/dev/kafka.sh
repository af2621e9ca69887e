# shellcheck shell=bash
# One real Kafka: combined broker and controller (KRaft), StandardAuthorizer, a mutual-TLS and an OAuth
# listener, all on the loopback. A second mutual-TLS listener tells its clients that it is at PORT_PROXY: there a
# test puts a proxy that it can make bad (tests/support/tcp_proxy.h). Needs common.sh, process.sh, artifacts.sh, jvm.sh; called by cluster.sh with
# HOME_DIR (the cluster's folder), NAME, PKI and the PORT_* variables set.

KAFKA_ISSUER=https://issuer.sluice.test
# A policy comes behind what the archive was made of (jvm.sh).
kafka_class_path() {
  printf '%s/*' "$(kafka_libs)"
  [ ! -e "$HOME_DIR/policy.jar" ] || printf ':%s' "$HOME_DIR/policy.jar"
}

kafka_configure() {
  cat >"$HOME_DIR/kafka.properties" <<EOF
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:$PORT_CONTROLLER
log.dirs=$HOME_DIR/kafka-data

listeners=MTLS://127.0.0.1:$PORT_MTLS,PROXIED://127.0.0.1:$PORT_PROXIED,OAUTH://127.0.0.1:$PORT_OAUTH,CONTROLLER://127.0.0.1:$PORT_CONTROLLER
advertised.listeners=MTLS://127.0.0.1:$PORT_MTLS,PROXIED://127.0.0.1:$PORT_PROXY,OAUTH://127.0.0.1:$PORT_OAUTH
listener.security.protocol.map=MTLS:SSL,PROXIED:SSL,OAUTH:SASL_SSL,CONTROLLER:SSL
inter.broker.listener.name=MTLS
controller.listener.names=CONTROLLER

ssl.keystore.type=PEM
ssl.keystore.location=$PKI/broker/$NAME.pem
ssl.truststore.type=PEM
ssl.truststore.location=$PKI/dev-ca.crt
ssl.principal.mapping.rules=RULE:^CN=([^,]+).*\$/\$1/,DEFAULT
listener.name.mtls.ssl.client.auth=required
listener.name.proxied.ssl.client.auth=required
listener.name.controller.ssl.client.auth=required

listener.name.oauth.sasl.enabled.mechanisms=OAUTHBEARER
listener.name.oauth.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;
listener.name.oauth.oauthbearer.sasl.server.callback.handler.class=org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler
listener.name.oauth.oauthbearer.connections.max.reauth.ms=3600000
sasl.oauthbearer.jwks.endpoint.url=file://$PKI/issuer/jwks.json
sasl.oauthbearer.expected.issuer=$KAFKA_ISSUER
sasl.oauthbearer.expected.audience=kafka

authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:admin;User:broker
allow.everyone.if.no.acl.found=false

auto.create.topics.enable=false
num.partitions=1
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
EOF
  [ ! -e "$HOME_DIR/policy.jar" ] ||
    printf '\ncreate.topic.policy.class.name=MarkedTopicsAreForbidden\n' >>"$HOME_DIR/kafka.properties"
  kafka_client_properties "$PKI/client/admin.pem" >"$HOME_DIR/admin.properties"
  cat >"$HOME_DIR/log4j2.yaml" <<EOF
Configuration:
  Appenders:
    Console: {name: out, target: SYSTEM_OUT, PatternLayout: {pattern: "%d{ISO8601} %p %c{1}: %m%n"}}
  Loggers:
    Root: {level: INFO, AppenderRef: {ref: out}}
    Logger:
    - {name: kafka.authorizer.logger, level: INFO}
EOF
}

# kafka_client_properties PEM: of a client that shows a certificate.
kafka_client_properties() {
  cat <<EOF
security.protocol=SSL
ssl.keystore.type=PEM
ssl.keystore.location=$1
ssl.truststore.type=PEM
ssl.truststore.location=$PKI/dev-ca.crt
EOF
}

# kafka_oauth_properties TOKEN-FILE: of a client that shows a token. Its JVM needs
# -Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://TOKEN-FILE.
kafka_oauth_properties() {
  cat <<EOF
security.protocol=SASL_SSL
sasl.mechanism=OAUTHBEARER
sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;
sasl.login.callback.handler.class=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler
sasl.oauthbearer.token.endpoint.url=file://$1
ssl.truststore.type=PEM
ssl.truststore.location=$PKI/dev-ca.crt
EOF
}

kafka_java() { java "${JVM_FLAGS[@]}" "$(use_archive "$(kafka_libs)")" -cp "$(kafka_class_path)" "$@"; }

# kafka_tool CLASS ARGUMENTS...: one of Kafka's tools, as the administrator.
kafka_tool() {
  local tool=org.apache.kafka.tools.$1
  [ "$1" != ConfigCommand ] || tool=kafka.admin.ConfigCommand  # the one that never moved
  shift
  kafka_java -Xmx128m "$tool" \
    --bootstrap-server "127.0.0.1:$PORT_MTLS" --command-config "$HOME_DIR/admin.properties" "$@"
}

# As Kafka makes them: 16 random bytes in base64url, never with a hyphen first, which tools take for an option.
cluster_id() { head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=' | sed 's/^-/A/'; }

kafka_format() {
  [ ! -e "$HOME_DIR/kafka-data/meta.properties" ] || return 0
  rm -rf "$HOME_DIR/kafka-data"
  kafka_java -Xmx128m kafka.tools.StorageTool format --standalone -t "$(cluster_id)" -c "$HOME_DIR/kafka.properties" \
    >>"$HOME_DIR/kafka.log" 2>&1
}

# kafka_make_policy: a policy of the cluster that refuses marked topics, compiled with what every JRE has.
kafka_make_policy() {
  local work=$HOME_DIR/policy
  mkdir -p "$work"
  java -m jdk.compiler/com.sun.tools.javac.Main -cp "$(compgen -G "$(kafka_libs)/kafka-clients-*.jar")" -d "$work" \
    "$here/policy/MarkedTopicsAreForbidden.java"
  java -m jdk.jartool/sun.tools.jar.Main --create --file "$HOME_DIR/policy.jar" -C "$work" .
}

kafka_start() {
  kafka_configure
  kafka_format || return 1
  launch "$HOME_DIR/kafka.pid" "$HOME_DIR/kafka.log" \
    java -Xmx512m "${JVM_FLAGS[@]}" "$(use_or_make_archive "$(kafka_libs)" "$HOME_DIR/kafka.jsa")" \
    -Dlog4j2.configurationFile="$HOME_DIR/log4j2.yaml" \
    -Dorg.apache.kafka.sasl.oauthbearer.allowed.urls="file://$PKI/issuer/jwks.json" \
    -cp "$(kafka_class_path)" kafka.Kafka "$HOME_DIR/kafka.properties"
}

kafka_stop() {
  terminate "$HOME_DIR/kafka.pid"
  keep_archive "$HOME_DIR/kafka.jsa" "$(kafka_libs)" "$(kafka_class_path)"
}

# The agent's user: exactly what it needs, and no data. Adding what is there changes nothing.
kafka_grant_agent() {
  local agent="User:sluice-agent-$NAME"
  kafka_tool AclCommand --add --allow-principal "$agent" --cluster --topic '*' \
    --operation Describe --operation DescribeConfigs --operation Alter &&
    kafka_tool AclCommand --add --allow-principal "$agent" --topic '*' \
      --operation Create --operation AlterConfigs &&
    touch "$HOME_DIR/granted"
}

# A broker is ready when it has answered an administrator.
kafka_ready() {
  wait_until 60 kafka_listening || return 1
  if [ -e "$HOME_DIR/granted" ]; then
    kafka_java -Xmx128m org.apache.kafka.tools.ClusterTool cluster-id \
      --bootstrap-server "127.0.0.1:$PORT_MTLS" --config "$HOME_DIR/admin.properties"
  else
    kafka_grant_agent
  fi >"$HOME_DIR/kafka-ready.log" 2>&1
}

# A broker that died is as final as one that listens.
kafka_listening() { ! running "$HOME_DIR/kafka.pid" || port_taken "$PORT_MTLS"; }
