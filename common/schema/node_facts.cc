#include "common/schema/node_facts.h"

#include <algorithm>

namespace sluice::schema {
namespace {

constexpr int kMostHops = 20;
constexpr size_t kMostComparisons = 4'096;

bool IsOnlyReference(const Node& node) {
  const bool values = node.types || node.enumeration || node.minimum || node.exclusive_minimum ||
                      node.maximum || node.exclusive_maximum || node.multiple_of || node.min_length ||
                      node.max_length || node.pattern;
  const bool items = !node.prefix_items.empty() || node.items || node.contains || node.min_items ||
                     node.max_items || node.unique_items || node.unevaluated_items;
  const bool members = DeclaresMembers(node) || node.property_names || !node.required.empty() ||
                       !node.dependent_required.empty() || !node.dependent_schemas.empty() ||
                       node.min_properties || node.max_properties;
  const bool parts = !node.all_of.empty() || !node.any_of.empty() || !node.one_of.empty() || node.not_ ||
                     node.if_ || node.dynamic_ref;
  return node.ref != nullptr && !node.never && !values && !items && !members && !parts;
}

bool Disjoint(const std::vector<Json>& a, const std::vector<Json>& b) {
  if (a.size() * b.size() > kMostComparisons) return false;
  return std::none_of(a.begin(), a.end(),
                      [&](const Json& x) { return std::find(b.begin(), b.end(), x) != b.end(); });
}

bool ValuesApart(const Node& a, const Node& b) {
  if (a.never || b.never || (MaskOf(a) & MaskOf(b)) == 0) return true;
  return a.enumeration && b.enumeration && Disjoint(*a.enumeration, *b.enumeration);
}

bool MembersApart(const std::vector<Atom>& positives, const Node& node) {
  for (const auto& [name, schema] : node.properties) {
    const Node& wanted = Through(*schema);
    if (!wanted.enumeration && !wanted.types && !wanted.never) continue;
    bool required = Requires(node, name);
    bool apart = false;
    for (const Atom& positive : positives) {
      required = required || Requires(*positive.node, name);
      const Node* given = Property(*positive.node, name);
      apart = apart || (given != nullptr && ValuesApart(Through(*given), wanted));
    }
    if (required && apart) return true;
  }
  return false;
}

bool Apart(const std::vector<Atom>& positives, Types mask, const Node& plain, int depth) {
  const Node& node = Through(plain);
  if (node.never || (MaskOf(node) & mask) == 0) return true;
  // Members tell apart only what must be an object.
  if ((mask & ~kObject) == 0 || (MaskOf(node) & mask & ~kObject) == 0) {
    if (MembersApart(positives, node)) return true;
  }
  if (depth == 0) return false;
  const auto apart = [&](const Node* part) { return Apart(positives, mask, *part, depth - 1); };
  if (std::any_of(node.all_of.begin(), node.all_of.end(), apart)) return true;
  if (!node.any_of.empty() && std::all_of(node.any_of.begin(), node.any_of.end(), apart)) return true;
  return !node.one_of.empty() && std::all_of(node.one_of.begin(), node.one_of.end(), apart);
}

}  // namespace

Types MaskOf(const Node& node) {
  if (node.never) return 0;
  if (!node.types) return kAllTypes | kInteger;
  return (*node.types & kNumber) != 0 ? *node.types | kInteger : *node.types;
}

const Node& Through(const Node& node) {
  const Node* at = &node;
  for (int hops = 0; hops < kMostHops && at->ref != nullptr && IsOnlyReference(*at); ++hops) at = at->ref;
  return *at;
}

const Node* Property(const Node& node, std::string_view name) {
  const auto at =
      std::lower_bound(node.properties.begin(), node.properties.end(), name,
                       [](const auto& property, std::string_view key) { return property.first < key; });
  return at != node.properties.end() && at->first == name ? at->second : nullptr;
}

bool Requires(const Node& node, std::string_view name) {
  return std::binary_search(node.required.begin(), node.required.end(), name);
}

bool DeclaresMembers(const Node& node) {
  return !node.properties.empty() || !node.pattern_properties.empty() ||
         node.additional_properties != nullptr || node.unevaluated_properties != nullptr;
}

bool PlainlyApart(const std::vector<Atom>& positives, Types mask, const Node& node) {
  return Apart(positives, mask, node, 3);
}

}  // namespace sluice::schema
