// What Assess may spend on schemas, and what it remembers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/assess.h"
#include "common/core/schema_comparison.h"
#include "common/core/schema_impact.h"
#include "common/core/text.h"

namespace sluice::core {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

ProductVersion Version(const std::string& text, const std::string& level = "FORWARD_TRANSITIVE") {
  ProductVersion version;
  version.major = 1;
  version.schema.emplace().text = text;
  version.compatibility = level;
  return version;
}

DataProduct Product(const std::string& name, const ProductVersion& version) {
  DataProduct product;
  product.name = name;
  product.owners = {"group:owners"};
  product.versions = {version};
  return product;
}

struct World {
  Catalog before;
  std::vector<Edit> edits;

  void Change(const std::string& name, const ProductVersion& from, const ProductVersion& to) {
    before.products.Put({name, 1, std::make_shared<const DataProduct>(Product(name, from))});
    edits.push_back({EditAction::kPut, Product(name, to)});
  }
  Assessment Assess(SchemaMemo* memo = nullptr) const {
    return core::Assess(before, Apply(before, edits, 2), edits, {{"ann", {"owners"}}}, {{}, memo});
  }
};

constexpr char kOne[] = R"({"type":"object","required":["a"],"properties":{"a":{"type":"string"}}})";
constexpr char kTwo[] = R"({"type":"object","required":["a"],"properties":{"a":{"type":"integer"}}})";

TEST(SchemaWork, AComparisonIsRemembered) {
  SchemaMemo memo;
  SchemaWork first({}, {}, &memo), second({}, {}, &memo), without({}, {}, nullptr);
  const Compared compared = first.Compare(Version(kOne), Version(kTwo));
  EXPECT_EQ(second.Compare(Version(kOne), Version(kTwo)), compared);
  EXPECT_NE(without.Compare(Version(kOne), Version(kTwo)), compared);
  EXPECT_NE(second.Compare(Version(kTwo), Version(kOne)), compared)
      << "the other way round is another question";
  ProductVersion meant = Version(kTwo);
  meant.schema->meaning = 1;
  EXPECT_NE(second.Compare(Version(kOne), meant), compared);
  EXPECT_NE(second.Compare(Version(kOne), Version(kTwo, "NONE")), compared)
      << "registries say something else";
}

TEST(SchemaWork, WithAndWithoutMemoryTheAnswerIsTheSame) {
  World world;
  world.Change("f.a", Version(kOne), Version(kTwo));
  SchemaMemo memo;
  const Assessment fresh = world.Assess();
  EXPECT_EQ(world.Assess(&memo), fresh);
  EXPECT_EQ(world.Assess(&memo), fresh);
  EXPECT_EQ(fresh.change_class, ChangeClass::kBreaking);
}

TEST(SchemaWork, WhatIsRememberedIsBounded) {
  Remembered<int> memory;
  for (int i = 0; i < 5000; ++i) memory.Keep(Cat("key ", i), std::make_shared<const int>(i));
  EXPECT_EQ(memory.Find("key 0"), nullptr) << "the oldest went";
  ASSERT_NE(memory.Find("key 4999"), nullptr);
  EXPECT_EQ(*memory.Find("key 4999"), 4999);
  memory.Keep("key 4999", std::make_shared<const int>(1));
  EXPECT_EQ(*memory.Find("key 4999"), 4999) << "the same question has the same answer";
  for (char c = 'a'; c <= 'd'; ++c)
    memory.Keep(std::string(size_t{10} << 20, c), std::make_shared<const int>(c));
  EXPECT_EQ(memory.Find("key 4999"), nullptr);
  EXPECT_EQ(memory.Find(std::string(size_t{10} << 20, 'a')), nullptr) << "bytes count too";
  EXPECT_NE(memory.Find(std::string(size_t{10} << 20, 'd')), nullptr);
}

TEST(SchemaWork, BeyondItsBytesNothingIsCompatible) {
  World world;
  const std::string large = std::string(6'000'000, ' ') + kOne;  // too long to be read, which takes no time
  for (int i = 0; i < 3; ++i) world.Change(Cat("f.p", i), Version(large), Version(large + "x"));
  world.Change("f.q", Version(kOne), Version(R"({"type":"object","required":["a"]})"));
  const Assessment assessment = world.Assess();
  ASSERT_THAT(assessment.schema_changes, SizeIs(4));
  for (const SchemaChange& change : assessment.schema_changes)
    EXPECT_GE(change.change_class, ChangeClass::kCoordinated) << change.resource;
  EXPECT_THAT(assessment.schema_changes[0].reasons.at(0), HasSubstr("cannot be read"));
  EXPECT_THAT(assessment.schema_changes[2].reasons.at(0), HasSubstr("too many large schemas"));
  EXPECT_THAT(assessment.schema_changes[3].verdicts, SizeIs(4)) << "a small one still finds room";
}

TEST(SchemaWork, AThousandSchemasAreAllCompared) {
  World world;
  for (int i = 0; i < 1000; ++i)
    world.Change(Cat("f.p", i), Version(kOne), Version(i == 500 ? kTwo : "true"));
  SchemaMemo memo;
  const Assessment assessment = world.Assess(&memo);
  ASSERT_THAT(assessment.schema_changes, SizeIs(1000));
  for (const SchemaChange& change : assessment.schema_changes)
    EXPECT_EQ(change.change_class, ChangeClass::kBreaking) << change.resource;
  EXPECT_EQ(assessment.schema_changes[500].resource, "dataproduct/f.p500");
}

TEST(Prediction, IsOfTheLevelThatTheSubjectHasWhenTheSchemaComes) {
  SchemaWork work({}, {}, nullptr);
  const auto level = [&](const std::string& from, const std::string& to) {
    const Compared compared = work.Compare(Version(kOne, from), Version(kTwo, to));
    return compared->predictions.at(0).level;
  };
  EXPECT_EQ(level("NONE", "FULL"), "NONE") << "tightened after the schema";
  EXPECT_EQ(level("FULL", "NONE"), "NONE") << "loosened before it";
  EXPECT_EQ(level("BACKWARD", "FORWARD"), "FORWARD") << "neither";
}

TEST(Prediction, SaysWhereTheRegistryIsWrong) {
  SchemaWork work({}, {}, nullptr);
  const Compared compared =
      work.Compare(Version(R"({"type":"object","required":["a"]})"), Version(R"({"type":"object"})"));
  ASSERT_THAT(compared->predictions, SizeIs(2));
  EXPECT_EQ(compared->predictions[0].registry, "confluent-strict");
  EXPECT_EQ(compared->predictions[0].answer, RegistryPrediction::Answer::kAccepts);
  EXPECT_THAT(compared->predictions[0].reason, HasSubstr("a message proves it incompatible"));
  EXPECT_THAT(compared->predictions[0].ways_out, IsEmpty());
}

TEST(Prediction, NothingIsSaidOfAvro) {
  SchemaWork work({}, {}, nullptr);
  ProductVersion before = Version(R"("string")"), after = Version(R"("bytes")");
  before.schema->format = after.schema->format = SchemaFormat::kAvro;
  const Compared compared = work.Compare(before, after);
  EXPECT_EQ(compared->problem, "");
  for (const RegistryPrediction& prediction : compared->predictions)
    EXPECT_EQ(prediction.answer, RegistryPrediction::Answer::kUnknown);
}

}  // namespace
}  // namespace sluice::core
