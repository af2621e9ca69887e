# shellcheck shell=bash
# What every script of the repository shares: places, messages, steps with elapsed time.
# To be sourced; needs bash, coreutils and util-linux only.

SLUICE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Shared by all checkouts of a user; holds what is expensive to fetch or build.
SLUICE_CACHE=${SLUICE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sluice}
# Where the detail of steps goes; a caller may set its own.
SLUICE_LOGS=${SLUICE_LOGS:-$SLUICE_ROOT/build/log}

say()  { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
die()  { printf 'error: %s\n' "$*" >&2; exit 1; }

# Milliseconds on the wall clock.
now_ms() { local t=${EPOCHREALTIME/[.,]/}; printf '%s' "${t%???}"; }

# seconds MS: "12.3"
seconds() { printf '%d.%d' $(($1 / 1000)) $(($1 % 1000 / 100)); }

# step NAME TITLE COMMAND...: runs COMMAND with its output in $SLUICE_LOGS/NAME.log and prints one
# line with the elapsed time. On failure shows the end of the log and returns COMMAND's status.
step() {
  local title=$2 log=$SLUICE_LOGS/$1.log start status=0 ticker=
  shift 2
  mkdir -p "$SLUICE_LOGS"
  start=$(now_ms)
  printf '  %-52s ' "$title"
  if [ -t 1 ]; then step_ticker "$title" "$log" "$start" & ticker=$!; fi
  : >"$log"
  # A subshell with errexit of its own: inside `if` or `||` bash would ignore failures.
  set +e
  (set -e; "$@") >>"$log" 2>&1 </dev/null
  status=$?
  set -e
  if [ -n "$ticker" ]; then
    kill "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    printf '\r\033[K  %-52s ' "$title"
  fi
  if [ $status -ne 0 ]; then
    printf 'FAILED after %s s\n' "$(seconds $(($(now_ms) - start)))"
    warn "----- the end of $log"
    tail -n 40 "$log" >&2
    warn "-----"
    return $status
  fi
  printf '%6s s\n' "$(seconds $(($(now_ms) - start)))"
}

# Redraws the line of a running step once a second, with the progress that ninja or apt logged last.
step_ticker() {
  local title=$1 log=$2 start=$3 progress
  trap 'exit 0' TERM
  while sleep 1; do
    progress=$(tail -c 4000 "$log" 2>/dev/null | grep -oE '^\[[0-9]+/[0-9]+\]|^ *[0-9]+/[0-9]+ Test' | tail -n 1 || true)
    printf '\r\033[K  %-52s %6s s %s' "$title" "$(seconds $(($(now_ms) - start)))" "$progress"
  done
}

# with_lock FILE COMMAND...: one process at a time.
with_lock() {
  local file=$1
  shift
  mkdir -p "$(dirname "$file")"
  ( flock 9; "$@" 9>&- ) 9>"$file"
}
