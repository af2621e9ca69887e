// Compare: what a change of a schema means, in both directions, with messages as proof.
//
// Backward: what old writers emitted can be read with the new schema. Forward: what new writers emit can be
// read with the old one, so that today's consumers survive the producer's release. Each under two readings:
// strict (a writer may emit all that its schema accepts) and closed (only members that it declares; see
// Reading).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/schema/edits.h"
#include "common/schema/inclusion.h"

namespace sluice::schema {

enum class Direction { kBackward, kForward };

// One way in which a direction fails.
struct Break {
  std::string kind;  // of the edit behind it; of the keyword, when no single edit is
  Direction direction = Direction::kForward;
  Reading reading = Reading::kStrict;
  std::string old_pointer;
  std::string new_pointer;
  std::string instance;  // JSON Pointer in the witness
  std::string reason;
  Json witness;                // accepted by the writer's schema under `reading`, refused by the reader's
  std::optional<size_t> edit;  // behind it, in Comparison::edits
  std::string refusal;         // what the reader says of the witness: a part of the reason
};

struct Verdict {
  Answer answer = Answer::kCompatible;
  std::vector<std::string> undecided;  // what could not be decided
};

struct Comparison {
  std::array<std::array<Verdict, 2>, 2> verdicts;  // [Direction][Reading]
  // Their gravity is what the table in docs/schema.md says of their kind, less where it is proved that no
  // message can show the edit.
  std::vector<SchemaEdit> edits;
  bool complete = true;         // false: too much for a bound; there may be more edits
  bool semantic_break = false;  // as it was said in the options
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

// Bounded by `limits` for each direction and reading. Pure; any thread.
Comparison Compare(const Schema& before, const Schema& after, const CompareOptions& options = {});

// `compatible`, `incompatible`, `undecided`; `backward`, `forward`; `strict`, `closed`.
std::string_view AnswerName(Answer answer);
std::string_view DirectionName(Direction direction);
std::string_view ReadingName(Reading reading);

}  // namespace sluice::schema
