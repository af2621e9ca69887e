// CompareAvro on the cases in testdata/avro_changes.txt, which says how they are written.
#include "common/schema/avro_compare.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace sluice::schema {
namespace {

struct Case {
  std::string title;
  std::string old_text;
  std::string new_text;
  std::vector<std::string> expected;  // lines
};

std::string Schema(const std::string& text) {
  const std::string word = "fields ";
  if (text.compare(0, word.size(), word) != 0) return text;
  return R"({"type":"record","name":"R","fields":[)" + text.substr(word.size()) + "]}";
}

std::vector<Case> ReadCases() {
  std::ifstream lines(std::string(SLUICE_SOURCE_DIR) + "/common/schema/testdata/avro_changes.txt");
  std::vector<Case> cases;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::string word = line.substr(0, line.find(' '));
    const std::string rest = line.substr(std::min(line.size(), word.size() + 1));
    if (word == "==") cases.push_back({rest, "", "", {}});
    if (word == "old") cases.back().old_text = Schema(rest);
    if (word == "new") cases.back().new_text = Schema(rest);
    if (word != "==" && word != "old" && word != "new") cases.back().expected.push_back(line);
  }
  return cases;
}

AvroSchema Load(const std::string& text) {
  const auto document = ParseJson(text);
  EXPECT_TRUE(document.ok()) << document.status() << text;
  const auto schema = AvroSchema::Load(*document, AvroRules::kEveryVersion);
  EXPECT_TRUE(schema.ok()) << schema.status() << text;
  return *schema;
}

std::string OrDash(const std::string& pointer) { return pointer.empty() ? "-" : pointer; }

std::vector<std::string> Describe(const Comparison& comparison) {
  std::vector<std::string> lines;
  lines.push_back("class " + std::string(ClassName(comparison.change_class)));
  for (const Direction direction : {Direction::kBackward, Direction::kForward}) {
    const Answer answer = comparison.verdict(direction, Reading::kStrict).answer;
    EXPECT_EQ(comparison.verdict(direction, Reading::kClosed).answer, answer);
    lines.push_back(std::string(DirectionName(direction)) + " " + std::string(AnswerName(answer)));
  }
  for (const SchemaEdit& edit : comparison.edits) {
    EXPECT_FALSE(edit.reason.empty());
    lines.push_back("edit " + edit.kind + " " + OrDash(edit.field) + " " +
                    std::string(ClassName(edit.gravity)));
  }
  for (const Break& found : comparison.breaks) {
    if (found.reading == Reading::kClosed) continue;
    const bool shown = found.reason.find("no message shows it") == std::string::npos;
    lines.push_back("break " + std::string(DirectionName(found.direction)) + " " + found.kind + " " +
                    OrDash(found.old_pointer) + " " + OrDash(found.new_pointer) + " " +
                    (shown ? found.witness.ToString() : "none"));
  }
  return lines;
}

TEST(CompareAvro, EveryCaseIsAsItIsWritten) {
  const std::vector<Case> cases = ReadCases();
  EXPECT_GT(cases.size(), 30u);
  for (const Case& one : cases) {
    SCOPED_TRACE(one.title);
    const Comparison comparison = CompareAvro(Load(one.old_text), Load(one.new_text));
    std::vector<std::string> told = Describe(comparison);
    std::vector<std::string> expected = one.expected;
    // Edits are told gravest first; a case has them in any order.
    std::sort(told.begin(), told.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(told, expected);
  }
}

TEST(CompareAvro, SwappedSchemasSwapTheVerdicts) {
  for (const Case& one : ReadCases()) {
    SCOPED_TRACE(one.title);
    const AvroSchema before = Load(one.old_text), after = Load(one.new_text);
    const Comparison there = CompareAvro(before, after), back = CompareAvro(after, before);
    EXPECT_EQ(there.verdict(Direction::kForward, Reading::kStrict).answer,
              back.verdict(Direction::kBackward, Reading::kStrict).answer);
    EXPECT_EQ(there.verdict(Direction::kBackward, Reading::kStrict).answer,
              back.verdict(Direction::kForward, Reading::kStrict).answer);
    EXPECT_TRUE(CompareAvro(before, before).edits.empty());
    EXPECT_EQ(CompareAvro(after, after).change_class, SchemaClass::kCompatible);
  }
}

TEST(CompareAvro, ASemanticBreakIsBreaking) {
  const AvroSchema schema = Load(R"("string")");
  EXPECT_EQ(CompareAvro(schema, schema).change_class, SchemaClass::kCompatible);
  CompareOptions options;
  options.semantic_break = true;
  EXPECT_EQ(CompareAvro(schema, schema, options).change_class, SchemaClass::kBreaking);
}

TEST(CompareAvro, ThousandsOfEditsAreBoundedAndTheGravestAreTold) {
  std::string before, after;
  for (int i = 0; i < 3000; ++i) {
    const std::string name = R"({"name":"f)" + std::to_string(i) + R"(","type":)";
    before += (i > 0 ? "," : "") + name + R"("int"})";
    after += (i > 0 ? "," : "") + name + (i == 2999 ? R"("string"})" : R"("int","doc":"d"})");
  }
  const Comparison comparison =
      CompareAvro(Load(Schema("fields " + before)), Load(Schema("fields " + after)));
  EXPECT_EQ(comparison.edits.size(), 1000u);
  EXPECT_FALSE(comparison.complete);
  EXPECT_EQ(comparison.edits[0].kind, "type-changed");
  EXPECT_EQ(comparison.change_class, SchemaClass::kBreaking);
}

}  // namespace
}  // namespace sluice::schema
