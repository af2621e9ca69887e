// Examples: everything that examples/ declares, in the order in which people apply it: platform, products, access.
// For tests only. Thread safety: plain values.
#pragma once

#include <string>
#include <vector>

#include "common/core/catalog.h"
#include "common/manifest/manifest.h"

namespace sluice::testing {

// One folder of examples/: what is applied at once.
struct ExampleFolder {
  std::string name;  // `platform`
  std::vector<manifest::Document> documents;
  std::vector<core::Edit> edits;  // the same, as puts
};

struct Examples {
  std::vector<ExampleFolder> folders;
  std::vector<manifest::Problem> problems;  // of all files
};

Examples LoadExamples();

// The catalog once everything was applied.
core::Catalog CatalogOf(const Examples& examples);

}  // namespace sluice::testing
