#include "common/schema/compare.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/schema/compare_breaks.h"
#include "common/schema/compare_class.h"

namespace sluice::schema {
namespace {

constexpr size_t kManyEdits = 100;
constexpr size_t kFewEscapes = 5;      // when there are many edits: each proof may be as large as the schema
constexpr size_t kMostErrors = 50;     // of one witness
constexpr size_t kMostExplained = 10;  // witnesses whose other errors are looked at

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
  Breaks(Comparison& comparison, const BreakMaker& maker, Direction direction, Reading reading)
      : comparison_(comparison), maker_(maker), direction_(direction), reading_(reading) {}

  void Add(const Escape& escape) {
    Break found = maker_.Make(escape, direction_, reading_);
    if (!found.edit || told_.insert(*found.edit).second) comparison_.breaks.push_back(std::move(found));
  }

  // The other reasons for which `reader` refuses the witness, where an edit explains them.
  void AddOthers(const Escape& escape, const Schema& reader) {
    for (const ValidationError& error :
         Validate(reader, escape.witness, {.most_errors = kMostErrors}).errors) {
      Break found = maker_.Make({.writer = "",
                                 .reader = error.schema,
                                 .instance = error.instance,
                                 .rule = error.rule,
                                 .reason = error.message,
                                 .witness = escape.witness},
                                direction_, reading_);
      if (found.edit && told_.insert(*found.edit).second) comparison_.breaks.push_back(std::move(found));
    }
  }

 private:
  Comparison& comparison_;
  const BreakMaker& maker_;
  const Direction direction_;
  const Reading reading_;
  std::set<size_t> told_;
};

void Take(Comparison& comparison, const BreakMaker& maker, const Schema& reader, Direction direction,
          Reading reading, Inclusion inclusion) {
  Verdict& verdict = comparison.verdicts[static_cast<size_t>(direction)][static_cast<size_t>(reading)];
  verdict.answer = inclusion.answer;
  verdict.undecided = std::move(inclusion.undecided);
  Breaks breaks(comparison, maker, direction, reading);
  for (const Escape& escape : inclusion.escapes) breaks.Add(escape);
  for (size_t i = 0; i < inclusion.escapes.size() && i < kMostExplained; ++i)
    breaks.AddOthers(inclusion.escapes[i], reader);
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
    const BreakMaker maker(comparison.edits);
    InclusionLimits limits = options.limits;
    if (comparison.edits.size() > kManyEdits)
      limits.most_escapes = std::min(limits.most_escapes, kFewEscapes);
    for (const Direction direction : {Direction::kBackward, Direction::kForward}) {
      const bool forward = direction == Direction::kForward;
      const Schema& reader = forward ? before : after;
      Found found = Look(forward ? after : before, reader, limits);
      Take(comparison, maker, reader, direction, Reading::kStrict, std::move(found.strict));
      Take(comparison, maker, reader, direction, Reading::kClosed, std::move(found.closed));
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
