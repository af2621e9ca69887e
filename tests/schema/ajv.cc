#include "tests/schema/ajv.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "tests/support/process.h"

namespace sluice::schema {
namespace {

const char* DraftName(Dialect dialect) {
  switch (dialect) {
    case Dialect::kDraft4:
      return "4";
    case Dialect::kDraft6:
      return "6";
    case Dialect::kDraft7:
      return "7";
    case Dialect::kDraft2020:
      return "2020";
  }
  return "";
}

[[noreturn]] void Fail(const std::string& sentence) {
  std::fprintf(stderr, "%s\n", sentence.c_str());
  std::abort();
}

std::string Question(const Judged& judged) {
  return JsonObject()
      .Set("draft", DraftName(judged.dialect))
      .Set("schema", judged.schema)
      .Set("message", judged.message)
      .Done()
      .ToString();
}

Judgement AnswerFrom(const std::string& line) {
  if (line == "true") return Judgement::kAccepted;
  return line == "false" ? Judgement::kRefused : Judgement::kCannotTell;
}

}  // namespace

std::string WhyNoAjv() {
  const char* suites = std::getenv("SLUICE_SCHEMA_SUITES");
  if (suites == nullptr) return "SLUICE_SCHEMA_SUITES is not set; ./run test sets it";
  const std::filesystem::path folder = std::filesystem::path(suites) / "node_modules/ajv";
  if (!std::filesystem::exists(folder)) return folder.string() + " is not there";
  if (testing::Run({"/usr/bin/env", "node", "--version"}, {}).exit_code != 0) return "node is not installed";
  return "";
}

std::vector<Judgement> AskAjv(const std::vector<Judged>& cases) {
  const testing::TempDir folder;
  std::string questions;
  for (const Judged& each : cases) questions += Question(each) + '\n';
  const testing::Finished node =
      testing::Run({"/usr/bin/env", "node", SLUICE_SOURCE_DIR "/tests/schema/ajv_check.js",
                    folder.Write("questions", questions)},
                   {{"SLUICE_SCHEMA_SUITES", std::getenv("SLUICE_SCHEMA_SUITES")}});
  if (node.exit_code != 0) Fail("ajv_check.js failed: " + node.errors);
  std::vector<Judgement> judgements;
  std::istringstream lines(node.output);
  for (std::string line; std::getline(lines, line);) judgements.push_back(AnswerFrom(line));
  if (judgements.size() != cases.size()) Fail("ajv gave another number of answers: " + node.errors);
  return judgements;
}

}  // namespace sluice::schema
