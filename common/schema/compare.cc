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

// Adds breaks to a comparison, one for each edit of a direction and reading.
class Breaks {
 public:
  Breaks(Comparison& comparison, Direction direction, Reading reading)
      : comparison_(comparison), direction_(direction), reading_(reading) {}

  void Add(const Escape& escape) {
    Break found = MakeBreak(escape, direction_, reading_, comparison_.edits);
    if (!found.edit || told_.insert(*found.edit).second) comparison_.breaks.push_back(std::move(found));
  }

  // The other reasons for which `reader` refuses the witness, where an edit explains them.
  void AddOthers(const Escape& escape, const Schema& reader) {
    for (const ValidationError& error : Validate(reader, escape.witness).errors) {
      Break found = MakeBreak({.writer = "",
                               .reader = error.schema,
                               .instance = error.instance,
                               .rule = error.rule,
                               .reason = error.message,
                               .witness = escape.witness},
                              direction_, reading_, comparison_.edits);
      if (found.edit && told_.insert(*found.edit).second) comparison_.breaks.push_back(std::move(found));
    }
  }

 private:
  Comparison& comparison_;
  const Direction direction_;
  const Reading reading_;
  std::set<size_t> told_;
};

void Take(Comparison& comparison, const Schema& reader, Direction direction, Reading reading,
          Inclusion inclusion) {
  Verdict& verdict = comparison.verdicts[static_cast<size_t>(direction)][static_cast<size_t>(reading)];
  verdict.answer = inclusion.answer;
  verdict.undecided = std::move(inclusion.undecided);
  Breaks breaks(comparison, direction, reading);
  for (const Escape& escape : inclusion.escapes) breaks.Add(escape);
  for (const Escape& escape : inclusion.escapes) breaks.AddOthers(escape, reader);
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
      const Schema& reader = forward ? before : after;
      Found found = Look(forward ? after : before, reader, options.limits);
      Take(comparison, reader, direction, Reading::kStrict, std::move(found.strict));
      Take(comparison, reader, direction, Reading::kClosed, std::move(found.closed));
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
