#include "common/core/schema_prediction.h"

#include <array>
#include <optional>

#include "common/core/compatibility_level.h"
#include "common/core/compile.h"
#include "common/core/text.h"
#include "common/schema/predict.h"

namespace sluice::core {
namespace {

using Answer = RegistryPrediction::Answer;
using schema::Direction;

struct Registry {
  schema::RegistryKind kind;
  std::string_view name;
};
constexpr std::array kRegistries = {Registry{schema::RegistryKind::kConfluentStrict, "confluent-strict"},
                                    Registry{schema::RegistryKind::kApicurio, "apicurio"}};

// What the messages say at a level, read strictly as registries do.
schema::Answer Truth(std::string_view level, const schema::Comparison& comparison) {
  schema::Answer worst = schema::Answer::kCompatible;
  const auto take = [&](Direction direction) {
    const schema::Answer answer = comparison.verdict(direction, schema::Reading::kStrict).answer;
    if (worst == schema::Answer::kCompatible || answer == schema::Answer::kIncompatible) worst = answer;
  };
  if (level.starts_with("BACKWARD") || level.starts_with("FULL")) take(Direction::kBackward);
  if (level.starts_with("FORWARD") || level.starts_with("FULL")) take(Direction::kForward);
  return worst;
}

// Where the registry is wrong, it is said.
std::string WithDisagreement(std::string reason, Answer predicted, schema::Answer truth) {
  const char* disagrees = nullptr;
  if (predicted == Answer::kAccepts && truth == schema::Answer::kIncompatible)
    disagrees = "a message proves it incompatible, which the registry does not see";
  if (predicted == Answer::kRefuses && truth == schema::Answer::kCompatible)
    disagrees = "it is proved compatible, which the registry does not see";
  if (disagrees == nullptr) return reason;
  return reason.empty() ? disagrees : Cat(reason, "; but ", disagrees);
}

RegistryPrediction PredictOne(const Registry& registry, schema::Level level,
                              const std::vector<schema::Json>& retained, const schema::Json& proposed,
                              const schema::Comparison& comparison) {
  RegistryPrediction prediction;
  prediction.registry = registry.name;
  prediction.level = std::string(schema::LevelName(level));
  const schema::Prediction predicted = schema::Predict(registry.kind, level, retained, proposed);
  prediction.reason = predicted.reason;
  switch (predicted.answer) {
    case schema::Predicted::kCompatible:
      prediction.answer = Answer::kAccepts;
      break;
    case schema::Predicted::kIncompatible:
    case schema::Predicted::kRefused:
      prediction.answer = Answer::kRefuses;
      prediction.ways_out = schema::WaysOut(registry.kind, level, retained, proposed);
      break;
    case schema::Predicted::kUnknown:
      return prediction;
  }
  const bool compared = predicted.answer != schema::Predicted::kRefused;
  if (compared) {
    prediction.reason = WithDisagreement(std::move(prediction.reason), prediction.answer,
                                         Truth(prediction.level, comparison));
  }
  return prediction;
}

RegistryPrediction Unknown(const Registry& registry, std::string level, std::string reason) {
  RegistryPrediction prediction;
  prediction.registry = registry.name;
  prediction.level = std::move(level);
  prediction.reason = std::move(reason);
  return prediction;
}

}  // namespace

std::vector<RegistryPrediction> PredictRegistries(const ProductVersion& before, const ProductVersion& after,
                                                  const schema::Comparison& comparison) {
  const std::string& name =
      IsTightened(before.compatibility, after.compatibility) ? before.compatibility : after.compatibility;
  const std::optional<schema::Level> level = schema::ParseLevel(name);
  const bool is_json = after.schema->format == SchemaFormat::kJsonSchema;
  absl::StatusOr<schema::Json> old_json, new_json;
  if (is_json) {
    old_json = schema::ParseJson(ComposeSubjectSchema(*before.schema));
    new_json = schema::ParseJson(ComposeSubjectSchema(*after.schema));
  }
  std::vector<RegistryPrediction> predictions;
  for (const Registry& registry : kRegistries) {
    if (!is_json) {
      predictions.push_back(Unknown(
          registry, name, "nothing is predicted for Avro: see the verdicts, registries resolve alike"));
    } else if (!level || !old_json.ok() || !new_json.ok()) {
      predictions.push_back(Unknown(registry, name, "the schema or the level cannot be read"));
    } else {
      predictions.push_back(PredictOne(registry, *level, {*old_json}, *new_json, comparison));
    }
  }
  return predictions;
}

}  // namespace sluice::core
