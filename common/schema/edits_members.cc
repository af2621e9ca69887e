// Edits of the members of objects that are not named one by one: free ones, by pattern, what comes together.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "common/schema/edits_walk.h"
#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

std::string FreePointer(const Rest& rest, const std::string& otherwise) {
  return rest.owner == nullptr
             ? otherwise
             : KeywordPointer(*rest.owner, {"additionalProperties", "unevaluatedProperties"});
}

}  // namespace

Rest FreeFields(const View& view) {
  Rest rest;
  for (const Node* node : view.nodes) {
    for (const Node* schema : {node->additional_properties, node->unevaluated_properties}) {
      if (schema == nullptr || IsAnything(*Follow(schema))) continue;
      if (rest.owner == nullptr) rest.owner = node;
      if (Follow(schema)->never) {
        rest.closed = true;
      } else {
        rest.nodes.push_back(schema);
      }
    }
  }
  return rest;
}

void Walk::CompareFreeFields(const Pair& pair, bool old_declares, bool new_declares) {
  const Rest before = FreeFields(pair.a);
  const Rest after = FreeFields(pair.b);
  const std::string old_pointer = FreePointer(before, OldPointer(pair));
  const std::string new_pointer = FreePointer(after, NewPointer(pair));
  const std::string subject = Subject(pair.place.field);
  const auto add = [&](const char* kind, const Weight& weight, const char* what) {
    Add(kind, weight, pair, old_pointer, new_pointer, std::nullopt, std::nullopt,
        fmt::format("{}: {}", subject, what));
  };
  if (before.closed && after.closed) return;
  if (before.closed)
    return add("object-opened", kLoosens, "members that are not declared were refused and are accepted now");
  if (after.closed && !before.nodes.empty())
    return add("free-fields-removed", kTakesAway, "free members were declared and are refused now");
  if (after.closed)
    return add("object-closed", kTightens,
               "members that are not declared are refused now; producers promise more than before");
  if (before.nodes.empty() && after.nodes.empty()) return;
  if (before.nodes.empty() && old_declares)
    return add("free-fields-constrained", kTightens, "members that are not declared have a schema now");
  if (after.nodes.empty() && new_declares)
    return add("free-fields-loosened", kLoosens, "members that are not declared may be anything now");
  Compare({.nodes = before.nodes, .without = {}}, {.nodes = after.nodes, .without = {}},
          {.field = Child(pair.place.field, "*"),
           .old_pointer = old_pointer,
           .new_pointer = new_pointer,
           .depth = pair.place.depth + 1});
}

void Walk::ComparePatternProperties(const Pair& pair) {
  const auto gather = [this](const View& view) {
    std::map<std::string, std::vector<const Node*>> found;
    for (const Node* node : view.nodes) {
      Spend(node->pattern_properties.size());
      for (const PatternProperty& property : node->pattern_properties)
        found[property.pattern->text()].push_back(property.schema);
    }
    return found;
  };
  const auto before = gather(pair.a);
  const auto after = gather(pair.b);
  Place place{.field = Child(pair.place.field, "*"),
              .old_pointer = OldPointer(pair),
              .new_pointer = NewPointer(pair),
              .depth = pair.place.depth + 1};
  const Pair members{pair.old_operand, pair.new_operand, pair.a, pair.b, place};
  for (const auto& [text, nodes] : before) {
    const auto now = after.find(text);
    if (now != after.end()) {
      Compare({.nodes = nodes, .without = {}}, {.nodes = now->second, .without = {}}, place);
    } else {
      Add("pattern-property-removed", kTakesAway, members, PointerOf(*nodes[0]), NewPointer(pair),
          *nodes[0]->source, std::nullopt,
          fmt::format("{}: members by pattern {} are gone", Subject(pair.place.field), Shown(Json(text))));
    }
  }
  for (const auto& [text, nodes] : after) {
    if (before.contains(text)) continue;
    Add("pattern-property-added", kTightens, members, OldPointer(pair), PointerOf(*nodes[0]), std::nullopt,
        *nodes[0]->source,
        fmt::format("{}: members by pattern {} are declared now", Subject(pair.place.field),
                    Shown(Json(text))));
  }
}

void Walk::CompareDependents(const Pair& pair) {
  std::map<std::string, std::pair<std::set<std::string>, std::set<std::string>>> names;
  std::map<std::string, std::pair<std::vector<const Node*>, std::vector<const Node*>>> schemas;
  std::vector<const Node*> old_names, new_names;
  for (const Node* node : pair.a.nodes) {
    for (const auto& [key, list] : node->dependent_required)
      names[key].first.insert(list.begin(), list.end());
    for (const auto& [key, schema] : node->dependent_schemas) schemas[key].first.push_back(schema);
    if (node->property_names != nullptr) old_names.push_back(node->property_names);
  }
  for (const Node* node : pair.b.nodes) {
    for (const auto& [key, list] : node->dependent_required)
      names[key].second.insert(list.begin(), list.end());
    for (const auto& [key, schema] : node->dependent_schemas) schemas[key].second.push_back(schema);
    if (node->property_names != nullptr) new_names.push_back(node->property_names);
  }
  Spend(names.size() + schemas.size());
  for (const auto& [key, sides] : names) {
    const auto& [before, after] = sides;
    if (before == after) continue;
    const bool tighter = std::includes(after.begin(), after.end(), before.begin(), before.end());
    Add(tighter ? "dependent-required-tightened" : "dependent-required-loosened",
        tighter ? kTightens : kLoosens, pair, OldPointer(pair), NewPointer(pair), std::nullopt, std::nullopt,
        fmt::format("{}: what must come together with {} changed", Subject(pair.place.field),
                    Shown(Json(key))));
  }
  for (const auto& [key, sides] : schemas) {
    const auto& [before, after] = sides;
    if (before.empty() || after.empty()) {
      Add(before.empty() ? "dependent-schema-added" : "dependent-schema-removed",
          before.empty() ? kTightens : kLoosens, pair, OldPointer(pair), NewPointer(pair), std::nullopt,
          std::nullopt,
          fmt::format("{}: what holds where {} is present changed", Subject(pair.place.field),
                      Shown(Json(key))));
    } else {
      Place place = pair.place;
      ++place.depth;
      Compare({.nodes = before, .without = {}}, {.nodes = after, .without = {}}, place);
    }
  }
  CompareOpaque(pair, "propertyNames", old_names, new_names);
}

}  // namespace sluice::schema
