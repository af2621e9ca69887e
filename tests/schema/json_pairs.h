// Labelled pairs of JSON Schemas, with which the comparison is tested (../shared/corpora/json-compat beside
// the repository; its README says where they come from).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "common/schema/compare.h"

namespace sluice::schema {

struct LabelledPair {
  std::string source;  // who labelled it
  std::string id;
  Json before, after;
  // By Direction. Under the strict reading, which is what the sources mean.
  std::array<std::optional<bool>, 2> compatible;  // the source's label; nullopt: it has none
  std::array<std::optional<Json>, 2>
      refutation;  // a message that the writer's schema accepts and the reader's refuses
};

// nullopt: the corpus is not on this machine. Ends the process when it cannot be read.
std::optional<std::vector<LabelledPair>> ReadLabelledPairs();

}  // namespace sluice::schema
