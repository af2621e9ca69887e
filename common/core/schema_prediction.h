// Prediction: what registries will say when the schema of a version is registered, at the level that its
// subject has then.
#pragma once

#include <vector>

#include "common/core/definitions.h"
#include "common/core/schema_change.h"
#include "common/schema/compare.h"

namespace sluice::core {

// One for each kind of registry that is known. The subject is taken to hold the schema of `before` alone:
// what it held before that is not looked at. Precondition: both have a schema, of one format, whose
// comparison is `comparison`.
std::vector<RegistryPrediction> PredictRegistries(const ProductVersion& before, const ProductVersion& after,
                                                  const schema::Comparison& comparison);

}  // namespace sluice::core
