#include "agent/reconciler.h"

#include <algorithm>
#include <utility>

#include "agent/step.h"
#include "common/log/log.h"

namespace sluice::agent {
namespace {

using std::chrono::microseconds;

// Writes are looked for again after this part of the time since they were answered, within bounds.
constexpr int kSettlePart = 40;
constexpr microseconds kSettleLeast = std::chrono::milliseconds(10);
constexpr microseconds kSettleMost = std::chrono::seconds(5);
// While something is out of reach it is asked again soon, however long that lasts: what is back is met at once.
constexpr microseconds kUnreachableBase = std::chrono::seconds(1);
constexpr microseconds kUnreachableMost = std::chrono::seconds(5);
constexpr microseconds kRegistryMost = std::chrono::seconds(30);
// Above this many slices one look at everything is cheaper than naming them.
constexpr size_t kMaxNamedSlices = 1000;
// Steps of one round that are logged one by one; the rest is counted.
constexpr size_t kMaxLogged = 100;

constexpr char kHeard[] = "heard";

// By name, the IDs of lost topics in whose place empty ones are made.
std::map<std::string, std::string> GivenUpTopics(const DesiredState& state) {
  std::map<std::string, std::string> topics;
  for (const auto& [key, held] : state.slices) {
    for (const core::Absence& absence : held->slice.absences) {
      const auto* lost = std::get_if<core::LostTopic>(&absence.resource);
      if (lost != nullptr && lost->accepted_id.empty()) topics[lost->topic] = lost->id;
    }
  }
  return topics;
}

}  // namespace

Reconciler::Reconciler(ReconcilerOptions options, ReconcilerParts parts,
                       std::shared_ptr<const DesiredState> initial, std::string cache_problem)
    : options_(std::move(options)),
      parts_(parts),
      state_(std::move(initial)),
      cache_problem_(std::move(cache_problem)),
      age_(options_.boot, parts.journal.Fact(kHeard), state_->received),
      patience_ends_(parts.clock.Steady() + options_.patience),
      ownership_known_(!options_.ask_what_is_ours),
      backoff_(options_.resync_interval, options_.seed),
      contest_(options_.resync_interval),
      random_(options_.seed + 1) {}

void Reconciler::Post(DesiredUpdate update) {
  {
    std::lock_guard lock(mutex_);
    if (update.state->history_known) inbox_.heard = MomentOf(parts_.clock);
    if (!inbox_.update) {
      inbox_.update = std::move(update);
    } else {
      inbox_.update->state = std::move(update.state);
      inbox_.update->changed.merge(update.changed);
      inbox_.update->full |= update.full;
      inbox_.update->owned.topics.merge(update.owned.topics);
      inbox_.update->owned.subjects.merge(update.owned.subjects);
    }
  }
  wake_.notify_all();
}

void Reconciler::Contacted() {
  std::lock_guard lock(mutex_);
  inbox_.heard = MomentOf(parts_.clock);
}

void Reconciler::Stands(Standing standing) {
  {
    std::lock_guard lock(mutex_);
    inbox_.standing = standing;
  }
  wake_.notify_all();
}

void Reconciler::Refused(absl::Status status) {
  {
    std::lock_guard lock(mutex_);
    inbox_.refused = std::move(status);
  }
  wake_.notify_all();
}

void Reconciler::CacheWrites(absl::Status status) {
  std::lock_guard lock(mutex_);
  inbox_.cache_writes = std::move(status);
}

void Reconciler::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
}

void Reconciler::LogFailure(const char* what, const absl::Status& status) {
  if (!status.ok())
    log::Error("the journal cannot be written", {{"what", what}, {"error", std::string(status.message())}});
}

void Reconciler::RecordContact() {
  const std::string record = age_.Record(MomentOf(parts_.clock));
  if (!record.empty()) LogFailure("contact", parts_.journal.RecordFact(kHeard, record));
}

// So that a lost cache does not make us believe a control plane that was restored from an older copy.
void Reconciler::RecordHistory() {
  if (state_->revision == 0 || !state_->history_known) return;
  LogFailure("the history", WriteHistory({state_->revision, state_->history_hash}, parts_.journal));
}

void Reconciler::Absorb(Inbox inbox) {
  if (inbox.heard) age_.Heard(*inbox.heard);
  if (inbox.refused) {
    everything_due_ |= refused_.ok() != inbox.refused->ok();  // said at once
    refused_ = *std::move(inbox.refused);
  }
  if (inbox.cache_writes) cache_writes_ = *std::move(inbox.cache_writes);
  if (inbox.standing && *inbox.standing != standing_) {
    everything_due_ |= held_for_word_ || standing_ == Standing::kSecond || *inbox.standing == Standing::kSecond;
    standing_ = *inbox.standing;
  }
  if (inbox.update) AbsorbUpdate(*std::move(inbox.update));
  everything_due_ |= stale_ && Age() <= options_.max_offline_age;
}

void Reconciler::AbsorbUpdate(DesiredUpdate update) {
  const bool rules_changed = update.state->may_apply != state_->may_apply ||
                             update.state->history_known != state_->history_known ||
                             update.state->reserved_principals != state_->reserved_principals;
  everything_due_ |= update.full || rules_changed;
  if (update.full) cache_problem_.clear();
  state_ = std::move(update.state);
  if (update.full && state_->history_known) AbsorbOwned(update.owned);
  for (const std::string& key : update.changed) {
    changed_.insert(key);
    removed_.erase(key);
    if (state_->slices.count(key) == 0) removed_.insert(key);
  }
  parts_.metrics.Set(metrics::Id::kDesiredRevision, static_cast<double>(state_->revision));
}

// What the journal knows is nearer to the truth: an intent without an ID stands where a lost topic is being made anew.
void Reconciler::AbsorbOwned(const core::Ours& owned) {
  const core::Ours& ours = parts_.journal.ours();
  const std::map<std::string, std::string> given_up = GivenUpTopics(*state_);
  std::map<std::string, core::OwnedTopic> unknown;
  for (const auto& [name, topic] : owned.topics) {
    const auto known = ours.topics.find(name);
    const auto lost = given_up.find(name);
    if (known == ours.topics.end() ||
        (known->second.id.empty() && (lost == given_up.end() || lost->second != topic.id)))
      unknown[name] = topic;
  }
  absl::Status status = parts_.journal.RecordTopics(unknown);
  if (status.ok()) status = parts_.journal.RecordSubjects({owned.subjects.begin(), owned.subjects.end()});
  LogFailure("what the control plane knows as ours", status);
  ownership_known_ |= status.ok();
}

Reconciler::Due Reconciler::WhatIsDue(Steady now) {
  Due due;
  due.everything = std::exchange(everything_due_, false) || now >= next_full_;
  due.keys = std::exchange(changed_, {});
  due.keys.merge(backoff_.DueSlices(now));
  due.keys.merge(deferred_.DueSlices(now));
  due.keys.merge(missing_.DueSlices(now));
  if (now >= next_settle_) due.keys.merge(acknowledged_.Probe());
  due.everything |= due.keys.size() > kMaxNamedSlices;
  return due;
}

microseconds Reconciler::MostUnreachable() const { return std::min(kUnreachableMost, options_.resync_interval); }

void Reconciler::RegistryWasAsked(const absl::Status& status, Steady began) {
  registry_ = status;
  if (status.ok()) {
    registry_attempt_ = 0;
    return;
  }
  // One that lets us wait for its answer must not keep us from Kafka's slices.
  const Steady now = parts_.clock.Steady();
  const microseconds soon = Delay(registry_attempt_++, kUnreachableBase, MostUnreachable(), random_);
  const auto long_wait = std::chrono::duration_cast<microseconds>(3 * (now - began));
  next_registry_ = now + std::max(soon, std::min(long_wait, kRegistryMost));
}

void Reconciler::AskRegistry(Steady now) {
  if (registry_.ok() || now < next_registry_ || parts_.targets.registry == nullptr) return;
  for (const auto& [key, held] : state_->slices) {
    if (held->slice.subjects.empty()) continue;
    RegistryWasAsked(parts_.targets.registry->Observe({held->slice.subjects.front()}).status(), now);
    everything_due_ |= registry_.ok();
    return;
  }
  registry_ = absl::OkStatus();  // nothing is wanted of it any more
}

bool Reconciler::RunOnce() {
  Inbox inbox;
  {
    std::lock_guard lock(mutex_);
    inbox = std::exchange(inbox_, {});
  }
  Absorb(std::move(inbox));
  AskRegistry(parts_.clock.Steady());
  const Due due = WhatIsDue(parts_.clock.Steady());
  if (!due.everything && due.keys.empty()) return false;
  RunRound(due);
  return true;
}

Reconciler::Steady Reconciler::NextDue() const {
  Steady next = next_full_;
  if (auto retry = backoff_.NextDue()) next = std::min(next, *retry);
  if (auto room = deferred_.NextDue()) next = std::min(next, *room);
  if (auto look = missing_.NextDue()) next = std::min(next, *look);
  if (!registry_.ok()) next = std::min(next, next_registry_);
  if (!acknowledged_.empty()) next = std::min(next, next_settle_);
  return next;
}

void Reconciler::Loop() {
  for (;;) {
    RunOnce();
    const Steady next = NextDue();
    std::unique_lock lock(mutex_);
    while (!stopping_ && inbox_.empty() && parts_.clock.Steady() < next) {
      parts_.clock.WaitUntil(wake_, lock, next);
    }
    if (stopping_) return;
  }
}

int64_t Reconciler::GenerationOf(const std::string& slice) const {
  auto held = state_->slices.find(slice);
  return held == state_->slices.end() ? 0 : held->second->generation;
}

void Reconciler::RunRound(const Due& due) {
  const Steady began = parts_.clock.Steady();
  const std::shared_ptr<const Part> held_part =
      due.everything ? Whole() : std::make_shared<const Part>(PartOf(*state_, due.keys));
  const Part& part = *held_part;
  // A look at everything renews what it can; one at some slices goes by what was seen within an interval.
  const Steady old = began - (due.everything ? options_.resync_interval / 2 : options_.resync_interval);
  // All config keys are read at first, then at some of the looks at everything.
  const bool all_keys = due.everything && looks_until_all_keys_ <= 0;
  Observation observation = Observe(part, parts_.targets.kafka, {configs_, all_keys},
                                    {parts_.targets.registry, subjects_, began, old, registry_});
  if (due.everything && observation.kafka.ok())
    looks_until_all_keys_ = all_keys ? options_.looks_per_all_keys - 1 : looks_until_all_keys_ - 1;
  CheckClusterId(observation);
  if (observation.registry_asked) RegistryWasAsked(observation.registry, began);
  const core::Plan plan = MakePlan(part, observation);
  const std::vector<absl::Status> held = HeldSteps(plan);
  const std::vector<StepResult> results = Execute(plan, held, parts_.targets, parts_.journal, [this] {
    std::lock_guard lock(mutex_);
    return stopping_;
  });
  Remember(plan, results);
  const Round round{*state_, part, observation, plan, results, acknowledged_.Slices(), contest_.All()};
  Conclude(due, round);
  Schedule(due, observation);
  CountRound(round, began);
}

std::shared_ptr<const Part> Reconciler::Whole() {
  if (whole_ == nullptr || whole_of_ != state_) {
    Part part = WholePart(*state_);
    // Before anything was ever approved there is nothing to compare with: only look whether the cluster
    // answers.
    if (state_->revision == 0) part.scope.emplace();
    whole_ = std::make_shared<const Part>(std::move(part));
    whole_of_ = state_;
  }
  return whole_;
}

void Reconciler::Remember(const core::Plan& plan, const std::vector<StepResult>& results) {
  const Steady now = parts_.clock.Steady();
  contest_.Forget(now);
  size_t done = 0, failed = 0;
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const core::Step& step = plan.steps[i];
    const std::string identity = Identity(step);
    const StepResult& result = results[i];
    if (IsForRegistry(step) && result.outcome != Outcome::kNotTried) subjects_.Forget(step.subject.name);
    if (result.outcome == Outcome::kDone) {
      acknowledged_.Remember(step, now);
      if (parts_.journal.ProgressOf(step.slice).settled == GenerationOf(step.slice))
        contest_.PutRight(identity, step.slice, now, parts_.clock.Now());
      backoff_.Succeed(identity);
      last_write_ = now;
      ++done;
      if (done <= kMaxLogged)
        log::Info("applied", {{"slice", step.slice}, {"resource", identity}, {"reason", step.reason}});
      continue;
    }
    // What is held back, waits for another step or was stopped has not failed, and is not due by itself.
    const bool held = absl::IsAborted(result.status) || absl::IsCancelled(result.status);
    if (held || result.outcome == Outcome::kLater) {
      backoff_.Succeed(identity);
      continue;
    }
    if (backoff_.Waiting(identity, GenerationOf(step.slice), now) != nullptr) continue;
    backoff_.Fail(identity, step.slice, GenerationOf(step.slice), result.status, now);
    if (++failed > kMaxLogged) continue;
    log::Warn(
        result.outcome == Outcome::kUnknown ? "no answer; it is looked at again" : "not applied",
        {{"slice", step.slice}, {"resource", identity}, {"error", std::string(result.status.message())}});
  }
  if (done > kMaxLogged || failed > kMaxLogged)
    log::Info("applied many", {{"done", done}, {"failed", failed}});
}

void Reconciler::Schedule(const Due& due, const Observation& observation) {
  const Steady now = parts_.clock.Steady();
  next_settle_ = now + std::clamp((now - last_write_) / kSettlePart, Steady::duration(kSettleLeast),
                                  Steady::duration(kSettleMost));
  if (due.everything && observation.kafka.ok()) {
    unreachable_attempt_ = 0;
    const double tenth = std::uniform_real_distribution<double>(0.9, 1.1)(random_);
    next_full_ =
        now +
        microseconds(static_cast<int64_t>(static_cast<double>(options_.resync_interval.count()) * tenth));
  } else if (!observation.kafka.ok()) {
    const Steady soon =
        now + Delay(unreachable_attempt_++, kUnreachableBase, MostUnreachable(), random_);
    next_full_ = due.everything ? soon : std::min(next_full_, soon);
  }
  if (held_for_word_) next_full_ = std::min(next_full_, std::max(now, patience_ends_));
}

}  // namespace sluice::agent
