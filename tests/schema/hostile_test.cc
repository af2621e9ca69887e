// Hostile input ends in an error, an answer, or `undecided` that says why: never in a crash, nor in an answer
// without a reason. What it costs is measured by ./run bench schema_hostile; here a bound that is missing
// shows as a test that does not end.
#include "tests/schema/hostile.h"

#include <gtest/gtest.h>

#include <optional>

#include "common/schema/compare.h"
#include "common/schema/sample.h"

namespace sluice::schema {
namespace {

class SchemaHostile : public ::testing::TestWithParam<Hostile> {};

INSTANTIATE_TEST_SUITE_P(Inputs, SchemaHostile, ::testing::ValuesIn(HostileInputs()), [](const auto& each) {
  std::string name;
  for (const char c : each.param.name) {
    if (std::isalnum(static_cast<unsigned char>(c)))
      name += c;
    else if (c == ' ')
      name += '_';
  }
  return name;
});

// nullopt: refused, with a reason.
std::optional<Json> Parse(const std::string& text) {
  const absl::StatusOr<Json> json = ParseJson(text);
  if (json.ok()) return *json;
  EXPECT_FALSE(json.status().message().empty());
  EXPECT_LT(json.status().message().size(), 10'000u);
  return std::nullopt;
}

std::optional<Schema> Load(const std::string& text) {
  const std::optional<Json> json = Parse(text);
  if (!json) return std::nullopt;
  const absl::StatusOr<Schema> schema = Schema::Load(*json);
  if (schema.ok()) return *schema;
  EXPECT_FALSE(schema.status().message().empty());
  EXPECT_LT(schema.status().message().size(), 10'000u);
  return std::nullopt;
}

void ExpectReasons(const Comparison& comparison) {
  for (const Direction direction : {Direction::kBackward, Direction::kForward}) {
    for (const Reading reading : {Reading::kStrict, Reading::kClosed}) {
      const Verdict& verdict = comparison.verdict(direction, reading);
      EXPECT_TRUE(verdict.answer != Answer::kUndecided || !verdict.undecided.empty());
    }
  }
}

TEST_P(SchemaHostile, IsCompared) {
  const std::optional<Schema> before = Load(GetParam().before), after = Load(GetParam().after);
  if (!before || !after) return;
  ExpectReasons(Compare(*before, *after));
  ExpectReasons(Compare(*after, *before));
}

TEST_P(SchemaHostile, IsValidated) {
  const std::optional<Schema> schema = Load(GetParam().before);
  const std::optional<Json> message = Parse(GetParam().message);
  if (!schema || !message) return;
  for (const Reading reading : {Reading::kStrict, Reading::kClosed}) {
    const Validation validation = Validate(*schema, *message, {.reading = reading});
    EXPECT_EQ(validation.valid(), validation.errors.empty());
    EXPECT_LE(validation.errors.size(), 101u);
  }
}

TEST_P(SchemaHostile, IsSampled) {
  const std::optional<Schema> schema = Load(GetParam().before);
  if (!schema) return;
  if (const std::optional<Json> sample = MakeValid(*schema))
    EXPECT_EQ(Check(*schema, *sample), Validity::kValid);
}

}  // namespace
}  // namespace sluice::schema
