// Schemas made at random, for laws that hold for all of them. The same seed makes the same ones.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "common/schema/json.h"

namespace sluice::schema {

// Documents of draft-07 with every keyword that says something about messages, a few levels deep, over few
// names and values so that they meet. Some are recursive.
class SchemaMaker {
 public:
  explicit SchemaMaker(uint64_t seed) : random_(seed) {}

  Json Document();
  // One to three edits of the kinds that people make: a member more or less, required or not, a bound, a
  // value, a type.
  Json Edited(const Json& document);
  // A subschema without references.
  Json Plain() { return Subschema(kMaxDepth - 1); }

  uint64_t Below(uint64_t bound) { return random_() % bound; }

 private:
  static constexpr int kMaxDepth = 4;

  bool Chance(int percent) { return static_cast<int>(Below(100)) < percent; }
  Json Subschema(int depth);
  Json Value(int depth);
  Json::Array Values();
  Json Branches(int depth);
  void AddType(JsonObject& schema);
  void AddNumber(JsonObject& schema);
  void AddString(JsonObject& schema);
  void AddArray(JsonObject& schema, int depth);
  void AddObject(JsonObject& schema, int depth);
  void AddCombination(JsonObject& schema, int depth);
  Json EditOnce(const Json& schema, int depth);
  Json EditHere(const Json& schema);

  std::mt19937_64 random_;
  bool references_ = false;  // whether subschemas may refer to the definitions
};

}  // namespace sluice::schema
