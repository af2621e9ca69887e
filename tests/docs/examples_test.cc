// What examples/ declares is valid, applied folder by folder, and becomes the topics of testdata/example_topics.txt.
// SLUICE_UPDATE_GOLDEN=1 rewrites that file; read the difference before you keep it.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "common/core/compile.h"
#include "common/core/schema_text.h"
#include "common/core/validate.h"
#include "common/wire/wire.h"
#include "tests/support/examples.h"
#include "tests/support/process.h"

namespace sluice::testing {
namespace {

namespace fs = std::filesystem;

void ExpectNone(const std::vector<core::Finding>& findings) {
  for (const core::Finding& finding : findings) {
    ADD_FAILURE() << finding.resource << " " << finding.field << ": " << finding.message << "; " << finding.remedy;
  }
}

TEST(Examples, AreUnderstood) {
  const Examples examples = LoadExamples();
  for (const manifest::Problem& problem : examples.problems) ADD_FAILURE() << manifest::Format(problem);
  for (const ExampleFolder& folder : examples.folders) EXPECT_FALSE(folder.documents.empty()) << folder.name;
}

TEST(Examples, AreValidFolderByFolder) {
  core::Catalog catalog;
  for (const ExampleFolder& folder : LoadExamples().folders) {
    SCOPED_TRACE(folder.name);
    std::vector<core::Finding> findings;
    for (size_t i = 0; i < folder.documents.size(); ++i) wire::CheckResource(folder.documents[i].resource, i, findings);
    ExpectNone(findings);
    const core::Catalog after = core::Apply(catalog, folder.edits, 1);
    ExpectNone(core::Validate(catalog, after, folder.edits));
    catalog = after;
  }
}

TEST(Examples, BecomeTheTopicsExpected) {
  const core::Catalog catalog = CatalogOf(LoadExamples());
  std::string topics;
  for (const auto& cluster : catalog.clusters.entries()) {
    topics += cluster.name + "\n";
    for (const core::Slice& slice : core::Compile(catalog, *cluster.value)) {
      for (const core::Topic& topic : slice.topics) topics += "  " + topic.name + "\n";
    }
  }
  const std::string golden = SLUICE_SOURCE_DIR "/tests/docs/testdata/example_topics.txt";
  if (std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr) std::ofstream(golden) << topics;
  EXPECT_EQ(topics, ReadFile(golden));
}

TEST(Examples, TheirSchemasAreSchemas) {
  int schemas = 0;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(SLUICE_SOURCE_DIR) / "examples")) {
    if (entry.path().extension() != ".json") continue;
    ++schemas;
    const std::string text = ReadFile(entry.path().string());
    for (const auto& problem : core::CheckSchemaText(core::SchemaFormat::kJsonSchema, text)) {
      ADD_FAILURE() << entry.path() << ": " << problem.message;
    }
  }
  EXPECT_GE(schemas, 3);
}

}  // namespace
}  // namespace sluice::testing
