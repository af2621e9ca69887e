// sluice-controlplane: takes changes, finds out who must agree, and tells agents what is approved.
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "common/log/log.h"
#include "controlplane/control_plane.h"
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
  if (!status.ok()) {
    std::cerr << flags.config << ": " << status.message() << "\n";
    return kWrongUse;
  }
  if (!flags.check) return Serve(*settings, signals);
  std::cout << flags.config << ": ok\n";
  return 0;
}

}  // namespace
}  // namespace sluice::controlplane

int main(int argc, char** argv) {
  sluice::controlplane::Flags flags;
  CLI::App app("Sluice's control plane: changes, approvals and what agents are told.", "sluice-controlplane");
  app.set_version_flag("--version", std::string("sluice-controlplane ") + sluice::controlplane::kVersion);
  app.add_option("--config", flags.config, "Configuration file (YAML, message ControlPlaneConfig)")
      ->required();
  app.add_option("--listen", flags.listen, "Address to listen on, instead of the file's");
  app.add_option("--data-directory", flags.data_directory, "Directory of the store, instead of the file's");
  app.add_flag("--check", flags.check, "Check the configuration and the files that it names, and exit");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : sluice::controlplane::kWrongUse;
  }
  // Threads of gRPC may still be inside of OpenSSL, whose cleanup in a normal exit would race with them. All that
  // is ours is closed by now.
  const int code = sluice::controlplane::Run(flags);
  std::cout.flush();
  std::_Exit(code);
}
