#include "common/schema/pairs.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

using ::testing::HasSubstr;

Json Parsed(const std::string& text) {
  const absl::StatusOr<Json> json = ParseJson(text);
  EXPECT_TRUE(json.ok()) << json.status() << "\n" << text;
  return json.ok() ? *json : Json();
}

std::vector<Json> Answers(const std::string& input) {
  std::istringstream in(input);
  std::ostringstream out;
  AnswerPairs(in, out);
  std::vector<Json> answers;
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) answers.push_back(Parsed(line));
  return answers;
}

std::string At(const Json& json, const std::string& pointer) {
  const Json* value = Resolve(json, pointer);
  return value == nullptr ? "nothing" : value->ToString();
}

constexpr char kPair[] =
    R"({"id": "a", "format": "JSON_SCHEMA", "old": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}, "new": {"type": "object", "properties": {"a": {"type": "string"}}}})";

TEST(Pairs, AnswersAsTheFormatSays) {
  const Json answer = Parsed(AnswerPair(kPair));
  EXPECT_EQ(At(answer, "/id"), "\"a\"");
  EXPECT_EQ(At(answer, "/class"), "\"COORDINATED\"");
  EXPECT_EQ(At(answer, "/backward"), R"({"closed":"compatible","strict":"compatible"})");
  EXPECT_EQ(At(answer, "/forward"), R"({"closed":"compatible","strict":"incompatible"})");
  ASSERT_EQ(answer.Find("findings")->array().size(), 1u);
  EXPECT_EQ(At(answer, "/findings/0/kind"), "\"optional-field-removed\"");
  EXPECT_EQ(At(answer, "/findings/0/direction"), "\"forward\"");
  EXPECT_EQ(At(answer, "/findings/0/reading"), "\"strict\"");
  EXPECT_EQ(At(answer, "/findings/0/old_pointer"), "\"/properties/b\"");
  EXPECT_EQ(At(answer, "/findings/0/new_pointer"), "\"/properties\"");
  EXPECT_NE(At(answer, "/findings/0/witness/b"), "nothing");
  EXPECT_EQ(answer.Find("findings")->array()[0].object().size(), 7u);
  EXPECT_NE(At(answer, "/predicted/confluent_strict"), "nothing");
  EXPECT_NE(At(answer, "/predicted/apicurio"), "nothing");
  EXPECT_EQ(At(answer, "/edits/0/class"), "\"COORDINATED\"");
}

TEST(Pairs, AnswersEveryLineInOrder) {
  const std::vector<Json> answers = Answers(fmt::format("{}\nnot json\n\n[1]\n{}", kPair, kPair));
  ASSERT_EQ(answers.size(), 5u);
  EXPECT_EQ(At(answers[0], "/class"), "\"COORDINATED\"");
  EXPECT_NE(At(answers[1], "/error"), "nothing");
  EXPECT_EQ(At(answers[1], "/id"), "null");
  EXPECT_NE(At(answers[2], "/error"), "nothing");
  EXPECT_NE(At(answers[3], "/error"), "nothing");
  EXPECT_EQ(At(answers[4], "/class"), "\"COORDINATED\"");
}

// The id of a line that is broken elsewhere.
TEST(Pairs, SaysTheIdOfABrokenLine) {
  const auto id_of = [](const std::string& line) {
    const Json answer = Parsed(AnswerPair(line));
    EXPECT_NE(At(answer, "/error"), "nothing") << line;
    return At(answer, "/id");
  };
  EXPECT_EQ(id_of(R"({"id": "a", "old": {"a": 1, "a": 2}, "new": {}})"), "\"a\"");
  EXPECT_EQ(id_of(R"({"old": {"id": "x", "t": "}\"]"}, "id": "b", "new": {)"), "\"b\"");
  EXPECT_EQ(id_of(R"({"id": 17, "old": "\ud800")"), "17");
  EXPECT_EQ(id_of(R"({"id": "a)"), "null");
  EXPECT_EQ(id_of(R"({"id": "a\u00e9", "format": "XML", "old": {}, "new": {}})"), "\"aé\"");
  EXPECT_EQ(id_of(R"({"id": "c", "old": {}})"), "\"c\"");
  EXPECT_EQ(id_of(R"({"id": "d", "old": {"type": 5}, "new": {}})"), "\"d\"");
  EXPECT_EQ(id_of(R"({"id": )"), "null");
  EXPECT_EQ(id_of("{\"id\": \"e\", \"old\": \"\xff\"}"), "\"e\"");
  EXPECT_EQ(id_of(R"({"id": "f", "old": )" + std::string(10'000, '[')), "\"f\"");
}

TEST(Pairs, SaysWhichSchemaIsWrong) {
  const Json answer =
      Parsed(AnswerPair(R"({"id": "d", "format": "JSON_SCHEMA", "old": {}, "new": {"type": 5}})"));
  EXPECT_THAT(At(answer, "/error"), HasSubstr("new: "));
}

TEST(Pairs, ComparesAvro) {
  const Json answer = Parsed(AnswerPair(
      R"({"id": "v", "format": "AVRO", "old": {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}, "new": {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "string"}]}})"));
  EXPECT_EQ(At(answer, "/backward"), R"({"closed":"incompatible","strict":"incompatible"})");
  EXPECT_EQ(At(answer, "/forward"), R"({"closed":"compatible","strict":"compatible"})");
}

TEST(Pairs, ALineThatIsTooLongIsAnsweredAndPassedOver) {
  const std::vector<Json> answers =
      Answers(R"({"id": "long", "old": ")" + std::string(kLongestPair, 'x') + "\"}\n" + kPair + "\n");
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(At(answers[0], "/id"), "\"long\"");
  EXPECT_THAT(At(answers[0], "/error"), HasSubstr("longer than"));
  EXPECT_EQ(At(answers[1], "/class"), "\"COORDINATED\"");
}

TEST(Pairs, RegistriesArePredictedAtTheLevelOfTheLine) {
  const auto at = [](const std::string& level) {
    const std::string line = std::string(kPair).substr(0, std::string(kPair).size() - 1);
    return At(Parsed(AnswerPair(line + ", \"level\": " + level + "}")), "/predicted/confluent_strict");
  };
  EXPECT_EQ(at("\"BACKWARD\""), "\"compatible\"");
  EXPECT_EQ(at("\"FORWARD_TRANSITIVE\""), "\"incompatible\"");
  EXPECT_EQ(at("7"), "nothing");
}

TEST(Pairs, FormatsHaveTwoNames) {
  EXPECT_EQ(ParseSchemaFormat("avro"), SchemaFormat::kAvro);
  EXPECT_EQ(ParseSchemaFormat("json-schema"), SchemaFormat::kJsonSchema);
  EXPECT_EQ(ParseSchemaFormat("xml"), std::nullopt);
}

TEST(ComparisonText, IsIndented) {
  EXPECT_EQ(Indented(R"({"a": [1, {"b c": "x, \" {"}], "d": {}, "e": []})"),
            "{\n  \"a\": [\n    1,\n    {\n      \"b c\": \"x, \\\" {\"\n    }\n  ],\n  \"d\": {},\n  \"e\": "
            "[]\n}");
}

TEST(ComparisonText, IsYaml) {
  EXPECT_EQ(ToYaml(Parsed(R"({"a": [1, {"b": "x: y"}], "d": {}})")),
            "\"a\":\n  - 1\n  -\n    \"b\": \"x: y\"\n\"d\": {}\n");
}

}  // namespace
}  // namespace sluice::schema
