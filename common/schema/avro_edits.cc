#include "common/schema/avro_edits.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "common/schema/avro_edits_walk.h"
#include "common/schema/avro_pairs.h"
#include "common/schema/avro_resolve.h"
#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

constexpr size_t kMostEdits = 1000;
constexpr size_t kMostStops = 150'000;
constexpr size_t kMostRepeats =
    50'000;  // stops from which on types that were compared are not compared at another field
constexpr size_t kMostRepeatedLevel = 200;  // how deep they are

constexpr AvroWeight kCompatible{};
constexpr AvroWeight kAsksWriters{SchemaClass::kCoordinated, Hurts::kWriters, false};
constexpr AvroWeight kTakesAway{SchemaClass::kCoordinated, Hurts::kReaders, true};
// Of these a proof that today's readers read the new messages says that nobody is hurt.
constexpr AvroWeight kWidens{SchemaClass::kBreaking, Hurts::kReaders, false};
constexpr AvroWeight kBreaks{SchemaClass::kBreaking, Hurts::kReaders, true};

std::string Describe(const AvroNode& node) {
  if (IsNamed(node.type)) return fmt::format("{} {}", WordOf(node.type), node.name);
  if (node.type != AvroType::kUnion) return std::string(WordOf(node.type));
  constexpr size_t kMost = 5;
  std::string text = "a union of";
  for (size_t i = 0; i < node.parts.size() && i < kMost; ++i) {
    text.append(i > 0 ? ", " : " ").append(BranchName(*node.parts[i].node));
  }
  return text + (node.parts.size() > kMost ? " and more" : "");
}

Json SourceOf(const AvroNode& node) {
  return node.source != nullptr ? *node.source : Json(WordOf(node.type));
}

const Json* Attribute(const Json* object, std::string_view key) {
  return object != nullptr ? object->Find(key) : nullptr;
}

std::optional<Json> Copy(const Json* value) {
  return value != nullptr ? std::optional(*value) : std::nullopt;
}

bool Same(const Json* a, const Json* b) { return a == b || (a != nullptr && b != nullptr && *a == *b); }

Json Listed(const std::vector<std::string_view>& words) {
  Json::Array list;
  for (const std::string_view word : words) list.emplace_back(word);
  return Json(std::move(list));
}

std::string Joined(const std::vector<std::string_view>& words) {
  constexpr size_t kMost = 5;
  std::string text;
  for (size_t i = 0; i < words.size() && i < kMost; ++i) text.append(i > 0 ? ", " : "").append(words[i]);
  return words.size() > kMost ? fmt::format("{} and {} more", text, words.size() - kMost) : text;
}

}  // namespace

Edits FindAvroEdits(const AvroSchema& before, const AvroSchema& after) {
  return AvroWalk().Find(before.root(), after.root());
}

Edits AvroWalk::Find(const AvroUse& before, const AvroUse& after) {
  seen_.emplace(before.node, after.node);
  stops_.push_back({before, after, 0, {}, 0});
  for (size_t at = 0; at < stops_.size(); ++at) {
    if (IsFull(SchemaClass::kBreaking)) break;  // nothing graver comes
    Visit(at);
  }
  Edits result;
  result.complete = complete_;
  for (auto edits = edits_.rbegin(); edits != edits_.rend(); ++edits) {
    for (SchemaEdit& edit : *edits) {
      if (result.edits.size() < kMostEdits) {
        result.edits.push_back(std::move(edit));
      } else {
        result.complete = false;
      }
    }
  }
  return result;
}

std::string AvroWalk::FieldAt(size_t at) const {
  std::vector<std::string_view> tokens;
  for (; at != 0; at = stops_[at].parent) {
    if (!stops_[at].token.empty()) tokens.push_back(stops_[at].token);
  }
  std::string field;
  for (auto token = tokens.rbegin(); token != tokens.rend(); ++token) field = Child(field, *token);
  return field;
}

bool AvroWalk::IsFull(SchemaClass gravity) {
  if (edits_[static_cast<size_t>(gravity)].size() < kMostEdits) return false;
  complete_ = false;
  return true;
}

void AvroWalk::Tell(size_t at, Edit edit, std::string_view member) {
  std::vector<SchemaEdit>& edits = edits_[static_cast<size_t>(edit.weight.gravity)];
  if (IsFull(edit.weight.gravity)) return;
  SchemaEdit& told = edits.emplace_back();
  told.kind = std::move(edit.kind);
  told.old_pointer = std::move(edit.old_pointer);
  told.new_pointer = std::move(edit.new_pointer);
  told.field = FieldAt(at);
  if (!member.empty()) told.field = Child(told.field, member);
  told.before = std::move(edit.before);
  told.after = std::move(edit.after);
  told.gravity = edit.weight.gravity;
  told.hurts = edit.weight.hurts;
  told.declared = edit.weight.declared;
  told.reason = fmt::format("{}: {}", told.field.empty() ? "the message" : told.field, edit.reason);
}

void AvroWalk::Go(size_t parent, const AvroUse& before, const AvroUse& after, std::string_view token) {
  if (before.node == after.node) return;  // one primitive without attributes
  const bool parts = !IsPrimitive(before.node->type) && !IsPrimitive(after.node->type);
  const bool first = !parts || seen_.emplace(before.node, after.node).second;
  if (!first && (stops_.size() >= kMostRepeats || stops_[parent].level >= kMostRepeatedLevel)) {
    complete_ = false;
    return;
  }
  if (!first && IsRepeated(parent, before, after)) return;
  if (stops_.size() >= kMostStops) {
    complete_ = false;
    return;
  }
  stops_.push_back({before, after, parent, token, stops_[parent].level + 1});
}

bool AvroWalk::IsRepeated(size_t parent, const AvroUse& before, const AvroUse& after) const {
  int times = 0;
  for (size_t at = parent;; at = stops_[at].parent) {
    times += stops_[at].before.node == before.node && stops_[at].after.node == after.node;
    if (times > 1) return true;
    if (at == 0) return false;
  }
}

void AvroWalk::Visit(size_t at) {
  const AvroNode& before = *stops_[at].before.node;
  const AvroNode& after = *stops_[at].after.node;
  if (before.type == AvroType::kUnion || after.type == AvroType::kUnion) return CompareBranches(at);
  if (before.type != after.type) return TellTypes(at);
  CompareLogicalTypes(at);
  CompareAttributes(
      at, {before.source, after.source, before.place != nullptr ? before.place : stops_[at].before.place,
           after.place != nullptr ? after.place : stops_[at].after.place, ""});
  if (IsNamed(before.type)) CompareNames(at);
  switch (before.type) {
    case AvroType::kRecord:
      return CompareRecords(at);
    case AvroType::kEnum:
      return CompareEnums(at);
    case AvroType::kArray:
    case AvroType::kMap:
      return Go(at, before.parts[0], after.parts[0], "*");
    case AvroType::kFixed:
      if (before.size == after.size) return;
      return Tell(at, {"fixed-size-changed", kBreaks, before.place->Pointer() + "/size",
                       after.place->Pointer() + "/size", Json(before.size), Json(after.size),
                       fmt::format("{} had {} bytes and has {} now; neither side reads the other's values",
                                   Describe(before), before.size, after.size)});
    default:
      return;
  }
}

void AvroWalk::CompareBranches(size_t at) {
  const AvroUse before = stops_[at].before;
  const AvroUse after = stops_[at].after;
  const MatchedBranches matched = MatchBranches(BranchesOf(before), BranchesOf(after));
  if (matched.both.empty() && !matched.gone.empty() && !matched.added.empty()) return TellTypes(at);
  for (const AvroUse& branch : matched.added) {
    if (IsFull(SchemaClass::kBreaking)) break;
    Tell(at, {"type-widened", kWidens, before.place->Pointer(), branch.place->Pointer(), std::nullopt,
              SourceOf(*branch.node),
              fmt::format("may be {} now; a reader built for {} fails on it", Describe(*branch.node),
                          Describe(*before.node))});
  }
  for (const AvroUse& branch : matched.gone) {
    if (IsFull(SchemaClass::kCoordinated)) break;
    Tell(at, {"type-narrowed", kAsksWriters, branch.place->Pointer(), after.place->Pointer(),
              SourceOf(*branch.node), std::nullopt,
              fmt::format(
                  "may not be {} any more; producers must stop writing it, and retained messages may have it",
                  Describe(*branch.node))});
  }
  for (const auto& [old_branch, new_branch] : matched.both) Go(at, old_branch, new_branch, "");
}

void AvroWalk::TellTypes(size_t at) {
  if (IsFull(SchemaClass::kBreaking) && IsFull(SchemaClass::kCoordinated)) return;
  const AvroUse& before = stops_[at].before;
  const AvroUse& after = stops_[at].after;
  const bool widens = Promotes(before.node->type, after.node->type);
  const bool narrows = Promotes(after.node->type, before.node->type);
  const char* kind = widens == narrows ? "type-changed" : widens ? "type-widened" : "type-narrowed";
  const char* rest = widens == narrows ? "consumers are built for what it was"
                     : widens          ? "a reader built for what it was fails on it"
                                       : "readers of the new schema cannot read retained messages";
  Tell(at, {kind,
            widens == narrows ? kBreaks
            : widens          ? kWidens
                              : kAsksWriters,
            before.place->Pointer(), after.place->Pointer(), SourceOf(*before.node), SourceOf(*after.node),
            fmt::format("was {} and is now {}; {}", Describe(*before.node), Describe(*after.node), rest)});
}

void AvroWalk::CompareNames(size_t at) {
  const AvroNode& before = *stops_[at].before.node;
  const AvroNode& after = *stops_[at].after.node;
  if (before.name == after.name && before.aliases == after.aliases) return;
  const std::string old_pointer = before.place->Pointer();
  const std::string new_pointer = after.place->Pointer();
  if (before.name != after.name) {
    const bool same = before.ShortName() == after.ShortName();
    const char* rest = same ? "names match without their namespaces"
                       : NamesMatch(before, after)
                           ? "today's readers do not know the new name, whatever its aliases"
                           : "neither side reads the other's messages; an alias is missing";
    Tell(at, {same ? "namespace-changed" : "name-changed", same ? kCompatible : kWidens,
              old_pointer + "/name", new_pointer + "/name", Json(before.name), Json(after.name),
              fmt::format("{} is called {} now; {}", Describe(before), after.name, rest)});
  }
  if (before.aliases != after.aliases) {
    Tell(at, {"aliases-changed", kCompatible, old_pointer + "/aliases", new_pointer + "/aliases",
              Listed(before.aliases), Listed(after.aliases),
              fmt::format("other aliases of {}; no message shows them", Describe(before))});
  }
}

void AvroWalk::CompareLogicalTypes(size_t at) {
  const AvroNode& before = *stops_[at].before.node;
  const AvroNode& after = *stops_[at].after.node;
  if (before.logical == after.logical) return;
  const bool decimals = before.logical.name == "decimal" && after.logical.name == "decimal";
  const bool scales = decimals && before.logical.scale != after.logical.scale;
  Tell(at,
       {"logical-type-changed", kBreaks, stops_[at].before.place->Pointer(),
        stops_[at].after.place->Pointer(), Json(before.logical.ToString()), Json(after.logical.ToString()),
        fmt::format(
            "the logical type of {} was {} and is now {}; {}, and no registry notices", Describe(before),
            before.logical.ToString(), after.logical.ToString(),
            scales ? "the same bytes mean another number" : "the same value is another type to consumers")});
}

void AvroWalk::CompareEnums(size_t at) {
  const AvroNode& before = *stops_[at].before.node;
  const AvroNode& after = *stops_[at].after.node;
  if (before.symbols == after.symbols && before.enum_default == after.enum_default) return;
  const std::string old_pointer = before.place->Pointer();
  const std::string new_pointer = after.place->Pointer();
  const std::vector<std::string_view> gone = Without(before.symbols, after.symbols);
  const std::vector<std::string_view> added = Without(after.symbols, before.symbols);
  const auto tell = [&](const char* kind, const AvroWeight& weight, std::string reason) {
    Tell(at, {kind, weight, old_pointer + "/symbols", new_pointer + "/symbols",
              Copy(before.source->Find("symbols")), Copy(after.source->Find("symbols")), std::move(reason)});
  };
  if (!gone.empty()) {
    tell("enum-value-removed", {SchemaClass::kCoordinated, Hurts::kWriters, true},
         fmt::format(
             "{} may not come any more; producers must stop writing it, and retained messages may have it",
             Joined(gone)));
  }
  if (!added.empty() && before.enum_default.empty()) {
    tell("enum-value-added", {SchemaClass::kCoordinated, Hurts::kReaders, false},
         fmt::format("{} may come now; Avro readers fail on it, because {} has no default", Joined(added),
                     Describe(before)));
  } else if (!added.empty()) {
    tell("enum-value-added", kCompatible,
         fmt::format("{} may come now; today's readers take it for {}", Joined(added), before.enum_default));
  }
  if (gone.empty() && added.empty() && before.symbols != after.symbols) {
    tell("enum-order-changed", kCompatible, "the symbols stand in another order; they are read by name");
  }
  if (before.enum_default != after.enum_default) {
    const auto shown = [](std::string_view symbol) {
      return symbol.empty() ? std::string_view("none") : symbol;
    };
    Tell(at, {"enum-default-changed", kCompatible, old_pointer + "/default", new_pointer + "/default",
              Json(before.enum_default), Json(after.enum_default),
              fmt::format("what readers take an unknown symbol for was {} and is now {}",
                          shown(before.enum_default), shown(after.enum_default))});
  }
}

void AvroWalk::CompareAttributes(size_t at, const Attributes& attributes) {
  const auto differs = [&](std::string_view key) {
    return !Same(Attribute(attributes.before, key), Attribute(attributes.after, key));
  };
  if (differs("doc")) {
    TellAttribute(at, attributes, "doc", "documentation-changed", kCompatible,
                  "doc changed, which no message shows");
  }
  if (differs("order") && !attributes.member.empty()) {
    TellAttribute(at, attributes, "order", "order-changed", kCompatible,
                  "values sort another way; no message shows it");
  }
  for (const std::string_view key : {"unit", "unitCode", "units", "x-unit", "x-units"}) {
    if (!differs(key)) continue;
    if (Attribute(attributes.before, key) == nullptr) {
      TellAttribute(at, attributes, key, "unit-added", kCompatible, "a unit is declared now");
    } else if (Attribute(attributes.after, key) == nullptr) {
      TellAttribute(at, attributes, key, "unit-removed", kTakesAway, "the unit is declared no longer");
    } else {
      TellAttribute(at, attributes, key, "unit-changed", kBreaks,
                    "the same value means something else in another unit");
    }
  }
}

void AvroWalk::TellAttribute(size_t at, const Attributes& attributes, std::string_view key, std::string kind,
                             const AvroWeight& weight, std::string reason) {
  if (IsFull(weight.gravity)) return;
  Tell(at,
       {std::move(kind), weight, Child(attributes.old_place->Pointer(), key),
        Child(attributes.new_place->Pointer(), key), Copy(Attribute(attributes.before, key)),
        Copy(Attribute(attributes.after, key)), std::move(reason)},
       attributes.member);
}

}  // namespace sluice::schema
