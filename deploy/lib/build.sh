# shellcheck shell=bash
# Builds with the presets of CMakePresets.json. Needs common.sh, librdkafka.sh.

# build_preset PRESET TITLE [TARGET]: configures when that is due, and builds the target, or everything.
build_preset() {
  local preset=$1 dir=$SLUICE_ROOT/build/$1 target=${3:-all}
  export_librdkafka
  if [ ! -e "$dir/build.ninja" ] || [ "$SLUICE_ROOT/CMakePresets.json" -nt "$dir/build.ninja" ]; then
    step "$preset-configure" "Configure $2" cmake -S "$SLUICE_ROOT" --preset "$preset"
  fi
  step "$preset-build" "Build $2" cmake --build "$dir" --target "$target"
}

# sluice_binary NAME: path of a program that `./run build` makes.
sluice_binary() { printf '%s/build/release/bin/%s' "$SLUICE_ROOT" "$1"; }
