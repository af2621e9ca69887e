#include "common/schema/compare.h"

#include <set>
#include <utility>

#include "common/schema/compare_breaks.h"
#include "common/schema/compare_class.h"

namespace sluice::schema {
namespace {

// What was found in one direction.
struct Found {
  Inclusion strict;
  Inclusion closed;
};

// A closed writer emits a part of what a strict one does: a proof for the strict one holds for it, and its
// witnesses are the strict one's too.
Found Look(const Schema& writer, const Schema& reader, const InclusionLimits& limits) {
  Found found;
  found.strict = Includes(writer, reader, Reading::kStrict, limits);
  if (found.strict.answer == Answer::kCompatible) return found;
  found.closed = Includes(writer, reader, Reading::kClosed, limits);
  if (found.closed.answer == Answer::kIncompatible && found.strict.answer == Answer::kUndecided) {
    found.strict.answer = Answer::kIncompatible;
    found.strict.escapes = found.closed.escapes;
  }
  return found;
}

void Take(Comparison& comparison, Direction direction, Reading reading, Inclusion inclusion) {
  Verdict& verdict = comparison.verdicts[static_cast<size_t>(direction)][static_cast<size_t>(reading)];
  verdict.answer = inclusion.answer;
  verdict.undecided = std::move(inclusion.undecided);
  std::set<size_t> told;
  for (const Escape& escape : inclusion.escapes) {
    Break found = MakeBreak(escape, direction, reading, comparison.edits);
    if (found.edit && !told.insert(*found.edit).second) continue;  // one proof for each edit is enough
    comparison.breaks.push_back(std::move(found));
  }
}

// Whether both are one document that refers to nothing outside.
bool AreIdentical(const Schema& before, const Schema& after, const Edits& edits) {
  return edits.complete && edits.edits.empty() && before.dialect() == after.dialect() &&
         before.root().pointer == after.root().pointer && before.document() == after.document();
}

}  // namespace

Comparison Compare(const Schema& before, const Schema& after, const CompareOptions& options) {
  Comparison comparison;
  Edits edits = FindEdits(before, after);
  const bool identical = AreIdentical(before, after, edits);
  comparison.edits = std::move(edits.edits);
  comparison.complete = edits.complete;
  if (!identical) {
    for (const Direction direction : {Direction::kBackward, Direction::kForward}) {
      const bool forward = direction == Direction::kForward;
      Found found = Look(forward ? after : before, forward ? before : after, options.limits);
      Take(comparison, direction, Reading::kStrict, std::move(found.strict));
      Take(comparison, direction, Reading::kClosed, std::move(found.closed));
    }
    Revise(comparison);
  }
  comparison.semantic_break = options.semantic_break;
  Classify(comparison);
  return comparison;
}

std::string_view AnswerName(Answer answer) {
  switch (answer) {
    case Answer::kCompatible:
      return "compatible";
    case Answer::kIncompatible:
      return "incompatible";
    case Answer::kUndecided:
      return "undecided";
  }
  return "";
}

std::string_view DirectionName(Direction direction) {
  return direction == Direction::kBackward ? "backward" : "forward";
}

std::string_view ReadingName(Reading reading) { return reading == Reading::kStrict ? "strict" : "closed"; }

}  // namespace sluice::schema
