// Apicurio's check. Each Visit finds the first difference that is not backwards compatible.
#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <array>
#include <deque>

#include "common/schema/registry_check.h"

namespace sluice::schema {
namespace {

using Difference = const CheckDifference*;  // nullptr: compatible

class ApicurioCheck {
 public:
  explicit ApicurioCheck(StepBudget& budget) : budget_(budget) {}

  CheckAnswer Run(const EveritNode& writer, const EveritNode& reader) {
    const Difference difference = Visit(&writer, &reader);
    if (budget_.spent() || too_deep_) return {CheckOutcome::kTooMuch, {}};
    if (breaks_) return {CheckOutcome::kBreaks, {}};
    if (difference != nullptr) return {CheckOutcome::kRefuses, *difference};
    return {};
  }

 private:
  Difference Refuse(std::string_view what, const EveritNode* writer, const EveritNode* reader,
                    std::string_view keyword = "", std::string_view name = "") {
    return Remember({what, writer, reader, keyword, std::string(name)});
  }

  // The last one alone: one that is passed on is the last one that was found.
  Difference Remember(CheckDifference difference) {
    difference_ = std::move(difference);
    return &difference_;
  }

  // Follows one reference only: a reference to a reference has a kind of its own.
  static const EveritNode* Follow(const EveritNode* node) {
    return node->kind == EveritKind::kReference ? node->target : node;
  }

  Difference Visit(const EveritNode* writer, const EveritNode* reader) {
    if (!budget_.Spend() || too_deep_) return nullptr;
    if (depth_ >= kDeepestCheck) {
      too_deep_ = true;
      return nullptr;
    }
    ++depth_;
    const Difference difference = VisitPair(Follow(writer), reader);
    --depth_;
    return difference;
  }

  Difference VisitPair(const EveritNode* writer, const EveritNode* reader) {
    if (reader->AcceptsAll()) return nullptr;
    if (writer->kind == EveritKind::kFalse) return nullptr;
    switch (reader->kind) {
      case EveritKind::kReference:
        return VisitReference(writer, reader);
      case EveritKind::kString:
      case EveritKind::kNumber:
      case EveritKind::kBoolean:
        writer = BranchOfKind(writer, reader->kind);
        break;
      default:
        break;
    }
    const bool values = IsEnumeration(*writer) && IsEnumeration(*reader);
    if (writer->kind != reader->kind && !values && !(writer->IsCombined() && reader->IsCombined())) {
      return Refuse("has another type", writer, reader);
    }
    return VisitKind(writer, reader);
  }

  Difference VisitKind(const EveritNode* writer, const EveritNode* reader) {
    const CheckAnswer plain = ApicurioReadsPlain(*writer, *reader, budget_);
    if (plain.outcome == CheckOutcome::kRefuses) return Remember(plain.difference);
    switch (reader->kind) {
      case EveritKind::kObject:
        return VisitObject(writer, reader);
      case EveritKind::kArray:
        return VisitArray(writer, reader);
      case EveritKind::kAllOf:
      case EveritKind::kAnyOf:
      case EveritKind::kOneOf:
        return VisitCombined(writer->kind, writer->parts, reader, writer);
      case EveritKind::kNot:
        if (Visit(reader->parts[0], writer->parts[0]) == nullptr) return nullptr;
        return Refuse("excludes more", writer, reader, "not");
      case EveritKind::kConditional:
        return VisitConditional(writer, reader);
      default:
        return nullptr;
    }
  }

  // Cycles end at a reference that is being followed already. It knows references by their place, whichever
  // document they are in.
  Difference VisitReference(const EveritNode* writer, const EveritNode* reader) {
    if (std::find(following_.begin(), following_.end(), reader->location) != following_.end()) return nullptr;
    following_.push_back(reader->location);
    const Difference difference = Visit(writer, reader->target);
    following_.pop_back();
    return difference;
  }

  // Of an `allOf` the only branch of that kind: an enumeration beside a type makes one.
  static const EveritNode* BranchOfKind(const EveritNode* node, EveritKind kind) {
    if (node->kind != EveritKind::kAllOf) return node;
    const auto is_kind = [&](const EveritNode* branch) { return branch->kind == kind; };
    if (std::count_if(node->parts.begin(), node->parts.end(), is_kind) != 1) return node;
    return *std::find_if(node->parts.begin(), node->parts.end(), is_kind);
  }

  static bool IsEnumeration(const EveritNode& node) {
    return node.kind == EveritKind::kConst || (node.kind == EveritKind::kEnum);
  }

  Difference VisitConditional(const EveritNode* writer, const EveritNode* reader) {
    constexpr std::array kKeywords = {"if", "then", "else"};
    for (size_t i = 0; i < kKeywords.size(); ++i) {
      const EveritNode* before = writer->parts[i];
      const EveritNode* after = reader->parts[i];
      if (after == nullptr) continue;
      if (before == nullptr) return Refuse("is set by the reader alone", writer, reader, kKeywords[i]);
      if (Difference difference = Visit(before, after)) return difference;
      if (i == 0 && Visit(after, before) != nullptr) return Refuse("differs", writer, reader, "if");
    }
    return nullptr;
  }

  Difference VisitCombined(EveritKind kind, const std::vector<const EveritNode*>& before,
                           const EveritNode* reader, const EveritNode* writer) {
    if (kind != reader->kind) {
      if (reader->kind == EveritKind::kAnyOf) return nullptr;
      return Refuse("is combined in another way", writer, reader);
    }
    const std::vector<const EveritNode*>& after = reader->parts;
    if (before.size() > after.size()) {
      return kind == EveritKind::kAllOf ? nullptr : Refuse("lost a branch", writer, reader);
    }
    const bool found = FindReaders(before, after);
    if (kind == EveritKind::kAllOf && before.size() < after.size()) {
      return Refuse("gained a branch", writer, reader);
    }
    return found ? nullptr : Refuse("has branches that no other one covers", writer, reader);
  }

  // A number for each branch, equal for equal ones.
  std::vector<size_t> Numbered(const std::vector<const EveritNode*>& branches) {
    std::vector<size_t> numbers;
    std::vector<std::string> texts;
    for (const EveritNode* branch : branches) {
      std::string text = branch->source->ToString() + static_cast<char>('a' + static_cast<int>(branch->kind));
      budget_.Spend(text.size() / 16);
      const auto found = std::find(texts.begin(), texts.end(), text);
      numbers.push_back(static_cast<size_t>(found - texts.begin()));
      if (!budget_.Spend(texts.size())) return numbers;
      texts.push_back(std::move(text));
    }
    return numbers;
  }

  static bool IsBoolean(const EveritNode& node) {
    return node.kind == EveritKind::kTrue || node.kind == EveritKind::kFalse;
  }

  // Its way of pairing: of the branches with the fewest readers left, one takes a reader from all others and
  // goes on until it has taken all of its own.
  bool FindReaders(const std::vector<const EveritNode*>& before,
                   const std::vector<const EveritNode*>& after) {
    const std::vector<size_t> writer_numbers = Numbered(before), reader_numbers = Numbered(after);
    std::vector<std::vector<size_t>> readers(before.size());
    std::vector<bool> open(before.size(), false);
    for (size_t i = 0; i < before.size(); ++i) {
      const size_t row = writer_numbers[i];
      open[row] = true;
      breaks_ = breaks_ || IsBoolean(*before[i]);
      for (size_t k = 0; k < after.size(); ++k) {
        if (budget_.spent() || too_deep_) return true;
        if (Visit(before[i], after[k]) != nullptr) continue;
        // It keeps branches in a table, which ends with an error for `true` and `false`.
        breaks_ = breaks_ || IsBoolean(*after[k]);
        auto& mine = readers[row];
        if (std::find(mine.begin(), mine.end(), reader_numbers[k]) == mine.end())
          mine.push_back(reader_numbers[k]);
      }
    }
    return TakeReaders(readers, open);
  }

  bool TakeReaders(std::vector<std::vector<size_t>>& readers, std::vector<bool>& open) {
    while (true) {
      size_t first = readers.size();
      for (size_t i = 0; i < readers.size(); ++i) {
        if (open[i] && (first == readers.size() || readers[i].size() < readers[first].size())) first = i;
      }
      if (first == readers.size()) return true;
      if (readers[first].empty()) return false;
      const size_t taken = readers[first].front();
      for (auto& each : readers) {
        if (!budget_.Spend(1 + each.size() / 8)) return true;
        each.erase(std::remove(each.begin(), each.end(), taken), each.end());
      }
      open[first] = !readers[first].empty();
    }
  }

  Difference VisitObject(const EveritNode* writer, const EveritNode* reader) {
    const EveritObject& before = *writer->object;
    const EveritObject& after = *reader->object;
    budget_.Spend(after.required.size());
    for (std::string_view name : after.required) {
      if (!before.Requires(name)) return Refuse("became required", writer, reader, "properties", name);
    }
    if (after.property_names != nullptr) {
      if (before.property_names == nullptr)
        return Refuse("is set by the reader alone", writer, reader, "propertyNames");
      if (Difference names = Visit(before.property_names, after.property_names)) return names;
    }
    if (Difference rest = VisitRest(writer, reader, "additionalProperties", before.permits_additional,
                                    after.permits_additional, before.additional, after.additional)) {
      return rest;
    }
    if (Difference patterns = VisitNamed(writer, reader, "patternProperties", before.pattern_properties,
                                         after.pattern_properties)) {
      return patterns;
    }
    if (Difference dependencies = VisitDependencies(writer, reader)) return dependencies;
    return VisitProperties(writer, reader);
  }

  static const EveritNode* Named(const std::vector<NamedNode>& nodes, std::string_view name) {
    const auto found = std::lower_bound(nodes.begin(), nodes.end(), name,
                                        [](const NamedNode& a, std::string_view b) { return a.first < b; });
    return found != nodes.end() && found->first == name ? found->second : nullptr;
  }

  Difference VisitNamed(const EveritNode* writer, const EveritNode* reader, std::string_view keyword,
                        const std::vector<NamedNode>& before, const std::vector<NamedNode>& after) {
    for (const auto& [name, schema] : after) {
      const EveritNode* old = Named(before, name);
      if (old == nullptr) return Refuse("is set by the reader alone", writer, reader, keyword, name);
      if (Difference difference = Visit(old, schema)) return difference;
    }
    return nullptr;
  }

  Difference VisitDependencies(const EveritNode* writer, const EveritNode* reader) {
    const auto& before = writer->object->property_dependencies;
    for (const auto& [name, needed] : reader->object->property_dependencies) {
      if (!budget_.Spend(1 + before.size() / 8)) return nullptr;
      const auto found =
          std::find_if(before.begin(), before.end(), [&](const auto& each) { return each.first == name; });
      if (found == before.end() ||
          !std::includes(found->second.begin(), found->second.end(), needed.begin(), needed.end())) {
        return Refuse("asks for more", writer, reader, "dependencies", name);
      }
    }
    return VisitNamed(writer, reader, "dependencies", writer->object->schema_dependencies,
                      reader->object->schema_dependencies);
  }

  // `additionalProperties` or `additionalItems`.
  Difference VisitRest(const EveritNode* writer, const EveritNode* reader, std::string_view keyword,
                       bool writer_permits, bool reader_permits, const EveritNode* before,
                       const EveritNode* after) {
    if (!reader_permits) {
      return writer_permits ? Refuse("is forbidden by the reader", writer, reader, keyword) : nullptr;
    }
    if (!writer_permits || after == nullptr) return nullptr;
    if (before == nullptr) return Refuse("is restricted by the reader alone", writer, reader, keyword);
    return Visit(before, after);
  }

  Difference VisitProperties(const EveritNode* writer, const EveritNode* reader) {
    const EveritObject& before = *writer->object;
    const EveritObject& after = *reader->object;
    std::vector<NamedNode> added;
    std::vector<NamedNode> removed;
    for (const NamedNode& property : after.properties) {
      const EveritNode* old = before.Property(property.first);
      if (old == nullptr) {
        added.push_back(property);
      } else if (Difference difference = VisitProperty(old, property.second)) {
        return difference;
      }
    }
    for (const NamedNode& property : before.properties) {
      if (!budget_.Spend()) return nullptr;
      if (after.Property(property.first) == nullptr) removed.push_back(property);
    }
    if (Difference difference = VisitAdded(writer, reader, "properties", added, before.permits_additional,
                                           before.additional, after.permits_additional)) {
      return difference;
    }
    return VisitRemoved(writer, reader, "properties", removed, after.permits_additional, after.additional);
  }

  // A string counts as an `anyOf` of one when the reader has a combination in its place.
  Difference VisitProperty(const EveritNode* writer, const EveritNode* reader) {
    if (writer->kind == EveritKind::kString && reader->IsCombined()) {
      return VisitCombined(EveritKind::kAnyOf, {writer}, reader, writer);
    }
    return Visit(writer, reader);
  }

  // What the reader lists and the writer does not.
  Difference VisitAdded(const EveritNode* writer, const EveritNode* reader, std::string_view keyword,
                        const std::vector<NamedNode>& added, bool writer_permits, const EveritNode* rest,
                        bool reader_permits) {
    if (added.empty() || !writer_permits) return nullptr;
    if (rest == nullptr) {
      return Refuse(
          "is declared by the reader, while the writer is open and could send anything in its place", writer,
          reader, keyword, added.front().first);
    }
    for (const auto& [name, schema] : added) {
      // It asks whether the rest reads the addition, not the other way round.
      if (reader_permits && Visit(schema, rest) == nullptr) continue;
      return Refuse("does not cover what the writer says of others", writer, reader, keyword, name);
    }
    return nullptr;
  }

  // What the writer lists and the reader does not.
  Difference VisitRemoved(const EveritNode* writer, const EveritNode* reader, std::string_view keyword,
                          const std::vector<NamedNode>& removed, bool reader_permits,
                          const EveritNode* rest) {
    if (removed.empty()) return nullptr;
    if (!reader_permits) {
      return Refuse("is unknown to the reader, which is closed", writer, reader, keyword,
                    removed.front().first);
    }
    if (rest == nullptr) return nullptr;
    for (const auto& [name, schema] : removed) {
      if (Visit(schema, rest) == nullptr) continue;
      return Refuse("is not covered by what the reader says of others", writer, reader, keyword, name);
    }
    return nullptr;
  }

  Difference VisitArray(const EveritNode* writer, const EveritNode* reader) {
    const EveritArray& before = *writer->array;
    const EveritArray& after = *reader->array;
    if (after.items != nullptr) {
      if (before.items == nullptr) return Refuse("is set by the reader alone", writer, reader, "items");
      if (Difference items = Visit(before.items, after.items)) return items;
    }
    if (Difference rest = VisitRest(writer, reader, "additionalItems", before.permits_additional,
                                    after.permits_additional, before.additional, after.additional)) {
      return rest;
    }
    if (Difference tuple = VisitTuple(writer, reader)) return tuple;
    if (after.contains == nullptr) return nullptr;
    if (before.contains == nullptr) return Refuse("is set by the reader alone", writer, reader, "contains");
    return Visit(before.contains, after.contains);
  }

  Difference VisitTuple(const EveritNode* writer, const EveritNode* reader) {
    const EveritArray& before = *writer->array;
    const EveritArray& after = *reader->array;
    if (!after.has_tuple) return nullptr;
    const size_t both = std::min(before.tuple.size(), after.tuple.size());
    for (size_t i = 0; i < both; ++i) {
      if (Difference item = Visit(before.tuple[i], after.tuple[i])) return item;
    }
    const auto beyond = [&](const std::vector<const EveritNode*>& tuple) {
      std::vector<NamedNode> nodes;
      for (size_t i = both; i < tuple.size(); ++i)
        nodes.emplace_back(texts_.emplace_back(std::to_string(i)), tuple[i]);
      return nodes;
    };
    if (Difference difference =
            VisitAdded(writer, reader, "items", beyond(after.tuple), before.permits_additional,
                       before.additional, after.permits_additional)) {
      return difference;
    }
    return VisitRemoved(writer, reader, "items", beyond(before.tuple), after.permits_additional,
                        after.additional);
  }

  StepBudget& budget_;
  CheckDifference difference_;
  std::deque<std::string> texts_;    // indexes that differences name
  std::vector<uint64_t> following_;  // places of references, the outermost first
  size_t depth_ = 0;
  bool too_deep_ = false;
  bool breaks_ = false;
};

}  // namespace

CheckAnswer ApicurioReads(const EveritNode& writer, const EveritNode& reader, StepBudget& budget) {
  return ApicurioCheck(budget).Run(writer, reader);
}

}  // namespace sluice::schema
