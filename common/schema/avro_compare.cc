#include "common/schema/avro_compare.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "common/schema/avro_edits.h"
#include "common/schema/compare_class.h"

namespace sluice::schema {
namespace {

// The kind of edit that a problem without a known edit comes from.
std::string_view UsualKind(AvroProblemKind kind, Direction direction) {
  const bool forward = direction == Direction::kForward;
  switch (kind) {
    case AvroProblemKind::kTypeMismatch:
      return "type-changed";
    case AvroProblemKind::kNameMismatch:
      return "name-changed";
    case AvroProblemKind::kSizeMismatch:
      return "fixed-size-changed";
    case AvroProblemKind::kMissingSymbols:
      return forward ? "enum-value-added" : "enum-value-removed";
    case AvroProblemKind::kMissingBranch:
      return forward ? "type-widened" : "type-narrowed";
    case AvroProblemKind::kMissingField:
      break;
  }
  return forward ? "required-field-removed" : "required-field-added";
}

// Whether `pointer`, of an edit, is of the type used at `use`: of the use, or of the type's name.
bool IsOf(const std::string& pointer, const std::string& use) {
  constexpr std::string_view kName = "/name";
  if (pointer.size() != use.size() + kName.size()) return pointer == use;
  return pointer.compare(0, use.size(), use) == 0 && pointer.compare(use.size(), kName.size(), kName) == 0;
}

// The edit that stands where a break does, on both sides or else on one; else where the types are used.
std::optional<size_t> FindEdit(const Break& found, const std::string& old_use, const std::string& new_use,
                               const std::vector<SchemaEdit>& edits) {
  std::optional<size_t> best;
  int most = 0;
  for (size_t i = 0; i < edits.size(); ++i) {
    if (edits[i].gravity == SchemaClass::kCompatible) continue;
    const int same =
        (edits[i].old_pointer == found.old_pointer) + (edits[i].new_pointer == found.new_pointer);
    const int used = IsOf(edits[i].old_pointer, old_use) + IsOf(edits[i].new_pointer, new_use);
    const int score = 8 * same + 2 * used + (same + used > 0 && edits[i].kind == found.kind);
    if (score > most) best = i;
    most = std::max(most, score);
  }
  return best;
}

// One problem in both readings.
void AddBreaks(const AvroProblem& problem, Direction direction, Comparison& comparison) {
  const bool forward = direction == Direction::kForward;
  Break found;
  found.direction = direction;
  found.old_pointer = forward ? problem.reader : problem.writer;
  found.new_pointer = forward ? problem.writer : problem.reader;
  found.kind = UsualKind(problem.kind, direction);
  found.edit = FindEdit(found, forward ? problem.reader_use : problem.writer_use,
                        forward ? problem.writer_use : problem.reader_use, comparison.edits);
  if (found.edit) found.kind = comparison.edits[*found.edit].kind;
  found.instance = problem.instance;
  found.reason = problem.reason;
  if (problem.witness) {
    found.witness = *problem.witness;
  } else {
    found.reason += "; no message shows it, because each of the writer's is infinite or too large";
  }
  for (const Reading reading : {Reading::kStrict, Reading::kClosed}) {
    found.reading = reading;
    comparison.breaks.push_back(found);
  }
}

void AddDirection(Direction direction, const AvroSchema& writer, const AvroSchema& reader,
                  Comparison& comparison) {
  const AvroResolution resolution = ResolveAvro(writer, reader);
  for (Verdict& verdict : comparison.verdicts[static_cast<size_t>(direction)]) {
    verdict.answer = resolution.answer;
    verdict.undecided = resolution.undecided;
  }
  for (const AvroProblem& problem : resolution.problems) AddBreaks(problem, direction, comparison);
}

}  // namespace

Comparison CompareAvro(const AvroSchema& before, const AvroSchema& after, const CompareOptions& options) {
  Comparison comparison;
  Edits edits = FindAvroEdits(before, after);
  comparison.edits = std::move(edits.edits);
  comparison.complete = edits.complete;
  comparison.semantic_break = options.semantic_break;
  AddDirection(Direction::kBackward, before, after, comparison);
  AddDirection(Direction::kForward, after, before, comparison);
  Revise(comparison);
  Classify(comparison);
  return comparison;
}

}  // namespace sluice::schema
