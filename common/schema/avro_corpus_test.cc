// Apache Avro's own pairs of schemas, canonical forms and fingerprints, where the corpora lie beside the
// repository.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "common/schema/avro_canonical.h"
#include "common/schema/avro_resolve.h"

namespace sluice::schema {
namespace {

const std::filesystem::path kCorpus =
    std::filesystem::path(SLUICE_SOURCE_DIR) / "../shared/corpora/avro-compat";

std::string ReadText(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

AvroSchema Read(const Json& document) {
  auto schema = AvroSchema::Load(document);
  EXPECT_TRUE(schema.ok()) << schema.status().message() << ": " << document.ToString();
  return schema.ok() ? *schema : *AvroSchema::Load(Json("null"));
}

// The labels' location is in the reader's schema, or in the writer's for a branch; the document is `/`.
bool HasProblemAt(const AvroResolution& resolution, std::string location) {
  if (location == "/") location.clear();
  return std::any_of(resolution.problems.begin(), resolution.problems.end(), [&](const AvroProblem& problem) {
    return problem.reader == location || problem.writer == location;
  });
}

class AvroPairsCorpus : public ::testing::TestWithParam<const char*> {};

TEST_P(AvroPairsCorpus, EveryVerdictAndLocationAgrees) {
  if (!std::filesystem::exists(kCorpus)) GTEST_SKIP() << "no corpora beside the repository";
  const auto cases = ParseJson(ReadText(kCorpus / GetParam()));
  ASSERT_TRUE(cases.ok()) << cases.status();
  EXPECT_GT(cases->array().size(), 130u);
  size_t located = 0;
  for (const Json& pair : cases->array()) {
    const AvroResolution resolution = ResolveAvro(Read(*pair.Find("writer")), Read(*pair.Find("reader")));
    const bool compatible = pair.Find("compatible")->boolean();
    EXPECT_EQ(resolution.answer == Answer::kCompatible, compatible) << pair.ToString();
    if (compatible) continue;
    const Json::Array& locations = pair.Find("locations")->array();
    const bool java = std::string(GetParam()).find("java") == 0;
    for (const Json& location : locations) {
      ++located;
      // Python's checker tells the way to a name as well: `/`, `/name`.
      if (!java && locations.size() == 2 && location == Json("/")) continue;
      EXPECT_TRUE(HasProblemAt(resolution, location.string()))
          << location.string() << ": " << pair.ToString();
    }
  }
  EXPECT_GE(located, 59u);
}

INSTANTIATE_TEST_SUITE_P(All, AvroPairsCorpus,
                         ::testing::Values("java-compat-cases.json", "py-compat-cases.json"));

struct Form {
  std::string input;
  std::string canonical;
  std::string fingerprint;  // empty: not given
};

// `<<WORD text` on one line, or on the lines up to `WORD`.
std::vector<Form> ReadForms(const std::string& text) {
  std::vector<Form> forms;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.compare(0, 2, "<<") != 0) continue;
    const size_t space = std::min(line.find(' '), line.size());
    const std::string word = line.substr(2, space - 2);
    std::string value = space < line.size() ? line.substr(space + 1) : "";
    if (value.empty()) {
      for (std::string more; std::getline(lines, more) && more != word;) value += more + "\n";
    }
    if (word == "INPUT") forms.push_back({value, "", ""});
    if (word == "canonical") forms.back().canonical = value;
    if (word == "fingerprint") forms.back().fingerprint = value;
  }
  return forms;
}

TEST(AvroFormsCorpus, EveryCanonicalFormAndFingerprintIsTheSame) {
  if (!std::filesystem::exists(kCorpus)) GTEST_SKIP() << "no corpora beside the repository";
  const std::vector<Form> forms = ReadForms(ReadText(kCorpus / "schema-tests.txt"));
  EXPECT_EQ(forms.size(), 34u);
  size_t fingerprints = 0;
  for (const Form& form : forms) {
    const auto document = ParseJson(form.input);
    ASSERT_TRUE(document.ok()) << document.status() << ": " << form.input;
    const auto canonical = CanonicalForm(Read(*document));
    ASSERT_TRUE(canonical.ok());
    EXPECT_EQ(*canonical, form.canonical);
    if (form.fingerprint.empty()) continue;
    ++fingerprints;
    EXPECT_EQ(std::to_string(static_cast<int64_t>(Fingerprint(*canonical))), form.fingerprint) << *canonical;
  }
  EXPECT_EQ(fingerprints, 26u);
}

}  // namespace
}  // namespace sluice::schema
