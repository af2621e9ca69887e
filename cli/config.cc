#include "cli/config.h"

#include <absl/strings/ascii.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>

#include "common/core/text.h"
#include "common/manifest/manifest.h"

extern char** environ;

namespace sluice::cli {
namespace {

using sluice::internal::v1::CliConfig;
using sluice::internal::v1::CliContext;

constexpr size_t kMaxConfig = 1 << 20;
constexpr size_t kMaxToken = 64 << 10;
constexpr std::chrono::seconds kTokenCommandTime{60};  // people may have to answer it

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<std::string> Names(const CliConfig& config) {
  std::vector<std::string> names;
  for (const CliContext& context : config.contexts()) names.push_back(context.name());
  return names;
}

// Relative to the directory of the configuration file.
std::string Beside(const std::string& config_path, const std::string& file) {
  size_t slash = config_path.rfind('/');
  if (file.empty() || file.starts_with('/') || slash == std::string::npos) return file;
  return config_path.substr(0, slash + 1) + file;
}

absl::StatusOr<std::string> Cleaned(std::string token, const std::string& source) {
  token = std::string(absl::StripAsciiWhitespace(token));
  if (token.empty())
    return absl::UnauthenticatedError(fmt::format("{} holds no token; sign in again", source));
  for (char c : token) {
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c))) {
      return absl::UnauthenticatedError(
          fmt::format("{} holds something else than one token; sign in again", source));
    }
  }
  return token;
}

// Everything that `fd` gives until it ends, within the token's bounds.
absl::StatusOr<std::string> Drain(int fd, const std::string& command) {
  std::string output;
  auto deadline = std::chrono::steady_clock::now() + kTokenCommandTime;
  char buffer[4096];
  while (true) {
    auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
    int count = left.count() <= 0 ? 0 : poll(&ready, 1, static_cast<int>(left.count()));
    if (count == 0)
      return absl::UnauthenticatedError(fmt::format("the token command {} takes too long", command));
    if (count < 0 && errno == EINTR) continue;
    ssize_t got = read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return output;
    output.append(buffer, static_cast<size_t>(got));
    if (output.size() > kMaxToken)
      return absl::UnauthenticatedError(fmt::format("the token command {} prints too much", command));
  }
}

absl::StatusOr<std::string> RunTokenCommand(const CliContext& context) {
  std::vector<std::string> words(context.token_command().begin(), context.token_command().end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::InternalError("no pipe for the token command");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t child = 0;
  int error = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string name = core::Quote(words[0]);
  if (error != 0) {
    close(ends[0]);
    return absl::UnauthenticatedError(
        fmt::format("the token command {} cannot be run: {}", name, std::strerror(error)));
  }
  absl::StatusOr<std::string> output = Drain(ends[0], name);
  close(ends[0]);
  if (!output.ok()) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (!output.ok()) return output;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return absl::UnauthenticatedError(fmt::format("the token command {} failed; run it to see why", name));
  }
  return Cleaned(*std::move(output), fmt::format("the output of the token command {}", name));
}

}  // namespace

std::string DefaultConfigPath() {
  if (std::string path = Variable("SLUICE_CONFIG"); !path.empty()) return path;
  if (std::string base = Variable("XDG_CONFIG_HOME"); !base.empty()) return base + "/sluice/config.yaml";
  return Variable("HOME") + "/.config/sluice/config.yaml";
}

absl::StatusOr<CliConfig> LoadCliConfig(const std::string& path) {
  CliConfig config;
  absl::Status status = manifest::LoadConfig(path, config);
  if (absl::IsNotFound(status)) {
    return absl::InvalidArgumentError(fmt::format(
        "there is no configuration {}; write one with `contexts: [{{name: …, endpoint: …}}]`, or set "
        "SLUICE_CONFIG",
        path));
  }
  if (!status.ok()) return status;
  return config;
}

absl::StatusOr<CliContext> ChooseContext(const CliConfig& config, const std::string& name,
                                         const std::string& path) {
  const std::string& wanted = name.empty() ? config.current() : name;
  if (wanted.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("no context is chosen; say --context with one of {}, or run sluice context use",
                    core::List(Names(config))));
  }
  for (const CliContext& known : config.contexts()) {
    if (known.name() != wanted) continue;
    CliContext context = known;
    context.set_ca(Beside(path, known.ca()));
    context.set_token_file(Beside(path, known.token_file()));
    return context;
  }
  return absl::InvalidArgumentError(fmt::format("{} has no context {}; known are {}", path,
                                                core::Quote(wanted), core::List(Names(config))));
}

absl::Status UseContext(const std::string& path, const std::string& name) {
  absl::StatusOr<CliConfig> config = LoadCliConfig(path);
  if (!config.ok()) return config.status();
  if (absl::StatusOr<CliContext> chosen = ChooseContext(*config, name, path); !chosen.ok())
    return chosen.status();
  absl::StatusOr<std::string> text = manifest::ReadLocalFile(path, kMaxConfig);
  if (!text.ok()) return text.status();
  size_t at = text->starts_with("current:") ? 0 : text->find("\ncurrent:");
  if (at != std::string::npos && at != 0) ++at;
  std::string line = "current: " + name;
  if (at == std::string::npos) {
    *text = line + "\n" + *text;
  } else {
    text->replace(at, std::min(text->find('\n', at), text->size()) - at, line);
  }
  CliConfig check;
  if (!manifest::ParseMessage(*text, path, check).empty() || check.current() != name) {
    return absl::FailedPreconditionError(
        fmt::format("{} is written in a way that cannot be edited; set 'current' in it", path));
  }
  std::string fresh = path + ".new";
  std::ofstream(fresh, std::ios::binary) << *text;
  if (std::rename(fresh.c_str(), path.c_str()) == 0) return absl::OkStatus();
  return absl::PermissionDeniedError(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
}

absl::StatusOr<std::string> ReadToken(const CliContext& context) {
  if (!context.token_command().empty()) return RunTokenCommand(context);
  if (context.token_file().empty()) return "";
  absl::StatusOr<std::string> token = manifest::ReadLocalFile(context.token_file(), kMaxToken);
  if (!token.ok()) {
    return absl::UnauthenticatedError(fmt::format("cannot read the token file {}: {}", context.token_file(),
                                                  std::string(token.status().message())));
  }
  return Cleaned(*std::move(token), "the token file " + context.token_file());
}

}  // namespace sluice::cli
