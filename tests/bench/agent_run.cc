#include "tests/bench/agent_run.h"

#include <utility>

#include "agent/kafka/client.h"
#include "agent/kafka/over_admin.h"
#include "agent/registry/registry.h"
#include "tests/bench/bench.h"
#include "tests/bench/estate.h"
#include "tests/bench/timed_registry.h"

namespace sluice::bench {
namespace {

template <typename T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) Fail(value.status().ToString());
  return *std::move(value);
}

}  // namespace

AgentRun::AgentRun(const std::string& directory, std::chrono::seconds resync_interval, bool registry) {
  cache_ = Must(agent::Cache::Open(directory + "/cache.db", clock_));
  journal_ = Must(agent::Journal::Open(directory + "/journal.db"));
  std::unique_ptr<agent::kafka::Admin> client = Must(agent::kafka::Client::Open(AgentKafka()));
  kafka_ = agent::kafka::TargetOver(std::make_unique<TimedAdmin>(std::move(client), requests_), {});
  if (registry)
    registry_ = std::make_unique<TimedRegistry>(Must(agent::OpenRegistry(Registry())), registry_requests_);
  book_ = std::make_unique<agent::ReportBook>("eu-prod", "bench", clock_);
  agent::ReconcilerOptions options;
  options.resync_interval = resync_interval;
  reconciler_ = std::make_unique<agent::Reconciler>(
      options,
      agent::ReconcilerParts{clock_, *journal_, agent::Targets{*kafka_, registry_.get()}, *book_, metrics_},
      cache_->state(), cache_->problem());
  for (const auto& [key, slice] : cache_->state()->slices) waiting_.insert(key);
}

AgentRun::~AgentRun() {
  reconciler_->Stop();
  kafka_->Stop();
  if (registry_ != nullptr) registry_->Stop();
  if (thread_.joinable()) thread_.join();
}

void AgentRun::Start() {
  thread_ = std::thread([this] { reconciler_->Loop(); });
}

void AgentRun::AskForEverything() {
  agent::DesiredUpdate update;
  update.state = cache_->state();
  update.full = true;
  reconciler_->Post(std::move(update));
}

bool AgentRun::InSync() {
  while (auto request = book_->Next()) {
    for (const sluice::v1::SliceReport& report : request->slices()) {
      if (report.state() == sluice::v1::SYNC_STATE_IN_SYNC) {
        waiting_.erase(report.key());
      } else {
        waiting_.insert(report.key());
      }
    }
    book_->Acknowledge();
  }
  return waiting_.empty();
}

void AgentRun::WaitInSync() {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!InSync()) {
    if (std::chrono::steady_clock::now() > give_up) Fail("the slices were not in sync after two minutes");
    book_->WaitForNews(give_up);
  }
}

}  // namespace sluice::bench
