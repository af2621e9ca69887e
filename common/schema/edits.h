// Edits: how one schema differs from another, place by place, as people name it: `required-field-removed` at
// `/lines/*/price`. A walk of both schemas side by side that looks through $ref and allOf; it decides nothing
// about messages (Compare does).
//
// Two schemas that differ in the order of keys, in how they spell the same thing (an inlined $ref, `const`
// for an enumeration of one, another draft) or only in words for people have no edits but
// `documentation-changed`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/schema/schema.h"

namespace sluice::schema {

// What a change of a schema asks for; the gravest edit decides.
enum class SchemaClass { kCompatible, kCoordinated, kBreaking };

// Whom an edit hurts, before anything is known of who uses what.
enum class Hurts {
  kNobody,
  kEnumReaders,
  kReaders,
  kWriters
};  // kEnumReaders: those that fail on unknown enum values

// One difference of two schemas.
struct SchemaEdit {
  std::string kind;         // stable word: `optional-field-added`, `type-changed`; docs/schema.md lists them
  std::string old_pointer;  // in the old schema; of the place where it would be, when it is new.
                            // `NAME#/pointer` in a referenced document
  std::string new_pointer;
  std::string
      field;  // where messages have it: JSON Pointer with `*` for items and free names: `/lines/*/price`
  std::optional<Json> before;  // of the keyword or subschema; nullopt: absent
  std::optional<Json> after;
  SchemaClass gravity = SchemaClass::kCompatible;
  Hurts hurts = Hurts::kNobody;
  std::string reason;     // a sentence for people
  bool declared = false;  // what is declared changes (a field, a format, a unit): counts even where no
                          // message can show it
};

// A field at which a pair of schemas stands that was already looked at ($ref): its edits are told once, at
// `first`.
struct SharedField {
  std::string field;
  std::string first;
};

struct Edits {
  std::vector<SchemaEdit> edits;
  std::vector<SharedField> shared;
  bool complete = true;  // false: a bound was reached (places, edits, depth); there may be more
};

// At most 1,000 edits, and a bounded number of steps.
Edits FindEdits(const Schema& before, const Schema& after);

// `optional-field-added` and the like as a bare test: whether an edit changes only words for people.
bool IsDocumentation(const SchemaEdit& edit);

// `COMPATIBLE`, `COORDINATED`, `BREAKING`.
std::string_view ClassName(SchemaClass change_class);

}  // namespace sluice::schema
