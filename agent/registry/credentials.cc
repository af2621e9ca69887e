#include "agent/registry/credentials.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <string_view>

namespace sluice::agent::registry {
namespace {

constexpr size_t kMaxSecret = 16 << 10;

// `host` of `http://host:port/path`, brackets of an IPv6 address taken off; with `user@` where it is there.
std::string HostOf(const std::string& url) {
  const size_t begin = url.find("://") + 3;
  std::string host = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  if (!host.empty() && host[0] == '[') return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.rfind(':'));
}

bool IsLoopback(const std::string& host) {
  if (host == "localhost" || host == "::1") return true;
  return host.rfind("127.", 0) == 0 && host.find_first_not_of("0123456789.") == std::string::npos;
}

// Without the line break that editors add.
std::string WithoutEnd(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

absl::StatusOr<std::string> ReadSecret(const std::string& path) {
  const auto refuse = [&](std::string_view why) {
    return absl::FailedPreconditionError(
        fmt::format("the registry's credentials cannot be used ({} {}); put one line into it", path, why));
  };
  std::ifstream file(path, std::ios::binary);
  if (!file) return refuse("cannot be read");
  std::string text(kMaxSecret + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kMaxSecret) return refuse("is over 16 KiB");
  text = WithoutEnd(std::move(text));
  if (text.empty()) return refuse("is empty");
  const bool control =
      std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (control) return refuse("has several lines or control characters");
  return text;
}

}  // namespace

std::string StampOf(const std::string& path) {
  struct stat found = {};
  if (path.empty() || stat(path.c_str(), &found) != 0) return "";
  return fmt::format("{}.{}.{}.{}.{}", found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec,
                     found.st_mtim.tv_nsec);
}

Credentials::Credentials(const RegistryOptions& options)
    : username_(options.username),
      file_(options.bearer_token_file.empty() ? options.password_file : options.bearer_token_file),
      bearer_(!options.bearer_token_file.empty()) {}

absl::StatusOr<Secret> Credentials::Get() {
  if (file_.empty()) return Secret();
  std::lock_guard lock(mutex_);
  if (!stamp_.empty() && stamp_ == StampOf(file_)) return secret_;
  return Read();
}

absl::StatusOr<Secret> Credentials::GetAgain() {
  if (file_.empty()) return Secret();
  std::lock_guard lock(mutex_);
  return Read();
}

absl::StatusOr<Secret> Credentials::Read() {
  std::string stamp = StampOf(file_);  // before the text: a file that changes meanwhile is read once more
  absl::StatusOr<std::string> text = ReadSecret(file_);
  if (!text.ok()) return text.status();
  stamp_ = std::move(stamp);
  secret_ = bearer_ ? Secret{"", "", *std::move(text)} : Secret{username_, *std::move(text), ""};
  return secret_;
}

absl::Status CheckCredentials(const RegistryOptions& options) {
  const std::string host = HostOf(options.url);
  if (host.find('@') != std::string::npos || options.url.find('@') < options.url.find_first_of("/?#", 8)) {
    return absl::InvalidArgumentError(
        "registry.url must not hold a user or password; use registry.username and registry.password_file");
  }
  if (options.username.empty() != options.password_file.empty())
    return absl::InvalidArgumentError("registry.username and registry.password_file go together");
  if (!options.username.empty() && !options.bearer_token_file.empty()) {
    return absl::InvalidArgumentError(
        "a registry knows the agent by registry.username or by registry.bearer_token_file, not by both; "
        "remove one");
  }
  if (options.username.find(':') != std::string::npos)
    return absl::InvalidArgumentError("registry.username cannot hold a ':' (RFC 7617)");
  const bool secret = !options.password_file.empty() || !options.bearer_token_file.empty();
  const bool plain = options.url.rfind("https://", 0) != 0;
  if (secret && plain && !IsLoopback(host)) {
    return absl::InvalidArgumentError(
        fmt::format("credentials are sent over TLS only (registry.url is {}); use https:// or take them out",
                    options.url));
  }
  return absl::OkStatus();
}

}  // namespace sluice::agent::registry
