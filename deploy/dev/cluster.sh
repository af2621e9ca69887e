#!/usr/bin/env bash
# Development clusters: for each name a real Kafka and a real registry on the loopback, with their data
# in DIR/NAME. The demo and the tests use this one implementation.
#
#   cluster.sh up [--fresh] [--policy NAME] DIR NAME...
#                                                   start what does not run, wait until it answers
#   cluster.sh down DIR                             stop all of DIR
#   cluster.sh stop DIR NAME [kafka|registry]       stop one cluster, or one half of it
#   cluster.sh start DIR NAME [kafka|registry]      start it again: same addresses, same data
#   cluster.sh status DIR                           what runs
#   cluster.sh tool DIR NAME TOOL ARGUMENTS...      one of Kafka's tools as administrator (TopicCommand, AclCommand …)
#   cluster.sh client DIR CN                        client properties for User:CN (certificate); prints the file
#   cluster.sh client DIR CN TOKEN-FILE             client properties for a token; prints the file
#
# --fresh stops the clusters and forgets their data first. --policy gives one of them, not the first, a policy that
# refuses topics whose names hold `forbidden-by-policy`. `up` writes DIR/env and DIR/NAME/cluster.env.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../lib/common.sh"
. "$here/../lib/process.sh"
. "$here/../lib/artifacts.sh"
. "$here/jvm.sh"
. "$here/kafka.sh"
. "$here/registry.sh"

usage() { sed -n '2,/^set /s/^# \{0,1\}//p' "$0" >&2; exit 2; }

# open_cluster NAME: sets what the functions of kafka.sh and registry.sh read.
open_cluster() {
  NAME=$1 HOME_DIR=$DIR/$1 PKI=$DIR/pki
  [[ $NAME =~ ^[a-z0-9]([a-z0-9-]*[a-z0-9])?$ ]] || die "a cluster's name is lower case letters, digits and hyphens: $NAME"
  mkdir -p "$HOME_DIR"
  local port
  for port in MTLS PROXIED PROXY OAUTH CONTROLLER REGISTRY; do
    grep -qs "^PORT_$port=" "$HOME_DIR/ports" || printf 'PORT_%s=%s\n' "$port" "$(free_port)" >>"$HOME_DIR/ports"
  done
  . "$HOME_DIR/ports"
}

# require_free PART PORT...: a restart must come back at its address.
require_free() {
  local part=$1 port
  shift
  for port in "$@"; do
    ! port_taken "$port" ||
      die "port $port belongs to $NAME's $part but another process$(port_owner "$port") listens there:" \
        "stop that, or forget this cluster and its data with: rm -r $HOME_DIR"
  done
}

begin_kafka() {
  require_free kafka "$PORT_MTLS" "$PORT_PROXIED" "$PORT_OAUTH" "$PORT_CONTROLLER"
  kafka_start
}

begin_registry() {
  require_free registry "$PORT_REGISTRY"
  registry_start
}

# start_part kafka|registry: a no-op when it runs and has been ready. Shows the log of one that does not come up.
start_part() {
  local pidfile=$HOME_DIR/$1.pid ready=$HOME_DIR/$1.ready
  if running "$pidfile" && cmp -s "$pidfile" "$ready"; then return 0; fi
  if { running "$pidfile" || "begin_$1"; } && "$1_ready" && running "$pidfile"; then
    cp "$pidfile" "$ready"
    return 0
  fi
  warn "$NAME's $1 did not come up; the end of its log:"
  tail -n 30 "$HOME_DIR/$1.log" >&2
  cat "$HOME_DIR/$1-ready.log" >&2 2>/dev/null || true
  return 1
}

certificates() {
  "$here/pki.sh" broker "$DIR" "$NAME"
  "$here/pki.sh" server "$DIR" "registry-$NAME"
  "$here/pki.sh" client "$DIR" "sluice-agent-$NAME"
}

write_cluster_env() {
  cat >"$HOME_DIR/cluster.env" <<EOF
BOOTSTRAP_MTLS=127.0.0.1:$PORT_MTLS
BOOTSTRAP_OAUTH=127.0.0.1:$PORT_OAUTH
BOOTSTRAP_PROXIED=127.0.0.1:$PORT_PROXIED
PROXY_PORT=$PORT_PROXY
REGISTRY_URL=$(registry_url)
CA_FILE=$PKI/dev-ca.crt
ADMIN_CONFIG=$HOME_DIR/admin.properties
AGENT_KAFKA_CERT=$PKI/client/sluice-agent-$NAME.crt
AGENT_KAFKA_KEY=$PKI/client/sluice-agent-$NAME.key
EOF
}

# Everything that a test needs, as KEY=VALUE: the clusters' keys carry the cluster's name (EU_PROD_…).
write_env() {
  local name prefix
  cat <<EOF
DEV_DIR=$DIR
PKI_DIR=$PKI
CA_FILE=$PKI/dev-ca.crt
AGENTS_CA_FILE=$PKI/agents-ca.crt
JWKS_FILE=$PKI/issuer/jwks.json
ISSUER=$KAFKA_ISSUER
KAFKA_CP=$(kafka_libs)/*
KAFKA_ADMIN_CONFIG=$DIR/admin.properties
CLUSTERS=$*
EOF
  for name in "$@"; do
    prefix=${name//-/_}
    sed "s/^/${prefix^^}_/" "$DIR/$name/cluster.env"
  done
}

up() {
  local name part pids=() failed=0
  [ $# -gt 0 ] || usage
  command -v java >/dev/null || die "no java: ./run demo and ./run test install one"
  artifacts_present || fetch_artifacts >&2
  "$here/pki.sh" init "$DIR" >/dev/null
  "$here/pki.sh" client "$DIR" admin >/dev/null
  MAKE_ARCHIVES=1  # of the first cluster
  for name in "$@"; do
    open_cluster "$name"
    [ "$name" != "$policy" ] || kafka_make_policy
    certificates >/dev/null
    for part in kafka registry; do
      start_part "$part" &
      pids+=($!)
    done
    MAKE_ARCHIVES=
  done
  for part in "${pids[@]}"; do wait "$part" || failed=1; done
  [ $failed -eq 0 ] || die "not all servers came up"
  kafka_client_properties "$PKI/client/admin.pem" >"$DIR/admin.properties"
  for name in "$@"; do open_cluster "$name"; write_cluster_env; done
  write_env "$@" >"$DIR/env.tmp"
  mv "$DIR/env.tmp" "$DIR/env"
}

# The clusters that DIR holds.
cluster_names() {
  local ports
  for ports in "$DIR"/*/ports; do
    [ -e "$ports" ] && basename "$(dirname "$ports")"
  done
  true
}

down() {
  local name pids=() pid
  for name in $(cluster_names); do
    open_cluster "$name"
    for part in kafka registry; do "${part}_stop" & pids+=($!); done
  done
  for pid in "${pids[@]}"; do wait "$pid"; done
}

# on_parts stop|start NAME [PART]
on_parts() {
  local verb=$1 part pids=() pid
  open_cluster "$2"
  [ -e "$HOME_DIR/cluster.env" ] || die "no cluster $NAME in $DIR"
  for part in ${3:-kafka registry}; do
    [[ $part = kafka || $part = registry ]] || usage
    case $verb in
      start) start_part "$part" & ;;
      stop) "${part}_stop" & ;;
    esac
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid"; done
}

status() {
  local name part state
  for name in $(cluster_names); do
    open_cluster "$name"
    for part in kafka registry; do
      state=stopped
      running "$HOME_DIR/$part.pid" && state="running, process $(cut -d' ' -f1 "$HOME_DIR/$part.pid")"
      printf '%-12s %-9s %s\n' "$name" "$part" "$state"
    done
  done
}

# client CN [TOKEN-FILE]
client() {
  local file=$DIR/clients/$1.properties
  PKI=$DIR/pki
  mkdir -p "$DIR/clients"
  if [ $# -eq 1 ]; then
    "$here/pki.sh" client "$DIR" "$1" >/dev/null
    kafka_client_properties "$PKI/client/$1.pem" >"$file"
  else
    kafka_oauth_properties "$(realpath "$2")" >"$file"
  fi
  printf '%s\n' "$file"
}

main() {
  [ $# -ge 2 ] || usage
  local verb=$1 fresh='' policy=''
  shift
  while [[ ${1:-} = --* ]]; do
    case $1 in
      --fresh) fresh=1 ;;
      --policy) policy=${2:-}; shift ;;
      *) usage ;;
    esac
    shift
  done
  mkdir -p "$1"
  DIR=$(cd "$1" && pwd)
  shift
  case $verb in
    up)
      if [ -n "$fresh" ]; then
        down
        for name in "$@"; do rm -rf "${DIR:?}/$name"; done
      fi
      up "$@"
      ;;
    down) down ;;
    stop | start) [ $# -ge 1 ] || usage; on_parts "$verb" "$@" ;;
    status) status ;;
    tool) [ $# -ge 2 ] || usage; open_cluster "$1"; kafka_tool "${@:2}" ;;
    client) [ $# -ge 1 ] || usage; client "$@" ;;
    *) usage ;;
  esac
}
main "$@"
