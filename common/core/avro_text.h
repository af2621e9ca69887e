// Avro text: whether parsed JSON is an Avro schema by the specification (1.11): types, names, fields,
// symbols, defaults. Logical types are not looked at: a registry ignores them too.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "common/core/schema_text.h"

namespace sluice::core {

// Adds what is wrong. Precondition: the depth of `schema` is bounded. Bounded: at most 20 problems.
void CheckAvro(const nlohmann::json& schema, std::vector<SchemaProblem>& problems);

}  // namespace sluice::core
