// Laws of resolution and comparison on random schemas, judged by a reader of single messages.
#include <gtest/gtest.h>

#include <string>

#include "common/schema/avro_canonical.h"
#include "common/schema/avro_compare.h"
#include "common/schema/testing/avro_random.h"

namespace sluice::schema {
namespace {

constexpr uint32_t kPairs = 1500;

std::optional<AvroSchema> Load(const std::string& text) {
  const auto document = ParseJson(text);
  EXPECT_TRUE(document.ok()) << document.status() << text;
  auto schema = AvroSchema::Load(*document);
  if (!schema.ok()) return std::nullopt;  // a random union can hold a record twice
  return *std::move(schema);
}

struct Counts {
  int pairs = 0, compatible = 0, incompatible = 0, witnesses = 0, without = 0, messages = 0;
};

// Every witness is a message of the writer that the reader cannot read; what is compatible reads every
// message that was tried.
void CheckOneWay(const AvroSchema& writer, const AvroSchema& reader, std::mt19937& random, Counts& counts) {
  const AvroResolution resolution = ResolveAvro(writer, reader);
  const AvroNode& from = *writer.root().node;
  const AvroNode& to = *reader.root().node;
  ASSERT_NE(resolution.answer, Answer::kUndecided);
  ++(resolution.answer == Answer::kCompatible ? counts.compatible : counts.incompatible);
  EXPECT_EQ(resolution.problems.empty(), resolution.answer == Answer::kCompatible);
  for (const AvroProblem& problem : resolution.problems) {
    if (!problem.witness) {
      ++counts.without;
      continue;
    }
    ++counts.witnesses;
    EXPECT_TRUE(IsDatum(from, *problem.witness)) << problem.witness->ToString();
    EXPECT_FALSE(CanRead(from, to, *problem.witness)) << problem.reason << problem.witness->ToString();
  }
  for (int i = 0; i < 5; ++i) {
    const std::optional<Json> datum = MakeDatum(from, random);
    if (!datum) continue;
    ++counts.messages;
    ASSERT_TRUE(IsDatum(from, *datum)) << datum->ToString();
    if (resolution.answer == Answer::kCompatible) EXPECT_TRUE(CanRead(from, to, *datum)) << datum->ToString();
  }
}

TEST(AvroLaws, VerdictsAreWhatMessagesShow) {
  Counts counts;
  std::mt19937 random(1);
  for (uint32_t seed = 0; seed < kPairs; ++seed) {
    const AvroPair pair = MakeAvroPair(seed);
    const std::optional<AvroSchema> before = Load(pair.before), after = Load(pair.after);
    if (!before || !after) continue;
    ++counts.pairs;
    SCOPED_TRACE(pair.before + "\n" + pair.after);
    CheckOneWay(*before, *after, random, counts);
    CheckOneWay(*after, *before, random, counts);
    if (HasFailure()) return;
  }
  EXPECT_GT(counts.pairs, 1000);
  EXPECT_GT(counts.compatible, 300);
  EXPECT_GT(counts.incompatible, 300);
  EXPECT_GT(counts.witnesses, 500);
  EXPECT_LT(counts.without, counts.witnesses / 10);
  EXPECT_GT(counts.messages, 1000);
}

TEST(AvroLaws, ASchemaReadsItselfAndItsCanonicalForm) {
  for (uint32_t seed = 0; seed < kPairs; ++seed) {
    const std::optional<AvroSchema> schema = Load(MakeAvroPair(seed).before);
    if (!schema) continue;
    const Comparison same = CompareAvro(*schema, *schema);
    EXPECT_EQ(same.change_class, SchemaClass::kCompatible);
    EXPECT_TRUE(same.edits.empty());
    const std::optional<AvroSchema> form = Load(*CanonicalForm(*schema));
    ASSERT_TRUE(form.has_value());
    EXPECT_EQ(*CanonicalForm(*form), *CanonicalForm(*schema));
    EXPECT_EQ(ResolveAvro(*schema, *form).answer, Answer::kCompatible) << schema->document().ToString();
  }
}

// What the class asks for covers what the verdicts say, and nearly every break knows its edit; a type that is
// used by its name has its edits where it is defined.
TEST(AvroLaws, AnIncompatibilityHasAnEditAndAClass) {
  int breaks = 0, linked = 0;
  for (uint32_t seed = 0; seed < kPairs; ++seed) {
    const AvroPair pair = MakeAvroPair(seed);
    const std::optional<AvroSchema> before = Load(pair.before), after = Load(pair.after);
    if (!before || !after) continue;
    const Comparison comparison = CompareAvro(*before, *after);
    for (const Break& found : comparison.breaks) {
      ++breaks;
      linked += found.edit.has_value();
    }
    if (!comparison.breaks.empty()) {
      EXPECT_NE(comparison.change_class, SchemaClass::kCompatible) << pair.before << "\n" << pair.after;
      EXPECT_FALSE(comparison.edits.empty());
    }
  }
  EXPECT_GT(breaks, 1000);
  EXPECT_GT(linked, breaks * 98 / 100);
}

}  // namespace
}  // namespace sluice::schema
