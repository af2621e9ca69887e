#include "agent/registry/fake.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

namespace sluice::agent {
namespace {

using Json = nlohmann::json;

const std::set<std::string>& Levels() {
  static const auto* levels = new std::set<std::string>{
      "NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"};
  return *levels;
}

// Text with its keys in order; nullopt: not a schema.
std::optional<std::string> Canonical(const std::string& text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  return json.dump();
}

// The first property whose type differs; empty: none.
std::string ChangedProperty(const std::string& before, const std::string& after) {
  const Json older = Json::parse(before).value("properties", Json::object());
  const Json newer = Json::parse(after).value("properties", Json::object());
  for (const auto& [name, property] : older.items()) {
    if (!newer.contains(name) || !property.is_object() || !newer[name].is_object()) continue;
    if (property.value("type", Json()) != newer[name].value("type", Json())) return name;
  }
  return "";
}

StepResult Done() { return {Outcome::kDone, absl::OkStatus()}; }
StepResult Refused(absl::Status status) { return {Outcome::kRefused, std::move(status)}; }

StepResult SetLevel(const core::Subject& subject, FakeRegistry::World& world) {
  if (Levels().count(subject.level) == 0) {
    return Refused(absl::InvalidArgumentError("42203: Invalid compatibility level"));
  }
  world[subject.name].level = subject.level;
  return Done();
}

StepResult Register(const core::Subject& subject, FakeRegistry::World& world) {
  const std::optional<std::string> text = Canonical(subject.schema);
  if (!text.has_value()) return Refused(absl::InvalidArgumentError("42201: Invalid schema"));
  const auto found = world.find(subject.name);
  if (found != world.end()) {
    const FakeRegistry::Stored& stored = found->second;
    if (std::find(stored.versions.begin(), stored.versions.end(), *text) != stored.versions.end())
      return Done();
    const bool checked = !stored.level.empty() && stored.level != "NONE";
    for (const std::string& version : stored.versions) {
      const std::string property = checked ? ChangedProperty(version, *text) : "";
      if (property.empty()) continue;
      return Refused(
          absl::FailedPreconditionError("409: Incompatible schema: type of /properties/" + property));
    }
  }
  world[subject.name].versions.push_back(*text);
  return Done();
}

}  // namespace

FakeRegistry::World FakeRegistry::Look() const {
  std::lock_guard lock(mutex_);
  return world_;
}

void FakeRegistry::Change(const std::function<void(World&)>& change) {
  std::lock_guard lock(mutex_);
  change(world_);
}

void FakeRegistry::SetReachable(bool reachable) {
  std::lock_guard lock(mutex_);
  reachable_ = reachable;
}

void FakeRegistry::Refuse(const std::string& subject, absl::Status status) {
  std::lock_guard lock(mutex_);
  refused_[subject] = std::move(status);
}

void FakeRegistry::HideSubject(const std::string& subject, absl::Status why) {
  std::lock_guard lock(mutex_);
  unreadable_[subject] = std::move(why);
}

void FakeRegistry::LoseAnswers(int steps) {
  std::lock_guard lock(mutex_);
  lose_ = steps;
}

int FakeRegistry::looks() const {
  std::lock_guard lock(mutex_);
  return looks_;
}

int FakeRegistry::mutations() const {
  std::lock_guard lock(mutex_);
  return mutations_;
}

void FakeRegistry::Stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
}

absl::StatusOr<RegistryState> FakeRegistry::Observe(const std::vector<core::Subject>& desired) {
  std::lock_guard lock(mutex_);
  ++looks_;
  if (stopped_) return absl::CancelledError("stopped");
  if (!reachable_) return absl::UnavailableError("the registry does not answer at fake:8081");
  RegistryState state;
  for (const core::Subject& subject : desired) {
    const auto hidden = unreadable_.find(subject.name);
    if (hidden != unreadable_.end() && !hidden->second.ok()) {
      state.unreadable[subject.name] = hidden->second;
      continue;
    }
    core::ObservedSubject& seen = state.subjects[subject.name];
    const auto found = world_.find(subject.name);
    if (found == world_.end()) continue;
    const std::vector<std::string>& versions = found->second.versions;
    seen.level = found->second.level;
    seen.versions = static_cast<int32_t>(versions.size());
    const std::optional<std::string> text = Canonical(subject.schema);
    seen.registered =
        text.has_value() && std::find(versions.begin(), versions.end(), *text) != versions.end();
    seen.latest = seen.registered && versions.back() == *text;
  }
  return state;
}

StepResult FakeRegistry::Carry(const core::Step& step) {
  const bool known = step.kind == core::StepKind::kSetLevel || step.kind == core::StepKind::kRegisterSchema;
  if (!known) return Refused(absl::InvalidArgumentError("a registry takes levels and schemas only"));
  ++mutations_;
  const auto refused = refused_.find(step.subject.name);
  if (refused != refused_.end() && !refused->second.ok()) return Refused(refused->second);
  StepResult result = step.kind == core::StepKind::kSetLevel ? SetLevel(step.subject, world_)
                                                             : Register(step.subject, world_);
  if (lose_ == 0) return result;
  --lose_;
  return {Outcome::kUnknown, absl::DeadlineExceededError("no answer")};
}

std::vector<StepResult> FakeRegistry::Apply(const std::vector<core::Step>& steps) {
  std::lock_guard lock(mutex_);
  std::vector<StepResult> results;
  bool lost = stopped_ || !reachable_;
  for (const core::Step& step : steps) {
    if (lost) {
      results.push_back(
          {Outcome::kNotTried, absl::UnavailableError("not tried: the registry stopped answering")});
      continue;
    }
    results.push_back(Carry(step));
    lost = results.back().outcome == Outcome::kUnknown;
  }
  return results;
}

}  // namespace sluice::agent
