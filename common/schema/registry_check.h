// The checks of two registries: may messages of one schema be read with another, by their rules. Internal to
// predict.cc.
#pragma once

#include <string>
#include <string_view>

#include "common/schema/everit.h"

namespace sluice::schema {

// Why a check fails: the first difference that its rules do not allow.
struct CheckDifference {
  std::string_view what;               // said of the place: "has another type"
  const EveritNode* writer = nullptr;  // nodes that differ
  const EveritNode* reader = nullptr;
  std::string_view keyword;  // of the node; empty: the node itself
  std::string name;          // under `keyword`; empty: none
};

enum class CheckOutcome {
  kReads,
  kRefuses,
  kBreaks,
  kTooMuch
};  // kBreaks: the registry's check ends with an exception

struct CheckAnswer {
  CheckOutcome outcome = CheckOutcome::kReads;
  CheckDifference difference;  // at kRefuses
};

// Confluent's strict policy: the fixed list of compatible changes of its class SchemaDiff.
CheckAnswer ConfluentReads(const EveritNode& writer, const EveritNode& reader, StepBudget& budget);

// Apicurio 3.0: the compatible ones of its DiffType.
CheckAnswer ApicurioReads(const EveritNode& writer, const EveritNode& reader, StepBudget& budget);

// The same for the keywords of a node that hold no schemas. Preconditions: equal kinds (for Apicurio `const`
// counts as `enum`).
CheckAnswer ConfluentReadsPlain(const EveritNode& writer, const EveritNode& reader, StepBudget& budget);
CheckAnswer ApicurioReadsPlain(const EveritNode& writer, const EveritNode& reader, StepBudget& budget);

// A keyword that bounds a number, a length or a count.
struct Bound {
  EveritKind kind;
  std::string_view keyword;
  bool upper;
};

inline constexpr Bound kBounds[] = {
    {EveritKind::kString, "minLength", false},        {EveritKind::kString, "maxLength", true},
    {EveritKind::kNumber, "minimum", false},          {EveritKind::kNumber, "maximum", true},
    {EveritKind::kNumber, "exclusiveMinimum", false}, {EveritKind::kNumber, "exclusiveMaximum", true},
    {EveritKind::kObject, "minProperties", false},    {EveritKind::kObject, "maxProperties", true},
    {EveritKind::kArray, "minItems", false},          {EveritKind::kArray, "maxItems", true},
};

// Recursion of a check over the nodes of two documents and their cycles.
inline constexpr size_t kDeepestCheck = 400;

}  // namespace sluice::schema
