// The official JSON Schema Test Suite, where it is: in the folder `suite` of SLUICE_SCHEMA_SUITES, else of
// ~/.cache/sluice/schema-suites.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "common/schema/validate.h"

namespace sluice::schema {
namespace {

namespace fs = std::filesystem;

fs::path Suite() {
  if (const char* folder = std::getenv("SLUICE_SCHEMA_SUITES")) return fs::path(folder) / "suite";
  const char* home = std::getenv("HOME");
  return fs::path(home != nullptr ? home : "/") / ".cache/sluice/schema-suites/suite";
}

Json ReadJson(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  absl::StatusOr<Json> json = ParseJson(text);
  EXPECT_TRUE(json.ok()) << file << ": " << json.status();
  return json.ok() ? *std::move(json) : Json();
}

// What the suite serves at http://localhost:1234/.
std::map<std::string, Json> Remotes() {
  std::map<std::string, Json> remotes;
  for (const auto& entry : fs::recursive_directory_iterator(Suite() / "remotes")) {
    if (entry.path().extension() != ".json") continue;
    const std::string name = fs::relative(entry.path(), Suite() / "remotes").generic_string();
    remotes.emplace("http://localhost:1234/" + name, ReadJson(entry.path()));
  }
  return remotes;
}

struct Outcome {
  size_t cases = 0;
  std::set<std::string> failed;  // `file: group: case`
};

// One file of the suite: groups of a schema and its cases. Validate and Check have to agree.
void RunFile(const fs::path& file, const LoadOptions& load, const ValidateOptions& options,
             Outcome& outcome) {
  const Json groups = ReadJson(file);
  for (const Json& group : groups.array()) {
    const absl::StatusOr<Schema> schema = Schema::Load(*group.Find("schema"), load);
    for (const Json& test : group.Find("tests")->array()) {
      ++outcome.cases;
      const Json& data = *test.Find("data");
      const Validity expected = test.Find("valid")->boolean() ? Validity::kValid : Validity::kInvalid;
      if (schema.ok() && Check(*schema, data, options) == expected) {
        const Validation validation = Validate(*schema, data, options);
        EXPECT_EQ(validation.validity, expected) << file << ": " << test.Find("description")->ToString();
        EXPECT_EQ(validation.errors.empty(), validation.valid());
        continue;
      }
      outcome.failed.insert(fmt::format("{}: {}: {}{}", file.stem().string(),
                                        group.Find("description")->string(),
                                        test.Find("description")->string(),
                                        schema.ok() ? "" : ": " + std::string(schema.status().message())));
    }
  }
}

Outcome RunFolder(const fs::path& folder, Dialect dialect, Formats formats) {
  LoadOptions load{dialect, Remotes()};
  Outcome outcome;
  std::set<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.insert(entry.path());
  }
  for (const fs::path& file : files) RunFile(file, load, {.formats = formats}, outcome);
  std::cout << folder.parent_path().filename() << "/" << folder.filename() << ": "
            << outcome.cases - outcome.failed.size() << " of " << outcome.cases << "\n";
  for (const std::string& name : outcome.failed) std::cout << "  " << name << "\n";
  return outcome;
}

class OfficialSuite : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(Suite() / "tests"))
      GTEST_SKIP() << "the JSON Schema Test Suite is not at " << Suite() << "; ./run test fetches it";
  }
};

TEST_F(OfficialSuite, Draft4) {
  EXPECT_EQ(RunFolder(Suite() / "tests/draft4", Dialect::kDraft4, Formats::kAnnotation).failed.size(), 0);
}

TEST_F(OfficialSuite, Draft6) {
  EXPECT_EQ(RunFolder(Suite() / "tests/draft6", Dialect::kDraft6, Formats::kAnnotation).failed.size(), 0);
}

TEST_F(OfficialSuite, Draft7) {
  const Outcome outcome = RunFolder(Suite() / "tests/draft7", Dialect::kDraft7, Formats::kAnnotation);
  EXPECT_GE(outcome.cases, 900);
  EXPECT_EQ(outcome.failed.size(), 0);
}

TEST_F(OfficialSuite, Draft2019) {
  EXPECT_EQ(
      RunFolder(Suite() / "tests/draft2019-09", Dialect::kDraft2019, Formats::kAnnotation).failed.size(), 0);
}

TEST_F(OfficialSuite, Draft2020) {
  const Outcome outcome =
      RunFolder(Suite() / "tests/draft2020-12", Dialect::kDraft2020, Formats::kAnnotation);
  EXPECT_GE(outcome.cases, 1'250);
  EXPECT_EQ(outcome.failed.size(), 0);
}

// A-labels (`xn--…`) are not decoded, so that a wrong one is taken for right.
const std::set<std::string> kWrongFormats = {
    "idn-hostname: validation of internationalized host names: U-label contains \"--\" in the 3rd and 4th "
    "position"};

TEST_F(OfficialSuite, FormatsOfDraft7) {
  EXPECT_EQ(RunFolder(Suite() / "tests/draft7/optional/format", Dialect::kDraft7, Formats::kAsserted).failed,
            kWrongFormats);
}

TEST_F(OfficialSuite, FormatsOfDraft2020) {
  EXPECT_EQ(RunFolder(Suite() / "tests/draft2020-12/optional/format", Dialect::kDraft2020, Formats::kAsserted)
                .failed,
            kWrongFormats);
}

// What a validator may do and this one does not: contentEncoding and contentMediaType stay annotations, and
// so does format whatever the meta-schema's vocabulary says.
TEST_F(OfficialSuite, OptionalOfDraft7) {
  const Outcome outcome =
      RunFolder(Suite() / "tests/draft7/optional", Dialect::kDraft7, Formats::kAnnotation);
  EXPECT_TRUE(std::all_of(outcome.failed.begin(), outcome.failed.end(),
                          [](const std::string& f) { return f.rfind("content: ", 0) == 0; }));
}

TEST_F(OfficialSuite, OptionalOfDraft2020) {
  const Outcome outcome =
      RunFolder(Suite() / "tests/draft2020-12/optional", Dialect::kDraft2020, Formats::kAnnotation);
  EXPECT_TRUE(std::all_of(outcome.failed.begin(), outcome.failed.end(),
                          [](const std::string& f) { return f.rfind("format-assertion: ", 0) == 0; }));
}

}  // namespace
}  // namespace sluice::schema
