// Golden cases: testdata/*.txt, each a manifest and what comes of it. A case is
//   # what it shows
//   --- input [FILE]     the manifest, `in.yaml` unless named
//   --- file NAME        a file that it names (any number of them)
//   --- documents        the documents as they are printed again; incomplete ones begin with `# incomplete`
//   --- problems         one a line
// Set SLUICE_UPDATE_GOLDEN=1 to write what came out instead of comparing, and read the difference before you
// keep it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "common/manifest/manifest.h"

namespace sluice::manifest {
namespace {

struct Case {
  std::string head, input, input_line, file_name = "in.yaml", documents, problems;
  std::vector<std::pair<std::string, std::string>> files;
};

std::string Slurp(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

Case ReadCase(const std::filesystem::path& path) {
  Case golden;
  std::string* part = &golden.head;
  std::istringstream lines(Slurp(path));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("--- input")) {
      golden.input_line = line;
      if (line.size() > 10) golden.file_name = line.substr(10);
      part = &golden.input;
    } else if (line.starts_with("--- file ")) {
      part = &golden.files.emplace_back(line.substr(9), "").second;
    } else if (line == "--- documents") {
      part = &golden.documents;
    } else if (line == "--- problems") {
      part = &golden.problems;
    } else {
      *part += line + "\n";
    }
  }
  return golden;
}

std::string Render(const Case& golden) {
  std::string text = golden.head + golden.input_line + "\n" + golden.input;
  for (const auto& [name, content] : golden.files) text += "--- file " + name + "\n" + content;
  return text + "--- documents\n" + golden.documents + "--- problems\n" + golden.problems;
}

Case Replay(Case golden) {
  ReadFile read_file = [&golden](const std::string& path, size_t) -> absl::StatusOr<std::string> {
    for (const auto& [name, content] : golden.files) {
      if (name == path) return content;
    }
    return absl::NotFoundError("no such file");
  };
  Parsed parsed = ParseManifests(golden.input, golden.file_name, read_file);
  golden.documents.clear();
  golden.problems.clear();
  for (const Document& document : parsed.documents) {
    if (!golden.documents.empty()) golden.documents += "- - -\n";
    if (!document.complete) golden.documents += "# incomplete\n";
    golden.documents += PrintYaml(document.resource);
  }
  for (const Problem& problem : parsed.problems) golden.problems += Format(problem) + "\n";
  return golden;
}

std::vector<std::string> CaseNames() {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(SLUICE_SOURCE_DIR "/common/manifest/testdata")) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, IsAsWritten) {
  std::filesystem::path path = SLUICE_SOURCE_DIR "/common/manifest/testdata/" + GetParam() + ".txt";
  Case expected = ReadCase(path);
  Case got = Replay(expected);
  if (std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << Render(got);
    return;
  }
  EXPECT_EQ(Render(got), Render(expected));
}

INSTANTIATE_TEST_SUITE_P(Manifests, Golden, testing::ValuesIn(CaseNames()), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace sluice::manifest
