// sluice-agent: works beside one Kafka cluster and keeps it as approved.
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "agent/accept_history.h"
#include "agent/access.h"
#include "agent/agent.h"
#include "agent/channel.h"
#include "agent/config.h"
#include "agent/doctor/doctor.h"
#include "agent/doctor/judge.h"
#include "agent/version.h"
#include "common/log/log.h"
#include "common/metrics/endpoint.h"

namespace sluice::agent {
namespace {

constexpr int kFailed = 1, kWrongUse = 2, kHeldByAnother = 3;
constexpr char kExitCodes[] =
    "Exit codes: 0 ended as asked, or nothing is wrong; 1 failed, or the doctor found a FAIL; 2 wrong usage or\n"
    "configuration; 3 another agent works in the data directory.";

struct Flags {
  std::string config;
  bool check = false;
  bool accept_history = false;
  bool doctor = false;
  std::string output = "table";
};

absl::StatusOr<OwnedTargets> OpenTargets(const sluice::internal::v1::AgentConfig& config) {
  OwnedTargets targets;
  auto kafka = OpenKafka(KafkaOptionsOf(config));
  if (!kafka.ok()) return kafka.status();
  targets.kafka = *std::move(kafka);
  if (config.registry().url().empty()) return targets;
  auto registry = OpenRegistry(RegistryOptionsOf(config));
  if (!registry.ok()) return registry.status();
  targets.registry = *std::move(registry);
  return targets;
}

// SIGTERM and SIGINT are taken by WaitForEnd alone. Before any thread is made.
void BlockSignals(sigset_t& signals) {
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

absl::Status Run(const AgentOptions& options, const sigset_t& signals) {
  SystemClock clock;
  metrics::Metrics metrics(metrics::Program::kAgent);
  auto targets = OpenTargets(options.config);
  if (!targets.ok()) return targets.status();
  auto channel = MakeChannel(options.config.control_plane(), options.config.tls());
  auto agent = Agent::Open(options, *std::move(targets), std::move(channel), clock, metrics);
  if (!agent.ok()) return agent.status();
  (*agent)->Start();
  std::unique_ptr<metrics::Endpoint> endpoint;
  if (!options.config.metrics_listen().empty()) {
    Agent* const running = agent->get();
    auto served =
        metrics::Serve(options.config.metrics_listen(), metrics, [running] { return running->Health(); });
    if (!served.ok()) return served.status();
    endpoint = *std::move(served);
  }
  int number = 0;
  sigwait(&signals, &number);
  log::Info("stopping", {{"signal", number}});
  endpoint.reset();
  (*agent)->Stop();
  return absl::OkStatus();
}

int Examine(const Flags& flags) {
  log::SetLevel("error");
  const auto facts = doctor::Examine(flags.config);
  if (!facts.ok()) {
    std::cerr << facts.status().message() << "\n";
    return kWrongUse;
  }
  const doctor::Findings findings = doctor::Judge(*facts);
  const bool color = isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  std::cout << (flags.output == "json" ? doctor::PrintJson(findings) : doctor::PrintTable(findings, color));
  return doctor::CountOf(findings, doctor::Verdict::kFail) > 0 ? kFailed : 0;
}

int Main(const Flags& flags) {
  sigset_t signals;
  BlockSignals(signals);
  auto options = LoadOptions(flags.config);
  if (!options.ok()) {
    std::cerr << options.status().message() << "\n";
    return kWrongUse;
  }
  const std::string& level = options->config.log_level();
  if (!level.empty() && !log::SetLevel(level)) {
    std::cerr << flags.config << ": log_level is debug, info, warn or error (got '" << level << "')\n";
    return kWrongUse;
  }
  if (flags.check) {
    if (auto targets = OpenTargets(options->config); !targets.ok()) {
      std::cerr << flags.config << ": " << targets.status().message() << "\n";
      return kWrongUse;
    }
    std::cout << flags.config << ": ok\n";
    return 0;
  }
  if (flags.accept_history) {
    const std::string& directory = options->config.data_directory();
    SystemClock clock;
    if (absl::Status status = AcceptHistory(directory, clock); !status.ok()) {
      std::cerr << directory << ": " << status.message() << "\n";
      return kFailed;
    }
    std::cout << directory << ": the next start takes what the control plane has; what is the agent's own stays so\n";
    return 0;
  }
  if (absl::Status status = Run(*options, signals); !status.ok()) {
    log::Error("the agent ends", {{"error", status.ToString()}});
    return absl::IsFailedPrecondition(status) ? kHeldByAnother : kFailed;
  }
  return 0;
}

}  // namespace
}  // namespace sluice::agent

int main(int argc, char** argv) {
  sluice::agent::Flags flags;
  CLI::App app("Sluice's agent: keeps one Kafka cluster and its registry as approved.", "sluice-agent");
  app.set_version_flag("--version", std::string("sluice-agent ") + sluice::agent::kVersion);
  app.footer(sluice::agent::kExitCodes);
  app.add_option("--config", flags.config, "Configuration file (YAML; docs/operate.md describes it)")
      ->type_name("FILE")
      ->required();
  app.add_flag("--check", flags.check,
               "Check the configuration, the files that it names and the guard file, and exit");
  app.add_subcommand("accept-history",
                     "Follow a control plane that was restored from an older copy; the agent must be stopped")
      ->fallthrough()
      ->callback([&flags] { flags.accept_history = true; });
  CLI::App* const doctor = app.add_subcommand(
      "doctor",
      "Look at all that the agent needs (control plane, Kafka and privileges, registry, certificates, clocks, disk)\n"
      "and say what to mend. Changes nothing; an agent may be running meanwhile");
  doctor->fallthrough()->callback([&flags] { flags.doctor = true; });
  doctor->add_option("-o,--output", flags.output, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : sluice::agent::kWrongUse;
  }
  // Threads of gRPC may still be inside of OpenSSL, whose cleanup in a normal exit would race with them. All that
  // is ours is closed by now.
  const int code = flags.doctor ? sluice::agent::Examine(flags) : sluice::agent::Main(flags);
  std::cout.flush();
  std::_Exit(code);
}
