// Edits of objects: their named members.
#include <fmt/format.h>

#include <algorithm>

#include "common/schema/edits_walk.h"
#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

constexpr size_t kMostRenames = 16;
constexpr int kMostBranchDepth = 4;

// The first schema of `name` in the branches and conditions below `node`; nullptr when there is none.
const Node* FindInBranches(const Node& node, std::string_view name, int depth) {
  if (depth > kMostBranchDepth) return nullptr;
  const auto look = [&](const Node* part) -> const Node* {
    if (part == nullptr) return nullptr;
    part = Follow(part);
    for (const auto& [key, schema] : part->properties) {
      if (key == name && !Follow(schema)->never) return schema;
    }
    return FindInBranches(*part, name, depth + 1);
  };
  for (const auto* parts : {&node.any_of, &node.one_of, &node.all_of}) {
    for (const Node* part : *parts) {
      if (const Node* found = look(part)) return found;
    }
  }
  for (const auto& [key, part] : node.dependent_schemas) {
    if (const Node* found = look(part)) return found;
  }
  if (const Node* found = look(node.then_)) return found;
  return look(node.else_);
}

bool IsInBranches(const View& view, std::string_view name) {
  return std::any_of(view.nodes.begin(), view.nodes.end(),
                     [&](const Node* node) { return FindInBranches(*node, name, 0) != nullptr; });
}

// What a member that is not named must be, by patterns and free fields.
Rest Unnamed(const View& view, const std::string& name) {
  Rest rest;
  bool by_pattern = false;
  for (const Node* node : view.nodes) {
    for (const PatternProperty& property : node->pattern_properties) {
      if (!property.pattern->Matches(name).value_or(false)) continue;
      by_pattern = true;
      rest.nodes.push_back(property.schema);
    }
  }
  return by_pattern ? rest : FreeFields(view);
}

// JSON Pointer of `name` where a schema names it: its schema, or the list of required members.
std::string FieldPointer(const Field& field) {
  return field.nodes.empty() ? KeywordPointer(*field.owner, {"required"}) : PointerOf(*field.nodes[0]);
}

// Where a member would stand in `view`.
std::string MembersPointer(const View& view, const std::string& otherwise) {
  for (const Node* node : view.nodes) {
    if (!node->properties.empty()) return KeywordPointer(*node, {"properties"});
  }
  return otherwise;
}

std::optional<Json> SourceOf(const Field& field) {
  return field.nodes.empty() || field.nodes[0]->source == nullptr
             ? std::nullopt
             : std::optional<Json>(*field.nodes[0]->source);
}

bool Declares(const Fields& fields) {
  return std::any_of(fields.begin(), fields.end(),
                     [](const auto& field) { return !field.second.nodes.empty(); });
}

}  // namespace

Fields Walk::FieldsOf(const View& view) {
  Fields fields;
  for (const Node* node : view.nodes) {
    Spend(node->properties.size() + node->required.size());
    for (const auto& [name, schema] : node->properties) {
      Field& field = fields[name];
      if (field.owner == nullptr) field.owner = node;
      field.forbidden |= Follow(schema)->never;
      field.nodes.push_back(schema);
    }
    for (const std::string& name : node->required) {
      Field& field = fields[name];
      if (field.owner == nullptr) field.owner = node;
      field.required = true;
    }
  }
  return fields;
}

void Walk::CompareObjects(const Pair& pair) {
  const Fields before = FieldsOf(pair.a);
  const Fields after = FieldsOf(pair.b);
  std::vector<std::string> removed, added;  // required ones
  for (const auto& [name, field] : before) {
    const auto now = after.find(name);
    const bool gone = now == after.end() || (now->second.forbidden && !field.forbidden);
    if (gone && !field.forbidden) {
      RemoveField(pair, name, field, removed);
    } else if (now == after.end()) {
      TellForbidden(pair, name, field, false);
    } else {
      CompareField(pair, name, field, now->second);
    }
  }
  for (const auto& [name, field] : after) {
    const auto was = before.find(name);
    if (was != before.end() && !(was->second.forbidden && !field.forbidden)) continue;
    if (field.forbidden) {
      if (was == before.end()) TellForbidden(pair, name, field, true);
      continue;
    }
    if (field.required)
      added.push_back(name);
    else
      AddField(pair, name, field);
  }
  TellRenames(pair, before, after, std::move(removed), std::move(added));
  CompareFreeFields(pair, Declares(before), Declares(after));
  ComparePatternProperties(pair);
  CompareDependents(pair);
}

void Walk::CompareField(const Pair& pair, const std::string& name, const Field& before, const Field& after) {
  if (before.forbidden && !after.forbidden) return;  // as good as new: AddField
  const Place place{.field = Child(pair.place.field, name),
                    .old_pointer = FieldPointer(before),
                    .new_pointer = FieldPointer(after),
                    .depth = pair.place.depth + 1};
  const auto tell = [&](const char* kind, const Weight& weight, const char* what) {
    AddEdit({.kind = kind,
             .old_pointer = place.old_pointer,
             .new_pointer = place.new_pointer,
             .field = place.field,
             .before = Json(before.required),
             .after = Json(after.required),
             .gravity = weight.gravity,
             .hurts = weight.hurts,
             .reason = fmt::format("{} {}", place.field, what)});
  };
  if (!before.required && after.required) {
    tell("field-made-required", kAsksWriters,
         "was optional and is now required; every producer must fill it, and retained messages may lack it");
  } else if (before.required && !after.required) {
    tell("field-made-optional", kLoosens, "was in every message and may be missing now");
  }
  const auto schemas_of = [&name](const Field& field, const View& view) {
    return Operand{.nodes = field.nodes.empty() ? Unnamed(view, name).nodes : field.nodes, .without = {}};
  };
  if (before.nodes.empty() && after.nodes.empty()) return;
  Compare(schemas_of(before, pair.a), schemas_of(after, pair.b), place);
}

void Walk::AddField(const Pair& pair, const std::string& name, const Field& field) {
  const std::string at = Child(pair.place.field, name);
  const std::string old_pointer = MembersPointer(pair.a, OldPointer(pair));
  const std::string new_pointer = FieldPointer(field);
  const Weight& weight = field.required ? kAsksWriters : kTightens;
  AddEdit(
      {.kind = field.required ? "required-field-added" : "optional-field-added",
       .old_pointer = old_pointer,
       .new_pointer = new_pointer,
       .field = at,
       .before = std::nullopt,
       .after = SourceOf(field),
       .gravity = weight.gravity,
       .hurts = weight.hurts,
       .reason =
           field.required
               ? fmt::format(
                     "{} is new and required; every producer must fill it, and retained messages lack it", at)
               : fmt::format("{} is new and optional; consumers that do not know it pass over it", at)});
  // Readers that had a rule for any other name apply it to this one.
  const Rest was = Unnamed(pair.a, name);
  if (was.nodes.empty()) return;
  Compare(
      {.nodes = was.nodes, .without = {}}, {.nodes = field.nodes, .without = {}},
      {.field = at, .old_pointer = old_pointer, .new_pointer = new_pointer, .depth = pair.place.depth + 1});
}

void Walk::RemoveField(const Pair& pair, const std::string& name, const Field& field,
                       std::vector<std::string>& required) {
  const std::string at = Child(pair.place.field, name);
  const std::string old_pointer = FieldPointer(field);
  const std::string new_pointer = MembersPointer(pair.b, NewPointer(pair));
  if (IsInBranches(pair.b, name)) {
    AddEdit({.kind = "field-made-conditional",
             .old_pointer = old_pointer,
             .new_pointer = new_pointer,
             .field = at,
             .before = SourceOf(field),
             .after = std::nullopt,
             .gravity = kLoosens.gravity,
             .hurts = kLoosens.hurts,
             .reason = fmt::format("{} was always declared and is now only in some branches", at)});
    return;
  }
  if (field.required) {
    required.push_back(name);
    return;
  }
  AddEdit({.kind = "optional-field-removed",
           .old_pointer = old_pointer,
           .new_pointer = new_pointer,
           .field = at,
           .before = SourceOf(field),
           .after = std::nullopt,
           .gravity = kTakesAway.gravity,
           .hurts = kTakesAway.hurts,
           .reason = fmt::format("{} is gone; consumers that use it find it no longer", at),
           .declared = true});
  const Rest now = Unnamed(pair.b, name);
  if (now.nodes.empty()) return;
  Compare(
      {.nodes = field.nodes, .without = {}}, {.nodes = now.nodes, .without = {}},
      {.field = at, .old_pointer = old_pointer, .new_pointer = new_pointer, .depth = pair.place.depth + 1});
}

void Walk::TellRenames(const Pair& pair, const Fields& before, const Fields& after,
                       std::vector<std::string> removed, std::vector<std::string> added) {
  const bool few = removed.size() <= kMostRenames && added.size() <= kMostRenames;
  for (const std::string& name : removed) {
    const Field& field = before.at(name);
    std::vector<std::string> candidates;
    for (const std::string& other : added) {
      const Field& now = after.at(other);
      if (few && !field.nodes.empty() && !now.nodes.empty() &&
          Same({.nodes = field.nodes, .without = {}}, {.nodes = now.nodes, .without = {}}, pair.place.depth))
        candidates.push_back(other);
    }
    const bool renamed = candidates.size() == 1;
    const std::string at = Child(pair.place.field, name);
    AddEdit({.kind = renamed ? "required-field-renamed" : "required-field-removed",
             .old_pointer = FieldPointer(field),
             .new_pointer =
                 renamed ? FieldPointer(after.at(candidates[0])) : MembersPointer(pair.b, NewPointer(pair)),
             .field = at,
             .before = renamed ? std::optional<Json>(Json(name)) : SourceOf(field),
             .after = renamed ? std::optional<Json>(Json(candidates[0])) : std::nullopt,
             .gravity = kBreaksByDeclaration.gravity,
             .hurts = kBreaksByDeclaration.hurts,
             .reason = renamed
                           ? fmt::format("{} is now called {}; consumers that rely on the old name break", at,
                                         Child(pair.place.field, candidates[0]))
                           : fmt::format(
                                 "{} was in every message and is gone; consumers that rely on it break", at),
             .declared = true});
    if (renamed) std::erase(added, candidates[0]);
  }
  for (const std::string& name : added) AddField(pair, name, after.at(name));
}

void Walk::TellForbidden(const Pair& pair, const std::string& name, const Field& field, bool now) {
  if (FreeFields(now ? pair.a : pair.b).closed) return;  // refused there as well
  const Weight& weight = now ? kTightens : kLoosens;
  const std::string at = Child(pair.place.field, name);
  AddEdit({.kind = now ? "field-forbidden" : "field-allowed",
           .old_pointer = now ? MembersPointer(pair.a, OldPointer(pair)) : FieldPointer(field),
           .new_pointer = now ? FieldPointer(field) : MembersPointer(pair.b, NewPointer(pair)),
           .field = at,
           .before = now ? std::nullopt : SourceOf(field),
           .after = now ? SourceOf(field) : std::nullopt,
           .gravity = weight.gravity,
           .hurts = weight.hurts,
           .reason = now ? fmt::format("{} is refused now; producers promise more than before", at)
                         : fmt::format("{} was refused and may come now", at)});
}

}  // namespace sluice::schema
