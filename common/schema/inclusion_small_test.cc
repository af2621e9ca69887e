// Includes against an exhaustive search: every message over a few names and values is tried on every answer.
#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/schema/inclusion.h"
#include "common/schema/sample.h"
#include "common/schema/testing/small_schema.h"

namespace sluice::schema {
namespace {

constexpr uint64_t kPairs = 400;

struct Pair {
  Json before, after;
  Schema writer, reader;
};

std::optional<Pair> MakePair(uint64_t seed) {
  const bool newer = seed % 5 < 2;
  SmallSchemas schemas(seed, newer);
  const Json before = schemas.Make(2);
  Json after = seed % 5 == 4 ? schemas.Make(2) : schemas.Change(before);
  if (seed % 3 == 0) after = schemas.Change(after);
  const LoadOptions options{.dialect = newer ? Dialect::kDraft2020 : Dialect::kDraft7, .references = {}};
  auto writer = Schema::Load(before, options), reader = Schema::Load(after, options);
  if (!writer.ok() || !reader.ok()) return std::nullopt;  // a reference that is its own target
  return Pair{before, after, *std::move(writer), *std::move(reader)};
}

bool Refutes(const Pair& pair, Reading reading, const Json& message) {
  return Check(pair.writer, message, {.reading = reading}) == Validity::kValid &&
         Check(pair.reader, message) == Validity::kInvalid;
}

TEST(InclusionOnSmallSchemas, NoMessageRefutesAnAnswerAndEveryWitnessDoes) {
  const std::vector<Json> messages = SmallMessages();
  size_t pairs = 0, undecided = 0, compatible = 0;
  for (uint64_t seed = 0; seed < kPairs; ++seed) {
    const std::optional<Pair> pair = MakePair(seed);
    if (!pair) continue;
    for (const Reading reading : {Reading::kStrict, Reading::kClosed}) {
      SCOPED_TRACE(fmt::format("seed {} {}\n{}\n{}", seed, reading == Reading::kClosed ? "closed" : "strict",
                               pair->before.ToString(), pair->after.ToString()));
      ++pairs;
      const Inclusion inclusion = Includes(pair->writer, pair->reader, reading);
      for (const Escape& escape : inclusion.escapes) {
        EXPECT_TRUE(Refutes(*pair, reading, escape.witness)) << escape.witness.ToString();
      }
      EXPECT_EQ(inclusion.answer == Answer::kIncompatible, !inclusion.escapes.empty());
      if (inclusion.answer == Answer::kUndecided) {
        ++undecided;
        EXPECT_FALSE(inclusion.undecided.empty());
      }
      if (inclusion.answer != Answer::kCompatible) continue;
      ++compatible;
      for (const Json& message : messages)
        EXPECT_FALSE(Refutes(*pair, reading, message)) << message.ToString();
    }
  }
  EXPECT_GT(pairs, kPairs);
  EXPECT_GT(compatible, pairs / 10);
  EXPECT_LE(undecided * 50, pairs) << "more than two of a hundred are undecided";
}

TEST(InclusionOnSmallSchemas, ASchemaWithoutAnyMessageIsRecognized) {
  const std::vector<Json> messages = SmallMessages();
  for (uint64_t seed = 1'000; seed < 1'000 + kPairs; ++seed) {
    const std::optional<Pair> pair = MakePair(seed);
    if (!pair) continue;
    SCOPED_TRACE(pair->before.ToString());
    const bool any = std::any_of(messages.begin(), messages.end(), [&](const Json& message) {
      return Check(pair->writer, message) == Validity::kValid;
    });
    const auto sample = MakeValid(pair->writer, {.reading = Reading::kStrict});
    if (sample) EXPECT_EQ(Check(pair->writer, *sample), Validity::kValid);
    const Schema never = *Schema::Load(Json(false));
    const Inclusion inclusion = Includes(pair->writer, never, Reading::kStrict);
    if (any) EXPECT_NE(inclusion.answer, Answer::kCompatible);
    if (sample) EXPECT_EQ(inclusion.answer, Answer::kIncompatible);
  }
}

}  // namespace
}  // namespace sluice::schema
