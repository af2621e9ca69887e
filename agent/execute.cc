#include "agent/execute.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <utility>

#include "agent/step.h"
#include "common/log/log.h"

namespace sluice::agent {
namespace {

using core::Step;
using core::StepKind;

using GivenUp = std::map<std::string, std::string>;  // lost topics, by name the ID to give up

// What failed so far in this run.
struct Failed {
  std::set<std::string, std::less<>> subjects, topics;
};

absl::Status DependsOnFailure(const Step& step, const Failed& failed) {
  if (!step.after_subject.empty() && failed.subjects.count(step.after_subject) > 0) {
    return absl::AbortedError(
        fmt::format("waits for subject {}, which is not as approved", step.after_subject));
  }
  const std::string_view topic = TopicOf(step);
  if (step.kind != StepKind::kDeleteAcl && !topic.empty() && failed.topics.count(topic) > 0) {
    return absl::AbortedError(fmt::format("waits for topic {}, which is not there", topic));
  }
  return absl::OkStatus();
}

// Intents of the creations among `steps`. Returns those that are new: if Kafka refuses these, they are
// forgotten again, while an older intent may stand for a call whose answer was lost.
absl::StatusOr<std::set<std::string>> JournalIntents(const std::vector<Step>& steps, const GivenUp& given_up,
                                                     Journal& journal) {
  std::map<std::string, core::OwnedTopic> topics;
  GivenUp anew;
  std::vector<std::string> subjects;
  std::set<std::string> fresh;
  for (const Step& step : steps) {
    if (const auto lost = given_up.find(step.topic.name);
        step.kind == StepKind::kCreateTopic && lost != given_up.end())
      anew.insert(*lost);
    if (step.kind == StepKind::kCreateTopic && journal.ours().topics.count(step.topic.name) == 0) {
      topics[step.topic.name] = {};
      fresh.insert(Identity(step));
    }
    if (step.kind == StepKind::kRegisterSchema && journal.ours().subjects.count(step.subject.name) == 0) {
      subjects.push_back(step.subject.name);
      fresh.insert(Identity(step));
    }
  }
  absl::Status status = journal.RecordTopics(topics);
  if (status.ok()) status = journal.GiveUpTopics(anew);
  if (status.ok()) status = journal.RecordSubjects(subjects);
  if (!status.ok()) return status;
  return fresh;
}

absl::Status JournalResults(const std::vector<Step>& steps, const std::vector<StepResult>& results,
                            const GivenUp& given_up, const std::set<std::string>& fresh, Journal& journal) {
  std::map<std::string, core::OwnedTopic> topics;  // lost as before
  std::vector<std::string> no_topics, no_subjects;
  for (size_t i = 0; i < steps.size(); ++i) {
    const Outcome outcome = results[i].outcome;
    const bool nothing =
        outcome == Outcome::kRefused || outcome == Outcome::kNotTried || outcome == Outcome::kLater;
    if (steps[i].kind == StepKind::kCreateTopic) {
      if (const auto lost = given_up.find(steps[i].topic.name); nothing && lost != given_up.end())
        topics[lost->first].id = lost->second;
      if (nothing && fresh.count(Identity(steps[i])) > 0) no_topics.push_back(steps[i].topic.name);
    }
    if (steps[i].kind == StepKind::kRegisterSchema && nothing && fresh.count(Identity(steps[i])) > 0) {
      no_subjects.push_back(steps[i].subject.name);
    }
  }
  absl::Status status = journal.RecordTopics(topics);
  if (status.ok()) status = journal.ForgetTopicIntents(no_topics);
  if (status.ok()) status = journal.ForgetSubjects(no_subjects);
  return status;
}

std::vector<StepResult> All(size_t count, const absl::Status& status) {
  return std::vector<StepResult>(count, StepResult{Outcome::kNotTried, status});
}

std::vector<StepResult> Send(const std::vector<Step>& steps, const Targets& targets) {
  std::vector<StepResult> results;
  if (!IsForRegistry(steps.front())) {
    results = targets.kafka.Apply(steps);
  } else if (targets.registry != nullptr) {
    results = targets.registry->Apply(steps);
  } else {
    results = All(steps.size(), absl::FailedPreconditionError("the agent has no registry; set registry.url"));
  }
  if (results.size() == steps.size()) return results;
  log::Error("a target answered another number of results",
             {{"steps", steps.size()}, {"results", results.size()}});
  return std::vector<StepResult>(steps.size(),
                                 {Outcome::kUnknown, absl::InternalError("no result for the step")});
}

std::vector<StepResult> RunPhase(const std::vector<Step>& steps, const GivenUp& given_up, const Targets& targets,
                                 Journal& journal) {
  auto fresh = JournalIntents(steps, given_up, journal);
  if (!fresh.ok()) {
    log::Error("the journal cannot be written; nothing is created",
               {{"error", std::string(fresh.status().message())}});
    return All(steps.size(), fresh.status());
  }
  std::vector<StepResult> results = Send(steps, targets);
  if (absl::Status status = JournalResults(steps, results, given_up, *fresh, journal); !status.ok()) {
    // The intents stand: the next look takes the IDs.
    log::Error("the journal cannot be written", {{"error", std::string(status.message())}});
  }
  return results;
}

}  // namespace

std::vector<StepResult> Execute(const core::Plan& plan, const std::vector<absl::Status>& held,
                                const Targets& targets, Journal& journal,
                                const std::function<bool()>& stopping) {
  const std::vector<Step>& steps = plan.steps;
  std::vector<StepResult> results(steps.size());
  Failed failed;
  for (size_t begin = 0; begin < steps.size();) {
    size_t end = begin;
    std::vector<Step> phase;
    std::vector<size_t> places;
    for (; end < steps.size() && steps[end].phase == steps[begin].phase; ++end) {
      const absl::Status why = held[end].ok() ? DependsOnFailure(steps[end], failed) : held[end];
      results[end] = {Outcome::kNotTried, why};
      if (!why.ok()) continue;
      phase.push_back(steps[end]);
      places.push_back(end);
    }
    std::vector<StepResult> answers;
    if (stopping()) {
      answers = All(phase.size(), absl::CancelledError("the agent stops"));
    } else if (!phase.empty()) {
      answers = RunPhase(phase, plan.given_up, targets, journal);
    }
    for (size_t i = 0; i < places.size(); ++i) results[places[i]] = std::move(answers[i]);
    for (; begin < end; ++begin) {
      if (results[begin].outcome == Outcome::kDone) continue;
      if (IsForRegistry(steps[begin])) failed.subjects.insert(steps[begin].subject.name);
      if (steps[begin].kind == StepKind::kCreateTopic) failed.topics.insert(steps[begin].topic.name);
    }
  }
  return results;
}

}  // namespace sluice::agent
