# shellcheck shell=bash
# One real registry (Apicurio, Confluent-compatible API): HTTPS on the loopback, data in a file. Needs
# what kafka.sh needs.

registry_url() { printf 'https://127.0.0.1:%s/apis/ccompat/v7' "$PORT_REGISTRY"; }

registry_jar() { compgen -G "$(registry_dir)/apicurio-registry-app-*-runner.jar"; }

registry_start() {
  launch "$HOME_DIR/registry.pid" "$HOME_DIR/registry.log" \
    java -Xmx384m "${JVM_FLAGS[@]}" "$(use_or_make_archive "$(registry_dir)" "$HOME_DIR/registry.jsa")" \
    -Dquarkus.http.host=127.0.0.1 -Dquarkus.http.ssl-port="$PORT_REGISTRY" \
    -Dquarkus.http.insecure-requests=disabled \
    -Dquarkus.http.ssl.certificate.files="$PKI/server/registry-$NAME.crt" \
    -Dquarkus.http.ssl.certificate.key-files="$PKI/server/registry-$NAME.key" \
    -Dapicurio.storage.kind=sql -Dapicurio.storage.sql.kind=h2 \
    -Dapicurio.datasource.url="jdbc:h2:file:$HOME_DIR/registry-data/registry" \
    -jar "$(registry_jar)"
}

registry_stop() {
  terminate "$HOME_DIR/registry.pid"
  keep_archive "$HOME_DIR/registry.jsa" "$(registry_dir)" "$(registry_jar)"
}

registry_ready() { wait_until 60 registry_answers; }

# A registry that died is as final as one that answers.
registry_answers() {
  ! running "$HOME_DIR/registry.pid" ||
    curl --silent --fail --max-time 2 --cacert "$PKI/dev-ca.crt" "$(registry_url)/subjects" >/dev/null
}
