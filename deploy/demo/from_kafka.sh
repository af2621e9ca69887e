# shellcheck shell=bash
# What the demo reads from Kafka and the registry themselves, and does to them behind Sluice's back, with Kafka's own
# tools. Needs the variables of demo.sh.

tool() { clusters tool "$DEMO/dev" "$@"; }

# registry NAME PATH: GET, with the CA.
registry() {
  (. "$DEMO/dev/$1/cluster.env"; curl --silent --fail --max-time 10 --cacert "$CA_FILE" "$REGISTRY_URL$2")
}

json_field() { sed -n "s/.*\"$1\" *: *\"\{0,1\}\([^\",}]*\)\"\{0,1\}.*/\1/p" | head -n 1; }

# show_cluster NAME: topics with configs, ACLs, subjects with level and version.
show_cluster() {
  local subject
  printf 'topics\n'
  tool "$1" TopicCommand --describe --exclude-internal 2>/dev/null |
    sed -n 's/^Topic: \([^\t]*\)\tTopicId: [^\t]*\tPartitionCount: \([0-9]*\)\tReplicationFactor: \([0-9]*\)\tConfigs: /  \1  partitions \2, replicas \3\n    /p'
  printf 'access\n'
  tool "$1" AclCommand --list 2>/dev/null | acl_lines | sort
  printf 'subjects\n'
  for subject in $(registry "$1" /subjects | tr -d '[]" ' | tr ',' ' '); do
    printf '  %s  %s  version %s\n' "$subject" "$(registry "$1" "/config/$subject" | sed 's/.*: *"//; s/".*//')" \
      "$(registry "$1" "/subjects/$subject/versions/latest" | json_field version)"
  done
}

# One line for each ACL of what AclCommand prints, without the agent's own.
acl_lines() {
  awk '
    /^Current ACLs for resource/ {
      match($0, /resourceType=[A-Z_]+/); type = tolower(substr($0, RSTART + 13, RLENGTH - 13))
      match($0, /name=[^,]+/); name = substr($0, RSTART + 5, RLENGTH - 5)
      match($0, /patternType=[A-Z]+/); pattern = tolower(substr($0, RSTART + 12, RLENGTH - 12))
    }
    /principal=/ && !/sluice-agent/ {
      match($0, /principal=[^,]+/); who = substr($0, RSTART + 10, RLENGTH - 10)
      match($0, /operation=[A-Z_]+/); what = substr($0, RSTART + 10, RLENGTH - 10)
      printf "  %-18s %-6s %s %s%s\n", who, what, type, name, (pattern == "prefixed" ? "*" : "")
    }'
}

# tamper NAME TOPIC USER: changes a config, deletes the user's READ, opens the topic for a stranger, adds a foreign topic.
tamper() {
  printf '\nWith Kafka'\''s own tools, as the administrator of %s:\n' "$1"
  printf '  retention.ms of %s: 7 days -> 1 minute\n' "$2"
  tool "$1" ConfigCommand --alter --topic "$2" --add-config retention.ms=60000 >/dev/null
  printf '  User:%s may no longer read it\n' "$3"
  tool "$1" AclCommand --remove --force --allow-principal "User:$3" --operation READ --topic "$2" >/dev/null
  printf '  User:stranger may read it\n'
  tool "$1" AclCommand --add --allow-principal User:stranger --operation READ --topic "$2" >/dev/null
  printf '  a topic of somebody else: legacy.orders\n'
  tool "$1" TopicCommand --create --if-not-exists --topic legacy.orders --partitions 1 --replication-factor 1 >/dev/null
}

# healed NAME TOPIC USER: read from Kafka itself.
healed() {
  tool "$1" TopicCommand --describe --topic "$2" 2>/dev/null | grep -q 'retention.ms=604800000' &&
    tool "$1" AclCommand --list --topic "$2" 2>/dev/null | acl_lines | grep -q "User:$3 .*READ"
}

# flagged PRODUCT: as its owner sees it.
flagged() { as plan-owner describe product "$1" | grep -q ExcessAccess; }

cloud_event() {
  printf '{"specversion":"1.0","type":"com.example.demand-forecast.changed","source":"/plan","id":"%s","time":"%s","datacontenttype":"application/json","data":{"product":"4006381333931","location":"store-17","quantity":12.5,"unit":"EACH"}}' \
    "$(cat /proc/sys/kernel/random/uuid)" "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
}

# produce NAME TOPIC USER: one message through the OAuth listener; a refusal is shown, not an error.
produce() {
  local token=$DEMO/people/$3.jwt properties output
  (umask 077; "$here/../dev/token.sh" "$DEMO/dev" --sub "$3" --aud kafka --ttl 1h >"$token")
  properties=$(clusters client "$DEMO/dev" "$3" "$token")
  . "$DEMO/dev/$1/cluster.env"
  printf '\n%s writes to %s:\n' "$3" "$2"
  output=$(printf 'store-17|4006381333931\t%s\n' "$(cloud_event)" |
    java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.apache.kafka.sasl.oauthbearer.allowed.urls="file://$token" \
      -cp "$(kafka_libs)/*" org.apache.kafka.tools.ConsoleProducer --bootstrap-server "$BOOTSTRAP_OAUTH" \
      --topic "$2" --command-config "$properties" --reader-property parse.key=true 2>&1) || true
  if grep -q 'AuthorizationException' <<<"$output"; then
    printf '  refused by the broker: %s\n' "$(grep -o '[A-Za-z]*AuthorizationException: .*' <<<"$output" | head -n 1)"
  elif grep -qi 'exception\|error' <<<"$output"; then
    printf '%s\n' "$output"
    return 1
  else
    printf '  accepted\n'
  fi
}
