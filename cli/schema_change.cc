#include "cli/schema_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "common/manifest/manifest.h"

namespace sluice::cli {
namespace {

namespace v1 = sluice::v1;

constexpr int kMostImpacts = 5;  // in a plan in short
constexpr int kMostRows = 50;    // in full
constexpr size_t kWitnessWidth = 160;

Style StyleOf(v1::ChangeClass change_class) {
  switch (change_class) {
    case v1::CHANGE_CLASS_BREAKING:
      return Style::kBad;
    case v1::CHANGE_CLASS_COORDINATED:
      return Style::kWarn;
    default:
      return Style::kGood;
  }
}

Style StyleOf(v1::SchemaAnswer answer) {
  switch (answer) {
    case v1::SCHEMA_ANSWER_COMPATIBLE:
      return Style::kGood;
    case v1::SCHEMA_ANSWER_INCOMPATIBLE:
      return Style::kBad;
    case v1::SCHEMA_ANSWER_UNDECIDED:
      return Style::kWarn;
    default:
      return Style::kFaint;
  }
}

std::string Word(v1::SchemaAnswer answer) {
  std::string word = manifest::EnumWord(v1::SchemaAnswer_descriptor(), answer);
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return word;
}

const char* EffectWord(const v1::SchemaImpact& impact) {
  switch (impact.effect()) {
    case v1::SchemaImpact::EFFECT_BREAKS:
      return "breaks";
    case v1::SchemaImpact::EFFECT_UNDECIDED:
      return "undecided";
    case v1::SchemaImpact::EFFECT_CONCERNED:
      return impact.producer() ? "must produce it" : "must prepare";
    default:
      return "goes on";
  }
}

// A `more` that was not shown ends the part.
void AddMore(int shown, int all, std::string& out) {
  if (all > shown) out += fmt::format("      … and {} more\n", Grouped(all - shown));
}

void AddImpacts(const v1::SchemaChange& change, Detail detail, bool color, std::string& out) {
  const int most = detail == Detail::kSteps ? kMostRows : kMostImpacts;
  int shown = 0, hurt = 0, told = 0;
  for (const v1::SchemaImpact& impact : change.impacts()) {
    if (impact.effect() == v1::SchemaImpact::EFFECT_NONE) {
      ++told;
      continue;
    }
    if (++hurt > most) continue;
    ++shown;
    const Style style = impact.effect() == v1::SchemaImpact::EFFECT_BREAKS ? Style::kBad : Style::kWarn;
    out += fmt::format("    {} {}: {}\n", impact.application(), Paint(EffectWord(impact), style, color),
                       impact.reason());
    if (!impact.witness().empty() && detail == Detail::kSteps)
      out += fmt::format("      message {}{}\n", Shortened(impact.witness(), kWitnessWidth),
                         impact.instance().empty() ? "" : "   at " + impact.instance());
  }
  AddMore(shown, hurt, out);
  if (told > 0 && detail == Detail::kSteps) {
    std::string names;
    int named = 0;
    for (const v1::SchemaImpact& impact : change.impacts()) {
      if (impact.effect() != v1::SchemaImpact::EFFECT_NONE || named == 10) continue;
      names += (named++ == 0 ? "" : ", ") + impact.application();
    }
    out += fmt::format("    as before: {}{}\n", names,
                       told > named ? fmt::format(" and {} more", told - named) : "");
  }
}

void AddVerdicts(const v1::SchemaChange& change, bool color, std::string& out) {
  for (const v1::SchemaVerdict& verdict : change.verdicts()) {
    const bool forward = verdict.direction() == v1::SCHEMA_DIRECTION_FORWARD;
    const bool strict = verdict.reading() == v1::SCHEMA_READING_STRICT;
    out += fmt::format("    {:<9}{:<8}{}\n", forward ? "forward" : "backward", strict ? "strict" : "closed",
                       Paint(Word(verdict.answer()), StyleOf(verdict.answer()), color));
    for (const std::string& what : verdict.undecided()) out += fmt::format("      undecided: {}\n", what);
  }
}

void AddEdits(const v1::SchemaChange& change, bool color, std::string& out) {
  int shown = 0;
  for (const v1::SchemaEdit& edit : change.edits()) {
    if (++shown > kMostRows) break;
    out += fmt::format("    {} {} {}: {}\n", Paint(ClassWord(edit.class_()), StyleOf(edit.class_()), color),
                       edit.kind(), edit.field().empty() ? "(the whole value)" : edit.field(), edit.reason());
  }
  AddMore(std::min(shown, kMostRows), change.edit_count(), out);
}

// One proof for each direction and kind: the closed reading's where both have one.
void AddProofs(const v1::SchemaChange& change, std::string& out) {
  int shown = 0;
  for (const v1::SchemaBreak& found : change.breaks()) {
    const bool again =
        std::any_of(change.breaks().begin(), change.breaks().end(), [&](const v1::SchemaBreak& other) {
          return found.reading() == v1::SCHEMA_READING_STRICT &&
                 other.reading() == v1::SCHEMA_READING_CLOSED && other.direction() == found.direction() &&
                 other.kind() == found.kind() && other.old_pointer() == found.old_pointer() &&
                 other.new_pointer() == found.new_pointer();
        });
    if (again || ++shown > kMostRows) continue;
    out += fmt::format(
        "    proof, {}: {}\n      message {}\n",
        found.direction() == v1::SCHEMA_DIRECTION_FORWARD ? "forward" : "backward", found.reason(),
        found.witness().empty() ? "too long to show" : Shortened(found.witness(), kWitnessWidth));
  }
}

void AddPredictions(const v1::SchemaChange& change, Detail detail, bool color, std::string& out) {
  for (const v1::RegistryPrediction& prediction : change.predictions()) {
    const bool refuses = prediction.answer() == v1::SCHEMA_ANSWER_INCOMPATIBLE;
    if (!refuses && detail == Detail::kCounts) continue;
    const char* says = refuses                                               ? "will refuse it"
                       : prediction.answer() == v1::SCHEMA_ANSWER_COMPATIBLE ? "will accept it"
                                                                             : "not predicted";
    out += fmt::format("    registry {} at {}: {}{}\n", prediction.registry(), prediction.level(),
                       Paint(says, StyleOf(prediction.answer()), color),
                       prediction.reason().empty() ? "" : ": " + prediction.reason());
    for (const std::string& way : prediction.ways_out()) out += fmt::format("      way out: {}\n", way);
  }
}

}  // namespace

std::string SchemaVerdictLine(const v1::SchemaChange& change) {
  std::string line = ClassWord(change.class_()) + ": ";
  if (change.consumers_total() == 0) return line + "nobody consumes it";
  line += fmt::format("{} of {} {}", change.consumers_broken(), Counted(change.consumers_total(), "consumer"),
                      change.consumers_broken() == 1 ? "breaks" : "break");
  if (change.consumers_undecided() > 0) line += fmt::format(", {} undecided", change.consumers_undecided());
  const auto prepare = std::count_if(
      change.impacts().begin(), change.impacts().end(),
      [](const v1::SchemaImpact& impact) { return impact.effect() == v1::SchemaImpact::EFFECT_CONCERNED; });
  if (prepare > 0) line += fmt::format(", {} must prepare", prepare);
  return line;
}

std::string RenderSchemaChange(const v1::SchemaChange& change, Detail detail, bool color) {
  const std::string name = change.resource().substr(change.resource().find('/') + 1);
  std::string out = fmt::format("  schema of {} v{}  {}\n", name, change.major(),
                                Paint(SchemaVerdictLine(change), StyleOf(change.class_()), color));
  for (const std::string& reason : change.reasons()) out += "    " + reason + "\n";
  AddImpacts(change, detail, color, out);
  if (detail == Detail::kSteps) {
    AddVerdicts(change, color, out);
    AddEdits(change, color, out);
    AddProofs(change, out);
  }
  AddPredictions(change, detail, color, out);
  return out;
}

}  // namespace sluice::cli
