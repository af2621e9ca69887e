// Edits of arrays: positions, other items, what must be among them.
#include <fmt/format.h>

#include <algorithm>

#include "common/schema/edits_walk.h"
#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

constexpr size_t kMostPositions = 1'000;

size_t PrefixLength(const View& view) {
  size_t length = 0;
  for (const Node* node : view.nodes) length = std::max(length, node->prefix_items.size());
  return std::min(length, kMostPositions);
}

// What applies to the item at `index`; past all prefixes: to the others.
Rest ItemAt(const View& view, size_t index) {
  Rest rest;
  for (const Node* node : view.nodes) {
    const bool in_prefix = index < node->prefix_items.size();
    const Node* schema = in_prefix                ? node->prefix_items[index]
                         : node->items != nullptr ? node->items
                                                  : node->unevaluated_items;
    if (schema == nullptr || IsAnything(*Follow(schema))) continue;
    if (rest.owner == nullptr) rest.owner = node;
    if (Follow(schema)->never) {
      rest.closed = true;
    } else {
      rest.nodes.push_back(schema);
    }
  }
  return rest;
}

std::string ItemPointer(const Rest& rest, const std::string& otherwise) {
  if (!rest.nodes.empty()) return PointerOf(*rest.nodes[0]);
  return rest.owner == nullptr
             ? otherwise
             : KeywordPointer(*rest.owner, {"additionalItems", "items", "unevaluatedItems"});
}

bool IsUnique(const View& view) {
  return std::any_of(view.nodes.begin(), view.nodes.end(),
                     [](const Node* node) { return node->unique_items; });
}

}  // namespace

void Walk::CompareArrays(const Pair& pair) {
  if (IsUnique(pair.a) != IsUnique(pair.b)) {
    const bool now = IsUnique(pair.b);
    Add(now ? "unique-items-added" : "unique-items-removed", now ? kTightens : kLoosens, pair,
        OldPointer(pair), NewPointer(pair), Json(!now), Json(now),
        fmt::format("{}: items {}", Subject(pair.place.field),
                    now ? "are never equal now; producers promise more than before" : "may be equal now"));
  }
  const size_t old_length = PrefixLength(pair.a);
  const size_t new_length = PrefixLength(pair.b);
  const size_t length = std::max(old_length, new_length);
  if (!Spend(length)) return;
  for (size_t i = 0; i < length; ++i)
    CompareItem(pair, std::to_string(i), ItemAt(pair.a, i), ItemAt(pair.b, i), true);
  CompareItem(pair, "*", ItemAt(pair.a, kMostPositions), ItemAt(pair.b, kMostPositions), false);
  CompareOpaque(pair, "contains", Gather(pair.a, &Node::contains), Gather(pair.b, &Node::contains));
}

void Walk::CompareItem(const Pair& pair, const std::string& token, const Rest& before, const Rest& after,
                       bool positional) {
  const Place place{.field = Child(pair.place.field, token),
                    .old_pointer = ItemPointer(before, OldPointer(pair)),
                    .new_pointer = ItemPointer(after, NewPointer(pair)),
                    .depth = pair.place.depth + 1};
  const auto tell = [&](const char* kind, const Weight& weight, const char* what) {
    AddEdit({.kind = kind,
             .old_pointer = place.old_pointer,
             .new_pointer = place.new_pointer,
             .field = place.field,
             .before = FirstSource(before.nodes),
             .after = FirstSource(after.nodes),
             .gravity = weight.gravity,
             .hurts = weight.hurts,
             .reason = fmt::format("{} {}", place.field, what),
             .declared = weight.declared});
  };
  if (before.closed && after.closed) return;
  if (before.closed) {
    // A position that is new is to a list what an optional field is to an object.
    if (positional) return tell("item-added", kTightens, "is new in the list");
    return tell("array-opened", kLoosens, "was refused and may come now");
  }
  if (after.closed) {
    if (positional && !before.nodes.empty()) return tell("item-removed", kTakesAway, "is gone from the list");
    return tell("array-closed", kTightens, "is refused now; producers promise more than before");
  }
  if (before.nodes.empty() && after.nodes.empty()) return;
  Compare({.nodes = before.nodes, .without = {}}, {.nodes = after.nodes, .without = {}}, place);
}

}  // namespace sluice::schema
