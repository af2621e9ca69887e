// The edits of two Avro schemas, place by place, with the weight that DESIGN's table gives their meaning.
#pragma once

#include "common/schema/avro_schema.h"
#include "common/schema/edits.h"

namespace sluice::schema {

// An edit of a named type is told at each field that uses the type, of a recursive one at its first two
// levels. Kinds: optional-field-added and -removed (with a default), required-field-added and -removed,
// field-renamed, fields-reordered, default-added, -removed and -changed, type-changed, type-widened,
// type-narrowed, name-changed, namespace-changed, logical-type-changed, fixed-size-changed, enum-value-added
// and -removed, enum-default-changed, enum-order-changed, unit-added, -removed and -changed,
// documentation-changed, order-changed, aliases-changed. At most 1,000 edits, the gravest first when there
// are more.
Edits FindAvroEdits(const AvroSchema& before, const AvroSchema& after);

}  // namespace sluice::schema
