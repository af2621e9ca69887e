// Random Avro schemas, variations of them, and messages, for tests; and a reader of messages that decides by
// the message alone, so that it shares nothing with ResolveAvro.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>

#include "common/schema/avro_schema.h"

namespace sluice::schema {

// Two texts of schemas that differ in about one choice of twenty.
struct AvroPair {
  std::string before;
  std::string after;
};
AvroPair MakeAvroPair(uint32_t seed);

// A message of `node` in Avro's JSON encoding; nullopt when none was found within bounds.
std::optional<Json> MakeDatum(const AvroNode& node, std::mt19937& random);

// Whether `datum` is a message of `node` in Avro's JSON encoding.
bool IsDatum(const AvroNode& node, const Json& datum);

// Whether the reader can read `datum`, which the writer wrote.
bool CanRead(const AvroNode& writer, const AvroNode& reader, const Json& datum);

}  // namespace sluice::schema
