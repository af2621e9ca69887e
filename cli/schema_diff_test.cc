// schema diff.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/testing.h"

namespace sluice::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class SchemaDiff : public ::testing::Test {
 protected:
  std::string File(const std::string& name, const std::string& text) {
    const std::filesystem::path path = std::filesystem::path(::testing::TempDir()) / ("schema_diff_" + name);
    std::ofstream(path) << text;
    return path.string();
  }

  const std::string old_ = File("old.json", R"({"type": "object", "required": ["id"], "properties": {
      "id": {"type": "string"}, "price": {"type": "number"}, "note": {"type": "string"}}})");
  const std::string without_note_ =
      File("without.json", R"({"type": "object", "required": ["id"], "properties": {
      "id": {"type": "string"}, "price": {"type": "number"}}})");
  const std::string other_type_ = File("type.json", R"({"type": "object", "required": ["id"], "properties": {
      "id": {"type": "string"}, "price": {"type": "string"}, "note": {"type": "string"}}})");
  Bench bench;
};

TEST_F(SchemaDiff, ACompatibleChangeIsDone) {
  const Ran ran = bench.Run({"schema", "diff", without_note_, old_});
  EXPECT_EQ(ran.code, kDone) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("COMPATIBLE\n"));
  EXPECT_THAT(ran.out, HasSubstr("optional-field-added"));
}

TEST_F(SchemaDiff, AChangeThatOthersMustAgreeTo) {
  const Ran ran = bench.Run({"schema", "diff", old_, without_note_});
  EXPECT_EQ(ran.code, kHasChanges) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("COORDINATED\n  /note is gone"));
  EXPECT_THAT(ran.out, HasSubstr("forward, strict: optional-field-removed"));
}

TEST_F(SchemaDiff, ABreakingChangeHasAProof) {
  const Ran ran = bench.Run({"schema", "diff", old_, other_type_});
  EXPECT_EQ(ran.code, kFailed) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("BREAKING\n"));
  EXPECT_THAT(ran.out, HasSubstr("forward, closed: type-changed"));
  EXPECT_THAT(ran.out, Not(HasSubstr("forward, strict: type-changed")));
}

TEST_F(SchemaDiff, ReadsStandardInput) {
  const Ran ran = bench.Run({"schema", "diff", old_, "-"}, R"({"type": "object"})");
  EXPECT_EQ(ran.code, kFailed) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("required-field-removed"));
  EXPECT_EQ(bench.Run({"schema", "diff", "-", "-"}, "true").code, kInvalid);
}

TEST_F(SchemaDiff, PrintsJsonYamlAndTheClassAlone) {
  const Ran json = bench.Run({"schema", "diff", old_, other_type_, "-o", "json"});
  EXPECT_THAT(
      json.out,
      StartsWith("{\n  \"class\": \"BREAKING\",\n  \"backward\": {\n    \"strict\": \"incompatible\","));
  const Ran yaml = bench.Run({"schema", "diff", old_, other_type_, "-o", "yaml"});
  EXPECT_THAT(yaml.out, HasSubstr("\"class\": \"BREAKING\"\n"));
  const Ran name = bench.Run({"schema", "diff", old_, other_type_, "-o", "name"});
  EXPECT_EQ(name.out, "BREAKING\n");
}

TEST_F(SchemaDiff, AMarkedChangeOfMeaningIsBreaking) {
  const Ran ran = bench.Run({"schema", "diff", old_, old_, "--semantic-break"});
  EXPECT_EQ(ran.code, kFailed) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("semantic break"));
  EXPECT_EQ(bench.Run({"schema", "diff", old_, old_}).code, kDone);
}

TEST_F(SchemaDiff, EveryVersionThatIsKeptHasARowAtTransitiveLevels) {
  // The note came as a number first, went, and comes back as a text: the level that looks at the last version alone sees nothing.
  const std::string number_note =
      File("number.json", R"({"type": "object", "required": ["id"], "properties": {
      "id": {"type": "string"}, "price": {"type": "number"}, "note": {"type": "number"}}})");
  Ran ran = bench.Run({"schema", "diff", "--earlier", number_note, without_note_, old_, "--level", "FORWARD_TRANSITIVE"});
  EXPECT_EQ(ran.code, kFailed) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("schema_diff_number.json"));
  EXPECT_THAT(ran.out, HasSubstr("schema_diff_without.json"));
  EXPECT_THAT(ran.out, HasSubstr("all, FORWARD_TRANSITIVE"));
  ran = bench.Run({"schema", "diff", "--earlier", number_note, without_note_, old_, "--level", "FORWARD"});
  EXPECT_EQ(ran.code, kDone) << ran.out;
  EXPECT_THAT(ran.out, Not(HasSubstr("schema_diff_number.json")));
  ran = bench.Run({"schema", "diff", "--earlier", number_note, without_note_, old_, "-o", "json"});
  EXPECT_THAT(ran.out, HasSubstr(R"("level": "FORWARD_TRANSITIVE")"));
  EXPECT_THAT(ran.out, HasSubstr(R"("class": "BREAKING")"));
}

TEST_F(SchemaDiff, AvroIsToldByItsName) {
  const std::string before =
      File("r.avsc", R"({"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]})");
  const std::string after =
      File("s.avsc", R"({"type": "record", "name": "R", "fields": [{"name": "a", "type": "string"}]})");
  const Ran ran = bench.Run({"schema", "diff", before, after});
  EXPECT_EQ(ran.code, kFailed) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("type-changed"));
}

TEST_F(SchemaDiff, WhatIsNoSchemaIsInvalid) {
  const std::string bad = File("bad.json", R"({"type": 5})");
  const Ran ran = bench.Run({"schema", "diff", old_, bad});
  EXPECT_EQ(ran.code, kInvalid);
  EXPECT_THAT(ran.err, HasSubstr("new: "));
  EXPECT_EQ(bench.Run({"schema", "diff", old_, "/nowhere/at/all"}).code, kInvalid);
  EXPECT_EQ(bench.Run({"schema", "diff", old_}).code, kInvalid);
  EXPECT_EQ(bench.Run({"schema", "diff", old_, old_, "--format", "xml"}).code, kInvalid);
  EXPECT_EQ(bench.Run({"schema", "diff", old_, old_, "--level", "SOME"}).code, kInvalid);
  EXPECT_EQ(bench.Run({"schema", "diff", File("not.json", "{"), old_}).code, kInvalid);
}

TEST_F(SchemaDiff, PairsAreAnsweredLineByLine) {
  const Ran ran =
      bench.Run({"schema", "diff", "--pairs", "-"},
                "{\"id\": 1, \"format\": \"JSON_SCHEMA\", \"old\": {\"type\": \"string\"}, \"new\": "
                "{\"type\": \"integer\"}}\nnonsense\n");
  EXPECT_EQ(ran.code, kDone) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("{\"id\": 1, \"class\": \"BREAKING\""));
  EXPECT_THAT(ran.out, HasSubstr("\n{\"id\": null, \"error\": "));
  EXPECT_EQ(bench.Run({"schema", "diff", "--pairs", "/nowhere/at/all"}).code, kInvalid);
}

}  // namespace
}  // namespace sluice::cli
