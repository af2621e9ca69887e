# shellcheck shell=bash
# What the demo shows, chapter by chapter, on the first run. Needs the variables of demo.sh; `as CONTEXT …`
# is the sluice command as one of the people.

# Chapters are added here as functions, in the order in which they are told.
CHAPTERS=()

tell_story() {
  local chapter
  for chapter in "${CHAPTERS[@]}"; do "$chapter"; done
}
