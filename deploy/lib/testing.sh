# shellcheck shell=bash
# ./run test: build under sanitizers, check the protos, run every test. Needs common.sh, deps.sh, build.sh, suites.sh.

# Buf, pinned by tools/package-lock.json, kept in the cache: the folder of that lock file's version.
buf_dir() {
  local hash
  hash=$(sha256sum "$SLUICE_ROOT/tools/package-lock.json")
  printf '%s/buf-%s' "$SLUICE_CACHE" "${hash:0:12}"
}

buf_binary() { compgen -G "$(buf_dir)/node_modules/@bufbuild/buf-linux-*/bin/buf" | head -n 1; }

fetch_buf() { with_lock "$SLUICE_CACHE/.lock-buf" fetch_buf_locked "$(buf_dir)"; }

fetch_buf_locked() {
  local target=$1 partial=$1.partial
  [ ! -d "$target" ] || return 0
  rm -rf "$partial"
  mkdir -p "$partial"
  cp "$SLUICE_ROOT"/tools/package{,-lock}.json "$partial/"
  ( cd "$partial" && npm ci --ignore-scripts --no-audit --no-fund )
  compgen -G "$partial/node_modules/@bufbuild/buf-linux-*/bin/buf"
  mv "$partial" "$target"
}

# A machine that cannot get buf tests all the rest; nothing else may be skipped.
lint_protos() {
  local buf
  if [ ! -d "$(buf_dir)" ]; then
    command -v npm >/dev/null || install_packages npm
    if ! step buf "Fetch buf from npm" fetch_buf; then
      warn "  Skipped: linting the protos, because buf could not be fetched"
      return 0
    fi
  fi
  buf=$(buf_binary)
  step lint "Lint the protos" "$buf" lint "$SLUICE_ROOT/proto"
}

# Tests of threads, under ThreadSanitizer. The build knows all tests, and has those with this label.
run_tsan_tests() {
  build_preset tsan "tests of threads, under ThreadSanitizer" tsan_tests
  ctest --test-dir "$SLUICE_ROOT/build/tsan" --output-on-failure --no-tests=error -L '^tsan$' --parallel "$(nproc)"
}

# run_tests [quick | chaos | CTEST-ARGUMENTS...]
run_tests() {
  local arguments=("$@")
  case ${1:-} in
    quick) arguments=(-L quick "${@:2}") ;;
    chaos) arguments=(-C chaos -L '^chaos$' --verbose "${@:2}") ;;  # that label's tests are of this configuration only
  esac
  ensure_dependencies
  [ "${1:-}" = chaos ] || ensure_suites
  build_preset test "tests, under sanitizers"
  if [ $# -eq 0 ]; then
    lint_protos
    run_tsan_tests
  fi
  ctest --test-dir "$SLUICE_ROOT/build/test" --output-on-failure --parallel "$(nproc)" "${arguments[@]}"
}

# What an interrupted run of the tests left behind.
stop_test_clusters() {
  if [ -d "$SLUICE_ROOT/build/test/dev" ]; then "$SLUICE_ROOT/deploy/dev/cluster.sh" down "$SLUICE_ROOT/build/test/dev"; fi
}
