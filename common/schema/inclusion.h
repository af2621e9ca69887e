// Inclusion: whether every message that a writer of one schema may emit is accepted by a reader of another,
// with a message as proof when it is not. The engine under Compare.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "common/schema/validate.h"

namespace sluice::schema {

enum class Answer { kCompatible, kIncompatible, kUndecided };

// One reason why the writer's messages are not all accepted.
struct Escape {
  std::string
      writer;  // JSON Pointer in the writer's schema to what lets the message out, as deep as it is known
  std::string reader;    // JSON Pointer in the reader's schema to the keyword that refuses it
  std::string instance;  // JSON Pointer in the witness
  std::string rule;      // the reader's keyword: `required`, `type`, `additionalProperties`
  std::string reason;    // a sentence
  Json witness;  // accepted by Validate under the writer's schema and reading, refused under the reader's
                 // (always strict)
};

struct Inclusion {
  Answer answer = Answer::kCompatible;
  std::vector<Escape> escapes;  // at kIncompatible at least one; independent ones each on its own, bounded
  std::vector<std::string>
      undecided;  // what could not be decided and where, a sentence each; also beside escapes
};

struct InclusionLimits {
  size_t most_escapes = 50;
  size_t most_steps = 100'000;  // pairs of nodes, branches and candidates looked at
};

// W(writer) ⊆ R(reader), the writer under `reading`, the reader as it is written. kCompatible is proved;
// kIncompatible has been confirmed by Validate for each escape.
Inclusion Includes(const Schema& writer, const Schema& reader, Reading reading,
                   const InclusionLimits& limits = {});

}  // namespace sluice::schema
