# shellcheck shell=bash
# ./run fuzz: builds the fuzz targets (tests/fuzz) with libFuzzer and lets them look for inputs that break a rule.
# Needs common.sh, deps.sh, build.sh.

# run_fuzz [TARGET | all] [SECONDS of each]
run_fuzz() {
  local wanted=${1:-all} seconds=${2:-60} name found
  local seeds=$SLUICE_ROOT/tests/fuzz/corpus work=$SLUICE_ROOT/build/fuzz
  local targets=()
  [[ $seconds =~ ^[1-9][0-9]*$ ]] || die "seconds are a number from 1 on (got '$seconds'): ./run fuzz [TARGET] [SECONDS]"
  for found in "$seeds"/*/; do targets+=("$(basename "$found")"); done
  if [ "$wanted" != all ]; then
    [ -d "$seeds/$wanted" ] || die "no such target: $wanted; there are: ${targets[*]}"
    targets=("$wanted")
  fi
  ensure_dependencies
  build_preset fuzz "fuzz targets" fuzzers
  for name in "${targets[@]}"; do
    mkdir -p "$work/found/$name" "$work/crashes"
    "$work/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -max_len=65536 -print_final_stats=1 \
      -artifact_prefix="$work/crashes/$name-" "$work/found/$name" "$seeds/$name" ||
      die "$name broke a rule; the input is in $work/crashes: keep it in tests/fuzz/corpus/$name with the fix"
  done
}
