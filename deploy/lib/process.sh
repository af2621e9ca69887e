# shellcheck shell=bash
# Servers that outlive the script that starts them, known by a pid file: "PID START-TIME", so that a
# number that the system gave to another process since is never signalled. Needs common.sh.

# start_time PID: clock ticks after boot; fails when there is no such process.
start_time() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  stat=${stat##*) }
  [[ $stat != Z* ]] || return 1
  cut -d' ' -f20 <<<"$stat"
}

# running PIDFILE
running() {
  local pid started
  [ -e "$1" ] && read -r pid started <"$1" && [ "$(start_time "$pid")" = "$started" ]
}

# launch PIDFILE LOG COMMAND...: detached from terminal, session and the caller's open files.
launch() {
  local pidfile=$1 log=$2 pid
  shift 2
  setsid "$@" </dev/null >>"$log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
  pid=$!
  printf '%s %s\n' "$pid" "$(start_time "$pid")" >"$pidfile.tmp"
  mv "$pidfile.tmp" "$pidfile"
}

# terminate PIDFILE [SECONDS]: SIGTERM, and SIGKILL when that is not enough. A no-op when it does not run.
terminate() {
  local pidfile=$1 deadline=$((SECONDS + ${2:-30})) pid
  if running "$pidfile"; then
    read -r pid _ <"$pidfile"
    kill -TERM "$pid" 2>/dev/null || true
    while running "$pidfile"; do
      if [ $SECONDS -ge $deadline ]; then
        warn "process $pid ($(basename "$pidfile" .pid)) ignored SIGTERM; killed"
        kill -KILL "$pid" 2>/dev/null || true
      fi
      sleep 0.1
    done
  fi
  rm -f "$pidfile"
}

# wait_until SECONDS COMMAND...: tries ten times a second.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.1
  done
}

# Whether somebody listens on a port of the loopback.
port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_port: one below the range that the system hands out itself, at random, so that parallel runs do not meet.
free_port() {
  local port
  while :; do
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
    port_taken "$port" || break
  done
  printf '%s' "$port"
}

# Who listens on a port, as far as the system tells.
port_owner() {
  command -v ss >/dev/null && ss -Hltnp "sport = :$1" 2>/dev/null | sed -n 's/.*users:((\(.*\)))/ (\1)/p' | head -n 1
  true
}
