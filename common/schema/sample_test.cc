#include "common/schema/sample.h"

#include <gtest/gtest.h>

#include <set>

namespace sluice::schema {
namespace {

Schema Loaded(const std::string& text) {
  auto schema = Schema::Load(*ParseJson(text));
  EXPECT_TRUE(schema.ok()) << schema.status();
  return *std::move(schema);
}

constexpr char kOrder[] = R"({
  "type": "object",
  "required": ["id", "state", "lines"],
  "properties": {
    "id": {"type": "string", "format": "uuid"},
    "state": {"enum": ["NEW", "PAID"]},
    "placed": {"type": "string", "format": "date-time"},
    "code": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$"},
    "total": {"type": "number", "minimum": 0, "multipleOf": 0.01},
    "lines": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"$ref": "#/definitions/line"}}
  },
  "definitions": {"line": {"type": "object", "properties": {"sku": {"type": "string", "minLength": 3, "maxLength": 8}},
                           "required": ["sku"], "additionalProperties": false}}
})";

TEST(Sample, AValidMessageHasEveryMemberAndKeepsToFormats) {
  const Schema order = Loaded(kOrder);
  const auto message = MakeValid(order);
  ASSERT_TRUE(message.has_value());
  EXPECT_TRUE(
      Validate(order, *message, {.reading = Reading::kClosed, .formats = Formats::kAsserted}).valid());
  for (const char* name : {"id", "state", "placed", "code", "total", "lines"}) {
    EXPECT_NE(message->Find(name), nullptr) << name << " in " << message->ToString();
  }
}

TEST(Sample, WithoutOptionalMembersOnlyWhatIsRequired) {
  const auto message = MakeValid(Loaded(kOrder), {.optional_members = false});
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->object().size(), 3u) << message->ToString();
}

TEST(Sample, TheSameSeedMakesTheSameMessageAndSeedsDiffer) {
  const Schema order = Loaded(kOrder);
  std::set<std::string> texts;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    const std::string text = MakeValid(order, {.seed = seed})->ToString();
    EXPECT_EQ(MakeValid(order, {.seed = seed})->ToString(), text);
    texts.insert(text);
  }
  EXPECT_GT(texts.size(), 1u);
}

TEST(Sample, ExamplesAreUsed) {
  const auto message =
      MakeValid(Loaded(R"({"properties": {"city": {"type": "string", "examples": ["Utrecht"]}}})"));
  EXPECT_EQ(message->ToString(), R"({"city":"Utrecht"})");
}

TEST(Sample, ARecursiveSchemaEnds) {
  const auto message = MakeValid(
      Loaded(R"({"type": "object", "properties": {"next": {"$ref": "#"}, "n": {"type": "integer"}}})"));
  ASSERT_TRUE(message.has_value());
  EXPECT_NE(message->Find("n"), nullptr);
}

TEST(Sample, ASchemaThatAcceptsNothingHasNone) {
  EXPECT_FALSE(MakeValid(Loaded(R"({"type": "string", "minLength": 5, "maxLength": 4})")).has_value());
  EXPECT_TRUE(MakeInvalid(Loaded("false")).empty());
}

TEST(Sample, InvalidMessagesEachBreakAnotherKeyword) {
  const Schema order = Loaded(kOrder);
  const std::vector<InvalidSample> samples = MakeInvalid(order, 50);
  std::set<std::string> rules;
  for (const InvalidSample& sample : samples) {
    EXPECT_EQ(Check(order, sample.message, {.reading = Reading::kClosed}), Validity::kInvalid)
        << sample.message.ToString();
    rules.insert(sample.why.rule);
  }
  for (const char* rule : {"type", "required", "enum", "pattern", "minimum", "multipleOf", "minItems",
                           "maxItems", "minLength", "maxLength", "additionalProperties", "closed"}) {
    EXPECT_TRUE(rules.contains(rule)) << rule;
  }
  EXPECT_EQ(MakeInvalid(order, 3).size(), 3u);
}

}  // namespace
}  // namespace sluice::schema
