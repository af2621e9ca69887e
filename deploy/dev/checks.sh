# shellcheck shell=bash
# For tests of the scripts: every check prints a line, the first failure does not hide the others.

FAILURES=0

# check TITLE COMMAND...: expects success.
check() {
  local title=$1 output
  shift
  if output=$("$@" 2>&1); then
    printf 'ok      %s\n' "$title"
  else
    printf 'FAILED  %s\n%s\n' "$title" "$output"
    FAILURES=$((FAILURES + 1))
  fi
}

# refused TITLE PATTERN COMMAND...: expects output with the pattern, whatever the exit code (Kafka's console
# producer ends with 0 even when it was refused).
refused() {
  local title=$1 pattern=$2 output
  shift 2
  output=$("$@" 2>&1) || true
  check "$title" grep -E -e "$pattern" <<<"$output"
}

end_checks() { [ "$FAILURES" -eq 0 ]; }
