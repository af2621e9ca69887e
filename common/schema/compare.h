// Compare: what a change of a schema means, in both directions, with messages as proof.
//
// Backward: what old writers emitted can be read with the new schema. Forward: what new writers emit can be read with the old one, so
// that today's consumers survive the producer's release. Each under two readings: strict (a writer may emit all that its schema
// accepts) and closed (only members that it declares; see Reading).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/schema/inclusion.h"

namespace sluice::schema {

enum class Direction { kBackward, kForward };

// What a change of a schema asks for; the gravest edit decides.
enum class SchemaClass { kCompatible, kCoordinated, kBreaking };

// Whom an edit hurts, before anything is known of who uses what.
enum class Hurts { kNobody, kEnumReaders, kReaders, kWriters };  // kEnumReaders: those that fail on unknown enum values

// One difference of two schemas.
struct SchemaEdit {
  std::string kind;         // stable word: `optional-field-added`, `type-changed`; docs/schema.md lists them
  std::string old_pointer;  // in the old schema; of the place where it would be, when it is new
  std::string new_pointer;
  std::string field;        // where messages have it: JSON Pointer with `*` for items and free names: `/lines/*/price`
  std::optional<Json> before;  // of the keyword or subschema; nullopt: absent
  std::optional<Json> after;
  SchemaClass gravity = SchemaClass::kCompatible;
  Hurts hurts = Hurts::kNobody;
  std::string reason;       // a sentence for people
};

// One way in which a direction fails.
struct Break {
  std::string kind;         // of the edit behind it; of the keyword, when no single edit is
  Direction direction = Direction::kForward;
  Reading reading = Reading::kStrict;
  std::string old_pointer;
  std::string new_pointer;
  std::string instance;     // JSON Pointer in the witness
  std::string reason;
  Json witness;             // accepted by the writer's schema under `reading`, refused by the reader's
};

struct Verdict {
  Answer answer = Answer::kCompatible;
  std::vector<std::string> undecided;  // what could not be decided
};

struct Comparison {
  std::array<std::array<Verdict, 2>, 2> verdicts;  // [Direction][Reading]
  std::vector<SchemaEdit> edits;
  std::vector<Break> breaks;
  SchemaClass change_class = SchemaClass::kCompatible;  // for one consumer that declares nothing
  std::vector<std::string> reasons;                     // of the class

  const Verdict& verdict(Direction direction, Reading reading) const {
    return verdicts[static_cast<size_t>(direction)][static_cast<size_t>(reading)];
  }
};

struct CompareOptions {
  bool semantic_break = false;  // a person says that the meaning changed: at least kBreaking
  InclusionLimits limits;
};

Comparison Compare(const Schema& before, const Schema& after, const CompareOptions& options = {});

}  // namespace sluice::schema
