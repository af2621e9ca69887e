// Edits of objects: their named members.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "common/schema/edits_walk.h"
#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

constexpr size_t kMostRenames = 16;
constexpr int kMostBranchDepth = 4;
constexpr size_t kMatchSteps = 50;  // what matching an expression may cost

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

// Sorts by name; of equal names those that came first stay first. `sorted`: so many at the start are sorted,
// and the rest is; 0: they are not.
void SortByName(Fields& fields, size_t sorted) {
  const auto by_name = [](const Field& a, const Field& b) { return a.name < b.name; };
  if (sorted > 0) {
    const auto middle = std::make_move_iterator(fields.begin() + static_cast<ptrdiff_t>(sorted));
    Fields merged;
    merged.reserve(fields.size());
    std::merge(std::make_move_iterator(fields.begin()), middle, middle, std::make_move_iterator(fields.end()),
               std::back_inserter(merged), by_name);
    fields = std::move(merged);
    return;
  }
  for (size_t i = 0; i < fields.size(); ++i) fields[i].order = i;
  std::sort(fields.begin(), fields.end(), [](const Field& a, const Field& b) {
    return a.name != b.name ? a.name < b.name : a.order < b.order;
  });
}

bool Declares(const Fields& fields) {
  return std::any_of(fields.begin(), fields.end(), [](const Field& field) { return !field.nodes.empty(); });
}

}  // namespace

Fields Walk::FieldsOf(const View& view) {
  Fields all;
  size_t declared = 0;  // of a single schema: how many come first, sorted; the rest is sorted too
  for (const Node* node : view.nodes) {
    Spend(node->properties.size() + node->required.size());
    for (const auto& [name, schema] : node->properties)
      all.push_back({.name = name, .nodes = {schema}, .owner = node, .forbidden = Follow(schema)->never});
    declared = all.size();
    for (const std::string& name : node->required)
      all.push_back({.name = name, .nodes = {}, .owner = node, .required = true});
  }
  SortByName(all, view.nodes.size() == 1 ? declared : 0);
  Fields fields;
  for (Field& field : all) {
    if (fields.empty() || fields.back().name != field.name) {
      fields.push_back(std::move(field));
      continue;
    }
    Field& same = fields.back();
    same.nodes.insert(same.nodes.end(), field.nodes.begin(), field.nodes.end());
    same.required |= field.required;
    same.forbidden |= field.forbidden;
  }
  return fields;
}

Rest Walk::Unnamed(const View& view, std::string_view name) {
  Rest rest;
  bool by_pattern = false;
  for (const Node* node : view.nodes) {
    for (const PatternProperty& property : node->pattern_properties) {
      if (!Spend(kMatchSteps) || !property.pattern->Matches(name).value_or(false)) continue;
      by_pattern = true;
      rest.nodes.push_back(property.schema);
    }
  }
  return by_pattern ? rest : FreeFields(view);
}

void Walk::CompareObjects(const Pair& pair) {
  const Fields before = FieldsOf(pair.a);
  const Fields after = FieldsOf(pair.b);
  std::vector<const Field*> removed, added;  // required ones
  const auto remove = [&](const Field& field) {
    if (field.forbidden) return TellForbidden(pair, field, false);
    RemoveField(pair, field, removed);
  };
  const auto add = [&](const Field& field) {
    if (field.forbidden) return TellForbidden(pair, field, true);
    if (!field.required) return AddField(pair, field);
    added.push_back(&field);
  };
  auto was = before.begin();
  auto now = after.begin();
  while (was != before.end() || now != after.end()) {
    if (now == after.end() || (was != before.end() && was->name < now->name)) {
      remove(*was++);
    } else if (was == before.end() || now->name < was->name) {
      add(*now++);
    } else {
      CompareNamed(pair, *was++, *now++, removed, added);
    }
  }
  TellRenames(pair, removed, std::move(added));
  CompareFreeFields(pair, Declares(before), Declares(after));
  ComparePatternProperties(pair);
  CompareDependents(pair);
}

void Walk::CompareNamed(const Pair& pair, const Field& before, const Field& after,
                        std::vector<const Field*>& removed, std::vector<const Field*>& added) {
  // What is forbidden is as good as not there.
  if (after.forbidden && !before.forbidden) return RemoveField(pair, before, removed);
  if (!before.forbidden || after.forbidden) return CompareField(pair, before, after);
  if (after.required) {
    added.push_back(&after);
  } else {
    AddField(pair, after);
  }
}

void Walk::CompareField(const Pair& pair, const Field& before, const Field& after) {
  if (before.required == after.required && before.nodes.size() == 1 && after.nodes.size() == 1 &&
      AreEqualTexts(*Follow(before.nodes[0]), *Follow(after.nodes[0])))
    return;  // most fields of most changes
  const Place place{.field = Child(pair.place.field, before.name),
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
  const auto schemas_of = [this](const Field& field, const View& view) {
    return Operand{.nodes = field.nodes.empty() ? Unnamed(view, field.name).nodes : field.nodes,
                   .without = {}};
  };
  if (before.nodes.empty() && after.nodes.empty()) return;
  Compare(schemas_of(before, pair.a), schemas_of(after, pair.b), place);
}

void Walk::AddField(const Pair& pair, const Field& field) {
  const std::string at = Child(pair.place.field, field.name);
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
  const Rest was = Unnamed(pair.a, field.name);
  if (was.nodes.empty()) return;
  Compare(
      {.nodes = was.nodes, .without = {}}, {.nodes = field.nodes, .without = {}},
      {.field = at, .old_pointer = old_pointer, .new_pointer = new_pointer, .depth = pair.place.depth + 1});
}

void Walk::RemoveField(const Pair& pair, const Field& field, std::vector<const Field*>& required) {
  const std::string at = Child(pair.place.field, field.name);
  const std::string old_pointer = FieldPointer(field);
  const std::string new_pointer = MembersPointer(pair.b, NewPointer(pair));
  if (IsInBranches(pair.b, field.name)) {
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
    required.push_back(&field);
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
  const Rest now = Unnamed(pair.b, field.name);
  if (now.nodes.empty()) return;
  Compare(
      {.nodes = field.nodes, .without = {}}, {.nodes = now.nodes, .without = {}},
      {.field = at, .old_pointer = old_pointer, .new_pointer = new_pointer, .depth = pair.place.depth + 1});
}

void Walk::TellRenames(const Pair& pair, const std::vector<const Field*>& removed,
                       std::vector<const Field*> added) {
  const bool few = removed.size() <= kMostRenames && added.size() <= kMostRenames;
  for (const Field* field : removed) {
    const Field* renamed = few ? RenameOf(*field, added, pair.place.depth) : nullptr;
    const std::string at = Child(pair.place.field, field->name);
    SchemaEdit edit{
        .kind = "required-field-removed",
        .old_pointer = FieldPointer(*field),
        .new_pointer = MembersPointer(pair.b, NewPointer(pair)),
        .field = at,
        .before = SourceOf(*field),
        .after = std::nullopt,
        .gravity = kBreaksByDeclaration.gravity,
        .hurts = kBreaksByDeclaration.hurts,
        .reason = fmt::format("{} was in every message and is gone; consumers that rely on it break", at),
        .declared = true};
    if (renamed != nullptr) {
      edit.kind = "required-field-renamed";
      edit.new_pointer = FieldPointer(*renamed);
      edit.before = Json(field->name);
      edit.after = Json(renamed->name);
      edit.reason = fmt::format("{} is now called {}; consumers that rely on the old name break", at,
                                Child(pair.place.field, renamed->name));
      std::erase(added, renamed);
    }
    AddEdit(std::move(edit));
  }
  for (const Field* field : added) AddField(pair, *field);
}

const Field* Walk::RenameOf(const Field& field, const std::vector<const Field*>& added, int depth) {
  const Field* found = nullptr;
  for (const Field* other : added) {
    if (field.nodes.empty() || other->nodes.empty() ||
        !Same({.nodes = field.nodes, .without = {}}, {.nodes = other->nodes, .without = {}}, depth))
      continue;
    if (found != nullptr) return nullptr;
    found = other;
  }
  return found;
}

void Walk::TellForbidden(const Pair& pair, const Field& field, bool now) {
  if (FreeFields(now ? pair.a : pair.b).closed) return;  // refused there as well
  const Weight& weight = now ? kTightens : kLoosens;
  const std::string at = Child(pair.place.field, field.name);
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
