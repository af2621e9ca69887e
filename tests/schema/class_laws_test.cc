// The class of a change, and the edits that make it, are about meaning: rewriting schemas leaves both as they
// are.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "common/schema/compare.h"
#include "common/schema/impact.h"
#include "tests/schema/random_schema.h"
#include "tests/schema/rewrite.h"

namespace sluice::schema {
namespace {

struct Pair {
  Json before, after;
};

Pair MakePair(uint64_t seed) {
  SchemaMaker maker(seed);
  const Json before = maker.Document();
  return {before, maker.Below(5) == 0 ? maker.Document() : maker.Edited(before)};
}

Schema Loaded(const Json& document) {
  const absl::StatusOr<Schema> schema = Schema::Load(document);
  EXPECT_TRUE(schema.ok()) << schema.status() << "\n" << document.ToString();
  return schema.ok() ? *schema : *Schema::Load(Json(true));
}

// The class, and every edit that a message can show.
std::string Summary(const Json& before, const Json& after) {
  const Comparison comparison = Compare(Loaded(before), Loaded(after));
  std::string text(ClassName(comparison.change_class));
  for (const SchemaEdit& edit : comparison.edits) {
    if (!IsDocumentation(edit))
      text += fmt::format("\n{} {} {}", edit.kind, ClassName(edit.gravity), edit.field);
  }
  return text;
}

TEST(ClassLaws, RewritingChangesNeitherClassNorEdits) {
  for (uint64_t seed = 5'000; seed < 5'150; ++seed) {
    const Pair pair = MakePair(seed);
    const std::string expected = Summary(pair.before, pair.after);
    const auto expect_same = [&](const char* rewriting, const Json& before, const Json& after) {
      ASSERT_EQ(Summary(before, after), expected)
          << rewriting << "\nold " << pair.before.ToString() << "\nnew " << pair.after.ToString();
    };
    expect_same("described", Described(pair.before), Described(pair.after));
    expect_same("references", WithReferences(pair.before, seed), WithReferences(pair.after, seed + 7));
    expect_same("references in the old one", WithReferences(pair.before, seed), pair.after);
    expect_same("draft 2020-12", AsDraft2020(pair.before), AsDraft2020(pair.after));
    expect_same("lists reversed", pair.before, WithListsReversed(pair.after));
  }
}

// A consumer that validates and uses everything breaks exactly when the comparison says so; one that projects
// breaks on a part of that.
TEST(ClassLaws, WhoUsesLessBreaksNoMore) {
  size_t broken = 0;
  for (uint64_t seed = 6'000; seed < 6'150; ++seed) {
    const Pair pair = MakePair(seed);
    const Schema before = Loaded(pair.before);
    const Schema after = Loaded(pair.after);
    const Comparison comparison = Compare(before, after);
    const ConsumerTraits validates{.validates = true, .ignores_unknown_values = true};
    const ConsumerTraits exhaustive{.validates = false, .ignores_unknown_values = false};
    const Impact impact = AssessImpact(before, after, comparison,
                                       {{.name = "validates", .fields = {}, .traits = validates},
                                        {.name = "exhaustive", .fields = {}, .traits = exhaustive},
                                        {.name = "all", .fields = {}, .traits = {}},
                                        {.name = "some", .fields = {"/a", "/b/c", "/id/*"}, .traits = {}}});
    const auto breaks = [&impact](size_t i) { return impact.consumers[i].effect == Effect::kBroken; };
    const Answer answer = comparison.verdict(Direction::kForward, Reading::kClosed).answer;
    ASSERT_EQ(breaks(0), answer == Answer::kIncompatible) << seed;
    for (size_t i = 1; i < impact.consumers.size(); ++i) {
      broken += breaks(i);
      ASSERT_TRUE(!breaks(i) || breaks(0)) << seed << impact.consumers[i].consumer;
      if (!impact.consumers[i].witness) continue;
      const Json& witness = *impact.consumers[i].witness;
      ASSERT_TRUE(Validate(after, witness, {.reading = Reading::kClosed}).valid()) << seed;
      ASSERT_FALSE(Validate(before, witness).valid()) << seed << " " << witness.ToString();
    }
    ASSERT_TRUE(!breaks(2) || breaks(1)) << seed;
    ASSERT_TRUE(!breaks(3) || breaks(2)) << seed;
  }
  EXPECT_GT(broken, 50u);
}

}  // namespace
}  // namespace sluice::schema
