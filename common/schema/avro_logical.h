// Logical types of Avro (specification 1.12, "Logical Types").
#pragma once

#include "common/schema/avro_schema.h"

namespace sluice::schema {

// What `source`, the definition of `node`, says by `logicalType`. One that is unknown, stands on a type that
// cannot carry it, or has attributes without sense is none: implementations use the underlying type then.
AvroLogicalType ReadLogicalType(const Json& source, const AvroNode& node);

}  // namespace sluice::schema
