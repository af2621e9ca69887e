#include "common/schema/impact.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "common/schema/compare_breaks.h"
#include "common/schema/touched.h"

namespace sluice::schema {
namespace {

constexpr size_t kMostDeclarations = 500;
constexpr size_t kMostSteps = 20'000;  // for one declaration

// What tells consumers apart: what they use of what changed, and how.
struct Declaration {
  std::vector<std::string> fields;  // sorted, only those that an edit touches; the empty pointer: every field
  ConsumerTraits traits;
  std::vector<size_t> edits;

  auto Key() const { return std::tie(fields, traits.validates, traits.ignores_unknown_values); }
  bool operator<(const Declaration& other) const { return Key() < other.Key(); }
};

class Assessment {
 public:
  Assessment(const Schema& before, const Schema& after, const Comparison& comparison)
      : before_(before),
        after_(after),
        comparison_(comparison),
        edits_(FindEdits(before, after)),
        touched_(edits_),
        breaks_(comparison.edits) {}

  ConsumerImpact Of(const ConsumerUse& consumer) {
    Declaration declaration = DeclarationOf(consumer);
    const auto known = known_.find(declaration);
    ConsumerImpact impact;
    if (known != known_.end()) {
      impact = known->second;
    } else {
      impact = Look(declaration);
      known_.emplace(std::move(declaration), impact);
    }
    impact.consumer = consumer.name;
    return impact;
  }

 private:
  Declaration DeclarationOf(const ConsumerUse& consumer) {
    Declaration declaration;
    declaration.traits = consumer.traits;
    if (consumer.fields.empty()) {
      declaration.fields = {""};
      declaration.edits = touched_.all();
      return declaration;
    }
    for (const std::string& field : consumer.fields) {
      const std::vector<size_t>& edits = touched_.By(field);
      if (edits.empty()) continue;
      declaration.fields.push_back(field);
      declaration.edits.insert(declaration.edits.end(), edits.begin(), edits.end());
    }
    std::sort(declaration.fields.begin(), declaration.fields.end());
    const auto end = std::unique(declaration.fields.begin(), declaration.fields.end());
    declaration.fields.erase(end, declaration.fields.end());
    std::sort(declaration.edits.begin(), declaration.edits.end());
    declaration.edits.erase(std::unique(declaration.edits.begin(), declaration.edits.end()),
                            declaration.edits.end());
    return declaration;
  }

  // A change of meaning shows in no message; an edit by declaration touches who uses the field.
  void TakeDeclared(const Declaration& declaration, ConsumerImpact& impact) const {
    if (impact.effect != Effect::kNone) return;
    for (const size_t index : declaration.edits) {
      const SchemaEdit& edit = comparison_.edits[index];
      if (!edit.declared || edit.hurts != Hurts::kReaders) continue;
      impact.effect = Effect::kAffected;
      impact.reason = edit.reason;
      return;
    }
    if (!comparison_.semantic_break) return;
    impact.effect = Effect::kAffected;
    impact.reason = "the meaning of the data changes, which no schema shows";
  }

  ConsumerImpact Look(const Declaration& declaration) const {
    ConsumerImpact impact;
    impact.edits = declaration.edits;
    const Verdict& whole = comparison_.verdict(Direction::kForward, Reading::kClosed);
    const bool uses_changed = !declaration.fields.empty();
    if (whole.answer != Answer::kCompatible && (uses_changed || declaration.traits.validates)) {
      if (declaration.traits.validates) {
        TakeWhole(impact, whole);
      } else if (known_.size() >= kMostDeclarations) {
        impact.effect = Effect::kUndecided;
        impact.reason = "there are too many different declarations to look at each";
      } else {
        TakeProjected(declaration, impact);
      }
    }
    TakeDeclared(declaration, impact);
    return impact;
  }

  // Who validates accepts what the schema accepts: the comparison says it already.
  void TakeWhole(ConsumerImpact& impact, const Verdict& whole) const {
    impact.effect = whole.answer == Answer::kUndecided ? Effect::kUndecided : Effect::kBroken;
    if (!whole.undecided.empty()) impact.reason = whole.undecided.front();
    for (const Break& found : comparison_.breaks) {
      if (found.direction != Direction::kForward || found.reading != Reading::kClosed) continue;
      impact.reason = found.reason;
      impact.instance = found.instance;
      impact.witness = found.witness;
      return;
    }
  }

  void TakeProjected(const Declaration& declaration, ConsumerImpact& impact) const {
    const absl::StatusOr<Schema> reader = Project(before_, declaration.fields, declaration.traits);
    if (!reader.ok()) {
      impact.effect = Effect::kUndecided;
      impact.reason = std::string(reader.status().message());
      return;
    }
    const Inclusion inclusion =
        Includes(after_, *reader, Reading::kClosed, {.most_escapes = 1, .most_steps = kMostSteps});
    if (inclusion.answer == Answer::kCompatible) return;
    if (inclusion.answer == Answer::kUndecided || inclusion.escapes.empty()) {
      impact.effect = Effect::kUndecided;
      impact.reason = inclusion.undecided.empty() ? "it is too much to compare" : inclusion.undecided.front();
      return;
    }
    Escape escape = inclusion.escapes.front();
    escape.reader.clear();  // points into the projection
    const Break found = breaks_.Make(escape, Direction::kForward, Reading::kClosed);
    impact.effect = Effect::kBroken;
    impact.reason = found.reason;
    impact.instance = found.instance;
    impact.witness = found.witness;
  }

  const Schema& before_;
  const Schema& after_;
  const Comparison& comparison_;
  const Edits edits_;
  Touched touched_;
  const BreakMaker breaks_;
  std::map<Declaration, ConsumerImpact> known_;
};

}  // namespace

std::string Impact::Summary() const {
  const size_t all = consumers.size();
  if (all == 0) return "there is no consumer";
  const auto many = [](size_t count, const char* verb) { return fmt::format("{} {}", count, verb); };
  const std::string of = fmt::format("of {} consumer{}", all, all == 1 ? "" : "s");
  if (broken + affected + undecided == 0) return fmt::format("none {} is affected", of);
  std::string text = broken == 0 ? fmt::format("none {} breaks", of)
                                 : fmt::format("{} {} {}", broken, of, broken == 1 ? "breaks" : "break");
  if (affected > 0) text += ", " + many(affected, affected == 1 ? "is affected" : "are affected");
  if (undecided > 0) text += ", " + many(undecided, undecided == 1 ? "is undecided" : "are undecided");
  return text;
}

Impact AssessImpact(const Schema& before, const Schema& after, const Comparison& comparison,
                    const std::vector<ConsumerUse>& consumers) {
  Assessment assessment(before, after, comparison);
  Impact impact;
  impact.change_class = comparison.change_class;
  for (const ConsumerUse& consumer : consumers) {
    ConsumerImpact one = assessment.Of(consumer);
    impact.broken += one.effect == Effect::kBroken;
    impact.affected += one.effect == Effect::kAffected;
    impact.undecided += one.effect == Effect::kUndecided;
    if (one.effect >= Effect::kUndecided)
      impact.change_class = std::max(impact.change_class, SchemaClass::kCoordinated);
    impact.consumers.push_back(std::move(one));
  }
  return impact;
}

}  // namespace sluice::schema
