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
#include "agent/certificates.h"
#include "agent/cluster_conditions.h"
#include "agent/contest.h"
#include "agent/deferred.h"
#include "agent/desired.h"
#include "agent/execute.h"
#include "agent/guard.h"
#include "agent/journal.h"
#include "agent/missing.h"
#include "agent/observe.h"
#include "agent/outcomes.h"
#include "agent/report_book.h"
#include "agent/state_age.h"
#include "agent/subject_memory.h"
#include "agent/target.h"
#include "common/clock/clock.h"
#include "common/metrics/metrics.h"

namespace sluice::agent {

struct ReconcilerOptions {
  std::string cluster;  // name, for commands in messages
  std::chrono::microseconds resync_interval = std::chrono::seconds(60);  // jittered by a tenth
  std::chrono::microseconds max_offline_age = std::chrono::hours(24 * 7);
  // Of so many looks at everything one reads all config keys; the others read those that slices name.
  int looks_per_all_keys = 10;
  GuardRules guard;
  uint64_t seed = 0;  // of the jitter
  std::string boot;   // this run of the machine (BootId)
  std::vector<CertificateFile> certificates;  // whose expiry is watched
  // The journal may have been lost: nothing is created before the control plane has said what is ours (a full update).
  bool ask_what_is_ours = false;
  // How long nothing is changed after the start while the control plane has not said whether another agent serves the
  // cluster.
  std::chrono::microseconds patience{0};
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
  // The control plane was heard and had nothing newer.
  void Contacted();
  // While another agent serves the cluster nothing is changed.
  void Stands(Standing standing);
  // The control plane does not serve this agent (or does again).
  void Refused(absl::Status status);
  // The cache could not be written (or can again).
  void CacheWrites(absl::Status status);

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
    std::optional<StateAge::Moment> heard;
    std::optional<Standing> standing;
    std::optional<absl::Status> cache_writes, refused;
    bool empty() const { return !update && !standing && !refused; }  // nothing that wants a round
  };
  struct Due {
    bool everything = false;
    std::set<std::string> keys;
  };

  void RecordHistory();
  void AbsorbOwned(const core::Ours& owned);
  static void KeepLostTopics(core::Plan& plan);
  static void LogFailure(const char* what, const absl::Status& status);
  void RecordContact();
  // Age of the approved state: the time since the control plane last confirmed it.
  std::chrono::microseconds Age() { return age_.At(MomentOf(parts_.clock)); }
  void Absorb(Inbox inbox);
  void AbsorbUpdate(DesiredUpdate update);
  Due WhatIsDue(Steady now);
  // How long at most until what is out of reach is asked again.
  std::chrono::microseconds MostUnreachable() const;
  // Asks a registry that was out of reach whether it is back.
  void AskRegistry(Steady now);
  void RegistryWasAsked(const absl::Status& status, Steady began);
  void RunRound(const Due& due);
  std::shared_ptr<const Part> Whole();
  core::Plan MakePlan(const Part& part, Observation& observation);
  void KeepToPart(const Part& part, core::Plan& plan) const;
  void HoldBackStale(core::Plan& plan);
  std::vector<absl::Status> HeldSteps(const core::Plan& plan);
  absl::Status MayApply() const;
  bool WaitsForWord() const;
  void CheckClusterId(Observation& observation);
  void Remember(const core::Plan& plan, const std::vector<StepResult>& results);
  void Conclude(const Due& due, const Round& round);
  void Schedule(const Due& due, const Observation& observation);
  ClusterView View(const Observation& observation);
  void CountSlices(const std::vector<sluice::v1::SliceReport>& reports);
  void WatchCertificates();
  void CountProblems(const std::vector<sluice::v1::Condition>& conditions);
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
  StateAge age_;
  Standing standing_ = Standing::kUnknown;
  const Steady patience_ends_;
  bool ownership_known_ = true;  // else nothing is created
  bool held_for_word_ = false;  // steps wait for the control plane's first word
  absl::Status cache_writes_, refused_;
  std::vector<std::string> expiring_;  // what is to be said about certificates
  std::set<std::string> problems_;  // condition types that were counted, now or before
  int64_t counted_failures_ = 0;
  std::shared_ptr<const Part> whole_;             // everything that is held
  std::shared_ptr<const DesiredState> whole_of_;  // the state that `whole_` is of
  Acknowledged acknowledged_;
  ConfigMemory configs_;
  int looks_until_all_keys_ = 0;
  SubjectMemory subjects_;
  Backoff backoff_;
  Contest contest_;
  Deferred deferred_;
  Missing missing_;
  std::mt19937_64 random_;
  GuardVerdict guard_verdict_;
  bool stale_ = false;  // the state is older than max_offline_age
  bool everything_due_ = true;
  std::set<std::string> changed_, removed_;
  Steady next_full_{}, next_settle_{};
  Steady last_write_{};  // when Kafka or the registry last took one
  int unreachable_attempt_ = 0, registry_attempt_ = 0;
  Steady next_registry_{};  // when a registry that is out of reach is asked again
};

}  // namespace sluice::agent
