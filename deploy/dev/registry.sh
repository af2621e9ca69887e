# shellcheck shell=bash
# One real registry (Apicurio, Confluent-compatible API): HTTPS on the loopback, data in a file. Needs
# what kafka.sh needs.

registry_url() { printf 'https://127.0.0.1:%s/apis/ccompat/v7' "$PORT_REGISTRY"; }

registry_start() {
  local lib
  lib=$(registry_dir)
  # Its log goes to standard output; its working folder must not matter.
  launch "$HOME_DIR/registry.pid" "$HOME_DIR/registry.log" \
    java -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData \
    -Dquarkus.http.host=127.0.0.1 -Dquarkus.http.ssl-port="$PORT_REGISTRY" \
    -Dquarkus.http.insecure-requests=disabled \
    -Dquarkus.http.ssl.certificate.files="$PKI/server/registry-$NAME.crt" \
    -Dquarkus.http.ssl.certificate.key-files="$PKI/server/registry-$NAME.key" \
    -Dapicurio.storage.kind=sql -Dapicurio.storage.sql.kind=h2 \
    -Dapicurio.datasource.url="jdbc:h2:file:$HOME_DIR/registry-data/registry" \
    -jar "$lib"/apicurio-registry-app-*-runner.jar
}

registry_ready() { wait_until 60 registry_answers; }

# A registry that died is as final as one that answers.
registry_answers() {
  ! running "$HOME_DIR/registry.pid" ||
    curl --silent --fail --max-time 2 --cacert "$PKI/dev-ca.crt" "$(registry_url)/subjects" >/dev/null
}
