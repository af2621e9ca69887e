# shellcheck shell=bash
# What the demo shows, chapter by chapter, on the first run. Needs the variables of demo.sh; `as CONTEXT …`
# is the sluice command as one of the people.
. "$here/from_kafka.sh"

EXAMPLES=$SLUICE_ROOT/examples

chapter() { printf '\n\033[1m%s\033[0m\n' "$*" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9]*m//g'; fi; }

# show CONTEXT COMMAND...: prints the command as a person would type it, and runs it. Waiting for approval is no failure.
show() {
  local context=$1 status=0
  shift
  printf '\n$ sluice --context %s %s\n' "$context" "${*//"$SLUICE_ROOT/"/}"
  as "$context" "$@" || status=$?
  [ $status -eq 0 ] || [ $status -eq 4 ] || die "that was expected to work (exit code $status)"
}

# The examples' clusters, at the addresses that this machine gave them.
cluster_manifests() {
  mkdir -p "$DEMO/manifests"
  local name
  cp "$EXAMPLES/platform/clusters.yaml" "$DEMO/manifests/clusters.yaml"
  for name in "${CLUSTERS[@]}"; do
    . "$DEMO/dev/$name/cluster.env"
    sed -i "s|$name.kafka.example:9094|$BOOTSTRAP_OAUTH|; s|https://$name.registry.example|$REGISTRY_URL|" \
      "$DEMO/manifests/clusters.yaml"
  done
}

# approve CONTEXT: everything that waits for this person, each with the digest of what was shown.
approve() {
  local context=$1 change digest
  show "$context" inbox
  for change in $(as "$context" inbox -o name); do
    digest=$(as "$context" get change "$change" -o json | sed -n 's/.*"digest": *"\([0-9a-f]\{64\}\)".*/\1/p' | head -n 1)
    show "$context" approve "$change" --digest "$digest"
  done
}

chapter_platform() {
  chapter "1. The data products team keeps the conventions, the operator keeps clusters, customers and applications"
  cluster_manifests
  show data-products apply -f "$EXAMPLES/platform/conventions.yaml"
  show operator apply -f "$DEMO/manifests/clusters.yaml" -f "$EXAMPLES/platform/customers.yaml" \
    -f "$EXAMPLES/platform/applications.yaml"
}

chapter_products() {
  chapter "2. Three owners declare their products; nothing happens before others agree"
  show plan-owner apply -f "$EXAMPLES/products/demand-forecast.yaml"
  show dpo apply -f "$EXAMPLES/products/order-proposal.yaml"
  show mobile-owner apply -f "$EXAMPLES/products/event-inbox.yaml"
  chapter "3. The review board and the Domain Owner agree, each to exactly what they were shown"
  approve review-board
  approve domain-owner
}

chapter_access() {
  chapter "4. A consumer asks for access; the product's owner agrees"
  show mobile-owner apply -f "$EXAMPLES/access/mobile-forecast.yaml"
  approve plan-owner
}

chapter_result() {
  local change name
  chapter "5. The agents make it so on two Kafka clusters"
  for change in $(as operator get changes -o name); do
    as operator wait "$change" --for=applied --timeout 60s >/dev/null || true
  done
  show plan-owner get products
  for name in "${CLUSTERS[@]}"; do
    chapter "   Read back from $name's Kafka and registry themselves"
    show_cluster "$name"
  done
  chapter "6. Every step is in the audit log"
  show auditor audit query --limit 25
}

chapter_drift() {
  chapter "7. Somebody changes Kafka by hand; the agent heals what is ours, flags what is too much, leaves the rest alone"
  tamper eu-prod acme.f-and-r.forecast.demand-forecast.events sa-replenish
  step healed "Wait until the agent has healed it" wait_until 60 healed eu-prod acme.f-and-r.forecast.demand-forecast.events sa-replenish
  step flagged "Wait until the stranger's access is flagged" wait_until 60 flagged f-and-r.demand-forecast
  show operator audit query --action drift. --cluster eu-prod --limit 10
  show plan-owner describe product f-and-r.demand-forecast
  show operator describe cluster eu-prod
}

chapter_events() {
  chapter "8. The granted application writes a CloudEvents message with its OAuth token; another one is refused by the broker"
  produce eu-prod acme.f-and-r.forecast.demand-forecast.events sa-plan
  produce eu-prod acme.f-and-r.forecast.demand-forecast.events sa-order-desk
}

tell_story() {
  chapter_platform
  chapter_products
  chapter_access
  chapter_result
  chapter_drift
  chapter_events
}
