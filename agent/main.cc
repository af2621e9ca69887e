// sluice-agent: works beside one Kafka cluster and keeps it as approved.
#include <pthread.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "agent/access.h"
#include "agent/agent.h"
#include "agent/channel.h"
#include "agent/config.h"
#include "agent/version.h"
#include "common/log/log.h"
#include "common/metrics/endpoint.h"

namespace sluice::agent {
namespace {

constexpr int kFailed = 1, kWrongUse = 2;

struct Flags {
  std::string config;
  bool check = false;
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
  if (absl::Status status = Run(*options, signals); !status.ok()) {
    log::Error("the agent ends", {{"error", status.ToString()}});
    return kFailed;
  }
  return 0;
}

}  // namespace
}  // namespace sluice::agent

int main(int argc, char** argv) {
  sluice::agent::Flags flags;
  CLI::App app("Sluice's agent: keeps one Kafka cluster and its registry as approved.", "sluice-agent");
  app.set_version_flag("--version", std::string("sluice-agent ") + sluice::agent::kVersion);
  app.add_option("--config", flags.config, "Configuration file (YAML, message AgentConfig)")->required();
  app.add_flag("--check", flags.check,
               "Check the configuration, the files that it names and the guard file, and exit");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : sluice::agent::kWrongUse;
  }
  // Threads of gRPC may still be inside of OpenSSL, whose cleanup in a normal exit would race with them. All that
  // is ours is closed by now.
  const int code = sluice::agent::Main(flags);
  std::cout.flush();
  std::_Exit(code);
}
