#include "agent/outcomes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/missing.h"
#include "agent/step.h"
#include "common/wire/wire.h"

namespace sluice::agent {
namespace {

namespace v1 = sluice::v1;
using core::StepKind;

// Everything of a round that concerns one slice.
struct SliceView {
  std::vector<size_t> steps;  // indexes into plan.steps
  std::vector<const core::Block*> blocks;
  std::vector<const core::Foreign*> excess;
  std::vector<const core::Absence*> gone;
  std::vector<const Contested*> contested;
};

std::map<std::string, SliceView> BySlice(const Round& round) {
  std::map<std::string, SliceView> views;
  for (const std::string& key : round.part.keys) views[key];
  for (size_t i = 0; i < round.plan.steps.size(); ++i) views[round.plan.steps[i].slice].steps.push_back(i);
  for (const core::Block& block : round.plan.blocked) views[block.slice].blocks.push_back(&block);
  for (const core::Foreign& foreign : round.plan.foreign) {
    if (foreign.excess) views[foreign.slice].excess.push_back(&foreign);
  }
  for (const auto& [slice, absence] : round.plan.gone) views[slice].gone.push_back(&absence);
  for (const Contested& contested : round.contested) views[contested.slice].contested.push_back(&contested);
  return views;
}

// Collects conditions up to the limit and counts the rest.
class Conditions {
 public:
  explicit Conditions(v1::SliceReport& report) : report_(report) {}
  ~Conditions() {
    if (left_out_ == 0) return;
    *report_.add_conditions() =
        MakeCondition("More", true, "More", fmt::format("{} further conditions", left_out_));
    Finish(*report_.mutable_conditions()->rbegin(), "");
  }

  void Add(v1::Condition condition, const std::string& resource) {
    if (static_cast<size_t>(report_.conditions_size()) >= kMaxConditions - 1) {
      ++left_out_;
      return;
    }
    *report_.add_conditions() = std::move(condition);
    Finish(*report_.mutable_conditions()->rbegin(), resource);
  }

 private:
  void Finish(v1::Condition& condition, const std::string& resource) {
    condition.set_resource(resource);
    condition.set_observed_generation(report_.generation());
  }

  v1::SliceReport& report_;
  size_t left_out_ = 0;
};

// What a step's result means for its slice.
bool Failed(const StepResult& result) {
  switch (result.outcome) {
    case Outcome::kDone:
    case Outcome::kLater:
      return false;
    case Outcome::kRefused:
    case Outcome::kUnknown:
      return true;
    case Outcome::kNotTried:
      // Held back on purpose, or waiting for another step that says why itself.
      return !absl::IsAborted(result.status) && !absl::IsCancelled(result.status);
  }
  return true;
}

// What could not be looked at although the slice needs it, if Diff has not said it already.
void AddUnreachable(const Round& round, const core::Slice& slice, const SliceView& view,
                    Conditions& conditions, bool& unreachable) {
  auto said = [&view](const char* reason) {
    return std::any_of(view.blocks.begin(), view.blocks.end(),
                       [&](const auto* block) { return block->reason == reason; });
  };
  auto add = [&](const char* reason, const absl::Status& status) {
    unreachable = true;
    if (!said(reason))
      conditions.Add(MakeCondition("Failed", true, reason, std::string(status.message())), "");
  };
  if (!round.observation.kafka.ok() && !(slice.topics.empty() && slice.acls.empty())) {
    add("KafkaUnreachable", round.observation.kafka);
  } else if (!round.observation.acls.ok() && !slice.acls.empty()) {
    add("AclsUnreadable", round.observation.acls);
  }
  if (!round.observation.registry.ok() && !slice.subjects.empty())
    add("RegistryUnreachable", round.observation.registry);
}

std::string BlockMessage(const Round& round, const core::Block& block) {
  const absl::Status* status = nullptr;
  if (block.reason == "KafkaUnreachable") status = &round.observation.kafka;
  if (block.reason == "RegistryUnreachable") status = &round.observation.registry;
  if (status == nullptr || status->ok()) return block.message;
  return fmt::format("{}: {}", block.message, std::string(status->message()));
}

struct Tally {
  bool failed = false;   // the cluster or registry refused, or could not be reached
  bool blocked = false;  // by a rule
  size_t pending = 0;    // steps not done, or done and not visible yet
  std::string first;     // the first pending thing, for people
};

Tally Count(const Round& round, const core::Slice& slice, const SliceView& view, Conditions& conditions) {
  Tally tally;
  AddUnreachable(round, slice, view, conditions, tally.failed);
  for (const core::Block* block : view.blocks) {
    if (block->reason == kUnseen) {
      ++tally.pending;
      tally.first = fmt::format("{}: {}", block->resource, block->message);
      continue;
    }
    const bool unreachable = IsUnreachable(*block);
    tally.failed |= unreachable;
    tally.blocked |= !unreachable && !OnlyTells(*block);
    conditions.Add(MakeCondition(unreachable         ? "Failed"
                                 : OnlyTells(*block) ? block->reason
                                                     : "Blocked",
                                 true, block->reason, BlockMessage(round, *block)),
                   block->resource);
  }
  for (size_t index : view.steps) {
    const core::Step& step = round.plan.steps[index];
    const StepResult& result = round.results[index];
    ++tally.pending;
    if (tally.first.empty() && result.outcome != Outcome::kDone)
      tally.first = fmt::format("{}: {}", Identity(step), step.reason);
    if (!Failed(result)) continue;
    tally.failed = true;
    const bool unknown = result.outcome == Outcome::kUnknown;
    conditions.Add(MakeCondition("Failed", true, unknown ? "OutcomeUnknown" : ReasonOf(result.status),
                                 fmt::format("{}{}", unknown ? "no answer, it is looked at again: " : "",
                                             std::string(result.status.message()))),
                   Identity(step));
  }
  if (tally.pending == 0 && round.unseen.count(slice.key) > 0) tally.pending = 1;
  if (tally.pending > 0 && tally.first.empty())
    tally.first = "applied, and looked at again until it is visible";
  return tally;
}

v1::SyncState StateOf(const Tally& tally, bool excess, bool was_settled) {
  if (tally.failed) return v1::SYNC_STATE_FAILED;
  if (tally.blocked) return v1::SYNC_STATE_BLOCKED;
  if (tally.pending > 0) return was_settled ? v1::SYNC_STATE_DRIFTED : v1::SYNC_STATE_PENDING;
  if (excess) return v1::SYNC_STATE_DRIFTED;
  return v1::SYNC_STATE_IN_SYNC;
}

SliceOutcome JudgeUnreadable(const std::string& key, const HeldSlice& held, const Progress& before) {
  SliceOutcome outcome;
  outcome.report.set_key(key);
  outcome.report.set_generation(held.generation);
  outcome.report.set_applied_generation(before.applied);
  outcome.report.set_state(v1::SYNC_STATE_FAILED);
  Conditions(outcome.report).Add(MakeCondition("Failed", true, "UnreadableSlice", held.problem), "");
  outcome.progress = before;
  return outcome;
}

SliceOutcome JudgeSlice(const Round& round, const std::string& key, const HeldSlice& held,
                        const SliceView& view, const Progress& before) {
  SliceOutcome outcome;
  v1::SliceReport& report = outcome.report;
  report.set_key(key);
  report.set_generation(held.generation);
  Tally tally;
  {
    Conditions conditions(report);
    tally = Count(round, held.slice, view, conditions);
    const bool settled_before = before.settled == held.generation;
    report.set_state(StateOf(tally, !view.excess.empty(), settled_before));
    if (tally.pending > 0) {
      conditions.Add(
          MakeCondition(
              "InSync", false, settled_before ? "Drifted" : "Pending",
              fmt::format("{}{}{}", round.state.may_apply ? "" : "the cluster's mode is OBSERVE, so nothing is changed; ",
                          tally.first,
                          tally.pending > 1 ? fmt::format(" (and {} more)", tally.pending - 1) : "")),
          "");
    }
    for (const core::Foreign* foreign : view.excess) {
      conditions.Add(MakeCondition("ExcessAccess", true, "ForeignAcl", foreign->message), foreign->resource);
    }
    for (const Contested* contested : view.contested)
      conditions.Add(MakeCondition("Contested", true, "ChangedBack", contested->message), contested->resource);
    for (const core::Note& note : held.slice.notes)
      conditions.Add(MakeCondition(note.type, true, note.type, note.message), "");
  }
  outcome.progress = before;
  if (!tally.failed && tally.pending == 0) {
    outcome.progress.settled = held.generation;
    if (!tally.blocked) outcome.progress.applied = held.generation;
  }
  report.set_applied_generation(outcome.progress.applied);
  if (round.unseen.count(key) > 0) return outcome;  // gone is what was seen to be gone
  for (const core::Absence* absence : view.gone) *report.add_gone() = wire::ToProto(*absence);
  return outcome;
}

// Whether a foreign resource is one that a slice named once.
bool WasOurs(const std::string& resource, const core::Ours& ours) {
  constexpr std::string_view kTopicWord = "topic ", kSubjectWord = "subject ";
  if (resource.rfind(kTopicWord, 0) == 0) return ours.topics.count(resource.substr(kTopicWord.size())) > 0;
  return resource.rfind(kSubjectWord, 0) == 0 &&
         ours.subjects.count(resource.substr(kSubjectWord.size())) > 0;
}

bool IsDriftBlock(const core::Block& block) {
  return block.reason == "TopicLost" || block.reason == "PartitionsShrink" ||
         block.reason == "ReplicationFactor";
}

v1::DriftEvent Event(const std::string& slice, const std::string& resource, const std::string& observed,
                     const std::string& desired, const std::string& reaction) {
  v1::DriftEvent event;
  event.set_slice(slice);
  event.set_resource(resource);
  event.set_observed(observed);
  event.set_desired(desired);
  event.set_reaction(reaction);
  return event;
}

// The reaction to what is put right and changed back all the time.
constexpr char kContested[] = "contested";

// What a step says was found, and what it makes of it.
v1::DriftEvent EventOf(const core::Step& step, const StepResult& result) {
  const bool adds_acl = step.kind == StepKind::kCreateAcl, takes_acl = step.kind == StepKind::kDeleteAcl;
  const std::string observed = takes_acl ? "present" : step.before.empty() ? "absent" : step.before;
  const std::string desired = adds_acl ? "present" : step.after.empty() ? "absent" : step.after;
  return Event(step.slice, Identity(step), observed, desired,
               result.outcome == Outcome::kDone ? "healed" : "flagged");
}

}  // namespace

bool OnlyTells(const core::Block& block) { return block.reason == "NotLatest"; }

bool IsUnreachable(const core::Block& block) {
  return block.reason == "KafkaUnreachable" || block.reason == "RegistryUnreachable" ||
         block.reason == "Unreadable" || block.reason == "AclsUnreadable";
}

std::vector<SliceOutcome> JudgeSlices(const Round& round,
                                      const std::function<Progress(const std::string&)>& before) {
  std::vector<SliceOutcome> outcomes;
  const std::map<std::string, SliceView> views = BySlice(round);
  for (const std::string& key : round.part.keys) {
    const HeldSlice& held = *round.state.slices.at(key);
    outcomes.push_back(held.problem.empty() ? JudgeSlice(round, key, held, views.at(key), before(key))
                                            : JudgeUnreadable(key, held, before(key)));
  }
  return outcomes;
}

std::vector<v1::DriftEvent> FindDrift(const Round& round,
                                      const std::function<Progress(const std::string&)>& before,
                                      const core::Ours& ours) {
  std::vector<v1::DriftEvent> events;
  auto generation = [&round](const std::string& slice) {
    auto held = round.state.slices.find(slice);
    return held == round.state.slices.end() ? int64_t{-1} : held->second->generation;
  };
  std::map<std::string, const Contested*> contested;
  for (const Contested& one : round.contested) contested[one.resource] = &one;
  for (size_t i = 0; i < round.plan.steps.size(); ++i) {
    const core::Step& step = round.plan.steps[i];
    if (before(step.slice).settled != generation(step.slice)) continue;
    events.push_back(EventOf(step, round.results[i]));
    if (contested.erase(Identity(step)) > 0) events.back().set_reaction(kContested);
  }
  // It is right at the moment, and the same appearance still.
  for (const auto& [resource, one] : contested) {
    if (round.part.keys.count(one->slice) > 0)
      events.push_back(Event(one->slice, resource, "changed back again and again", "as approved", kContested));
  }
  for (const core::Block& block : round.plan.blocked) {
    if (!IsDriftBlock(block) || before(block.slice).applied != generation(block.slice)) continue;
    events.push_back(Event(block.slice, block.resource, block.message, "as approved", "flagged"));
  }
  for (const core::Foreign& foreign : round.plan.foreign) {
    if (foreign.slice.empty() && WasOurs(foreign.resource, ours)) continue;
    events.push_back(Event(foreign.slice, foreign.resource, foreign.message, "",
                           foreign.excess ? "flagged" : "left alone"));
  }
  return events;
}

std::vector<std::string> ForeignNames(const core::Plan& plan) {
  std::set<std::string> all;
  for (const core::Foreign& foreign : plan.foreign) all.insert(foreign.resource);
  std::vector<std::string> names;
  for (const std::string& name : all) {
    if (names.size() == kMaxForeign) {
      names.push_back(fmt::format("and {} more", all.size() - kMaxForeign));
      break;
    }
    names.push_back(name);
  }
  return names;
}

v1::Condition MakeCondition(std::string type, bool holds, std::string reason, std::string message) {
  v1::Condition condition;
  condition.set_type(std::move(type));
  condition.set_status(holds ? v1::Condition::STATUS_TRUE : v1::Condition::STATUS_FALSE);
  condition.set_reason(std::move(reason));
  condition.set_message(std::move(message));
  return condition;
}

std::string ReasonOf(const absl::Status& status) {
  if (const auto given = status.GetPayload(kReasonPayload)) return std::string(*given);
  std::string reason;
  bool upper = true;
  for (char c : absl::StatusCodeToString(status.code())) {
    if (c == '_') {
      upper = true;
      continue;
    }
    reason += upper || c < 'A' || c > 'Z' ? c : static_cast<char>(c - 'A' + 'a');
    upper = false;
  }
  return reason;
}

}  // namespace sluice::agent
