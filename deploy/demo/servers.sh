# shellcheck shell=bash
# The demo's control plane and agents: configuration, start, stop. Needs the variables of demo.sh.

# kept_port FILE: chosen once, so that a restart comes back at its address.
kept_port() {
  if [ ! -e "$1" ]; then
    mkdir -p "$(dirname "$1")"
    free_port >"$1"
  fi
  cat "$1"
}

controlplane_port() { kept_port "$DEMO/controlplane/port"; }

controlplane_config() {
  local pki=$DEMO/dev/pki
  cat <<EOF
data_directory: $DEMO/controlplane/data
listen: 127.0.0.1:$(controlplane_port)
metrics_listen: 127.0.0.1:$(kept_port "$DEMO/controlplane/metrics-port")
address_file: $DEMO/controlplane/address
tls: {certificate: $pki/server/controlplane.crt, key: $pki/server/controlplane.key}
agents_ca: $pki/agents-ca.crt
tokens: {issuer: "$ISSUER_URL", audience: sluice, jwks_file: $pki/issuer/jwks.json}
roles:
  review_board: ["group:ii-sig"]
  data_products_team: ["group:data-products"]
  platform_operator: ["group:platform"]
  auditor: ["group:audit"]
EOF
}

# agent_config NAME
agent_config() {
  local dir=$DEMO/agents/$1 pki=$DEMO/dev/pki
  . "$DEMO/dev/$1/cluster.env"
  cat <<EOF
cluster: $1
data_directory: $dir/data
control_plane: 127.0.0.1:$(controlplane_port)
tls: {certificate: $pki/agent/$1.crt, key: $pki/agent/$1.key, ca: $pki/dev-ca.crt}
kafka:
  bootstrap_servers: $BOOTSTRAP_MTLS
  tls: {certificate: $AGENT_KAFKA_CERT, key: $AGENT_KAFKA_KEY, ca: $CA_FILE}
registry:
  url: $REGISTRY_URL
  tls: {ca: $CA_FILE}
guard_file: $dir/guard.yaml
resync_interval: 10s
metrics_listen: 127.0.0.1:$(kept_port "$dir/metrics-port")
EOF
}

guard_file() { printf 'forbidden_principals: [admin, broker, sluice-agent-%s]\n' "$1"; }

# start_server PROGRAM DIR: with DIR/config.yaml, which the program checks first. Its log is DIR/server.log.
start_server() {
  local program
  program=$(sluice_binary "$1")
  if running "$2/server.pid"; then return 0; fi
  [ -x "$program" ] || die "$program is missing: ./run build"
  mkdir -p "$2/data"
  "$program" --config "$2/config.yaml" --check
  launch "$2/server.pid" "$2/server.log" "$program" --config "$2/config.yaml"
  if ! wait_until 20 server_settled "$2" || ! running "$2/server.pid"; then
    warn "$1 did not come up; the end of its log:"
    tail -n 30 "$2/server.log" >&2
    return 1
  fi
}

# Healthy, or gone.
server_settled() {
  ! running "$1/server.pid" ||
    curl --silent --fail --max-time 2 "http://127.0.0.1:$(cat "$1/metrics-port")/healthz" >/dev/null
}

start_controlplane() {
  local dir=$DEMO/controlplane
  mkdir -p "$dir"
  controlplane_config >"$dir/config.yaml"
  start_server sluice-controlplane "$dir"
}

start_agents() {
  local name dir
  for name in "${CLUSTERS[@]}"; do
    dir=$DEMO/agents/$name
    mkdir -p "$dir"
    "$here/../dev/pki.sh" agent "$DEMO/dev" "$name" >/dev/null
    guard_file "$name" >"$dir/guard.yaml"
    agent_config "$name" >"$dir/config.yaml"
    start_server sluice-agent "$dir"
  done
}

stop_agents() {
  local name
  for name in "${CLUSTERS[@]}"; do terminate "$DEMO/agents/$name/server.pid"; done
}

stop_controlplane() { terminate "$DEMO/controlplane/server.pid"; }
