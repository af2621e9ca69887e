// Reconciler: the loop that keeps the cluster as approved. Level-triggered: each round looks at the cluster,
// compares it whole (Diff) with what is held, and applies the difference; a missed wake-up costs time, never
// correctness.
//
// A round is about everything (at start, on the interval, and soon again while something cannot be reached)
// or about some slices (those that changed, whose writes are not visible yet, or whose failed steps are due
// again). One thread runs RunOnce or Loop; Post, Contacted and Stop may be called from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "agent/acknowledged.h"
#include "agent/backoff.h"
#include "agent/cluster_conditions.h"
#include "agent/desired.h"
#include "agent/execute.h"
#include "agent/guard.h"
#include "agent/journal.h"
#include "agent/observe.h"
#include "agent/outcomes.h"
#include "agent/report_book.h"
#include "agent/subject_memory.h"
#include "agent/target.h"
#include "common/clock/clock.h"
#include "common/metrics/metrics.h"

namespace sluice::agent {

struct ReconcilerOptions {
  std::chrono::microseconds resync_interval = std::chrono::seconds(60);  // jittered by a tenth
  std::chrono::microseconds max_offline_age = std::chrono::hours(24 * 7);
  GuardRules guard;
  uint64_t seed = 0;  // of the jitter
};

// What a reconciler works with; all outlive it.
struct ReconcilerParts {
  Clock& clock;
  Journal& journal;
  Targets targets;
  ReportBook& reports;
  metrics::Metrics& metrics;
};

class Reconciler {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  // `initial` is what the cache held; `cache_problem` why it held nothing.
  Reconciler(ReconcilerOptions options, ReconcilerParts parts, std::shared_ptr<const DesiredState> initial,
             std::string cache_problem);

  void Post(DesiredUpdate update);
  // The control plane was heard at `when` and had nothing newer.
  void Contacted(Time when);

  // Runs the round that is due, if any. Returns whether one was.
  bool RunOnce();
  // When the next round is due without further news.
  Steady NextDue() const;
  // Runs rounds until Stop.
  void Loop();
  void Stop();

 private:
  struct Inbox {
    std::optional<DesiredUpdate> update;  // several become one
    Time contact{};
  };
  struct Due {
    bool everything = false;
    std::set<std::string> keys;
  };

  static void LogFailure(const char* what, const absl::Status& status);
  void RecordContact();
  // Age of the approved state: the time since the control plane last confirmed it.
  std::chrono::microseconds Age() const;
  void Absorb(Inbox inbox);
  void AbsorbUpdate(DesiredUpdate update);
  Due WhatIsDue(Steady now);
  void RunRound(const Due& due);
  std::shared_ptr<const Part> Whole();
  core::Plan MakePlan(const Part& part, Observation& observation);
  void KeepToPart(const Part& part, core::Plan& plan) const;
  void HoldBackStale(core::Plan& plan);
  std::vector<absl::Status> HeldSteps(const core::Plan& plan) const;
  absl::Status MayApply() const;
  void CheckClusterId(Observation& observation);
  void Remember(const core::Plan& plan, const std::vector<StepResult>& results);
  void Conclude(const Due& due, const Round& round);
  void Schedule(const Due& due, const Observation& observation);
  ClusterView View(const Observation& observation) const;
  void CountSlices(const std::vector<sluice::v1::SliceReport>& reports);
  void CountRound(const Round& round, Steady began);
  int64_t GenerationOf(const std::string& slice) const;

  const ReconcilerOptions options_;
  const ReconcilerParts parts_;

  mutable std::mutex mutex_;  // guards inbox_ and stopping_
  std::condition_variable wake_;
  Inbox inbox_;
  bool stopping_ = false;

  // Of the reconciling thread alone.
  std::shared_ptr<const DesiredState> state_;
  std::string cache_problem_;
  std::string
      foreign_cluster_;    // the ID of another cluster that answers at the address; empty: the right one does
  absl::Status registry_;  // as it was last asked
  Time contact_;
  std::shared_ptr<const Part> whole_;             // everything that is held
  std::shared_ptr<const DesiredState> whole_of_;  // the state that `whole_` is of
  Acknowledged acknowledged_;
  SubjectMemory subjects_;
  Backoff backoff_;
  std::mt19937_64 random_;
  GuardVerdict guard_verdict_;
  bool stale_ = false;  // the state is older than max_offline_age
  bool everything_due_ = true;
  std::set<std::string> changed_, removed_;
  Steady next_full_{}, next_settle_{};
  int settle_attempt_ = 0, unreachable_attempt_ = 0;
};

}  // namespace sluice::agent
