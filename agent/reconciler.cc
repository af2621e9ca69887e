#include "agent/reconciler.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/step.h"
#include "common/log/log.h"

namespace sluice::agent {
namespace {

using std::chrono::microseconds;

constexpr microseconds kSettleBase = std::chrono::milliseconds(20);
constexpr microseconds kSettleMost = std::chrono::seconds(5);
constexpr microseconds kUnreachableBase = std::chrono::seconds(1);
// Above this many slices one look at everything is cheaper than naming them.
constexpr size_t kMaxNamedSlices = 1000;
// Steps of one round that are logged one by one; the rest is counted.
constexpr size_t kMaxLogged = 100;

constexpr char kContact[] = "contact_us";
constexpr char kClusterId[] = "kafka_cluster_id";

Time ReadContact(const Journal& journal) {
  const std::string text = journal.Fact(kContact);
  return text.empty() ? Time{} : Time(microseconds(std::strtoll(text.c_str(), nullptr, 10)));
}

}  // namespace

Reconciler::Reconciler(ReconcilerOptions options, ReconcilerParts parts,
                       std::shared_ptr<const DesiredState> initial, std::string cache_problem)
    : options_(std::move(options)),
      parts_(parts),
      state_(std::move(initial)),
      cache_problem_(std::move(cache_problem)),
      contact_(std::max(state_->received, ReadContact(parts.journal))),
      backoff_(options_.resync_interval, options_.seed),
      random_(options_.seed + 1) {}

void Reconciler::Post(DesiredUpdate update) {
  {
    std::lock_guard lock(mutex_);
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

void Reconciler::Contacted(Time when) {
  std::lock_guard lock(mutex_);
  inbox_.contact = std::max(inbox_.contact, when);
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
  if (contact_ == Time{}) return;
  LogFailure("contact", parts_.journal.RecordFact(
                            kContact, fmt::format("{}", contact_.time_since_epoch().count())));
}

microseconds Reconciler::Age() const { return std::max(microseconds(0), parts_.clock.Now() - contact_); }

void Reconciler::Absorb(Inbox inbox) {
  contact_ = std::max(contact_, inbox.contact);
  if (inbox.update) AbsorbUpdate(*std::move(inbox.update));
  everything_due_ |= stale_ && Age() <= options_.max_offline_age;
}

void Reconciler::AbsorbUpdate(DesiredUpdate update) {
  if (update.state->history_known) contact_ = std::max(contact_, update.state->received);
  const bool rules_changed = update.state->may_apply != state_->may_apply ||
                             update.state->history_known != state_->history_known ||
                             update.state->reserved_principals != state_->reserved_principals;
  everything_due_ |= update.full || rules_changed;
  if (update.full) cache_problem_.clear();
  state_ = std::move(update.state);
  std::map<std::string, core::OwnedTopic> unknown;  // what the journal knows is nearer to the truth
  for (const auto& [name, topic] : update.owned.topics) {
    auto known = parts_.journal.ours().topics.find(name);
    if (known == parts_.journal.ours().topics.end() || known->second.id.empty()) unknown[name] = topic;
  }
  LogFailure("what the control plane knows as ours", parts_.journal.RecordTopics(unknown));
  for (const std::string& key : update.changed) {
    changed_.insert(key);
    removed_.erase(key);
    if (state_->slices.count(key) == 0) removed_.insert(key);
  }
  parts_.metrics.Set(metrics::Id::kDesiredRevision, static_cast<double>(state_->revision));
}

Reconciler::Due Reconciler::WhatIsDue(Steady now) {
  Due due;
  due.everything = std::exchange(everything_due_, false) || now >= next_full_;
  due.keys = std::exchange(changed_, {});
  due.keys.merge(backoff_.DueSlices(now));
  if (now >= next_settle_) due.keys.merge(acknowledged_.Slices());
  due.everything |= due.keys.size() > kMaxNamedSlices;
  return due;
}

bool Reconciler::RunOnce() {
  Inbox inbox;
  {
    std::lock_guard lock(mutex_);
    inbox = std::exchange(inbox_, {});
  }
  Absorb(std::move(inbox));
  const Due due = WhatIsDue(parts_.clock.Steady());
  if (!due.everything && due.keys.empty()) return false;
  RunRound(due);
  return true;
}

Reconciler::Steady Reconciler::NextDue() const {
  Steady next = next_full_;
  if (auto retry = backoff_.NextDue()) next = std::min(next, *retry);
  if (!acknowledged_.Slices().empty()) next = std::min(next, next_settle_);
  return next;
}

void Reconciler::Loop() {
  for (;;) {
    RunOnce();
    const Steady next = NextDue();
    std::unique_lock lock(mutex_);
    while (!stopping_ && !inbox_.update && parts_.clock.Steady() < next) {
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
  Observation observation =
      Observe(part, parts_.targets.kafka, {parts_.targets.registry, subjects_, began, old});
  CheckClusterId(observation);
  if (observation.registry_asked) registry_ = observation.registry;
  const core::Plan plan = MakePlan(part, observation);
  const std::vector<absl::Status> held = HeldSteps(plan);
  const std::vector<StepResult> results = Execute(plan.steps, held, parts_.targets, parts_.journal, [this] {
    std::lock_guard lock(mutex_);
    return stopping_;
  });
  Remember(plan, results);
  const Round round{*state_, part, observation, plan, results, acknowledged_.Slices()};
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

core::Plan Reconciler::MakePlan(const Part& part, Observation& observation) {
  acknowledged_.Overlay(part, *state_, parts_.journal.ours(), parts_.clock.Steady(), observation);
  core::DiffOptions options;
  options.reserved_principals = state_->reserved_principals;
  options.scope = part.scope;
  core::Plan plan = core::Diff(part.slices, observation.observed, parts_.journal.ours(), options);
  std::map<std::string, core::OwnedTopic> recognised;
  for (const auto& [name, id] : plan.recognised) {
    if (!id.empty()) recognised[name].id = id;
  }
  LogFailure("topics that were created", parts_.journal.RecordTopics(recognised));
  KeepToPart(part, plan);
  DropUnreadable(observation, plan);
  const GuardVerdict verdict = ApplyGuard(options_.guard, plan);
  if (!part.scope || verdict.blocked > 0)
    guard_verdict_ = verdict;  // a look at some slices says nothing about the others
  HoldBackStale(plan);
  return plan;
}

void Reconciler::KeepToPart(const Part& part, core::Plan& plan) const {
  if (!part.scope) return;
  auto elsewhere = [&part](const auto& item) { return part.keys.count(item.slice) == 0; };
  plan.steps.erase(std::remove_if(plan.steps.begin(), plan.steps.end(), elsewhere), plan.steps.end());
  plan.blocked.erase(std::remove_if(plan.blocked.begin(), plan.blocked.end(), elsewhere), plan.blocked.end());
  plan.foreign.erase(std::remove_if(plan.foreign.begin(), plan.foreign.end(), elsewhere), plan.foreign.end());
  auto gone_elsewhere = [&part](const auto& gone) { return part.keys.count(gone.first) == 0; };
  plan.gone.erase(std::remove_if(plan.gone.begin(), plan.gone.end(), gone_elsewhere), plan.gone.end());
}

void Reconciler::HoldBackStale(core::Plan& plan) {
  stale_ = state_->revision > 0 && Age() > options_.max_offline_age;
  if (!stale_) return;
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(Age()).count();
  std::vector<core::Step> kept;
  for (core::Step& step : plan.steps) {
    if (step.kind != core::StepKind::kCreateAcl) {
      kept.push_back(std::move(step));
      continue;
    }
    plan.blocked.push_back(
        {step.slice, Identity(step), "Stale",
         fmt::format("the approved state is {} h old and the control plane is away; nothing is granted again "
                     "until it is back",
                     hours)});
  }
  plan.steps = std::move(kept);
}

absl::Status Reconciler::MayApply() const {
  if (!state_->history_known)
    return absl::AbortedError("the control plane does not know the state that is held here");
  if (!foreign_cluster_.empty()) return absl::AbortedError("another Kafka cluster answers at this address");
  if (!state_->may_apply) return absl::AbortedError("the cluster's mode is OBSERVE");
  return absl::OkStatus();
}

std::vector<absl::Status> Reconciler::HeldSteps(const core::Plan& plan) const {
  const absl::Status may_apply = MayApply();
  const Steady now = parts_.clock.Steady();
  std::vector<absl::Status> held;
  held.reserve(plan.steps.size());
  for (const core::Step& step : plan.steps) {
    const absl::Status* waiting =
        may_apply.ok() ? backoff_.Waiting(Identity(step), GenerationOf(step.slice), now) : nullptr;
    held.push_back(waiting != nullptr ? *waiting : may_apply);
  }
  return held;
}

void Reconciler::CheckClusterId(Observation& observation) {
  if (!observation.kafka.ok() || observation.cluster_id.empty()) return;
  const std::string known = parts_.journal.Fact(kClusterId);
  foreign_cluster_ = known.empty() || known == observation.cluster_id ? "" : observation.cluster_id;
  if (known.empty())
    LogFailure("the cluster's ID", parts_.journal.RecordFact(kClusterId, observation.cluster_id));
  if (foreign_cluster_.empty()) return;
  // What is there says nothing about the cluster that this agent serves.
  observation.kafka = absl::FailedPreconditionError(
      fmt::format("the Kafka cluster at this address is {}, it was {}", foreign_cluster_, known));
  observation.acls = observation.kafka;
  observation.observed.topics.reset();
  observation.observed.acls.reset();
}

void Reconciler::Remember(const core::Plan& plan, const std::vector<StepResult>& results) {
  const Steady now = parts_.clock.Steady();
  size_t done = 0, failed = 0;
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const core::Step& step = plan.steps[i];
    const std::string identity = Identity(step);
    const StepResult& result = results[i];
    if (IsForRegistry(step) && result.outcome != Outcome::kNotTried) subjects_.Forget(step.subject.name);
    if (result.outcome == Outcome::kDone) {
      acknowledged_.Remember(step, now);
      backoff_.Succeed(identity);
      settle_attempt_ = 0;
      ++done;
      if (done <= kMaxLogged)
        log::Info("applied", {{"slice", step.slice}, {"resource", identity}, {"reason", step.reason}});
      continue;
    }
    // What is held back, waits for another step or was stopped has not failed, and is not due by itself.
    if (absl::IsAborted(result.status) || absl::IsCancelled(result.status)) {
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
  next_settle_ = now + Delay(settle_attempt_++, kSettleBase, kSettleMost, random_);
  const bool reached = observation.kafka.ok() && observation.registry.ok();
  if (due.everything && reached) {
    unreachable_attempt_ = 0;
    const double tenth = std::uniform_real_distribution<double>(0.9, 1.1)(random_);
    next_full_ =
        now +
        microseconds(static_cast<int64_t>(static_cast<double>(options_.resync_interval.count()) * tenth));
  } else if (!reached) {
    const Steady soon =
        now + Delay(unreachable_attempt_++, kUnreachableBase, options_.resync_interval, random_);
    next_full_ = due.everything ? soon : std::min(next_full_, soon);
  }
}

}  // namespace sluice::agent
