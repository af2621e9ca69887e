#include "common/schema/edits.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/schema/changes_golden.h"
#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

Schema Loaded(const std::string& text) {
  const absl::StatusOr<Json> json = ParseJson(text);
  EXPECT_TRUE(json.ok()) << json.status() << text;
  const absl::StatusOr<Schema> schema = Schema::Load(*json);
  EXPECT_TRUE(schema.ok()) << schema.status() << text;
  return *schema;
}

Edits Find(const std::string& before, const std::string& after) {
  return FindEdits(Loaded(before), Loaded(after));
}

std::vector<std::string> Told(const Edits& edits) {
  std::vector<std::string> told;
  for (const SchemaEdit& edit : edits.edits) {
    if (!IsDocumentation(edit))
      told.push_back(fmt::format("{} {} {}", edit.kind, ClassName(edit.gravity), edit.field));
  }
  return told;
}

TEST(Edits, AreThoseOfTheGoldenCases) {
  for (const ChangeCase& golden : ReadChangeCases()) {
    const Edits edits = Find(golden.before, golden.after);
    EXPECT_TRUE(edits.complete) << golden.name;
    EXPECT_THAT(Told(edits), UnorderedElementsAreArray(golden.edits)) << golden.name;
  }
}

TEST(Edits, PointToPlacesThatAreThere) {
  for (const ChangeCase& golden : ReadChangeCases()) {
    const Schema before = Loaded(golden.before);
    const Schema after = Loaded(golden.after);
    for (const SchemaEdit& edit : FindEdits(before, after).edits) {
      EXPECT_NE(Resolve(before.document(), edit.old_pointer), nullptr)
          << golden.name << " " << edit.old_pointer;
      EXPECT_NE(Resolve(after.document(), edit.new_pointer), nullptr)
          << golden.name << " " << edit.new_pointer;
      EXPECT_FALSE(edit.reason.empty()) << golden.name;
    }
  }
}

TEST(Edits, ASchemaHasNoneToItself) {
  for (const ChangeCase& golden : ReadChangeCases()) {
    EXPECT_THAT(Find(golden.before, golden.before).edits, IsEmpty()) << golden.name;
    EXPECT_THAT(Find(golden.after, golden.after).edits, IsEmpty()) << golden.name;
  }
}

TEST(Edits, ARemovedFieldPointsToItAndToWhereItWouldBe) {
  const Edits edits = Find(R"({"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}})",
                           R"({"properties": {"a": {"type": "string"}}})");
  ASSERT_EQ(edits.edits.size(), 1u);
  EXPECT_EQ(edits.edits[0].old_pointer, "/properties/b");
  EXPECT_EQ(edits.edits[0].new_pointer, "/properties");
  EXPECT_EQ(edits.edits[0].before->ToString(), R"({"type":"integer"})");
  EXPECT_FALSE(edits.edits[0].after.has_value());
}

TEST(Edits, OfASharedDefinitionAreToldOnceWithTheOtherPlaces) {
  const std::string before =
      R"({"properties": {"price": {"$ref": "#/definitions/M"}, "total": {"$ref": "#/definitions/M"}},
      "definitions": {"M": {"type": "object", "properties": {"amount": {"type": "number"}}}}})";
  const std::string after =
      R"({"properties": {"price": {"$ref": "#/definitions/M"}, "total": {"$ref": "#/definitions/M"}},
      "definitions": {"M": {"type": "object", "properties": {"amount": {"type": "string"}}}}})";
  const Edits edits = Find(before, after);
  EXPECT_THAT(Told(edits), ElementsAre("type-changed BREAKING /price/amount"));
  ASSERT_EQ(edits.shared.size(), 1u);
  EXPECT_EQ(edits.shared[0].field, "/total");
  EXPECT_EQ(edits.shared[0].first, "/price");
}

TEST(Edits, DescriptionsAreToldAsWords) {
  const Edits edits =
      Find(R"({"title": "a", "type": "string"})", R"({"description": "b", "type": "string"})");
  ASSERT_EQ(edits.edits.size(), 1u);
  EXPECT_TRUE(IsDocumentation(edits.edits[0]));
  EXPECT_EQ(edits.edits[0].before->ToString(), R"({"title":"a"})");
  EXPECT_EQ(edits.edits[0].after->ToString(), R"({"description":"b"})");
}

// Every name twice: which was renamed to which is not known.
TEST(Edits, ARenameIsSaidOnlyWhereItIsPlain) {
  const Edits edits =
      Find(R"({"required": ["a"], "properties": {"a": {"type": "string"}}})",
           R"({"required": ["b", "c"], "properties": {"b": {"type": "string"}, "c": {"type": "string"}}})");
  EXPECT_THAT(Told(edits),
              ElementsAre("required-field-removed BREAKING /a", "required-field-added COORDINATED /b",
                          "required-field-added COORDINATED /c"));
}

std::string ManyBranches(size_t count, const std::string& word) {
  std::string text = R"({"oneOf": [)";
  for (size_t i = 0; i < count; ++i) {
    text += fmt::format(
        R"({}{{"type": "object", "required": ["{}{}"], "properties": {{"{}{}": {{"type": "string"}}}}}})",
        i == 0 ? "" : ",", word, i, word, i);
  }
  return text + "]}";
}

TEST(Edits, TenThousandBranchesStayInBounds) {
  const Edits edits = Find(ManyBranches(10'000, "a"), ManyBranches(10'000, "b"));
  EXPECT_FALSE(edits.complete);
  EXPECT_LE(edits.edits.size(), 1'000u);
}

// 2^40 paths lead through these references.
TEST(Edits, ReferencesThatMultiplyStayInBounds) {
  const auto doubled = [](const char* type) {
    std::string text =
        fmt::format(R"({{"$ref": "#/definitions/d0", "definitions": {{"d40": {{"type": "{}"}})", type);
    for (int i = 0; i < 40; ++i) {
      text += fmt::format(
          R"(, "d{}": {{"properties": {{"a": {{"$ref": "#/definitions/d{}"}}, "b": {{"$ref": "#/definitions/d{}"}}}}}})",
          i, i + 1, i + 1);
    }
    return text + "}}";
  };
  const Edits edits = Find(doubled("string"), doubled("integer"));
  EXPECT_TRUE(edits.complete);
  ASSERT_EQ(edits.edits.size(), 1u);
  EXPECT_EQ(edits.edits[0].kind, "type-changed");
}

}  // namespace
}  // namespace sluice::schema
