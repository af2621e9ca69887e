#!/usr/bin/env bash
# The demo: two real Kafka clusters, a control plane, an agent beside each cluster, and a story told with
# them. Everything lives in .demo; `up` again comes back with the data.
#
#   demo.sh up | down | clean | status
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../lib/common.sh"
. "$here/../lib/process.sh"
. "$here/../lib/artifacts.sh"
. "$here/../lib/build.sh"
. "$here/people.sh"
. "$here/servers.sh"
. "$here/story.sh"

DEMO=$SLUICE_ROOT/.demo
SLUICE_LOGS=$DEMO/log
CLUSTERS=(eu-prod us-prod)

clusters() { "$here/../dev/cluster.sh" "$@"; }

# What a shell needs to go on from here: `. .demo/env`.
write_demo_env() (  # a subshell: DIR/env has variables of its own
  . <(sed "s/=\(.*\)/='\1'/" "$DEMO/dev/env")
  cat >"$DEMO/env.tmp" <<EOF
SLUICE_CONFIG='$DEMO/people/contexts.yaml'
SLUICE_CONTEXT='$FIRST_CONTEXT'
SLUICE_ENDPOINT='127.0.0.1:$(controlplane_port)'
SLUICE_CA='$CA_FILE'
EU_BOOTSTRAP='$EU_PROD_BOOTSTRAP_MTLS'
US_BOOTSTRAP='$US_PROD_BOOTSTRAP_MTLS'
EU_BOOTSTRAP_OAUTH='$EU_PROD_BOOTSTRAP_OAUTH'
US_BOOTSTRAP_OAUTH='$US_PROD_BOOTSTRAP_OAUTH'
EU_REGISTRY='$EU_PROD_REGISTRY_URL'
US_REGISTRY='$US_PROD_REGISTRY_URL'
REGISTRY_CA='$CA_FILE'
KAFKA_ADMIN_CONFIG='$KAFKA_ADMIN_CONFIG'
KAFKA_CP='$KAFKA_CP'
EOF
  printf 'export %s\n' "$(sed 's/=.*//' "$DEMO/env.tmp" | paste -sd' ')" >>"$DEMO/env.tmp"
  mv "$DEMO/env.tmp" "$DEMO/env"
)

try_next() {
  cat <<'EOF'

Everything keeps running. Five things to try next:
  . .demo/env                                             the demo's addresses, for your shell
  ./run sluice get products                               what is governed, region by region
  ./run sluice audit tail                                 who did what, as it happens
  java -cp "$KAFKA_CP" org.apache.kafka.tools.TopicCommand \
    --bootstrap-server $EU_BOOTSTRAP --command-config $KAFKA_ADMIN_CONFIG --list
                                                          the topics, read from Kafka itself
  edit a manifest in examples/, then ./run sluice diff -f FILE and ./run sluice apply -f FILE
./run down stops it, ./run demo brings it back with its data, ./run clean forgets it.
EOF
}

up() {
  mkdir -p "$DEMO"
  step clusters "Start two Kafka clusters with their registries" clusters up "$DEMO/dev" "${CLUSTERS[@]}"
  step people "Make certificates, tokens and contexts" prepare_people
  step controlplane "Start the control plane" start_controlplane
  step agents "Start an agent beside each cluster" start_agents
  write_demo_env
  if [ -e "$DEMO/told" ]; then
    say "Welcome back: the data of last time is still there."
  else
    tell_story
    touch "$DEMO/told"
  fi
  try_next
}

down() {
  [ -d "$DEMO" ] || return 0
  stop_agents
  stop_controlplane
  clusters down "$DEMO/dev"
  say "stopped; the data stays in .demo"
}

status() {
  [ -d "$DEMO" ] || die "there is no demo: ./run demo"
  local config server state
  clusters status "$DEMO/dev"
  for config in "$DEMO"/{controlplane,agents/*}/config.yaml; do
    server=${config%/config.yaml}
    state=stopped
    if running "$server/server.pid"; then state="running, process $(cut -d' ' -f1 "$server/server.pid")"; fi
    printf '%-22s %s\n' "${server#"$DEMO"/}" "$state"
  done
}

case ${1:-} in
  up | status) "$1" ;;
  down) step down "Stop the demo" down ;;
  clean)
    step down "Stop the demo" down
    rm -rf "$DEMO"
    ;;
  *) sed -n '2,/^set /s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
