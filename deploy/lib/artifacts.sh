# shellcheck shell=bash
# Kafka and the registry from Maven Central, pinned in deploy/dev/*-pom.xml, kept in the cache.
# Needs common.sh.

# Each version of a pom has a folder of its own, so an edited pom is fetched and an old clone still works.
artifact_dir() {
  local hash
  hash=$(sha256sum "$SLUICE_ROOT/deploy/dev/$1-pom.xml")
  printf '%s/%s-%s' "$SLUICE_CACHE" "$1" "${hash:0:12}"
}

kafka_libs()   { artifact_dir kafka; }
registry_dir() { artifact_dir registry; }

artifacts_present() { [ -d "$(kafka_libs)" ] && [ -d "$(registry_dir)" ]; }

# fetch_artifact kafka|registry: a no-op when it is there. Moved into place whole, so an interrupted fetch is redone.
fetch_artifact() {
  local name=$1 target
  target=$(artifact_dir "$name")
  [ ! -d "$target" ] || return 0
  with_lock "$SLUICE_CACHE/.lock-$name" fetch_artifact_locked "$name" "$target"
}

fetch_artifact_locked() {
  local name=$1 target=$2 partial=$2.partial
  [ ! -d "$target" ] || return 0
  rm -rf "$partial"
  mkdir -p "$partial"
  "copy_$name" "$partial"
  mv "$partial" "$target"
}

# The plugin's version is said in the goal where the pom does not pin it.
maven() {
  mvn --batch-mode --no-transfer-progress -Dstyle.color=never --file "$SLUICE_ROOT/deploy/dev/$1-pom.xml" "${@:2}"
}

copy_kafka() {
  maven kafka org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$1"
}

copy_registry() {
  maven registry dependency:copy -DoutputDirectory="$1"
  tar -xzf "$1"/apicurio-registry-app-*.tar.gz -C "$1"
  rm "$1"/apicurio-registry-app-*.tar.gz
}

fetch_artifacts() { fetch_artifact kafka; fetch_artifact registry; }
