// Resolution where Avro's own pairs (avro_corpus_test.cc) say nothing: aliases, unions, witnesses, recursion
// and bounds.
#include "common/schema/avro_resolve.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice::schema {
namespace {

AvroSchema Load(const std::string& text) {
  const auto document = ParseJson(text);
  EXPECT_TRUE(document.ok()) << document.status();
  const auto schema = AvroSchema::Load(*document);
  EXPECT_TRUE(schema.ok()) << schema.status() << text;
  return schema.ok() ? *schema : *AvroSchema::Load(Json("null"));
}

AvroResolution Resolve(const std::string& writer, const std::string& reader) {
  return ResolveAvro(Load(writer), Load(reader));
}

void ExpectResolves(const std::string& writer, const std::string& reader) {
  const AvroResolution resolution = Resolve(writer, reader);
  EXPECT_EQ(resolution.answer, Answer::kCompatible)
      << writer << " " << reader << (resolution.problems.empty() ? "" : ": " + resolution.problems[0].reason);
}

// The one problem; its witness as text.
void ExpectProblem(const std::string& writer, const std::string& reader, AvroProblemKind kind,
                   const std::string& witness, const std::string& instance) {
  const AvroResolution resolution = Resolve(writer, reader);
  EXPECT_EQ(resolution.answer, Answer::kIncompatible);
  ASSERT_EQ(resolution.problems.size(), 1u) << writer << " " << reader;
  const AvroProblem& problem = resolution.problems[0];
  EXPECT_EQ(problem.kind, kind) << problem.reason;
  ASSERT_TRUE(problem.witness.has_value());
  EXPECT_EQ(problem.witness->ToString(), witness);
  EXPECT_EQ(problem.instance, instance);
}

std::string Record(const std::string& name, const std::string& fields) {
  return R"({"type":"record","name":")" + name + R"(","fields":[)" + fields + "]}";
}

TEST(ResolveAvro, AliasesOfTheReaderLeadToTheWritersNames) {
  const std::string renamed = R"({"type":"record","name":"n.S","aliases":["m.R"],"fields":[]})";
  ExpectResolves(Record("m.R", ""), renamed);
  ExpectProblem(Record("k.R", ""), renamed, AvroProblemKind::kNameMismatch, "{}", "");
  ExpectProblem(renamed, Record("m.R", ""), AvroProblemKind::kNameMismatch, "{}", "");
  ExpectResolves(Record("R", R"({"name":"a","type":"int"})"),
                 Record("R", R"({"name":"b","aliases":["x","a"],"type":"long"})"));
  // The name itself comes before an alias.
  ExpectProblem(Record("R", R"({"name":"a","type":"string"},{"name":"b","type":"int"})"),
                Record("R", R"({"name":"a","aliases":["b"],"type":"int"})"), AvroProblemKind::kTypeMismatch,
                R"({"a":"","b":0})", "/a");
  ExpectResolves(R"(["null",{"type":"enum","name":"m.E","symbols":["A"]}])",
                 R"([{"type":"enum","name":"n.F","aliases":["m.E"],"symbols":["A","B"]},"null"])");
}

TEST(ResolveAvro, UnionsGoBranchByBranch) {
  ExpectResolves(R"("int")", R"(["null","string","double"])");
  ExpectResolves(R"(["int","string"])", R"(["bytes","long"])");
  ExpectResolves("[]", R"("int")");
  ExpectProblem(R"(["null","int"])", R"("long")", AvroProblemKind::kTypeMismatch, "null", "");
  ExpectProblem(R"(["null","double"])", R"(["null","float"])", AvroProblemKind::kMissingBranch,
                R"({"double":0})", "/double");
  ExpectProblem(R"("null")", "[]", AvroProblemKind::kMissingBranch, "null", "");
  // One of two records of the same name in other namespaces resolves.
  ExpectResolves(
      R"([{"type":"record","name":"x.R","fields":[]}])",
      R"([{"type":"record","name":"y.R","fields":[{"name":"a","type":"int"}]},{"type":"record","name":"z.R","fields":[]}])");
}

TEST(ResolveAvro, AnEnumWithADefaultReadsEverySymbol) {
  const std::string writer = R"({"type":"enum","name":"E","symbols":["A","B"]})";
  ExpectResolves(writer, R"({"type":"enum","name":"E","symbols":["C"],"default":"C"})");
  ExpectProblem(writer, R"({"type":"enum","name":"E","symbols":["A"]})", AvroProblemKind::kMissingSymbols,
                R"("B")", "");
}

TEST(ResolveAvro, WitnessesShowTheWayToTheProblem) {
  const std::string fields =
      R"({"name":"list","type":{"type":"array","items":{"type":"map","values":["null",)";
  const std::string rest = R"(]}}},{"name":"id","type":{"type":"string","logicalType":"uuid"}})";
  ExpectProblem(Record("R", fields + Record("n.I", R"({"name":"v","type":"long"})") + rest),
                Record("R", fields + Record("n.I", R"({"name":"v","type":"int"})") + rest),
                AvroProblemKind::kTypeMismatch,
                R"({"id":"00000000-0000-0000-0000-000000000000","list":[{"key":{"n.I":{"v":2147483648}}}]})",
                "/list/0/key/n.I/v");
}

TEST(ResolveAvro, EveryProblemIsTold) {
  const AvroResolution resolution = Resolve(
      Record("R", R"({"name":"a","type":"long"},{"name":"b","type":["int","string"]})"),
      Record("R", R"({"name":"a","type":"int"},{"name":"b","type":"boolean"},{"name":"c","type":"int"})"));
  ASSERT_EQ(resolution.problems.size(), 4u);
  EXPECT_EQ(resolution.problems[0].kind, AvroProblemKind::kMissingField);
  EXPECT_EQ(resolution.problems[0].reader, "/fields/2");
  EXPECT_EQ(resolution.problems[0].writer, "/fields");
  EXPECT_EQ(resolution.problems[1].reader, "/fields/0/type");
  EXPECT_EQ(resolution.problems[2].writer, "/fields/1/type/0");
  EXPECT_EQ(resolution.problems[3].writer, "/fields/1/type/1");
  AvroResolutionLimits limits;
  limits.most_problems = 2;
  EXPECT_EQ(ResolveAvro(Load(Record("R", "")),
                        Load(Record("R", R"({"name":"a","type":"int"},{"name":"b","type":"int"},
                                                                {"name":"c","type":"int"})")),
                        limits)
                .problems.size(),
            2u);
}

// What a recursive type depends on fails after it was taken to resolve.
TEST(ResolveAvro, RecursionIsDecidedByWhatItLeadsTo) {
  const auto list = [](const std::string& value) {
    return Record("List", R"({"name":"next","type":["null","List"]},{"name":"value","type":)" + value + "}");
  };
  ExpectResolves(list(R"("int")"), list(R"("long")"));
  ExpectProblem(list(R"("string")"), list(R"("int")"), AvroProblemKind::kTypeMismatch,
                R"({"next":null,"value":""})", "/value");
  // Through a reader's union: Tree does not resolve, so neither does what refers to it.
  const std::string writer =
      Record("Tree", R"({"name":"child","type":["null","Tree"]},{"name":"x","type":"long"})");
  const std::string reader =
      Record("Tree", R"({"name":"child","type":["null","Tree"]},{"name":"x","type":["null","int"]})");
  ExpectProblem(writer, reader, AvroProblemKind::kMissingBranch, R"({"child":null,"x":0})", "/x");
}

TEST(ResolveAvro, AMessageThatIsInfiniteIsNotShown) {
  const std::string writer = Record("R", R"({"name":"x","type":"long"},{"name":"r","type":"R"})");
  const AvroResolution resolution = Resolve(writer, Record("R", R"({"name":"x","type":"int"})"));
  ASSERT_EQ(resolution.problems.size(), 1u);
  EXPECT_FALSE(resolution.problems[0].witness.has_value());
}

// Unions of many records whose branches match by name, and what does not fit into the bounds.
TEST(ResolveAvro, ManyBranchesAndTypesAreBounded) {
  const auto branches = [](int count, const std::string& space) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      text += (i > 0 ? "," : "") + Record(space + "R" + std::to_string(i), R"({"name":"a","type":"int"})");
    }
    return "[" + text + "]";
  };
  ExpectResolves(branches(10'000, "a."), branches(10'000, "b."));
  AvroResolutionLimits limits;
  limits.most_steps = 100;
  const AvroResolution cut = ResolveAvro(Load(branches(1000, "a.")), Load(branches(1000, "b.")), limits);
  EXPECT_EQ(cut.answer, Answer::kUndecided);
  ASSERT_EQ(cut.undecided.size(), 1u);
  EXPECT_NE(cut.undecided[0].find("more than 100"), std::string::npos);
}

// Records that double in each other: a message would be too large, and its making too.
TEST(ResolveAvro, AMessageThatDoublesAtEachLevelIsNotMade) {
  const auto doubling = [](const std::string& leaf) {
    std::string fields =
        R"({"name":"f0","type":)" + Record("D0", R"({"name":"x","type":)" + leaf + "}") + "}";
    for (int i = 1; i < 60; ++i) {
      const std::string inner = R"("D)" + std::to_string(i - 1) + '"';
      fields += R"(,{"name":"f)" + std::to_string(i) + R"(","type":)" +
                Record("D" + std::to_string(i),
                       R"({"name":"l","type":)" + inner + R"(},{"name":"r","type":)" + inner + "}") +
                "}";
    }
    return Record("R", fields);
  };
  const AvroResolution resolution = Resolve(doubling(R"("long")"), doubling(R"("int")"));
  ASSERT_EQ(resolution.problems.size(), 1u);
  EXPECT_EQ(resolution.problems[0].reader, "/fields/0/type/fields/0/type");
  EXPECT_FALSE(resolution.problems[0].witness.has_value());
}

}  // namespace
}  // namespace sluice::schema
