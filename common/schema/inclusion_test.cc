// Includes on the cases in testdata/inclusion.txt, which says how they are written.
#include "common/schema/inclusion.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

namespace sluice::schema {
namespace {

struct Case {
  int line = 0;
  std::string name, writer, reader;
  std::vector<std::string> strict, closed;
};

std::vector<Case> ReadCases() {
  std::ifstream file(SLUICE_SOURCE_DIR "/common/schema/testdata/inclusion.txt");
  EXPECT_TRUE(file.is_open());
  std::vector<Case> cases;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    const std::string word = line.substr(0, line.find(' '));
    const std::string rest = word.size() < line.size() ? line.substr(word.size() + 1) : "";
    if (word == "case") {
      cases.push_back({.line = number, .name = rest, .writer = "", .reader = "", .strict = {}, .closed = {}});
    } else if (word == "writer") {
      cases.back().writer = rest;
    } else if (word == "reader") {
      cases.back().reader = rest;
    } else if (word == "strict") {
      cases.back().strict.push_back(rest);
    } else if (word == "closed") {
      if (!rest.empty()) cases.back().closed.push_back(rest);
    } else {
      ADD_FAILURE() << "line " << number << ": " << line;
    }
  }
  return cases;
}

Schema Loaded(const std::string& text) {
  const auto document = ParseJson(text);
  EXPECT_TRUE(document.ok()) << document.status();
  auto schema = Schema::Load(*document);
  EXPECT_TRUE(schema.ok()) << schema.status();
  return *std::move(schema);
}

std::vector<std::string> Answers(const Schema& writer, const Schema& reader, Reading reading) {
  const Inclusion inclusion = Includes(writer, reader, reading);
  if (inclusion.answer == Answer::kCompatible) return {"compatible"};
  if (inclusion.answer == Answer::kUndecided) return {"undecided"};
  std::vector<std::string> answers;
  for (const Escape& escape : inclusion.escapes) {
    answers.push_back(
        fmt::format("{} at {}", escape.rule, escape.instance.empty() ? "message" : escape.instance));
    EXPECT_TRUE(Validate(writer, escape.witness, {.reading = reading}).valid()) << escape.witness.ToString();
    EXPECT_EQ(Validate(reader, escape.witness).validity, Validity::kInvalid) << escape.witness.ToString();
  }
  return answers;
}

TEST(Inclusion, Cases) {
  const std::vector<Case> cases = ReadCases();
  ASSERT_GE(cases.size(), 30u);
  for (const Case& at : cases) {
    SCOPED_TRACE(fmt::format("line {}: {}", at.line, at.name));
    const Schema writer = Loaded(at.writer), reader = Loaded(at.reader);
    EXPECT_EQ(Answers(writer, reader, Reading::kStrict), at.strict);
    EXPECT_EQ(Answers(writer, reader, Reading::kClosed), at.closed.empty() ? at.strict : at.closed);
  }
}

TEST(Inclusion, AnEscapeSaysWhereAndWhy) {
  const Schema writer = Loaded(R"({"properties": {"order": {"properties": {"total": {"type": "number"}}}}})");
  const Schema reader = Loaded(
      R"({"properties": {"order": {"$ref": "#/definitions/order"}},
          "definitions": {"order": {"properties": {"total": {"type": "integer"}}}}})");
  const Inclusion inclusion = Includes(writer, reader, Reading::kClosed);
  ASSERT_EQ(inclusion.answer, Answer::kIncompatible);
  ASSERT_EQ(inclusion.escapes.size(), 1u);
  const Escape& escape = inclusion.escapes.front();
  EXPECT_EQ(escape.writer, "/properties/order/properties/total");
  EXPECT_EQ(escape.reader, "/definitions/order/properties/total/type");
  EXPECT_EQ(escape.instance, "/order/total");
  EXPECT_EQ(escape.rule, "type");
  EXPECT_EQ(escape.witness.ToString(), R"({"order":{"total":1.5}})");
}

TEST(Inclusion, AWitnessKeepsToTheWritersFormats) {
  const Schema writer = Loaded(
      R"({"properties": {"at": {"type": "string", "format": "date-time"}, "id": {"type": "string", "format": "uuid"}},
          "required": ["at", "id"]})");
  const Inclusion inclusion = Includes(writer, Loaded(R"({"required": ["more"]})"), Reading::kClosed);
  ASSERT_EQ(inclusion.escapes.size(), 1u);
  EXPECT_TRUE(Validate(writer, inclusion.escapes[0].witness, {.formats = Formats::kAsserted}).valid());
}

TEST(Inclusion, TheWorkIsBounded) {
  std::string branches;
  for (int i = 0; i < 400; ++i) branches += fmt::format(R"(,{{"required": ["a{}", "b{}"]}})", i, i % 7);
  const Schema writer = Loaded(R"({"anyOf": [{"type": "object"})" + branches + "]}");
  const Schema reader = Loaded(R"({"oneOf": [{"type": "object"})" + branches + "]}");
  const Inclusion inclusion =
      Includes(writer, reader, Reading::kStrict, {.most_escapes = 1, .most_steps = 100});
  EXPECT_NE(inclusion.answer, Answer::kCompatible);
  if (inclusion.answer == Answer::kUndecided) EXPECT_FALSE(inclusion.undecided.empty());
}

}  // namespace
}  // namespace sluice::schema
