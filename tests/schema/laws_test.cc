// Laws that hold for every schema, on schemas made at random. Each failure names the documents that break the
// law.
#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>

#include "common/schema/compare.h"
#include "tests/schema/messages.h"
#include "tests/schema/random_schema.h"
#include "tests/schema/rewrite.h"

namespace sluice::schema {
namespace {

constexpr std::array kDirections = {Direction::kBackward, Direction::kForward};
constexpr std::array kReadings = {Reading::kStrict, Reading::kClosed};

Schema Load(const Json& document) {
  absl::StatusOr<Schema> schema = Schema::Load(document);
  EXPECT_TRUE(schema.ok()) << schema.status() << "\n" << document.ToString();
  return schema.ok() ? *std::move(schema) : *Schema::Load(Json(true));
}

std::string Words(const Comparison& comparison) {
  std::string words;
  for (const Direction direction : kDirections) {
    for (const Reading reading : kReadings) {
      words += direction == Direction::kBackward ? "backward" : "forward";
      words += reading == Reading::kStrict ? " strict: " : " closed: ";
      switch (comparison.verdict(direction, reading).answer) {
        case Answer::kCompatible:
          words += "compatible\n";
          break;
        case Answer::kIncompatible:
          words += "incompatible\n";
          break;
        case Answer::kUndecided:
          words += "undecided\n";
          break;
      }
    }
  }
  return words;
}

std::string Text(const Json& before, const Json& after) {
  return "old " + before.ToString() + "\nnew " + after.ToString();
}

// A pair of documents of which the second one was made by editing the first, mostly.
struct Pair {
  Json before, after;
};

Pair MakePair(uint64_t seed) {
  SchemaMaker maker(seed);
  const Json before = maker.Document();
  return {before, maker.Below(5) == 0 ? maker.Document() : maker.Edited(before)};
}

TEST(SchemaLaws, EverySchemaIsCompatibleWithItself) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const Schema schema = Load(SchemaMaker(seed).Document());
    const Comparison comparison = Compare(schema, schema);
    for (const Direction direction : kDirections) {
      for (const Reading reading : kReadings) {
        ASSERT_EQ(comparison.verdict(direction, reading).answer, Answer::kCompatible)
            << Words(comparison) << schema.document().ToString();
      }
    }
    ASSERT_TRUE(comparison.edits.empty()) << schema.document().ToString();
    ASSERT_EQ(comparison.change_class, SchemaClass::kCompatible);
  }
}

// Expects of a rewriting of either side that the verdicts stay what they are.
void ExpectSameVerdicts(const Pair& pair, const Json& before, const Json& after, const char* rewriting) {
  const std::string first = Words(Compare(Load(pair.before), Load(pair.after)));
  const std::string second = Words(Compare(Load(before), Load(after)));
  ASSERT_EQ(first, second) << rewriting << "\n"
                           << Text(pair.before, pair.after) << "\nrewritten\n"
                           << Text(before, after);
}

TEST(SchemaLaws, TheOrderOfKeysMeansNothing) {
  for (uint64_t seed = 0; seed < 150; ++seed) {
    const Pair pair = MakePair(seed);
    const absl::StatusOr<Json> before = ParseJson(WithKeysReversed(pair.before));
    const absl::StatusOr<Json> after = ParseJson(WithKeysReversed(pair.after));
    ASSERT_TRUE(before.ok() && after.ok());
    ASSERT_EQ(before->ToString(), pair.before.ToString());
    ASSERT_NO_FATAL_FAILURE(ExpectSameVerdicts(pair, *before, *after, "keys reversed"));
  }
}

TEST(SchemaLaws, TheOrderOfNamesTypesValuesAndBranchesMeansNothing) {
  for (uint64_t seed = 0; seed < 150; ++seed) {
    const Pair pair = MakePair(seed);
    ASSERT_NO_FATAL_FAILURE(ExpectSameVerdicts(pair, pair.before, WithListsReversed(pair.after),
                                               "lists reversed in the new one"));
  }
}

TEST(SchemaLaws, ADescriptionMeansNothing) {
  for (uint64_t seed = 0; seed < 150; ++seed) {
    const Pair pair = MakePair(seed);
    ASSERT_NO_FATAL_FAILURE(ExpectSameVerdicts(pair, pair.before, Described(pair.after), "described"));
  }
}

TEST(SchemaLaws, WhatIsMovedToTheDefinitionsMeansTheSame) {
  for (uint64_t seed = 0; seed < 150; ++seed) {
    const Pair pair = MakePair(seed);
    ASSERT_NO_FATAL_FAILURE(
        ExpectSameVerdicts(pair, pair.before, WithReferences(pair.after, seed), "references in the new one"));
    ASSERT_NO_FATAL_FAILURE(ExpectSameVerdicts(pair, WithReferences(pair.before, seed + 1), pair.after,
                                               "references in the old one"));
  }
}

TEST(SchemaLaws, AnotherDraftMeansTheSame) {
  int rewritten = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SchemaMaker maker(seed);
    const Pair pair = {maker.Document(), maker.Document()};
    ASSERT_NO_FATAL_FAILURE(ExpectSameVerdicts(pair, pair.before, AsDraft2020(pair.after), "2020-12"));
    if (const std::optional<Json> after = AsDraft6(pair.after)) {
      ASSERT_NO_FATAL_FAILURE(ExpectSameVerdicts(pair, pair.before, *after, "draft-06"));
    }
    if (const std::optional<Json> after = AsDraft4(pair.after)) {
      ASSERT_NO_FATAL_FAILURE(ExpectSameVerdicts(pair, pair.before, *after, "draft-04"));
      ++rewritten;
    }
  }
  EXPECT_GT(rewritten, 50);
}

TEST(SchemaLaws, BackwardIsForwardTheOtherWayRound) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Pair pair = MakePair(seed);
    const Comparison there = Compare(Load(pair.before), Load(pair.after));
    const Comparison back = Compare(Load(pair.after), Load(pair.before));
    for (const Reading reading : kReadings) {
      ASSERT_EQ(there.verdict(Direction::kBackward, reading).answer,
                back.verdict(Direction::kForward, reading).answer)
          << Text(pair.before, pair.after);
      ASSERT_EQ(there.verdict(Direction::kForward, reading).answer,
                back.verdict(Direction::kBackward, reading).answer)
          << Text(pair.before, pair.after);
    }
  }
}

// Under the closed reading a name that was removed can come back with another type, so there it is no law.
TEST(SchemaLaws, InclusionIsTransitiveUnderTheStrictReading) {
  int chains = 0;
  for (uint64_t seed = 0; seed < 800; ++seed) {
    SchemaMaker maker(seed);
    const Json middle = maker.Document();
    const Schema a = Load(maker.Edited(middle)), b = Load(middle), c = Load(maker.Edited(middle));
    if (Includes(a, b, Reading::kStrict).answer != Answer::kCompatible) continue;
    if (Includes(b, c, Reading::kStrict).answer != Answer::kCompatible) continue;
    ++chains;
    ASSERT_NE(Includes(a, c, Reading::kStrict).answer, Answer::kIncompatible)
        << a.document().ToString() << "\n"
        << middle.ToString() << "\n"
        << c.document().ToString();
  }
  EXPECT_GT(chains, 20);
}

TEST(SchemaLaws, ABranchMoreInTheReadersSchemaNeverHurts) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Pair pair = MakePair(seed);
    const Json wider = WithBranchAdded(pair.after, SchemaMaker(seed + 1'000).Plain(), seed);
    const Schema writer = Load(pair.before);
    for (const Reading reading : kReadings) {
      if (Includes(writer, Load(pair.after), reading).answer != Answer::kCompatible) continue;
      ASSERT_NE(Includes(writer, Load(wider), reading).answer, Answer::kIncompatible)
          << Text(pair.before, pair.after) << "\nwider " << wider.ToString();
    }
  }
}

TEST(SchemaLaws, EveryWitnessIsOne) {
  int witnesses = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const Pair pair = MakePair(seed);
    const Schema before = Load(pair.before), after = Load(pair.after);
    for (const Break& found : Compare(before, after).breaks) {
      const bool backward = found.direction == Direction::kBackward;
      const Schema& writer = backward ? before : after;
      const Schema& reader = backward ? after : before;
      ASSERT_EQ(Check(writer, found.witness, {.reading = found.reading}), Validity::kValid)
          << found.witness.ToString() << "\n"
          << Text(pair.before, pair.after);
      ASSERT_EQ(Check(reader, found.witness), Validity::kInvalid) << found.witness.ToString() << "\n"
                                                                  << Text(pair.before, pair.after);
      ++witnesses;
    }
  }
  EXPECT_GT(witnesses, 100);
}

TEST(SchemaLaws, CompatibleSurvivesASearchForMessagesThatRefuteIt) {
  int attacked = 0;
  for (uint64_t seed = 0; seed < 150; ++seed) {
    const Pair pair = MakePair(seed);
    const Schema before = Load(pair.before), after = Load(pair.after);
    const Comparison comparison = Compare(before, after);
    const std::vector<Json> candidates = CandidateMessages(before, after, 150);
    for (const Direction direction : kDirections) {
      for (const Reading reading : kReadings) {
        if (comparison.verdict(direction, reading).answer != Answer::kCompatible) continue;
        const bool backward = direction == Direction::kBackward;
        const auto found =
            FindRefutation(backward ? before : after, backward ? after : before, reading, candidates);
        ASSERT_FALSE(found.has_value()) << found->ToString() << "\n"
                                        << Words(comparison) << Text(pair.before, pair.after);
        ++attacked;
      }
    }
  }
  EXPECT_GT(attacked, 50);
}

// Both answer the same; Check is the fast one.
TEST(SchemaLaws, CheckAgreesWithValidate) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const Schema schema = Load(SchemaMaker(seed).Document());
    for (const Json& message : CandidateMessages(schema, schema, 100)) {
      for (const Reading reading : kReadings) {
        const Validation whole = Validate(schema, message, {.reading = reading});
        ASSERT_EQ(whole.validity, Check(schema, message, {.reading = reading}))
            << message.ToString() << "\n"
            << schema.document().ToString();
        ASSERT_EQ(whole.errors.empty(), whole.valid());
      }
    }
  }
}

// What the closed reading lets out is part of what the schema accepts.
TEST(SchemaLaws, ClosedIsAPartOfStrict) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const Schema schema = Load(SchemaMaker(seed).Document());
    for (const Json& message : CandidateMessages(schema, schema, 100)) {
      if (Check(schema, message, {.reading = Reading::kClosed}) != Validity::kValid) continue;
      ASSERT_EQ(Check(schema, message), Validity::kValid) << message.ToString() << "\n"
                                                          << schema.document().ToString();
    }
  }
}

}  // namespace
}  // namespace sluice::schema
