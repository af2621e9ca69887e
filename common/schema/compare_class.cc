#include "common/schema/compare_class.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::schema {
namespace {

constexpr size_t kMostReasons = 20;

// The gravest class so far, with the reasons for it.
struct Grade {
  SchemaClass gravest = SchemaClass::kCompatible;
  std::vector<std::string> reasons;
  size_t more = 0;  // reasons beyond the bound

  void Take(SchemaClass gravity, const std::string& reason) {
    if (gravity < gravest) return;
    if (gravity > gravest) {
      reasons.clear();
      more = 0;
    }
    gravest = gravity;
    if (std::find(reasons.begin(), reasons.end(), reason) != reasons.end()) return;
    if (reasons.size() < kMostReasons) {
      reasons.push_back(reason);
    } else {
      ++more;
    }
  }
};

// What a forward break without an explanation weighs: messages come that readers refuse.
SchemaClass WeightOf(const Break& found) {
  const bool type_alone = found.kind == "type" && found.reading == Reading::kClosed;
  return type_alone ? SchemaClass::kBreaking : SchemaClass::kCoordinated;
}

// Whether the table says of the edit behind `found` what it weighs, though the reader refuses the message.
bool IsExplained(const Comparison& comparison, const Break& found) {
  return found.edit.has_value() && *found.edit < comparison.edits.size();
}

void TakeUndecided(const Comparison& comparison, Grade& grade) {
  for (const Direction direction : {Direction::kBackward, Direction::kForward}) {
    for (const Reading reading : {Reading::kStrict, Reading::kClosed}) {
      const Verdict& verdict = comparison.verdict(direction, reading);
      if (verdict.answer != Answer::kUndecided) continue;
      const std::string what =
          verdict.undecided.empty() ? "it is too much to compare" : verdict.undecided.front();
      grade.Take(SchemaClass::kCoordinated,
                 fmt::format("undecided {} ({}): {}", DirectionName(direction), ReadingName(reading), what));
    }
  }
  const bool proved = comparison.verdict(Direction::kForward, Reading::kStrict).answer == Answer::kCompatible;
  if (!comparison.complete && !proved)
    grade.Take(SchemaClass::kCoordinated,
               "the schemas are too large to name every difference: a person must look");
}

}  // namespace

void Revise(Comparison& comparison) {
  const bool readers_safe =
      comparison.verdict(Direction::kForward, Reading::kStrict).answer == Answer::kCompatible;
  const bool writers_safe =
      comparison.verdict(Direction::kBackward, Reading::kStrict).answer == Answer::kCompatible;
  for (SchemaEdit& edit : comparison.edits) {
    const bool safe = edit.hurts == Hurts::kWriters ? writers_safe : readers_safe;
    if (edit.declared || edit.hurts == Hurts::kNobody || !safe) continue;
    edit.gravity = SchemaClass::kCompatible;
    edit.reason += edit.hurts == Hurts::kWriters ? "; proved: what was valid before is valid now"
                                                 : "; proved: what is valid now was valid before";
    edit.hurts = Hurts::kNobody;
  }
}

void Classify(Comparison& comparison) {
  Grade grade;
  for (const SchemaEdit& edit : comparison.edits) {
    if (!IsDocumentation(edit)) grade.Take(edit.gravity, edit.reason);
  }
  TakeUndecided(comparison, grade);
  for (const Break& found : comparison.breaks) {
    if (found.direction == Direction::kForward && !IsExplained(comparison, found))
      grade.Take(WeightOf(found), found.reason);
  }
  if (comparison.semantic_break)
    grade.Take(SchemaClass::kBreaking,
               "marked as a semantic break: what the data means changes, which no schema shows");
  if (grade.reasons.empty()) {
    grade.reasons.push_back(comparison.edits.empty() ? "the schemas say the same"
                                                     : "only words for people change");
  }
  if (grade.more > 0) grade.reasons.push_back(fmt::format("and {} more", grade.more));
  comparison.change_class = grade.gravest;
  comparison.reasons = std::move(grade.reasons);
}

}  // namespace sluice::schema
