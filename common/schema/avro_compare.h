// CompareAvro: what a change of an Avro schema means, in both directions. Avro has one reading, given in both
// places of the result.
//
// An `incompatible` is one by the rules of resolution (ResolveAvro), and its witness a message in Avro's JSON
// encoding that a reader cannot read; null where the writer's schema has no finite message of reasonable
// size. A change of a logical type alone resolves, as registries have it, and is a breaking edit.
#pragma once

#include "common/schema/avro_resolve.h"
#include "common/schema/compare.h"

namespace sluice::schema {

// Of `options` only semantic_break counts.
Comparison CompareAvro(const AvroSchema& before, const AvroSchema& after, const CompareOptions& options = {});

}  // namespace sluice::schema
