// What golden cases cannot say well: depth, size and hostile text.
#include "common/core/schema_text.h"

#include <gtest/gtest.h>

#include "common/core/limits.h"
#include "common/core/text.h"

namespace sluice::core {
namespace {

std::string Nested(size_t depth) {
  std::string text;
  for (size_t i = 1; i < depth; ++i) text += "{\"items\":";
  text += "{}";
  return text + std::string(depth - 1, '}');
}

std::vector<SchemaProblem> Problems(const std::string& text) {
  return CheckSchemaText(SchemaFormat::kJsonSchema, text);
}

TEST(SchemaText, DepthIsBounded) {
  EXPECT_TRUE(Problems(Nested(kMaxSchemaDepth)).empty());
  const auto problems = Problems(Nested(kMaxSchemaDepth + 1));
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_NE(problems[0].message.find("nested more than 200 deep"), std::string::npos) << problems[0].message;
  EXPECT_EQ(Problems(std::string(kMaxSchema, '[')).size(), 1u);
}

TEST(SchemaText, PositionsCountLinesAndColumns) {
  const auto problems = Problems("{\n  \"type\": \"object\",\n  \"title\": oops\n}");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_NE(problems[0].message.find("line 3, column 12"), std::string::npos) << problems[0].message;
}

TEST(SchemaText, InvalidUtf8IsNoJson) { EXPECT_EQ(Problems("{\"title\": \"\xff\"}").size(), 1u); }

TEST(SchemaText, ControlCharactersAreNotRepeated) {
  for (const SchemaProblem& problem : Problems("{\"a\": \x1b[31m}")) {
    EXPECT_EQ(problem.message.find('\x1b'), std::string::npos);
  }
}

// A long key above many references: places are spelled out for what is reported only, and not in full.
TEST(SchemaText, HostileReferencesStaySmall) {
  std::string text = "{\"properties\": {\"" + std::string(300'000, 'k') + "\": {\"allOf\": [";
  for (int i = 0; i < 20'000; ++i) text += "{\"$ref\": \"x\"},";
  text += "true]}}}";
  const auto problems = Problems(text);
  EXPECT_EQ(problems.size(), 20u);
  for (const SchemaProblem& problem : problems) EXPECT_LT(problem.message.size(), 1000u);
}

TEST(SchemaText, PointersThatAreNone) {
  EXPECT_EQ(Problems(R"({"$ref": "#/a~2", "$defs": {}})").size(), 1u);
  EXPECT_EQ(Problems(R"({"$ref": "#/allOf/x", "allOf": [true]})").size(), 1u);
  EXPECT_TRUE(Problems(R"({"$ref": "#/allOf/0", "allOf": [true]})").empty());
  EXPECT_TRUE(Problems(R"({"$ref": "#anchor", "allOf": [{"$anchor": "anchor"}]})").empty());
}

TEST(SchemaText, OfAvroIsCheckedByTheSchemaEngine) {
  const auto avro = [](const std::string& text) { return CheckSchemaText(SchemaFormat::kAvro, text); };
  EXPECT_TRUE(
      avro(R"({"type":"record","name":"A","fields":[{"name":"a","type":["null","A"],"default":null}]})")
          .empty());
  const auto faults = avro(R"({"type":"record","name":"A","fields":[{"name":"a","type":"x"},{"name":"b"}]})");
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[0].rule, "schema-avro");
  EXPECT_NE(faults[0].message.find("'x' is no type"), std::string::npos) << faults[0].message;
  EXPECT_NE(faults[0].message.find("(at /fields/0/type)"), std::string::npos) << faults[0].message;
  EXPECT_FALSE(faults[0].remedy.empty());
  // Stricter than the newest version: what is registered is to be read by every version.
  EXPECT_EQ(avro("[]").size(), 1u);
  EXPECT_EQ(avro(R"({"type":"record","name":"A","fields":[{"name":"a","type":["null","int"],"default":1}]})")
                .size(),
            1u);
  const auto text = avro("{\"a\": \x1b[31m}");
  ASSERT_EQ(text.size(), 1u);
  EXPECT_EQ(text[0].rule, "schema-json");
  EXPECT_EQ(text[0].message.find('\x1b'), std::string::npos);
  std::string deep = R"("int")";
  for (size_t i = 0; i <= kMaxSchemaDepth; ++i) deep = R"({"type":"array","items":)" + deep + "}";
  EXPECT_EQ(avro(deep)[0].rule, "schema-json");
}

TEST(SameJson, OrderAndWhiteSpaceDoNotCount) {
  EXPECT_TRUE(SameJson(R"({"a": 1, "b": [true, null]})", "{\"b\":[true,null],\n\"a\":1}"));
  EXPECT_FALSE(SameJson("[1, 2]", "[2, 1]"));
  EXPECT_FALSE(SameJson(R"({"a": 1})", R"({"a": 1, "b": 2})"));
}

TEST(SameJson, NumbersAreComparedAsWritten) {
  EXPECT_FALSE(SameJson("0.1", "0.10000000000000000001"));
  EXPECT_FALSE(SameJson("123456789012345678901234567890", "123456789012345678901234567891"));
  EXPECT_TRUE(SameJson("{\"x\": 0.1}", "{ \"x\":0.1 }"));
}

TEST(SameJson, TextThatIsNoJsonIsTheSameOnlyAsItself) {
  EXPECT_TRUE(SameJson("{", "{"));
  EXPECT_FALSE(SameJson("{", "{ "));
}

}  // namespace
}  // namespace sluice::core
