# shellcheck shell=bash
# librdkafka 2.8 or newer: the system's where it is new enough (Debian 13), else built once from
# Debian 13's source package into the cache. 2.8 has the admin calls that Sluice needs; Debian 12
# ships 2.0, whose only way to write configs resets every key that was not named.
# Needs common.sh.

LIBRDKAFKA_MINIMUM=2.8
LIBRDKAFKA_PREFIX=$SLUICE_CACHE/librdkafka-2.8
LIBRDKAFKA_BUILD_PACKAGES=(dpkg-dev cmake ninja-build gcc g++ libssl-dev libcurl4-openssl-dev zlib1g-dev)

librdkafka_in_system() { pkg-config --atleast-version=$LIBRDKAFKA_MINIMUM rdkafka 2>/dev/null; }
librdkafka_in_cache()  { [ -e "$LIBRDKAFKA_PREFIX/lib/pkgconfig/rdkafka.pc" ]; }
librdkafka_present()   { librdkafka_in_cache || librdkafka_in_system; }

# Lets pkg-config (and so CMake) find the copy in the cache.
export_librdkafka() {
  if librdkafka_in_cache; then
    export PKG_CONFIG_PATH=$LIBRDKAFKA_PREFIX/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
  fi
}

# A no-op when it is there.
build_librdkafka() {
  librdkafka_present || with_lock "$SLUICE_CACHE/.lock-librdkafka" build_librdkafka_locked
}

# Installed through DESTDIR and moved into place whole, so an interrupted build is redone.
build_librdkafka_locked() {
  local work=$LIBRDKAFKA_PREFIX.partial
  librdkafka_in_cache && return 0
  rm -rf "$work"
  mkdir -p "$work"
  fetch_librdkafka_source "$work"
  cmake -S "$work/src" -B "$work/build" -G Ninja -Wno-dev \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_POSITION_INDEPENDENT_CODE=ON \
    -DCMAKE_INSTALL_PREFIX="$LIBRDKAFKA_PREFIX" -DCMAKE_INSTALL_LIBDIR=lib \
    -DRDKAFKA_BUILD_STATIC=ON -DRDKAFKA_BUILD_EXAMPLES=OFF -DRDKAFKA_BUILD_TESTS=OFF \
    -DWITH_SSL=ON -DWITH_CURL=ON -DWITH_ZLIB=ON -DWITH_ZSTD=OFF -DWITH_SASL=OFF -DENABLE_LZ4_EXT=OFF
  nice -n 5 cmake --build "$work/build"
  DESTDIR=$work/root cmake --install "$work/build"
  write_librdkafka_pc "$work/root$LIBRDKAFKA_PREFIX/lib/pkgconfig"
  mv "$work/root$LIBRDKAFKA_PREFIX" "$LIBRDKAFKA_PREFIX"
  rm -rf "$work"
}

# Upstream's file for the static library leaves out what it links. This one is complete, and has the name that
# Debian 13's package uses.
write_librdkafka_pc() {
  cat >"$1/rdkafka.pc" <<EOF
prefix=$LIBRDKAFKA_PREFIX
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: rdkafka
Description: The Apache Kafka C library, static
Version: $(sed -n 's/^Version: //p' "$1/rdkafka-static.pc")
Requires: libcurl libssl libcrypto zlib
Cflags: -I\${includedir} -DLIBRDKAFKA_STATICLIB
Libs: -L\${libdir} -lrdkafka -lpthread -lrt -ldl -lm
EOF
}

# Debian 13's source package, by apt, verified with Debian's own keyring, from the mirror that the machine uses
# already. All of apt's state is private: the system's configuration and package lists stay as they are.
fetch_librdkafka_source() {
  local work=$1 options
  write_private_apt "$work/apt"
  options=(
    -o Dir::Etc::SourceList="$work/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o Dir::State="$work/apt/state" -o Dir::State::Status=/var/lib/dpkg/status
    -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=root -o APT::Get::List-Cleanup=false
  )
  apt-get "${options[@]}" update
  ( cd "$work" && apt-get "${options[@]}" source librdkafka )
  mv "$work"/librdkafka-*/ "$work/src"
}

write_private_apt() {
  mkdir -p "$1"/state/lists/partial "$1"/cache/archives/partial
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -e "$keyring" ] || die "$keyring is missing: install the package debian-archive-keyring"
  printf 'deb-src [signed-by=%s] %s trixie main\n' "$keyring" "$(debian_mirror)" >"$1/sources.list"
}

# The address from which this machine gets its own release's main component.
debian_mirror() {
  local codename mirror
  codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
  # shellcheck disable=SC2016  # apt's own placeholders
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
    awk -v release="$codename" '$2 == release && $3 == "main" { print $1; exit }')
  [ -n "$mirror" ] || die "found no Debian mirror for $codename in apt's sources"
  printf '%s' "$mirror"
}
