// Explain: every value that acts on a product's topics and subjects, and where it comes from. What topics get
// is told from the same layers that Compile puts one over the other (settings.h).
#pragma once

#include <string>
#include <vector>

#include "common/core/definitions.h"

namespace sluice::core {

struct ExplainedValue {
  std::string field;        // as in manifests: `versions[0].streams[0].config.retention.ms`
  std::string environment;  // where it acts; empty: everywhere
  std::string value;        // empty: only a broker knows it
  // `manifest`, `override for prod`, `environment prod`, `convention`, `broker`. A word of the manifest that
  // says what is so anyway is told as `convention`.
  std::string origin;
  std::string reason;  // may be empty
  bool operator==(const ExplainedValue&) const = default;
};

// In the order of the manifest, then of `environments`. A value that is the same everywhere, for the same
// reason, is told once.
std::vector<ExplainedValue> ExplainProduct(const DataProduct& product,
                                           const std::vector<const Environment*>& environments);

}  // namespace sluice::core
