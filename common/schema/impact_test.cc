#include "common/schema/impact.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::schema {
namespace {

using ::testing::HasSubstr;

Schema Loaded(const std::string& text) {
  const absl::StatusOr<Json> json = ParseJson(text);
  EXPECT_TRUE(json.ok()) << json.status() << text;
  const absl::StatusOr<Schema> schema = Schema::Load(*json);
  EXPECT_TRUE(schema.ok()) << schema.status() << text;
  return *schema;
}

// A promotion; its parts can be changed.
struct Promotion {
  std::string price = R"({"type": "number"})";
  std::string state = R"({"type": "string", "enum": ["PLANNED", "LIVE"]})";
  std::string note = R"(, "note": {"type": "string"})";
  std::string closed;

  Schema Load() const {
    return Loaded(fmt::format(
        R"({{"type": "object", "required": ["id", "lines", "state"], {}
             "properties": {{"id": {{"type": "string"}}, "state": {}{},
               "lines": {{"type": "array", "items": {{"$ref": "#/definitions/Line"}}}},
               "main": {{"$ref": "#/definitions/Line"}}}},
             "definitions": {{"Line": {{"type": "object", "required": ["sku", "price"],
               "properties": {{"sku": {{"type": "string"}}, "price": {}}}}}}}}})",
        closed, state, note, price));
  }
};

Impact Assess(const Promotion& before, const Promotion& after, const std::vector<ConsumerUse>& consumers,
              const CompareOptions& options = {}) {
  const Schema old_schema = before.Load();
  const Schema new_schema = after.Load();
  const Impact impact =
      AssessImpact(old_schema, new_schema, Compare(old_schema, new_schema, options), consumers);
  for (const ConsumerImpact& consumer : impact.consumers) {
    EXPECT_EQ(consumer.witness.has_value(), consumer.effect == Effect::kBroken) << consumer.consumer;
    EXPECT_EQ(consumer.reason.empty(), consumer.effect == Effect::kNone) << consumer.consumer;
    if (!consumer.witness) continue;
    EXPECT_TRUE(Validate(new_schema, *consumer.witness, {.reading = Reading::kClosed}).valid());
    EXPECT_FALSE(Validate(old_schema, *consumer.witness).valid());
  }
  return impact;
}

Effect EffectOn(const Promotion& before, const Promotion& after, const std::vector<std::string>& fields,
                const ConsumerTraits& traits = {}) {
  return Assess(before, after, {{.name = "c", .fields = fields, .traits = traits}}).consumers[0].effect;
}

constexpr ConsumerTraits kValidates{.validates = true, .ignores_unknown_values = true};
constexpr ConsumerTraits kExhaustive{.validates = false, .ignores_unknown_values = false};

TEST(Impact, AChangedTypeBreaksThoseWhoUseIt) {
  Promotion after;
  after.price = R"({"type": "string"})";
  EXPECT_EQ(EffectOn({}, after, {"/lines/*/price"}), Effect::kBroken);
  EXPECT_EQ(EffectOn({}, after, {"/main/price"}), Effect::kBroken);
  EXPECT_EQ(EffectOn({}, after, {"/lines"}), Effect::kBroken);
  EXPECT_EQ(EffectOn({}, after, {}), Effect::kBroken);
  EXPECT_EQ(EffectOn({}, after, {"/id"}, kValidates), Effect::kBroken);
  EXPECT_EQ(EffectOn({}, after, {"/lines/*/sku"}), Effect::kNone);
  EXPECT_EQ(EffectOn({}, after, {"/id", "/state"}), Effect::kNone);
}

TEST(Impact, ANewValueBreaksThoseWhoFailOnIt) {
  Promotion after;
  after.state = R"({"type": "string", "enum": ["PLANNED", "LIVE", "OVER"]})";
  EXPECT_EQ(EffectOn({}, after, {"/state"}), Effect::kNone);
  EXPECT_EQ(EffectOn({}, after, {}), Effect::kNone);
  EXPECT_EQ(EffectOn({}, after, {"/state"}, kExhaustive), Effect::kBroken);
  EXPECT_EQ(EffectOn({}, after, {"/id"}, kExhaustive), Effect::kNone);
  EXPECT_EQ(EffectOn({}, after, {"/id"}, kValidates), Effect::kBroken);
}

TEST(Impact, ARemovedOptionalFieldAffectsThoseWhoUseIt) {
  Promotion after;
  after.note.clear();
  EXPECT_EQ(EffectOn({}, after, {"/note"}), Effect::kAffected);
  EXPECT_EQ(EffectOn({}, after, {}), Effect::kAffected);
  EXPECT_EQ(EffectOn({}, after, {"/id"}), Effect::kNone);
  EXPECT_EQ(EffectOn({}, after, {"/id"}, kValidates), Effect::kNone);
}

TEST(Impact, AnAddedFieldBreaksThoseWhoValidateAClosedObject) {
  Promotion before, after;
  before.closed = after.closed = R"("additionalProperties": false,)";
  after.note += R"(, "more": {"type": "string"})";
  EXPECT_EQ(EffectOn(before, after, {}), Effect::kNone);
  EXPECT_EQ(EffectOn(before, after, {}, kValidates), Effect::kBroken);
  EXPECT_EQ(Assess(before, after, {{.name = "c", .fields = {}, .traits = kValidates}}).change_class,
            SchemaClass::kCoordinated);
  EXPECT_EQ(Assess(before, after, {{.name = "c", .fields = {}, .traits = {}}}).change_class,
            SchemaClass::kCompatible);
}

TEST(Impact, ASemanticBreakAffectsEverybody) {
  const Impact impact = Assess({}, {}, {{.name = "c", .fields = {"/id"}, .traits = {}}},
                               {.semantic_break = true, .limits = {}});
  EXPECT_EQ(impact.consumers[0].effect, Effect::kAffected);
  EXPECT_EQ(impact.change_class, SchemaClass::kBreaking);
}

TEST(Impact, NamesWhoBreaksAndWhoDoesNot) {
  Promotion after;
  after.price = R"({"type": "string"})";
  std::vector<ConsumerUse> consumers;
  for (int i = 0; i < 41; ++i) {
    consumers.push_back({.name = fmt::format("c{}", i),
                         .fields = {i % 20 == 0  ? "/lines/*/price"
                                    : i % 2 == 0 ? "/id"
                                                 : "/lines/*/sku"},
                         .traits = {}});
  }
  const Impact impact = Assess({}, after, consumers);
  EXPECT_EQ(impact.Summary(), "3 of 41 consumers break");
  EXPECT_EQ(impact.consumers[20].consumer, "c20");
  EXPECT_EQ(impact.consumers[20].effect, Effect::kBroken);
  EXPECT_THAT(impact.consumers[20].reason, HasSubstr("/price"));
  EXPECT_EQ(impact.consumers[20].instance, "/lines/0/price");
  EXPECT_EQ(impact.consumers[21].effect, Effect::kNone);
}

// Each with other fields, few of them about what changed.
TEST(Impact, TenThousandConsumersCostWhatTheirDeclarationsDo) {
  std::string fields, changed;
  for (int i = 0; i < 200; ++i) {
    fields += fmt::format(R"({}"f{}": {{"type": "string"}})", i == 0 ? "" : ",", i);
    changed +=
        fmt::format(R"({}"f{}": {{"type": "{}"}})", i == 0 ? "" : ",", i, i == 7 ? "integer" : "string");
  }
  const Schema before = Loaded(fmt::format(R"({{"type": "object", "properties": {{{}}}}})", fields));
  const Schema after = Loaded(fmt::format(R"({{"type": "object", "properties": {{{}}}}})", changed));
  std::vector<ConsumerUse> consumers;
  for (int i = 0; i < 10'000; ++i) {
    consumers.push_back({.name = fmt::format("c{}", i),
                         .fields = {fmt::format("/f{}", i % 200), fmt::format("/f{}", i / 200 % 200)},
                         .traits = {}});
  }
  const Impact impact = AssessImpact(before, after, Compare(before, after), consumers);
  EXPECT_EQ(impact.broken, 249u);  // 50 by the first field, 200 by the second, one by both
  EXPECT_EQ(impact.undecided, 0u);
}

}  // namespace
}  // namespace sluice::schema
