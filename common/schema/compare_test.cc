#include "common/schema/compare.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/schema/changes_golden.h"
#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Schema Loaded(const std::string& text) {
  const absl::StatusOr<Json> json = ParseJson(text);
  EXPECT_TRUE(json.ok()) << json.status() << text;
  const absl::StatusOr<Schema> schema = Schema::Load(*json);
  EXPECT_TRUE(schema.ok()) << schema.status() << text;
  return *schema;
}

std::string Verdicts(const Comparison& comparison, Direction direction) {
  return fmt::format("{}/{}", AnswerName(comparison.verdict(direction, Reading::kStrict).answer),
                     AnswerName(comparison.verdict(direction, Reading::kClosed).answer));
}

TEST(Compare, GivesTheClassesAndVerdictsOfTheGoldenCases) {
  for (const ChangeCase& golden : ReadChangeCases()) {
    const Comparison comparison = Compare(Loaded(golden.before), Loaded(golden.after));
    EXPECT_EQ(ClassName(comparison.change_class), golden.change_class) << golden.name;
    EXPECT_EQ(Verdicts(comparison, Direction::kBackward), golden.backward) << golden.name;
    EXPECT_EQ(Verdicts(comparison, Direction::kForward), golden.forward) << golden.name;
    EXPECT_FALSE(comparison.reasons.empty()) << golden.name;
  }
}

// Both ways of a pair, with the writer and the reader of each.
TEST(Compare, ProvesEveryIncompatible) {
  for (const ChangeCase& golden : ReadChangeCases()) {
    const Schema before = Loaded(golden.before);
    const Schema after = Loaded(golden.after);
    const Comparison comparison = Compare(before, after);
    bool proved[2][2] = {};
    for (const Break& found : comparison.breaks) {
      const bool forward = found.direction == Direction::kForward;
      EXPECT_TRUE(Validate(forward ? after : before, found.witness, {.reading = found.reading}).valid())
          << golden.name << " " << found.witness.ToString();
      EXPECT_FALSE(Validate(forward ? before : after, found.witness).valid())
          << golden.name << " " << found.witness.ToString();
      proved[static_cast<int>(found.direction)][static_cast<int>(found.reading)] = true;
    }
    for (const Direction direction : {Direction::kBackward, Direction::kForward}) {
      for (const Reading reading : {Reading::kStrict, Reading::kClosed}) {
        EXPECT_EQ(proved[static_cast<int>(direction)][static_cast<int>(reading)],
                  comparison.verdict(direction, reading).answer == Answer::kIncompatible)
            << golden.name;
      }
    }
  }
}

// A break is told by the edit behind it, where exactly one edit can be.
TEST(Compare, NamesTheEditBehindABreak) {
  for (const ChangeCase& golden : ReadChangeCases()) {
    if (golden.edits.size() != 1) continue;
    const std::string kind = golden.edits[0].substr(0, golden.edits[0].find(' '));
    for (const Break& found : Compare(Loaded(golden.before), Loaded(golden.after)).breaks)
      EXPECT_EQ(found.kind, kind) << golden.name << ": " << found.reason;
  }
}

TEST(Compare, SwapsItsDirectionsWithTheSchemas) {
  for (const ChangeCase& golden : ReadChangeCases()) {
    const Comparison comparison = Compare(Loaded(golden.after), Loaded(golden.before));
    EXPECT_EQ(Verdicts(comparison, Direction::kForward), golden.backward) << golden.name;
    EXPECT_EQ(Verdicts(comparison, Direction::kBackward), golden.forward) << golden.name;
  }
}

TEST(Compare, ARemovedOptionalFieldBreaksStrictReadersAlone) {
  const Comparison comparison = Compare(
      Loaded(R"({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}})"),
      Loaded(R"({"type": "object", "properties": {"a": {"type": "string"}}})"));
  ASSERT_EQ(comparison.breaks.size(), 1u);
  const Break& found = comparison.breaks[0];
  EXPECT_EQ(found.kind, "optional-field-removed");
  EXPECT_EQ(found.direction, Direction::kForward);
  EXPECT_EQ(found.reading, Reading::kStrict);
  EXPECT_EQ(found.old_pointer, "/properties/b");
  EXPECT_EQ(found.new_pointer, "/properties");
  EXPECT_EQ(found.instance, "/b");
  EXPECT_THAT(comparison.reasons, ElementsAre(HasSubstr("/b is gone")));
}

TEST(Compare, ASemanticBreakIsBreakingWhateverTheSchemasSay) {
  const Schema schema = Loaded(R"({"type": "object", "properties": {"weight": {"type": "number"}}})");
  const Comparison comparison = Compare(schema, schema, {.semantic_break = true, .limits = {}});
  EXPECT_EQ(comparison.change_class, SchemaClass::kBreaking);
  EXPECT_THAT(comparison.reasons, Contains(HasSubstr("semantic break")));
  EXPECT_THAT(comparison.breaks, IsEmpty());
}

TEST(Compare, SeveralFindingsAreEachProved) {
  const Comparison comparison = Compare(Loaded(R"({"type": "object", "required": ["a", "b", "c"],
                         "properties": {"a": {"type": "string"}, "b": {"type": "integer"}, "c": {"type": "boolean"}}})"),
                                        Loaded(R"({"type": "object", "required": ["b"],
                         "properties": {"b": {"type": "string"}, "c": {"type": "boolean"}}})"));
  EXPECT_EQ(comparison.change_class, SchemaClass::kBreaking);
  std::vector<std::string> kinds;
  for (const Break& found : comparison.breaks) {
    if (found.direction == Direction::kForward && found.reading == Reading::kClosed)
      kinds.push_back(found.kind);
  }
  EXPECT_THAT(kinds,
              testing::UnorderedElementsAre("required-field-removed", "field-made-optional", "type-changed"));
}

// What cannot be decided is said, and asks for coordination.
TEST(Compare, UndecidedIsCoordinated) {
  Comparison comparison = Compare(Loaded(R"({"type": "string", "pattern": "^(?=a)[a-z]*$"})"),
                                  Loaded(R"({"type": "string", "pattern": "^(?=[ab])(a|b)[a-z]*(?<!q)$"})"));
  bool undecided = false;
  for (const Direction direction : {Direction::kBackward, Direction::kForward})
    undecided |= comparison.verdict(direction, Reading::kStrict).answer == Answer::kUndecided;
  if (undecided) {
    EXPECT_THAT(comparison.reasons, Contains(HasSubstr("undecided")));
  }
  EXPECT_GE(comparison.change_class, SchemaClass::kCoordinated);
}

}  // namespace
}  // namespace sluice::schema
