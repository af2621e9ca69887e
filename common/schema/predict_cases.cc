#include "common/schema/predict_cases.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string_view>

namespace sluice::schema {
namespace {

constexpr std::string_view kDraft7 = "http://json-schema.org/draft-07/schema#";

class Reader {
 public:
  std::vector<PredictCase> Read(const std::string& path) {
    std::ifstream file(path);
    if (!file) Fail(path);
    for (std::string line; std::getline(file, line);) Take(line);
    return std::move(cases_);
  }

 private:
  [[noreturn]] static void Fail(const std::string& line) {
    std::fprintf(stderr, "predict.txt: %s\n", line.c_str());
    std::abort();
  }

  void Take(const std::string& line) {
    if (line.empty() || line.front() == '#') return;
    if (line == "as written") {
      as_written_ = true;
      return;
    }
    const size_t colon = line.find(": ");
    if (colon == std::string::npos) Fail(line);
    const std::string key = line.substr(0, colon), value = line.substr(colon + 2);
    if (key == "case") {
      current_ = {};
      current_.name = value;
      as_written_ = false;
    } else if (key == "old") {
      current_.retained.push_back(Schema(value));
    } else if (key == "new") {
      current_.proposed = Schema(value);
    } else {
      Expect(key, value);
    }
  }

  Json Schema(const std::string& text) const {
    const absl::StatusOr<Json> json = ParseJson(text);
    if (!json.ok()) Fail(text);
    if (as_written_ || json->Find("$schema") != nullptr) return *json;
    Json::Object members = json->object();
    members.emplace_back("$schema", std::string(kDraft7));
    return Json(std::move(members));
  }

  void Expect(const std::string& key, const std::string& value) {
    const size_t space = key.find(' ');
    const std::string registry = key.substr(0, space);
    const std::optional<Level> level =
        space == std::string::npos ? std::nullopt : ParseLevel(key.substr(space + 1));
    if (!level || (registry != "confluent" && registry != "apicurio")) Fail(key);
    PredictCase one = current_;
    one.registry = registry == "confluent" ? RegistryKind::kConfluentStrict : RegistryKind::kApicurio;
    one.level = *level;
    one.expected = value;
    cases_.push_back(std::move(one));
  }

  std::vector<PredictCase> cases_;
  PredictCase current_;
  bool as_written_ = false;
};

}  // namespace

std::vector<PredictCase> ReadPredictCases() {
  return Reader().Read(std::string(SLUICE_SOURCE_DIR) + "/common/schema/testdata/predict.txt");
}

std::string InWords(const Prediction& prediction) {
  std::string words(PredictedName(prediction.answer));
  if (prediction.registry_code != 0) words += fmt::format(" {}", prediction.registry_code);
  if (!prediction.pointer.empty()) words += " " + prediction.pointer;
  return words;
}

}  // namespace sluice::schema
