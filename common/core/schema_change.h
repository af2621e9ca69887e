// SchemaChange: what a change does to the schema of one product version, as approvers and CI read it. Plain
// values; schemas and messages are JSON texts. The proto messages of the same names document each field.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/core/change_class.h"

// Of common/schema/compare.h, which few of those who read these values need.
namespace sluice::schema {
enum class Direction;
enum class Reading;
enum class Answer;
}  // namespace sluice::schema

namespace sluice::core {

struct SchemaVerdict {
  schema::Direction direction{};
  schema::Reading reading{};
  schema::Answer answer{};
  std::vector<std::string> undecided;
  bool operator==(const SchemaVerdict&) const = default;
};

struct SchemaEdit {
  std::string kind;
  std::string old_pointer;
  std::string new_pointer;
  std::string field;   // as grants name fields: `/data/…` where the schema describes the data
  std::string before;  // empty: nothing
  std::string after;
  ChangeClass change_class = ChangeClass::kCompatible;
  std::string reason;
  bool operator==(const SchemaEdit&) const = default;
};

// `witness` is a value of what the schema describes (the data, or the whole message); `instance` a pointer in
// it.
struct SchemaBreak {
  std::string kind;
  schema::Direction direction{};
  schema::Reading reading{};
  std::string old_pointer;
  std::string new_pointer;
  std::string instance;
  std::string reason;
  std::string witness;
  bool operator==(const SchemaBreak&) const = default;
};

// What the change does to one application that is registered for the version.
struct SchemaImpact {
  enum class Effect { kNone, kBreaks, kUndecided, kConcerned };
  std::string grant;
  std::string application;
  bool producer = false;
  Effect effect = Effect::kNone;
  std::string reason;
  std::string witness;
  std::string instance;
  bool operator==(const SchemaImpact&) const = default;
};

// What a kind of registry will say when the schema is registered.
struct RegistryPrediction {
  enum class Answer { kAccepts, kRefuses, kUnknown };
  std::string registry;
  std::string level;
  Answer answer = Answer::kUnknown;
  std::string reason;
  std::vector<std::string> ways_out;
  bool operator==(const RegistryPrediction&) const = default;
};

struct SchemaChange {
  std::string resource;
  int32_t major = 0;
  ChangeClass change_class = ChangeClass::kCompatible;
  std::vector<std::string> reasons;
  std::vector<SchemaVerdict> verdicts;
  std::vector<SchemaEdit> edits;  // the gravest first; the first kMaxSchemaEdits
  size_t edit_count = 0;
  std::vector<SchemaBreak> breaks;    // the first kMaxSchemaBreaks
  std::vector<SchemaImpact> impacts;  // everybody with an effect, of the others kMaxUnaffected
  size_t consumers_broken = 0;
  size_t consumers_undecided = 0;
  size_t consumers_total = 0;
  std::vector<RegistryPrediction> predictions;
  bool operator==(const SchemaChange&) const = default;
};

}  // namespace sluice::core
