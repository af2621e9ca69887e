// Pairs of schemas as products have them: a schema made at random out of what event schemas are made of, and
// the same after an edit or two of the kinds that people make. The same seed makes the same pairs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/schema/json.h"

namespace sluice::testing {

struct ProductEdit {
  std::string name;  // of the edits: `enum-value-added, field-removed`
  schema::Json before;
  schema::Json after;
};

// `dialect` is the value of `$schema`.
std::vector<ProductEdit> MakeProductEdits(const std::string& dialect, size_t count, uint64_t seed);

}  // namespace sluice::testing
