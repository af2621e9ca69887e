# shellcheck shell=bash
# Debian packages that Sluice needs; installs those that are missing. Needs common.sh, librdkafka.sh, artifacts.sh.

BUILD_PACKAGES=(
  clang-19 libclang-rt-19-dev ccache ninja-build cmake pkg-config make g++
  libgrpc++-dev protobuf-compiler-grpc protobuf-compiler libprotobuf-dev libprotoc-dev libabsl-dev
  libfyaml-dev libcjose-dev libjansson-dev nlohmann-json3-dev libspdlog-dev libfmt-dev libcli11-dev
  prometheus-cpp-dev libcpp-httplib-dev libcurl4-openssl-dev libpcre2-dev libssl-dev zlib1g-dev libsqlite3-dev
  libgtest-dev libgmock-dev libbenchmark-dev
)
# What dev clusters run on, beside the JRE.
SERVER_PACKAGES=(openssl curl)

# missing_packages NAME...: those that are not installed, one a line.
missing_packages() {
  comm -23 <(printf '%s\n' "$@" | sort -u) \
           <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' | sort -u)
}

# install_packages NAME...: a no-op when all are there.
install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  confirm_installation "${missing[@]}"
  step packages "Install Debian packages (${#missing[@]})" apt_install "${missing[@]}"
}

# Asked once, before the first use of sudo; root is not asked.
confirm_installation() {
  [ "$EUID" -ne 0 ] || return 0
  local command="sudo apt-get install $*" answer
  command -v sudo >/dev/null || die "packages are missing and this machine has no sudo; as root: ${command#sudo }"
  say "These Debian packages are missing: $*"
  [ -t 0 ] || die "not on a terminal, so nothing was installed; run: $command"
  read -r -p "Install them with sudo? [Y/n] " answer
  [[ ${answer:-y} =~ ^[Yy] ]] || die "nothing was installed; run: $command"
  sudo -v
}

apt_install() {
  as_root apt-get -o DPkg::Lock::Timeout=600 update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -q -y --no-install-recommends "$@"
}

as_root() { if [ "$EUID" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

# A Java 17 or newer that is there already is good enough.
java_package() {
  local version
  version=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' || true)
  [ "${version:-0}" -lt 17 ] || return 0
  case $(. /etc/os-release && printf '%s' "${VERSION_ID:-}") in
    12) say openjdk-17-jre-headless ;;
    *) say openjdk-21-jre-headless ;;
  esac
}

maven_package() { artifacts_present || command -v mvn >/dev/null || say maven; }

librdkafka_packages() {
  if librdkafka_present; then return 0; fi
  if librdkafka_in_distribution; then say librdkafka-dev; else printf '%s\n' "${LIBRDKAFKA_BUILD_PACKAGES[@]}"; fi
}

# Whether the distribution's own package is new enough.
librdkafka_in_distribution() {
  local candidate
  candidate=$(apt-cache show librdkafka-dev 2>/dev/null | sed -n 's/^Version: //p' | head -n 1)
  [ -n "$candidate" ] && dpkg --compare-versions "$candidate" ge "$LIBRDKAFKA_MINIMUM"
}

# All that a build and a dev cluster need. A satisfied check takes well below a second.
ensure_dependencies() {
  local extra
  command -v apt-get >/dev/null || die "Sluice builds on Debian 12 and 13; this machine has no apt-get"
  mapfile -t extra < <(java_package; maven_package; librdkafka_packages)
  install_packages "${BUILD_PACKAGES[@]}" "${SERVER_PACKAGES[@]}" "${extra[@]}"
  librdkafka_present || step librdkafka "Build librdkafka $LIBRDKAFKA_MINIMUM from Debian's source" build_librdkafka
  artifacts_present || step artifacts "Fetch Apache Kafka and the registry" fetch_artifacts
  export_librdkafka
}
