// Confluent's check. Each Compare finds the first difference that is not in the list of compatible changes.
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>

#include "common/schema/pattern.h"
#include "common/schema/registry_check.h"

namespace sluice::schema {
namespace {

using Difference = const CheckDifference*;  // nullptr: compatible

// An expression that backtracks takes as long as so many comparisons.
constexpr size_t kStepsOfAMatch = 5'000;

class ConfluentCheck {
 public:
  explicit ConfluentCheck(StepBudget& budget) : budget_(budget) {}

  CheckAnswer Run(const EveritNode& writer, const EveritNode& reader) {
    const Difference difference = Compare(&writer, &reader);
    if (budget_.spent() || too_much_) return {CheckOutcome::kTooMuch, {}};
    if (breaks_) return {CheckOutcome::kBreaks, {}};
    if (difference != nullptr) return {CheckOutcome::kRefuses, *difference};
    return {};
  }

 private:
  Difference Refuse(std::string_view what, const EveritNode* writer, const EveritNode* reader,
                    std::string_view keyword = "", std::string_view name = "") {
    return &differences_.emplace_back(CheckDifference{what, writer, reader, keyword, std::string(name)});
  }

  static const EveritNode* Follow(const EveritNode* node) {
    return node->kind == EveritKind::kReference ? node->target : node;
  }

  Difference Compare(const EveritNode* writer, const EveritNode* reader) {
    writer = Follow(writer);
    reader = Follow(reader);
    if (!budget_.Spend(4) || too_much_) return nullptr;  // a pair is remembered
    if (depth_ >= kDeepestCheck) {
      too_much_ = true;
      return nullptr;
    }
    // A pair that is being compared further up counts as compatible.
    const auto [found, added] = known_.try_emplace({writer, reader}, nullptr);
    if (!added) return found->second;
    ++depth_;
    const Difference difference = ComparePair(writer, reader);
    --depth_;
    if (difference != nullptr) known_[{writer, reader}] = difference;
    return difference;
  }

  Difference ComparePair(const EveritNode* writer, const EveritNode* reader) {
    if (writer->IsCombined() != reader->IsCombined() && BranchReads(writer, reader)) return nullptr;
    const bool same = writer->kind == reader->kind || (writer->IsCombined() && reader->IsCombined());
    if (!same) {
      if (writer->kind == EveritKind::kFalse || reader->AcceptsAll()) return nullptr;
      return Refuse("has another type", writer, reader);
    }
    const CheckAnswer plain = ConfluentReadsPlain(*writer, *reader, budget_);
    if (plain.outcome == CheckOutcome::kRefuses) return &differences_.emplace_back(plain.difference);
    breaks_ = breaks_ || plain.outcome == CheckOutcome::kBreaks;
    switch (writer->kind) {
      case EveritKind::kAllOf:
      case EveritKind::kAnyOf:
      case EveritKind::kOneOf:
        return CompareCombined(writer, reader);
      case EveritKind::kNot:
        if (Compare(reader->parts[0], writer->parts[0]) == nullptr) return nullptr;
        return Refuse("excludes more", writer, reader, "not");
      case EveritKind::kObject:
        return CompareObjects(writer, reader);
      case EveritKind::kArray:
        return CompareArrays(writer, reader);
      default:
        return nullptr;  // if, then, else: not looked at
    }
  }

  // One side is a combination, the other is none.
  bool BranchReads(const EveritNode* writer, const EveritNode* reader) {
    const std::vector<const EveritNode*>& branches = reader->IsCombined() ? reader->parts : writer->parts;
    const EveritKind kind = reader->IsCombined() ? reader->kind : writer->kind;
    if (reader->IsCombined()) {
      if (branches.size() != 1 && kind == EveritKind::kAllOf) return false;
      return std::any_of(branches.begin(), branches.end(),
                         [&](const EveritNode* branch) { return Compare(writer, branch) == nullptr; });
    }
    if (branches.size() != 1 && kind != EveritKind::kAllOf) return false;
    return std::any_of(branches.begin(), branches.end(),
                       [&](const EveritNode* branch) { return Compare(branch, reader) == nullptr; });
  }

  // Branches without their duplicates.
  std::vector<const EveritNode*> Distinct(const EveritNode* node) {
    std::vector<const EveritNode*> distinct;
    absl::flat_hash_set<std::string> seen;
    for (const EveritNode* branch : node->parts) {
      if (node->parts.size() > 1) {
        std::string text = branch->source->ToString();
        budget_.Spend(text.size() / 16);
        if (!branch->alone) text += static_cast<char>('a' + static_cast<int>(branch->kind));
        if (!seen.insert(std::move(text)).second) continue;
      }
      distinct.push_back(branch);
    }
    return distinct;
  }

  Difference CompareCombined(const EveritNode* writer, const EveritNode* reader) {
    const std::vector<const EveritNode*> before = Distinct(writer), after = Distinct(reader);
    const bool only_one_before = writer->parts.size() == 1, only_one_after = reader->parts.size() == 1;
    if (writer->kind != reader->kind) {
      const bool allowed = reader->kind == EveritKind::kAnyOf ||
                           (only_one_before && (reader->kind == EveritKind::kOneOf || only_one_after));
      if (!allowed) return Refuse("is combined in another way", writer, reader);
    }
    const bool all = reader->kind == EveritKind::kAllOf;
    if (all && before.size() < after.size()) return Refuse("gained a branch", writer, reader, "allOf");
    if (!all && before.size() > after.size()) return Refuse("lost a branch", writer, reader);
    if (Matched(before, after) < std::min(before.size(), after.size())) {
      return Refuse("has branches that no other one covers", writer, reader);
    }
    return nullptr;
  }

  // How many branches find a reader of their own: a maximum matching.
  size_t Matched(const std::vector<const EveritNode*>& before, const std::vector<const EveritNode*>& after) {
    std::vector<std::vector<size_t>> readers(before.size());
    for (size_t i = 0; i < before.size(); ++i) {
      for (size_t k = 0; k < after.size(); ++k) {
        if (budget_.spent() || too_much_) return 0;
        if (Compare(before[i], after[k]) == nullptr) readers[i].push_back(k);
      }
    }
    std::vector<size_t> taken(after.size(), before.size());
    size_t matched = 0;
    for (size_t i = 0; i < before.size(); ++i) matched += Augment(i, readers, taken) ? 1 : 0;
    return matched;
  }

  // Finds a reader for `start`, moving others where that helps (breadth first along alternating paths).
  bool Augment(size_t start, const std::vector<std::vector<size_t>>& readers, std::vector<size_t>& taken) {
    const size_t nobody = readers.size();
    std::vector<size_t> reached_from(taken.size(), nobody);
    std::vector<bool> reached(taken.size(), false);
    std::deque<size_t> todo = {start};
    while (!todo.empty()) {
      const size_t branch = todo.front();
      todo.pop_front();
      for (size_t reader : readers[branch]) {
        if (!budget_.Spend()) return false;
        if (reached[reader]) continue;
        reached[reader] = true;
        reached_from[reader] = branch;
        if (taken[reader] != nobody) {
          todo.push_back(taken[reader]);
          continue;
        }
        Take(reader, start, readers, reached_from, taken);
        return true;
      }
    }
    return false;
  }

  // Gives `reader` to the branch that reached it, that branch's former reader to the one that reached that,
  // and so on.
  static void Take(size_t reader, size_t start, const std::vector<std::vector<size_t>>& readers,
                   const std::vector<size_t>& reached_from, std::vector<size_t>& taken) {
    while (true) {
      const size_t branch = reached_from[reader];
      const auto former = std::find(taken.begin(), taken.end(), branch);
      const size_t next = static_cast<size_t>(former - taken.begin());
      if (former != taken.end()) *former = readers.size();
      taken[reader] = branch;
      if (branch == start) return;
      reader = next;
    }
  }

  Difference CompareObjects(const EveritNode* writer, const EveritNode* reader) {
    if (Difference required = CompareRequired(writer, reader)) return required;
    if (Difference properties = CompareProperties(writer, reader)) return properties;
    if (Difference dependencies = CompareDependencies(writer, reader)) return dependencies;
    return CompareRest(writer, reader, "additionalProperties", writer->object->permits_additional,
                       reader->object->permits_additional, writer->object->additional,
                       reader->object->additional);
  }

  // Only of properties that both list; a default counts although no validator fills it in.
  Difference CompareRequired(const EveritNode* writer, const EveritNode* reader) {
    for (const auto& [name, property] : reader->object->properties) {
      if (!budget_.Spend()) return nullptr;
      if (writer->object->Property(name) == nullptr || !reader->object->Requires(name) ||
          writer->object->Requires(name) || HasDefault(property)) {
        continue;
      }
      return Refuse("became required", writer, reader, "properties", name);
    }
    return nullptr;
  }

  static bool HasDefault(const EveritNode* node) {
    const Json* value = node->Find("default");
    return value != nullptr && !value->is_null();
  }

  static bool IsOpen(const EveritObject& object) {
    return object.pattern_properties.empty() && object.additional == nullptr && object.permits_additional;
  }

  // What a partly open object says of a property that it does not list; nullptr: nothing.
  const EveritNode* Covers(const EveritObject& object, std::string_view name) {
    for (const auto& [text, schema] : object.pattern_properties) {
      if (Matches(text, name)) return schema;
    }
    return object.additional;
  }

  bool Matches(std::string_view text, std::string_view name) {
    if (too_much_ || !budget_.Spend(kStepsOfAMatch)) return false;
    std::shared_ptr<const Pattern>& pattern = patterns_[text];
    if (pattern == nullptr) {
      absl::StatusOr<std::shared_ptr<const Pattern>> made = Pattern::Make(text);
      if (!made.ok()) return false;
      pattern = *std::move(made);
    }
    const std::optional<bool> matches = pattern->Matches(name);
    too_much_ = too_much_ || !matches;
    return matches.value_or(false);
  }

  Difference CompareProperties(const EveritNode* writer, const EveritNode* reader) {
    for (const auto& [name, property] : writer->object->properties) {
      const EveritNode* other = reader->object->Property(name);
      const Difference difference =
          other != nullptr ? Compare(property, other) : CompareRemoved(writer, reader, name, property);
      if (difference != nullptr) return difference;
    }
    for (const auto& [name, property] : reader->object->properties) {
      if (writer->object->Property(name) != nullptr) continue;
      if (Difference added = CompareAdded(writer, reader, name, property)) return added;
    }
    return nullptr;
  }

  Difference CompareRemoved(const EveritNode* writer, const EveritNode* reader, std::string_view name,
                            const EveritNode* property) {
    if (!budget_.Spend() || IsOpen(*reader->object)) return nullptr;
    if (const EveritNode* cover = Covers(*reader->object, name)) {
      if (Compare(property, cover) == nullptr) return nullptr;
      return Refuse("is not covered by what the reader says of other properties", writer, reader,
                    "properties", name);
    }
    if (property->kind == EveritKind::kFalse) return nullptr;
    return Refuse("is unknown to the reader, which is closed", writer, reader, "properties", name);
  }

  Difference CompareAdded(const EveritNode* writer, const EveritNode* reader, std::string_view name,
                          const EveritNode* property) {
    if (!budget_.Spend()) return nullptr;
    if (IsOpen(*writer->object)) {
      if (property->AcceptsAll()) return nullptr;
      return Refuse(
          "is declared by the reader, while the writer is open and could send anything under that name",
          writer, reader, "properties", name);
    }
    const EveritNode* cover = Covers(*writer->object, name);
    if (cover != nullptr && Compare(cover, property) != nullptr) {
      return Refuse("does not cover what the writer says of other properties", writer, reader, "properties",
                    name);
    }
    if (reader->object->Requires(name) && !HasDefault(property)) {
      return Refuse("is required by the reader and unknown to the writer", writer, reader, "properties",
                    name);
    }
    return nullptr;
  }

  Difference CompareDependencies(const EveritNode* writer, const EveritNode* reader) {
    const std::string_view keyword =
        writer->dialect == EveritDialect::kModern ? "dependentRequired" : "dependencies";
    for (const auto& [name, needed] : reader->object->property_dependencies) {
      if (!budget_.Spend()) return nullptr;
      const auto& before = writer->object->property_dependencies;
      const auto found =
          std::find_if(before.begin(), before.end(), [&](const auto& each) { return each.first == name; });
      if (found == before.end() ||
          !std::includes(found->second.begin(), found->second.end(), needed.begin(), needed.end())) {
        return Refuse("asks for more", writer, reader, keyword, name);
      }
    }
    for (const auto& [name, schema] : reader->object->schema_dependencies) {
      const auto& before = writer->object->schema_dependencies;
      const auto found =
          std::find_if(before.begin(), before.end(), [&](const auto& each) { return each.first == name; });
      if (found == before.end()) return Refuse("is set by the reader alone", writer, reader, keyword, name);
      if (Difference difference = Compare(found->second, schema)) return difference;
    }
    return nullptr;
  }

  // `additionalProperties` or `additionalItems`.
  Difference CompareRest(const EveritNode* writer, const EveritNode* reader, std::string_view keyword,
                         bool writer_permits, bool reader_permits, const EveritNode* before,
                         const EveritNode* after) {
    if (writer_permits != reader_permits) {
      return reader_permits ? nullptr : Refuse("is forbidden by the reader", writer, reader, keyword);
    }
    if (after == nullptr) return nullptr;
    if (before == nullptr) return Refuse("is restricted by the reader alone", writer, reader, keyword);
    return Compare(before, after);
  }

  Difference CompareArrays(const EveritNode* writer, const EveritNode* reader) {
    const EveritArray& before = *writer->array;
    const EveritArray& after = *reader->array;
    if (after.items != nullptr) {
      if (before.items == nullptr) return Refuse("is set by the reader alone", writer, reader, "items");
      if (Difference items = Compare(before.items, after.items)) return items;
    }
    if (Difference tuple = CompareTuples(writer, reader)) return tuple;
    if (Difference rest = CompareRest(writer, reader, "additionalItems", before.permits_additional,
                                      after.permits_additional, before.additional, after.additional)) {
      return rest;
    }
    const Json* unique_before = writer->Find("uniqueItems");
    const Json* unique_after = reader->Find("uniqueItems");
    if (unique_after != nullptr && unique_after->boolean() &&
        (unique_before == nullptr || !unique_before->boolean())) {
      return Refuse("is set by the reader alone", writer, reader, "uniqueItems");
    }
    return nullptr;
  }

  Difference CompareTuples(const EveritNode* writer, const EveritNode* reader) {
    const EveritArray& before = *writer->array;
    const EveritArray& after = *reader->array;
    const size_t both = std::min(before.tuple.size(), after.tuple.size());
    for (size_t i = 0; i < both; ++i) {
      if (Difference item = Compare(before.tuple[i], after.tuple[i])) return item;
    }
    const bool reader_open = after.permits_additional && after.additional == nullptr;
    for (size_t i = both; i < before.tuple.size() && !reader_open; ++i) {
      const bool covered = after.additional != nullptr ? Compare(before.tuple[i], after.additional) == nullptr
                                                       : before.tuple[i]->kind == EveritKind::kFalse;
      if (!covered)
        return Refuse("has an item that the reader does not allow", writer, reader, "items",
                      std::to_string(i));
    }
    const bool writer_open = before.permits_additional && before.additional == nullptr;
    for (size_t i = both; i < after.tuple.size(); ++i) {
      const bool covered =
          writer_open ? after.tuple[i]->AcceptsAll()
                      : before.additional == nullptr || Compare(before.additional, after.tuple[i]) == nullptr;
      if (!covered)
        return Refuse("has an item that the writer leaves open", writer, reader, "items", std::to_string(i));
    }
    return nullptr;
  }

  StepBudget& budget_;
  std::deque<CheckDifference> differences_;
  absl::flat_hash_map<std::pair<const EveritNode*, const EveritNode*>, Difference> known_;
  absl::flat_hash_map<std::string_view, std::shared_ptr<const Pattern>> patterns_;
  size_t depth_ = 0;
  bool too_much_ = false;
  bool breaks_ = false;
};

}  // namespace

CheckAnswer ConfluentReads(const EveritNode& writer, const EveritNode& reader, StepBudget& budget) {
  return ConfluentCheck(budget).Run(writer, reader);
}

}  // namespace sluice::schema
