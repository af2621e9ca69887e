// Small schemas: random schemas over four names and a dozen values, with all keywords, and a set of messages
// over the same names and values that is large enough to tell most of them apart.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "common/schema/json.h"

namespace sluice::schema {

class SmallSchemas {
 public:
  // `newer`: with the keywords of 2020-12, else of draft-07.
  SmallSchemas(uint64_t seed, bool newer) : random_(seed), newer_(newer) {}

  Json Make(int depth);
  // One change somewhere.
  Json Change(const Json& schema);

 private:
  size_t Below(size_t bound) { return random_() % bound; }
  bool Chance(size_t percent) { return Below(100) < percent; }
  Json Name();
  Json Value();
  Json Expression();
  Json Type();
  Json List(int depth);
  Json Members(int depth);
  void AddScalarKeyword(JsonObject& schema);
  void AddObjectKeyword(JsonObject& schema, int depth);
  void AddArrayKeyword(JsonObject& schema, int depth);
  void AddCombination(JsonObject& schema, int depth);
  void AddDependency(JsonObject& schema, int depth);
  void AddKeyword(JsonObject& schema, int depth);
  Json Simple();

  std::mt19937_64 random_;
  const bool newer_;
};

std::vector<Json> SmallMessages();

}  // namespace sluice::schema
