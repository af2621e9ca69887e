// The comparison against labelled pairs of other projects, where they are on the machine; the table of
// docs/schema.md comes from here: SLUICE_WRITE_EVIDENCE=1 makes it anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/schema/evidence.h"
#include "tests/schema/random_schema.h"

namespace sluice::schema {
namespace {

constexpr const char* kBegin = "<!-- evidence: made by schema_corpus_test -->\n";
constexpr const char* kEnd = "<!-- evidence: end -->";
constexpr const char* kNoCorpus = "skipped: ../shared/corpora is not beside the repository";

// Counted once for all tests of this program.
const Tally* Evidence() {
  static const std::optional<Tally> tally = []() -> std::optional<Tally> {
    const auto pairs = ReadLabelledPairs();
    return pairs ? std::optional(CountEvidence(*pairs)) : std::nullopt;
  }();
  return tally ? &*tally : nullptr;
}

TEST(SchemaCorpus, NoVerdictIsRefutedAndEveryWitnessIsOne) {
  const Tally* tally = Evidence();
  if (tally == nullptr) GTEST_SKIP() << kNoCorpus;
  for (const std::string& sentence : tally->wrong) ADD_FAILURE() << sentence;
}

TEST(SchemaCorpus, UndecidedIsRareUnderTheClosedReading) {
  const Tally* tally = Evidence();
  if (tally == nullptr) GTEST_SKIP() << kNoCorpus;
  const int undecided = tally->undecided.at(Reading::kClosed),
            verdicts = tally->verdicts.at(Reading::kClosed);
  EXPECT_GT(verdicts, 1'000);
  EXPECT_LE(undecided * 100, verdicts * 5) << undecided << " of " << verdicts;
}

const std::filesystem::path& Documentation() {
  static const std::filesystem::path file = std::filesystem::path(SLUICE_SOURCE_DIR) / "docs/schema.md";
  return file;
}

std::string ReadDocumentation() {
  std::stringstream content;
  content << std::ifstream(Documentation()).rdbuf();
  return content.str();
}

// The page names a kind as it is, or what it is about: `minimum` for `minimum-raised`.
TEST(SchemaCorpus, TheDocumentationNamesEveryKind) {
  const std::string text = ReadDocumentation();
  std::set<std::string> kinds;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SchemaMaker maker(seed);
    const Json before = maker.Document();
    for (const SchemaEdit& edit :
         FindEdits(*Schema::Load(before),
                   *Schema::Load(seed % 2 == 0 ? maker.Document() : maker.Edited(before)))
             .edits) {
      kinds.insert(edit.kind);
    }
  }
  EXPECT_GT(kinds.size(), 20u);
  for (const std::string& kind : kinds) {
    const bool whole = text.find("`" + kind + "`") != std::string::npos;
    const bool part = text.find("`" + kind.substr(0, kind.rfind('-')) + "`") != std::string::npos;
    EXPECT_TRUE(whole || part) << kind;
  }
}

TEST(SchemaCorpus, TheDocumentationShowsWhatIsFound) {
  const Tally* tally = Evidence();
  if (tally == nullptr) GTEST_SKIP() << kNoCorpus;
  const std::string text = ReadDocumentation();
  const size_t begin = text.find(kBegin), end = text.find(kEnd);
  ASSERT_TRUE(begin != std::string::npos && begin < end && end != std::string::npos)
      << "docs/schema.md has lost its marks";
  const size_t table = begin + std::string_view(kBegin).size();
  if (std::getenv("SLUICE_WRITE_EVIDENCE") != nullptr) {
    std::ofstream(Documentation()) << text.substr(0, table) << EvidenceTable(*tally) << text.substr(end);
    return;
  }
  EXPECT_EQ(text.substr(table, end - table), EvidenceTable(*tally))
      << "SLUICE_WRITE_EVIDENCE=1 schema_corpus_test writes it anew";
}

}  // namespace
}  // namespace sluice::schema
