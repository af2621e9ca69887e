#include "common/schema/transitive.h"

#include <gtest/gtest.h>

namespace sluice::schema {
namespace {

RetainedVersion Version(const std::string& name, const std::string& text) {
  return {.name = name, .schema = *Schema::Load(*ParseJson(text))};
}

constexpr char kText[] = R"({"type": "object", "properties": {"a": {"type": "string"}}})";
constexpr char kWithout[] = R"({"type": "object", "properties": {"z": {"type": "string"}}})";
constexpr char kNumber[] =
    R"({"type": "object", "properties": {"a": {"type": "integer"}, "z": {"type": "string"}}})";

// A name that was removed comes back with another type: only the version before last knows.
TEST(Transitive, LooksAtEveryRetainedVersion) {
  const std::vector<RetainedVersion> retained = {Version("1", kText), Version("2", kWithout)};
  const Schema proposed = *Schema::Load(*ParseJson(kNumber));
  const VersionTable forward = CompareWithVersions(retained, proposed, Level::kForward);
  ASSERT_EQ(forward.rows.size(), 1u);
  EXPECT_EQ(forward.rows[0].version, "2");
  EXPECT_EQ(forward.closed, Answer::kCompatible);
  const VersionTable transitive = CompareWithVersions(retained, proposed, Level::kForwardTransitive);
  ASSERT_EQ(transitive.rows.size(), 2u);
  EXPECT_EQ(transitive.rows[1].version, "1");
  EXPECT_EQ(transitive.rows[0].closed, Answer::kCompatible);
  EXPECT_EQ(transitive.rows[1].closed, Answer::kIncompatible);
  EXPECT_EQ(transitive.closed, Answer::kIncompatible);
  EXPECT_EQ(transitive.change_class, SchemaClass::kBreaking);
}

TEST(Transitive, TheLevelSaysWhichDirectionsCount) {
  const std::vector<RetainedVersion> retained = {
      Version("1", R"({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}})")};
  const Schema proposed = *Schema::Load(*ParseJson(kText));
  EXPECT_EQ(CompareWithVersions(retained, proposed, Level::kBackward).closed, Answer::kCompatible);
  EXPECT_EQ(CompareWithVersions(retained, proposed, Level::kForward).closed, Answer::kIncompatible);
  EXPECT_EQ(CompareWithVersions(retained, proposed, Level::kFull).closed, Answer::kIncompatible);
  EXPECT_EQ(CompareWithVersions(retained, proposed, Level::kNone).closed, Answer::kCompatible);
  EXPECT_EQ(CompareWithVersions(retained, proposed, Level::kNone).change_class, SchemaClass::kCoordinated);
}

TEST(Transitive, NothingRetainedIsNothingToCompare) {
  const VersionTable table =
      CompareWithVersions({}, *Schema::Load(*ParseJson(kText)), Level::kFullTransitive);
  EXPECT_TRUE(table.rows.empty());
  EXPECT_EQ(table.strict, Answer::kCompatible);
}

TEST(Transitive, EqualVersionsHaveARowEach) {
  const std::vector<RetainedVersion> retained = {Version("1", kText), Version("2", kText)};
  const VersionTable table =
      CompareWithVersions(retained, *Schema::Load(*ParseJson(kNumber)), Level::kBackwardTransitive);
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0].closed, Answer::kIncompatible);
  EXPECT_EQ(table.rows[1].closed, Answer::kIncompatible);
}

}  // namespace
}  // namespace sluice::schema
