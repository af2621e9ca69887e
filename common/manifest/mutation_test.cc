// Whatever is done to a manifest, it is read without crashing, within bounds, and every problem has a place.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "common/manifest/manifest.h"

namespace sluice::manifest {
namespace {

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SLUICE_SOURCE_DIR "/examples")) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream in(entry.path());
    std::stringstream text;
    text << in.rdbuf();
    seeds.push_back(text.str());
  }
  return seeds;
}

std::string Mutate(std::string text, std::mt19937& random) {
  static const std::vector<std::string> kPieces = {
      "&a ",  "*a",    "[",        "]",    "{",     "}",     ": ",     "- ",          "\n", "\t",
      "|\n",  ">-\n",  "'",        "\"",   "---\n", "...\n", "!!str ", "%YAML 1.1\n", "? ", "#",
      "\xC3", "\\x00", "<<: *a\n", "0777", "~",     "null",  "kind: ", "\r\n",        "  "};
  int edits = 1 + static_cast<int>(random() % 6);
  for (int i = 0; i < edits && !text.empty(); ++i) {
    size_t at = random() % text.size();
    switch (random() % 4) {
      case 0:
        text.erase(at, 1 + random() % 20);
        break;
      case 1:
        text.insert(at, kPieces[random() % kPieces.size()]);
        break;
      case 2:
        text[at] = static_cast<char>(random() % 256);
        break;
      default:
        text.insert(at, text.substr(random() % text.size(), random() % 60));
        break;
    }
  }
  return text;
}

TEST(Mutations, NeverCrashAndAlwaysHaveAPlace) {
  ReadFile read_file = [](const std::string&, size_t) -> absl::StatusOr<std::string> {
    return std::string("{}");
  };
  std::mt19937 random(20261122);  // the same inputs in every run
  std::vector<std::string> seeds = Seeds();
  ASSERT_GE(seeds.size(), 5u);
  int broken = 0;
  for (int round = 0; round < 1500; ++round) {
    Parsed parsed = ParseManifests(Mutate(seeds[random() % seeds.size()], random), "m.yaml", read_file);
    for (const Problem& problem : parsed.problems) {
      EXPECT_EQ(problem.at.file, "m.yaml");
      EXPECT_FALSE(problem.message.empty());
    }
    broken += parsed.problems.empty() ? 0 : 1;
    for (const Document& document : parsed.documents) EXPECT_FALSE(PrintYaml(document.resource).empty());
  }
  EXPECT_GT(broken, 700);
}

TEST(Mutations, TheExamplesThemselvesAreFine) {
  ReadFile read_file = [](const std::string&, size_t) -> absl::StatusOr<std::string> {
    return std::string("{}");
  };
  for (const std::string& seed : Seeds()) {
    for (const Problem& problem : ParseManifests(seed, "e.yaml", read_file).problems)
      ADD_FAILURE() << Format(problem);
  }
}

}  // namespace
}  // namespace sluice::manifest
