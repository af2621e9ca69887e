#include "common/schema/predict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/schema/pointer.h"
#include "common/schema/registry_check.h"

namespace sluice::schema {
namespace {

constexpr int kIncompatibleCode = 409;
constexpr int kInvalidSchemaCode = 42201;
constexpr int kServerErrorCode = 500;

// Steps for one pair of versions (memory) and for one subject (time).
constexpr size_t kPairSteps = 2'000'000;
constexpr size_t kSubjectSteps = 4'000'000;

struct LevelRule {
  Level level;
  std::string_view name;
  bool backward;
  bool forward;
  bool transitive;
};

// The strongest promise first.
constexpr std::array kLevels = {
    LevelRule{Level::kFullTransitive, "FULL_TRANSITIVE", true, true, true},
    LevelRule{Level::kFull, "FULL", true, true, false},
    LevelRule{Level::kForwardTransitive, "FORWARD_TRANSITIVE", false, true, true},
    LevelRule{Level::kBackwardTransitive, "BACKWARD_TRANSITIVE", true, false, true},
    LevelRule{Level::kForward, "FORWARD", false, true, false},
    LevelRule{Level::kBackward, "BACKWARD", true, false, false},
    LevelRule{Level::kNone, "NONE", false, false, false},
};

const LevelRule& RuleOf(Level level) {
  return *std::find_if(kLevels.begin(), kLevels.end(),
                       [&](const LevelRule& rule) { return rule.level == level; });
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string_view DialectUri(const Json& schema) {
  const Json* dialect = schema.Find("$schema");
  return dialect != nullptr && dialect->is_string() ? std::string_view(dialect->string())
                                                    : std::string_view();
}

// The dialect that the registry reads a schema with; nullopt: its library refuses to read it.
std::optional<EveritDialect> DialectOf(RegistryKind registry, const Json& schema) {
  const std::string_view uri = DialectUri(schema);
  const bool confluent = registry == RegistryKind::kConfluentStrict;
  if (schema.Find("$schema") == nullptr) return confluent ? EveritDialect::kDraft7 : EveritDialect::kDraft4;
  if (Contains(uri, "json-schema.org/draft-04/") || Contains(uri, "json-schema.org/schema")) {
    return EveritDialect::kDraft4;
  }
  if (Contains(uri, "json-schema.org/draft-06/")) return EveritDialect::kDraft6;
  if (Contains(uri, "json-schema.org/draft-07/")) return EveritDialect::kDraft7;
  if (!confluent) return std::nullopt;
  return Contains(uri, "2019-09") || Contains(uri, "2020-12") ? EveritDialect::kModern
                                                              : EveritDialect::kDraft7;
}

// Apicurio finds out by itself of which type a text is.
bool TakenForJsonSchema(const Json& schema) {
  if (schema.Find("openapi") != nullptr || schema.Find("swagger") != nullptr ||
      schema.Find("asyncapi") != nullptr) {
    return false;
  }
  return Contains(DialectUri(schema), "json-schema.org") || schema.Find("properties") != nullptr;
}

std::string Sentence(std::string_view pointer, std::string_view what) {
  return fmt::format("{} {}", pointer.empty() ? "the schema" : pointer, what);
}

enum class Reads { kBackward, kForward };

// The answers for one proposed version, each found once.
class Oracle {
 public:
  Oracle(RegistryKind registry, std::span<const Json> retained, const Json& proposed)
      : registry_(registry), retained_(retained), proposed_(proposed), answers_(retained.size()) {}

  Prediction At(Level level) {
    if (registry_ == RegistryKind::kOther) {
      return {Predicted::kUnknown, "nothing is known of how this registry compares schemas", "", 0};
    }
    if (std::optional<Prediction> refusal = Refusal()) return *refusal;
    if (std::find(retained_.begin(), retained_.end(), proposed_) != retained_.end())
      return {};  // there already
    const LevelRule& rule = RuleOf(level);
    for (size_t age = 0; age < retained_.size() && (age == 0 || rule.transitive); ++age) {
      const size_t version = retained_.size() - 1 - age;
      if (rule.backward) {
        if (const Prediction& answer = Of(version, Reads::kBackward); answer.answer != Predicted::kCompatible)
          return answer;
      }
      if (rule.forward) {
        if (const Prediction& answer = Of(version, Reads::kForward); answer.answer != Predicted::kCompatible)
          return answer;
      }
    }
    return {};
  }

 private:
  // What is refused at every level.
  std::optional<Prediction> Refusal() {
    if (registry_ == RegistryKind::kApicurio) {
      const bool taken = TakenForJsonSchema(proposed_) &&
                         std::all_of(retained_.begin(), retained_.end(), TakenForJsonSchema);
      if (taken) return std::nullopt;
      return Prediction{
          Predicted::kRefused,
          "Apicurio takes a text for a JSON Schema only when `$schema` names json-schema.org or "
          "`properties` stands at the top",
          "", kInvalidSchemaCode};
    }
    if (!loads_) {
      StepBudget budget(kPairSteps);
      loads_ = EveritSchema::Load(proposed_, *DialectOf(registry_, proposed_), budget).status();
    }
    if (loads_->ok()) return std::nullopt;
    return Unreadable("the schema", *loads_, kInvalidSchemaCode);
  }

  static Prediction Unreadable(std::string_view what, const absl::Status& status, int code) {
    if (status.code() != absl::StatusCode::kInvalidArgument) {
      return {Predicted::kUnknown, std::string(status.message()), "", 0};
    }
    return {Predicted::kRefused,
            fmt::format("the registry cannot read {}: {}", what, std::string(status.message())), "", code};
  }

  const Prediction& Of(size_t version, Reads reads) {
    std::optional<Prediction>& answer = answers_[version][static_cast<size_t>(reads)];
    if (!answer) answer = Check(version, reads);
    return *answer;
  }

  Prediction Check(size_t version, Reads reads) {
    const size_t steps = std::min(left_, kPairSteps);
    StepBudget budget(steps);
    const absl::StatusOr<EveritSchema> old = Load(retained_[version], budget);
    const absl::StatusOr<EveritSchema> next = Load(proposed_, budget);
    if (!next.ok()) return Unreadable("the schema", next.status(), kServerErrorCode);
    if (!old.ok()) return Unreadable(Named(version), old.status(), kServerErrorCode);
    const bool backward = reads == Reads::kBackward;
    const EveritNode& writer = backward ? old->root() : next->root();
    const EveritNode& reader = backward ? next->root() : old->root();
    const CheckAnswer answer = registry_ == RegistryKind::kApicurio ? ApicurioReads(writer, reader, budget)
                                                                    : ConfluentReads(writer, reader, budget);
    left_ -= steps - budget.left();
    return Told(answer, version, backward);
  }

  absl::StatusOr<EveritSchema> Load(const Json& schema, StepBudget& budget) {
    const std::optional<EveritDialect> dialect = DialectOf(registry_, schema);
    if (dialect) return EveritSchema::Load(schema, *dialect, budget);
    return absl::InvalidArgumentError(
        fmt::format("it knows drafts 04, 06 and 07, not {:.100}", std::string(DialectUri(schema))));
  }

  std::string Named(size_t version) const {
    return fmt::format("version {} of {} retained", version + 1, retained_.size());
  }

  Prediction Told(const CheckAnswer& answer, size_t version, bool backward) const {
    switch (answer.outcome) {
      case CheckOutcome::kReads:
        return {};
      case CheckOutcome::kTooMuch:
        return {Predicted::kUnknown, "the schemas are too big or too deep to predict what the registry says",
                "", 0};
      case CheckOutcome::kBreaks:
        return {Predicted::kRefused, "the registry's own check ends with an error for these schemas", "",
                kServerErrorCode};
      case CheckOutcome::kRefuses:
        break;
    }
    const CheckDifference& difference = answer.difference;
    std::string pointer = (backward ? difference.reader : difference.writer)->Pointer();
    if (!difference.keyword.empty()) pointer = Child(pointer, difference.keyword);
    if (!difference.name.empty()) pointer = Child(pointer, difference.name);
    const std::string which = Named(version);
    const std::string what = Sentence(pointer, difference.what);
    const std::string reason =
        backward ? fmt::format("messages of {} would not all be readable with this schema: {}", which, what)
                 : fmt::format("messages of this schema would not all be readable with {}: {}", which, what);
    return {Predicted::kIncompatible, reason, std::move(pointer), kIncompatibleCode};
  }

  const RegistryKind registry_;
  const std::span<const Json> retained_;
  const Json& proposed_;
  std::vector<std::array<std::optional<Prediction>, 2>> answers_;
  std::optional<absl::Status> loads_;
  size_t left_ = kSubjectSteps;
};

std::vector<Level> Accepting(Oracle& oracle, Level level) {
  std::vector<Level> levels;
  for (const LevelRule& rule : kLevels) {
    if (rule.level != level && oracle.At(rule.level).answer == Predicted::kCompatible)
      levels.push_back(rule.level);
  }
  return levels;
}

}  // namespace

std::optional<Level> ParseLevel(std::string_view name) {
  for (const LevelRule& rule : kLevels) {
    if (rule.name == name) return rule.level;
  }
  return std::nullopt;
}

std::string_view LevelName(Level level) { return RuleOf(level).name; }

std::string_view PredictedName(Predicted answer) {
  constexpr std::array<std::string_view, 4> kNames = {"compatible", "incompatible", "refused", "unknown"};
  return kNames[static_cast<size_t>(answer)];
}

Prediction Predict(RegistryKind registry, Level level, std::span<const Json> retained, const Json& proposed) {
  return Oracle(registry, retained, proposed).At(level);
}

std::vector<Level> AcceptingLevels(RegistryKind registry, Level level, std::span<const Json> retained,
                                   const Json& proposed) {
  Oracle oracle(registry, retained, proposed);
  if (oracle.At(level).answer == Predicted::kCompatible) return {};
  return Accepting(oracle, level);
}

std::vector<std::string> WaysOut(RegistryKind registry, Level level, std::span<const Json> retained,
                                 const Json& proposed) {
  Oracle oracle(registry, retained, proposed);
  const Predicted answer = oracle.At(level).answer;
  if (answer != Predicted::kIncompatible && answer != Predicted::kRefused) return {};
  const std::vector<Level> levels = Accepting(oracle, level);
  if (levels.empty()) return {};  // refused whatever the level
  std::vector<std::string> ways;
  // NONE promises nothing: named only when nothing else helps.
  for (Level other : levels) {
    if (other == Level::kNone && !ways.empty()) break;
    ways.push_back(fmt::format("set the subject's compatibility level to {} instead of {} in the same change",
                               LevelName(other), LevelName(level)));
  }
  ways.push_back("declare a new major version: its subject has no older versions to be compatible with");
  return ways;
}

}  // namespace sluice::schema
