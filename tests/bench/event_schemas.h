// Schemas that look like those of real events, in any size, with the edits that people make: nested objects,
// references, enumerations, bounds, descriptions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sluice::bench {

struct SchemaPair {
  std::string before, after;  // JSON texts, as a person formats them
};

// A pair of about `bytes` each. The same seed makes the same one.
SchemaPair MakeSchemaPair(size_t bytes, uint64_t seed);

// Pairs whose sizes lie from a third to the triple of `median` bytes, as many below it as above.
std::vector<SchemaPair> MakeSchemaPairs(size_t median, size_t count);

// The schema of an order and one of its events, of 1 KiB.
std::string OrderSchema();
std::string OrderEvent();

}  // namespace sluice::bench
