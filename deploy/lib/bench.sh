# shellcheck shell=bash
# ./run bench: builds the benchmarks (tests/bench) as a release and runs them. Needs common.sh, deps.sh, build.sh.

BENCH_DIR=$SLUICE_ROOT/build/bench            # clusters of the runs, and results.jsonl of the last one
BENCH_PROGRAMS=$SLUICE_ROOT/build/release/bench

stop_bench_clusters() {
  [ ! -d "$BENCH_DIR/dev" ] || "$SLUICE_ROOT/deploy/dev/cluster.sh" down "$BENCH_DIR/dev"
}

# Empty clusters of their own, unless SLUICE_DEV_ENV names one.
start_bench_clusters() {
  [ -z "${SLUICE_DEV_ENV:-}" ] || return 0
  trap stop_bench_clusters EXIT
  step bench-cluster "Start two empty clusters" \
    "$SLUICE_ROOT/deploy/dev/cluster.sh" up --fresh "$BENCH_DIR/dev" eu-prod us-prod
  export SLUICE_DEV_ENV=$BENCH_DIR/dev/env
}

# run_bench [PROGRAM | NAME]... [--runs N]: a program is kafka, controlplane or core; a name is one of its benchmarks.
run_bench() {
  local names=() options=() program part known ran=0 path
  while [ $# -gt 0 ]; do
    case $1 in
      --runs) options+=(--runs "${2:?--runs needs a number}"); shift ;;
      *) names+=("$1") ;;
    esac
    shift
  done
  ensure_dependencies
  build_preset release "the benchmarks" benchmarks
  mkdir -p "$BENCH_DIR"
  rm -f "$BENCH_DIR/results.jsonl"
  for path in "$BENCH_PROGRAMS"/bench_*; do
    program=${path##*/bench_} part=()
    known=$("$path" --list)
    for name in "${names[@]}"; do
      if [ "$name" = "$program" ]; then part=($known); break; fi
      if grep -qx -- "$name" <<<"$known"; then part+=("$name"); fi
    done
    [ ${#names[@]} -eq 0 ] || [ ${#part[@]} -gt 0 ] || continue
    [ "$program" != kafka ] || start_bench_clusters
    ran=1
    printf '\n%-60s | %12s | %12s | %7s | %9s | %s\n' "$program: what" ours baseline ratio target met
    # What the measured parts log as in operation goes into a file.
    "$path" --json "$BENCH_DIR/results.jsonl" "${options[@]}" "${part[@]}" 2>"$BENCH_DIR/$program.log" ||
      { tail -n 5 "$BENCH_DIR/$program.log" >&2; die "bench_$program failed; its log is $BENCH_DIR/$program.log"; }
  done
  [ $ran -eq 1 ] || die "no benchmark is called ${names[*]}; there are:" $(for path in "$BENCH_PROGRAMS"/bench_*; do "$path" --list; done)
}
