// sluice-controlplane: takes changes, finds out who must agree, and tells agents what is approved.
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "common/log/log.h"
#include "controlplane/control_plane.h"
#include "controlplane/maintenance/commands.h"
#include "controlplane/version.h"

namespace sluice::controlplane {
namespace {

constexpr int kFailed = 1, kWrongUse = 2;

// SIGTERM and SIGINT are taken by the wait in Serve alone. Before any thread is made.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

int Serve(const Settings& settings, const sigset_t& signals) {
  SystemClock clock;
  auto control_plane = ControlPlane::Open(settings, clock);
  if (!control_plane.ok()) {
    log::Error("cannot start", {{"reason", std::string(control_plane.status().message())}});
    return kFailed;
  }
  log::Info("serving", {{"address", (*control_plane)->address()},
                        {"version", kVersion},
                        {"revision", (*control_plane)->store().Current()->revision}});
  int number = 0;
  sigwait(&signals, &number);
  log::Info("draining", {{"signal", number}});
  (*control_plane)->Drain();
  log::Info("stopped");
  return 0;
}

int Run(const Flags& flags) {
  const sigset_t signals = BlockSignals();
  umask(077);  // whatever is written is the owner's alone
  absl::StatusOr<Settings> settings = LoadSettings(flags);
  absl::Status status = settings.status();
  if (status.ok()) status = CheckSettings(*settings, SystemClock());
  if (status.ok() && flags.check) status = CheckKeysCanBeFetched(settings->tokens);
  if (!status.ok()) {
    std::cerr << flags.config << ": " << status.message() << "\n";
    return kWrongUse;
  }
  if (!flags.check) return Serve(*settings, signals);
  std::cout << flags.config << ": ok\n";
  return 0;
}

// What beside serving is asked for.
struct Command {
  CLI::App* parsed = nullptr;  // null: serve
  std::string path;            // of the backup, or of what is checked
  std::string output = "table";
};

constexpr char kConfigHelp[] = "Configuration file (YAML, message ControlPlaneConfig)";

// The data directory that a command works on: --data-directory, else the configuration's.
absl::StatusOr<std::string> DataDirectory(const Flags& flags) {
  if (!flags.data_directory.empty()) return flags.data_directory;
  if (flags.config.empty())
    return absl::InvalidArgumentError("which store? name it with --config FILE or --data-directory DIR");
  absl::StatusOr<Settings> settings = LoadSettings(flags);
  if (!settings.ok()) return settings.status();
  return settings->data_directory;
}

int RunCommand(const Flags& flags, const Command& command) {
  umask(077);
  const std::string name = command.parsed->get_name();
  const Output output = command.output == "json" ? Output::kJson : Output::kTable;
  if (name == "check" && !command.path.empty()) return RunCheck(command.path, output);
  const absl::StatusOr<std::string> directory = DataDirectory(flags);
  if (!directory.ok()) {
    std::cerr << "sluice-controlplane " << name << ": " << directory.status().message() << "\n";
    return kWrongUse;
  }
  if (name == "check") return RunCheck(*directory, output);
  return name == "backup" ? RunBackup(*directory, command.path, output)
                          : RunRestore(command.path, *directory, output);
}

CLI::App& AddCommand(CLI::App& app, const char* name, const char* help, Command& command) {
  CLI::App& sub = *app.add_subcommand(name, help);
  sub.fallthrough();  // --config and --data-directory
  sub.add_option("-o,--output", command.output, "table (default) or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->type_name("FORMAT");
  sub.callback([&sub, &command] { command.parsed = &sub; });
  return sub;
}

void AddCommands(CLI::App& app, Command& command) {
  app.require_subcommand(0, 1);
  AddCommand(app, "check",
             "Verify a store that nothing runs on, or a backup; exit code 1, and what to do, when something "
             "is wrong",
             command)
      .add_option("DIRECTORY", command.path, "A backup, or a data directory; default: the configuration's");
  AddCommand(app, "backup",
             "Copy the store into a new directory, consistent and on disk, while the control plane serves",
             command)
      .add_option("DIRECTORY", command.path, "The backup to make; must not exist")
      ->required();
  AddCommand(app, "restore", "Check a backup and put its store into the data directory, which must be empty",
             command)
      .add_option("DIRECTORY", command.path, "The backup")
      ->required();
}

}  // namespace
}  // namespace sluice::controlplane

int main(int argc, char** argv) {
  sluice::controlplane::Flags flags;
  CLI::App app("Sluice's control plane: changes, approvals and what agents are told.", "sluice-controlplane");
  app.set_version_flag("--version", std::string("sluice-controlplane ") + sluice::controlplane::kVersion);
  app.add_option("--config", flags.config, sluice::controlplane::kConfigHelp);
  app.add_option("--listen", flags.listen, "Address to listen on, instead of the file's");
  app.add_option("--data-directory", flags.data_directory, "Directory of the store, instead of the file's");
  app.add_flag("--check", flags.check, "Check the configuration and the files that it names, and exit");
  sluice::controlplane::Command command;
  sluice::controlplane::AddCommands(app, command);
  try {
    app.parse(argc, argv);
    if (command.parsed == nullptr && flags.config.empty()) throw CLI::RequiredError("--config");
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : sluice::controlplane::kWrongUse;
  }
  // Threads of gRPC may still be inside of OpenSSL, whose cleanup in a normal exit would race with them. All
  // that is ours is closed by now.
  const int code = command.parsed != nullptr ? sluice::controlplane::RunCommand(flags, command)
                                             : sluice::controlplane::Run(flags);
  std::cout.flush();
  std::_Exit(code);
}
