// What a reconciler tells of a round: slices, drift, conditions and metrics.
#include <fmt/format.h>

#include <utility>

#include "agent/drift_log.h"
#include "agent/reconciler.h"
#include "agent/step.h"
#include "common/log/log.h"

namespace sluice::agent {
namespace {

using std::chrono::microseconds;

constexpr char kBaseline[] = "foreign_baseline";

}  // namespace

void Reconciler::Conclude(const Due& due, const Round& round) {
  auto before = [this](const std::string& slice) { return parts_.journal.ProgressOf(slice); };
  RoundReport report;
  std::map<std::string, Progress> progress;
  std::map<std::string, int64_t> generations;
  std::set<std::string> identities;
  const std::vector<sluice::v1::DriftEvent> drift = FindDrift(round, before, parts_.journal.ours());
  for (SliceOutcome& outcome : JudgeSlices(round, before)) {
    progress[outcome.report.key()] = outcome.progress;
    generations[outcome.report.key()] = outcome.report.generation();
    report.slices.push_back(std::move(outcome.report));
  }
  report.removed = std::exchange(removed_, {});
  for (const std::string& key : report.removed) progress[key] = {};
  for (const core::Step& step : round.plan.steps) identities.insert(Identity(step));
  if (due.everything) CountSlices(report.slices);
  std::set<std::string> covered = due.keys;
  covered.insert(round.part.keys.begin(), round.part.keys.end());
  deferred_.Take(covered, round.plan.steps, round.results, parts_.clock.Steady());
  backoff_.Keep(covered, identities, generations);
  const bool whole =
      due.everything && state_->revision > 0 && round.observation.kafka.ok() && round.observation.acls.ok();
  const bool first = whole && parts_.journal.Fact(kBaseline).empty();
  if (round.observation.kafka.ok() && round.observation.acls.ok()) {
    DriftNews news = NewDrift(drift, parts_.journal.drift(), covered, whole,
                              first ? Foreigners::kBaseline : Foreigners::kTell);
    LogFailure("drift", parts_.journal.RecordDrift(news.record));
    report.drift = std::move(news.tell);
  }
  if (first) LogFailure("the first look", parts_.journal.RecordFact(kBaseline, "1"));
  LogFailure("progress", parts_.journal.RecordProgress(progress));
  if (due.everything) {
    WatchCertificates();
    LogFailure("everything, because the file was deleted", parts_.journal.KeepFile());
    RecordContact();
  }
  for (const sluice::v1::DriftEvent& event : report.drift) {
    parts_.metrics.Add(metrics::Id::kDrift, {event.reaction()});
    log::Warn("drift", {{"slice", event.slice()},
                        {"resource", event.resource()},
                        {"observed", event.observed()},
                        {"desired", event.desired()},
                        {"reaction", event.reaction()}});
  }
  report.owned = parts_.journal.TakeChangedTopics();
  report.owned_subjects = parts_.journal.TakeChangedSubjects();
  report.conditions = ClusterConditions(View(round.observation));
  CountProblems(report.conditions);
  if (whole) report.foreign = ForeignNames(round.plan);
  report.revision = state_->revision;
  report.looked_at_everything = due.everything && round.observation.kafka.ok() && round.observation.acls.ok();
  parts_.reports.Put(std::move(report));
  RecordHistory();
}

ClusterView Reconciler::View(const Observation& observation) {
  ClusterView view;
  view.observation = &observation;
  view.registry = parts_.targets.registry != nullptr ? &registry_ : nullptr;
  view.history_known = state_->history_known;
  view.observing = !state_->may_apply && state_->revision > 0;
  view.another_cluster = !foreign_cluster_.empty();
  view.cache_problem = cache_problem_;
  view.journal_problem = parts_.journal.problem();
  view.cache_writes = cache_writes_;
  view.journal_writes = parts_.journal.writes();
  view.refused = refused_;
  view.expiring = expiring_;
  view.second = standing_ == Standing::kSecond;
  view.deferred = deferred_.Message();
  view.guard = guard_verdict_;
  view.destructive_budget = options_.guard.destructive_budget;
  view.stale = stale_;
  view.age = Age();
  return view;
}

void Reconciler::CountRound(const Round& round, Steady began) {
  const auto seconds = std::chrono::duration<double>(parts_.clock.Steady() - began).count();
  parts_.metrics.Observe(metrics::Id::kReconcileSeconds, seconds);
  const bool reached = round.observation.kafka.ok() && round.observation.registry.ok();
  parts_.metrics.Add(metrics::Id::kReconciliations, {reached ? "ok" : "unreachable"});
  for (size_t i = 0; i < round.results.size(); ++i) {
    if (round.results[i].outcome == Outcome::kNotTried) continue;
    const Outcome outcome = round.results[i].outcome;
    parts_.metrics.Add(metrics::Id::kSteps, {std::string(Name(round.plan.steps[i].kind)),
                                             outcome == Outcome::kDone      ? "done"
                                             : outcome == Outcome::kRefused ? "refused"
                                                                            : "unknown"});
  }
}

void Reconciler::CountSlices(const std::vector<sluice::v1::SliceReport>& reports) {
  std::map<sluice::v1::SyncState, double> counts = {{sluice::v1::SYNC_STATE_IN_SYNC, 0},
                                                    {sluice::v1::SYNC_STATE_PENDING, 0},
                                                    {sluice::v1::SYNC_STATE_DRIFTED, 0},
                                                    {sluice::v1::SYNC_STATE_BLOCKED, 0},
                                                    {sluice::v1::SYNC_STATE_FAILED, 0}};
  for (const sluice::v1::SliceReport& report : reports) counts[report.state()] += 1;
  for (const auto& [state, count] : counts) {
    parts_.metrics.Set(metrics::Id::kSlices, count,
                       {sluice::v1::SyncState_Name(state).substr(sizeof("SYNC_STATE_") - 1)});
  }
}

void Reconciler::WatchCertificates() {
  const Time now = parts_.clock.Now();
  expiring_.clear();
  for (const CertificateFile& file : options_.certificates) {
    const auto certificates = ReadCertificates(file.path);
    if (!certificates.ok()) {
      expiring_.push_back(fmt::format("{}: {}", file.use, std::string(certificates.status().message())));
      continue;
    }
    const Certificate& first = FirstToExpire(*certificates);
    parts_.metrics.Set(metrics::Id::kCertificateExpiry,
                       std::chrono::duration<double>(first.not_after.time_since_epoch()).count(), {file.use});
    if (!ExpiresSoon(first, now)) continue;
    expiring_.push_back(fmt::format("{} {} on {}", file.use, first.not_after <= now ? "expired" : "expires",
                                    DayOf(first.not_after)));
  }
}

void Reconciler::CountProblems(const std::vector<sluice::v1::Condition>& conditions) {
  std::set<std::string> now;
  for (const sluice::v1::Condition& condition : conditions) {
    if (IsProblem(condition)) now.insert(condition.type());
  }
  for (const std::string& type : problems_) {
    if (now.count(type) == 0) parts_.metrics.Set(metrics::Id::kProblems, 0, {type});
  }
  for (const std::string& type : now) parts_.metrics.Set(metrics::Id::kProblems, 1, {type});
  problems_.merge(now);
  const microseconds age = Age();
  if (age != StateAge::kUnknown)
    parts_.metrics.Set(metrics::Id::kStateAge, std::chrono::duration<double>(age).count());
  const int64_t failed = parts_.journal.failed_writes();
  parts_.metrics.Add(metrics::Id::kStorageErrors, {"journal.db"},
                     static_cast<double>(failed - std::exchange(counted_failures_, failed)));
}

}  // namespace sluice::agent
