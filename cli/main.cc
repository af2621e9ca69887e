// sluice: the command. Connects the parts to the machine: arguments, terminal, signals, clock, network.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "cli/command_line.h"

namespace {

using namespace sluice::cli;

// Leaves at once; a line of progress that stands on the terminal is ended.
extern "C" void OnInterrupt(int) {
  if (isatty(STDERR_FILENO) != 0 && write(STDERR_FILENO, "\n", 1) < 0) _exit(kFailed);
  _exit(kInterrupted);
}

bool WantsColor() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  bool dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
  return isatty(STDOUT_FILENO) != 0 && (no_color == nullptr || *no_color == '\0') && !dumb;
}

void Sleep(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

absl::StatusOr<std::shared_ptr<Client>> Connect(const GlobalOptions& options) {
  auto config = LoadCliConfig(options.config_path);
  if (!config.ok()) return config.status();
  auto context = ChooseContext(*config, options.context, options.config_path);
  if (!context.ok()) return context.status();
  auto channel = OpenChannel(*context);
  if (!channel.ok()) return channel.status();
  ClientOptions client;
  client.name = fmt::format("{} (context '{}')", context->endpoint(), context->name());
  // Waiting has its own bound; its single calls keep theirs.
  constexpr std::chrono::milliseconds kLongest{30'000};
  if (options.timeout.count() > 0) client.timeout = std::min(options.timeout, kLongest);
  client.sleep = Sleep;
  return std::make_shared<Client>(*std::move(channel), std::move(client));
}

// Ends the process at once. Threads of gRPC may still be inside of OpenSSL, whose cleanup in a normal exit
// would race with them.
[[noreturn]] void Leave(ExitCode code) {
  std::cout.flush();
  if (!std::cout && code == kDone) {
    std::cerr << "error: standard output cannot be written\n";
    code = kFailed;
  }
  std::_Exit(code);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGINT, OnInterrupt);
  std::signal(SIGPIPE, SIG_DFL);
  if (std::getenv("GRPC_VERBOSITY") == nullptr)
    setenv("GRPC_VERBOSITY", "NONE", 0);  // errors are told by this program
  Invocation invocation = ParseCommandLine({argv + 1, argv + argc});
  if (!invocation.command) {
    (invocation.code == kDone ? std::cout : std::cerr) << invocation.text;
    return invocation.code;
  }
  Terminal terminal{.in = std::cin,
                    .out = std::cout,
                    .err = std::cerr,
                    .in_is_terminal = isatty(STDIN_FILENO) != 0,
                    .err_is_terminal = isatty(STDERR_FILENO) != 0,
                    .color = WantsColor()};
  sluice::SystemClock clock;
  Session session{.terminal = terminal,
                  .options = invocation.options,
                  .clock = clock,
                  .sleep = Sleep,
                  .connect = [&invocation] { return Connect(invocation.options); }};
  Leave(invocation.command(session));
}
