# shellcheck shell=bash
# Java programs that start fast. The first run of a server leaves an archive of its loaded classes in the
# cache when it stops; later runs of it, and of tools with the same class path, start in about half the time.
# Needs common.sh.

JVM_FLAGS=(-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData)

# class_archive DIR: of the class path in DIR, for the Java of this machine.
class_archive() {
  local java
  java=$(readlink -f "$(command -v java)")
  printf '%s-%s.jsa' "$1" "$(stat -c %Y "${java%/bin/java}/lib/server/libjvm.so")"
}

# use_archive DIR: the flag, once there is one.
use_archive() {
  local archive
  archive=$(class_archive "$1")
  if [ -e "$archive" ]; then printf -- '-XX:SharedArchiveFile=%s' "$archive"; else printf -- '-Xshare:auto'; fi
}

# use_or_make_archive DIR FILE: the same, or else the flag that writes FILE when the process stops. That takes a few
# seconds of its stop, so only where MAKE_ARCHIVES is set.
use_or_make_archive() {
  if [ -z "${MAKE_ARCHIVES:-}" ] || [ -e "$(class_archive "$1")" ]; then
    use_archive "$1"
  else
    printf -- '-XX:ArchiveClassesAtExit=%s' "$2"
  fi
}

# keep_archive FILE DIR CLASS-PATH: takes FILE over, if there is one and Java finds it sound.
keep_archive() {
  [ -e "$1" ] || return 0
  if java "${JVM_FLAGS[@]}" -Xshare:on -XX:SharedArchiveFile="$1" -cp "$3" -version >/dev/null 2>&1; then
    chmod 0644 "$1"
    mv "$1" "$(class_archive "$2")"
  else
    rm -f "$1"
  fi
}
