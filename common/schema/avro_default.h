// Whether the default of a field fits its type (Avro specification, "Complex Types", the table of field
// default values).
#pragma once

#include <cstddef>
#include <optional>

#include "common/schema/avro_schema.h"

namespace sluice::schema {

// nullopt: not known, because `steps` ran out; each value looked at takes one. A member of a record that the
// default leaves out has the default of its field, which is checked where it stands.
std::optional<bool> FitsAsDefault(const Json& value, const AvroNode& type, AvroRules rules, size_t& steps);

}  // namespace sluice::schema
