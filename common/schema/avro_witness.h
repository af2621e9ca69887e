// Messages of an Avro writer in Avro's JSON encoding (specification, "JSON Encoding"), as proofs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "common/schema/avro_schema.h"

namespace sluice::schema {

// The smallest messages of the types of one schema, which outlives this.
class SmallestData {
 public:
  explicit SmallestData(const AvroSchema& schema);

  // nullopt when each value of `node` is infinite, or has too many values or too many levels.
  std::optional<Json> Make(const AvroNode& node);
  // The record `node` with `value` in field `index`, smallest otherwise.
  std::optional<Json> MakeRecord(const AvroNode& node, size_t index, Json value);

 private:
  struct Cost {
    uint32_t values = 0;
    uint32_t levels = 0;
  };

  std::optional<Cost> CostOf(const AvroNode& node) const;
  // A branch that costs less than `below`, so that it ends.
  std::optional<Json> MakeUnion(const AvroNode& node, uint32_t below);
  std::optional<Cost> ComputeCost(const AvroNode& node) const;

  std::map<const AvroNode*, Cost> costs_;
  std::map<const AvroNode*, Json> made_;
  uint32_t depth_ = 0;  // of Make in itself
};

// `value` of branch `branch` as a union writes it: null as it is, others under their BranchName.
Json InUnion(const AvroNode& branch, Json value);
// A value of the primitive `writer` that even a lenient reader of the primitive `reader` cannot take, where
// there is one.
std::optional<Json> Unreadable(AvroType writer, AvroType reader);

}  // namespace sluice::schema
