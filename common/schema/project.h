// Projection: what a consumer of a schema still accepts when it looks at some fields only.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "common/schema/schema.h"

namespace sluice::schema {

// How a consumer treats messages.
struct ConsumerTraits {
  bool validates = false;  // whole messages against the schema: then it accepts what the schema accepts
  bool ignores_unknown_values = true;  // of enumerations and constants
  bool operator==(const ConsumerTraits&) const = default;
};

// A schema of draft 2020-12 that accepts what such a consumer of `schema` accepts: `fields` are JSON Pointers
// with `*` for items and free names, each with all that is below it; the empty pointer is everything. At
// those fields and their ancestors the schema holds, elsewhere anything is accepted and nothing required.
// Unless the consumer validates, members and items that are not declared are accepted, oneOf is read as
// anyOf, and with `ignores_unknown_values` an enumeration as its types. It accepts at least what `schema`
// accepts.
//
// INVALID_ARGUMENT for a pointer that is none; RESOURCE_EXHAUSTED when the projection grows beyond 200,000
// schemas.
absl::StatusOr<Schema> Project(const Schema& schema, const std::vector<std::string>& fields,
                               const ConsumerTraits& traits);

}  // namespace sluice::schema
