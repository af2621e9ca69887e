#include "tests/support/examples.h"

#include <algorithm>
#include <filesystem>

#include "common/wire/wire.h"

namespace sluice::testing {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> Manifests(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void Read(const std::string& file, ExampleFolder& folder, std::vector<manifest::Problem>& problems) {
  absl::StatusOr<std::string> text = manifest::ReadLocalFile(file, manifest::kMaxFileBytes);
  if (!text.ok()) {
    problems.push_back({.at = {file}, .field = "", .message = std::string(text.status().message()), .remedy = ""});
    return;
  }
  manifest::Parsed parsed = manifest::ParseManifests(*text, file, manifest::ReadLocalFile);
  problems.insert(problems.end(), parsed.problems.begin(), parsed.problems.end());
  for (manifest::Document& document : parsed.documents) {
    folder.edits.push_back({.action = core::EditAction::kPut, .definition = wire::FromProto(document.resource)});
    folder.documents.push_back(std::move(document));
  }
}

}  // namespace

Examples LoadExamples() {
  Examples examples;
  for (const char* name : {"platform", "products", "access"}) {
    ExampleFolder& folder = examples.folders.emplace_back();
    folder.name = name;
    for (const std::string& file : Manifests(fs::path(SLUICE_SOURCE_DIR) / "examples" / name)) {
      Read(file, folder, examples.problems);
    }
  }
  return examples;
}

core::Catalog CatalogOf(const Examples& examples) {
  core::Catalog catalog;
  int64_t revision = 0;
  for (const ExampleFolder& folder : examples.folders) catalog = core::Apply(catalog, folder.edits, ++revision);
  return catalog;
}

}  // namespace sluice::testing
