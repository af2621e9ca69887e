// AgentRun: the part of an agent that works on Kafka (cache, journal, observe, diff, execute, report) in this
// process, on a data directory and without a control plane: what its reports would say is read here. Thread
// safety: one thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "agent/cache.h"
#include "agent/journal.h"
#include "agent/reconciler.h"
#include "agent/report_book.h"
#include "common/clock/clock.h"
#include "common/metrics/metrics.h"
#include "tests/bench/timed_admin.h"

namespace sluice::bench {

class AgentRun {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  // Opens what an agent opens. Nothing runs yet. `registry`: with the dev cluster's.
  AgentRun(const std::string& directory, std::chrono::seconds resync_interval, bool registry);
  ~AgentRun();

  void Start();  // the loop, in a thread
  // Runs the round that is due, in this thread. Not after Start.
  bool RunOnce() { return reconciler_->RunOnce(); }
  // Waits until every slice was reported in sync; ends the program after two minutes.
  void WaitInSync();

  RequestLog& requests() { return requests_; }                    // to Kafka
  RequestLog& registry_requests() { return registry_requests_; }  // looks and batches of steps
  // Asks for a look at everything at once, as an update does that may have changed everything.
  void AskForEverything();

 private:
  bool InSync();

  SystemClock clock_;
  metrics::Metrics metrics_{metrics::Program::kAgent};
  RequestLog requests_, registry_requests_;
  std::unique_ptr<agent::KafkaTarget> kafka_;
  std::unique_ptr<agent::RegistryTarget> registry_;
  std::unique_ptr<agent::Cache> cache_;
  std::unique_ptr<agent::Journal> journal_;
  std::unique_ptr<agent::ReportBook> book_;
  std::unique_ptr<agent::Reconciler> reconciler_;
  std::thread thread_;
  std::set<std::string> waiting_;  // slices that were not reported in sync last
};

}  // namespace sluice::bench
