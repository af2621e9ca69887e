#include "agent/agent.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "agent/cache.h"
#include "agent/version.h"
#include "common/crypto/sha256.h"
#include "common/log/log.h"

namespace sluice::agent {
namespace {

// Time to reach the control plane before an agent that is not told otherwise takes itself for the only one.
constexpr std::chrono::seconds kPatience{5};

ReconcilerOptions OptionsOf(const AgentOptions& options) {
  ReconcilerOptions reconciler;
  reconciler.cluster = options.config.cluster();
  reconciler.resync_interval = options.resync_interval;
  reconciler.max_offline_age = options.max_offline_age;
  reconciler.guard = options.guard;
  reconciler.seed = std::random_device()();
  reconciler.boot = BootId();
  reconciler.certificates = CertificateFilesOf(options.config);
  reconciler.patience = kPatience;
  return reconciler;
}

bool WantsTopics(const DesiredState& state) {
  return std::any_of(state.slices.begin(), state.slices.end(),
                     [](const auto& entry) { return !entry.second->slice.topics.empty(); });
}

}  // namespace

absl::StatusOr<std::unique_ptr<Agent>> Agent::Open(const AgentOptions& options, OwnedTargets targets,
                                                   std::shared_ptr<grpc::Channel> channel, Clock& clock,
                                                   metrics::Metrics& metrics) {
  const std::string& directory = options.config.data_directory();
  if (absl::Status status = PrepareDirectory(directory); !status.ok()) return status;
  auto cache = Cache::Open(fmt::format("{}/cache.db", directory), clock);
  if (!cache.ok()) return cache.status();
  auto journal = Journal::Open(fmt::format("{}/journal.db", directory));
  if (!journal.ok()) return journal.status();

  std::unique_ptr<Agent> agent(new Agent());
  agent->targets_ = std::move(targets);
  agent->journal_ = *std::move(journal);
  const AgentIdentity identity{options.config.cluster(), RandomHex(16), kVersion};
  agent->reports_ = std::make_unique<ReportBook>(identity.cluster, identity.incarnation, clock);
  const std::shared_ptr<const DesiredState> held = (*cache)->state();
  log::Info("agent", {{"cluster", identity.cluster},
                      {"incarnation", identity.incarnation},
                      {"version", identity.version},
                      {"revision", held->revision},
                      {"slices", held->slices.size()}});
  // A journal that knows no topic although some are wanted may be a lost one.
  const bool journal_lost = !agent->journal_->problem().empty() ||
                            (agent->journal_->ours().topics.empty() && WantsTopics(*held));
  if (journal_lost) agent->ask_ = DesiredClient::Ask::kEverything;
  ReconcilerOptions reconciling = OptionsOf(options);
  reconciling.ask_what_is_ours = journal_lost && WantsTopics(*held);
  const Targets to{*agent->targets_.kafka, agent->targets_.registry.get()};
  agent->reconciler_ = std::make_unique<Reconciler>(
      std::move(reconciling), ReconcilerParts{clock, *agent->journal_, to, *agent->reports_, metrics}, held,
      (*cache)->problem());
  Reconciler* const reconciler = agent->reconciler_.get();
  // A report that was taken says that nothing newer is approved only while the stream of the desired state is
  // open.
  auto open = std::make_shared<std::atomic<bool>>(false);
  DesiredListener listener;
  listener.updated = [reconciler](DesiredUpdate update) { reconciler->Post(std::move(update)); };
  listener.connected = [open, &metrics](bool connected) {
    *open = connected;
    metrics.Set(metrics::Id::kControlPlaneConnected, connected ? 1 : 0);
  };
  listener.stands = [reconciler](Standing standing) { reconciler->Stands(standing); };
  listener.refused = [reconciler](const absl::Status& status) { reconciler->Refused(status); };
  listener.cache_writes = [reconciler, &metrics](const absl::Status& status) {
    if (!status.ok()) metrics.Add(metrics::Id::kStorageErrors, {"cache.db"});
    reconciler->CacheWrites(status);
  };
  agent->desired_ =
      std::make_unique<DesiredClient>(identity, channel, *std::move(cache), clock, std::move(listener));
  agent->reporter_ =
      std::make_unique<Reporter>(channel, *agent->reports_, clock,
                                 [reconciler, desired = agent->desired_.get(), open, &metrics] {
                                   metrics.Add(metrics::Id::kReportsSent);
                                   if (*open) reconciler->Contacted();
                                   desired->KeepCache();
                                 });
  return agent;
}

Agent::~Agent() { Stop(); }

void Agent::Start() {
  reconciling_ = std::thread([this] { reconciler_->Loop(); });
  desired_->Start(ask_, ReadHistory(*journal_));
  reporter_->Start();
}

void Agent::Stop() {
  desired_->Stop();
  reconciler_->Stop();
  targets_.kafka->Stop();
  if (targets_.registry != nullptr) targets_.registry->Stop();
  if (reconciling_.joinable()) reconciling_.join();
  reporter_->Stop();
}

absl::Status Agent::Health() const {
  if (!reconciling_.joinable()) return absl::UnavailableError("the agent does not run");
  return absl::OkStatus();
}

}  // namespace sluice::agent
