// Resolution: whether a reader with one Avro schema can read all that a writer with another one writes (Avro
// specification, "Schema Resolution"), and every reason why not.
//
// Names match without their namespaces, as the specification has it, or by an alias of the reader. A union
// resolves branch by branch: each branch of the writer needs one of the reader that it resolves to. Logical
// types play no part, as in Avro's own checker.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "common/schema/avro_schema.h"
#include "common/schema/inclusion.h"

namespace sluice::schema {

enum class AvroProblemKind {
  kTypeMismatch,
  kNameMismatch,
  kSizeMismatch,
  kMissingSymbols,
  kMissingBranch,
  kMissingField,
};

struct AvroProblem {
  AvroProblemKind kind = AvroProblemKind::kTypeMismatch;
  std::string writer;  // JSON Pointer in the writer's schema; of what is missing there: of where it would be
  std::string reader;  // JSON Pointer in the reader's schema
  // Of the types at which the problem stands: where they are used, not where they are defined.
  std::string writer_use;
  std::string reader_use;
  std::string instance;  // JSON Pointer in the witness
  std::string reason;    // a sentence
  // A message of the writer in Avro's JSON encoding that the reader cannot read; nullopt when the writer's
  // schema has no finite one or none of reasonable size.
  std::optional<Json> witness;
};

struct AvroResolution {
  Answer answer = Answer::kCompatible;
  std::vector<AvroProblem> problems;   // at kIncompatible at least one, bounded
  std::vector<std::string> undecided;  // which bound was reached
};

struct AvroResolutionLimits {
  size_t most_problems = 50;
  size_t most_steps = 1'500'000;  // fields, symbols and branches looked at; a pair of types counts five times
};

AvroResolution ResolveAvro(const AvroSchema& writer, const AvroSchema& reader,
                           const AvroResolutionLimits& limits = {});

// Whether a value of the primitive type `writer` is read as `reader`: the same, or by a promotion.
bool Promotes(AvroType writer, AvroType reader);
// Whether the names of two records, enums or fixed match.
bool NamesMatch(const AvroNode& writer, const AvroNode& reader);
// Whether both could match before anything inside them is looked at; neither is a union.
bool MatchesOutside(const AvroNode& writer, const AvroNode& reader);
// The field of the record `writer` that the reader's `field` is read from, by name or else by alias; nullptr:
// none.
const AvroField* FindWritten(const AvroNode& writer, const AvroField& field);

}  // namespace sluice::schema
