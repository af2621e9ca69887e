#include "common/schema/sameness.h"

namespace sluice::schema {
namespace {

constexpr int kMostDepth = 500;

bool SamePattern(const std::shared_ptr<const Pattern>& a, const std::shared_ptr<const Pattern>& b) {
  return a == b || (a != nullptr && b != nullptr && *a == *b);
}

bool SameValues(const Node& a, const Node& b) {
  return a.never == b.never && a.types == b.types && a.enumeration == b.enumeration &&
         a.minimum == b.minimum && a.exclusive_minimum == b.exclusive_minimum && a.maximum == b.maximum &&
         a.exclusive_maximum == b.exclusive_maximum && a.multiple_of == b.multiple_of &&
         a.min_length == b.min_length && a.max_length == b.max_length && SamePattern(a.pattern, b.pattern) &&
         a.min_contains == b.min_contains && a.max_contains == b.max_contains && a.min_items == b.min_items &&
         a.max_items == b.max_items && a.unique_items == b.unique_items && a.required == b.required &&
         a.dependent_required == b.dependent_required && a.min_properties == b.min_properties &&
         a.max_properties == b.max_properties;
}

// Without schemas inside: quicker compared than looked up.
bool IsLeaf(const Node& node) {
  return node.properties.empty() && node.ref == nullptr && node.items == nullptr && node.any_of.empty() &&
         node.one_of.empty() && node.all_of.empty() && node.prefix_items.empty() &&
         node.pattern_properties.empty() && node.dependent_schemas.empty() &&
         node.additional_properties == nullptr && node.property_names == nullptr &&
         node.contains == nullptr && node.not_ == nullptr && node.if_ == nullptr && node.then_ == nullptr &&
         node.else_ == nullptr && node.unevaluated_properties == nullptr &&
         node.unevaluated_items == nullptr && node.dynamic_ref == nullptr;
}

}  // namespace

bool Sameness::SameOptional(const Node* a, const Node* b) {
  return a == b || (a != nullptr && b != nullptr && Same(*a, *b));
}

bool Sameness::SameLists(const std::vector<const Node*>& a, const std::vector<const Node*>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!Same(*a[i], *b[i])) return false;
  }
  return true;
}

bool Sameness::SameMembers(const Node& a, const Node& b) {
  if (a.properties.size() != b.properties.size() ||
      a.pattern_properties.size() != b.pattern_properties.size() ||
      a.dependent_schemas.size() != b.dependent_schemas.size()) {
    return false;
  }
  for (size_t i = 0; i < a.properties.size(); ++i) {
    if (a.properties[i].first != b.properties[i].first) return false;
  }
  for (size_t i = 0; i < a.properties.size(); ++i) {
    if (!Same(*a.properties[i].second, *b.properties[i].second)) return false;
  }
  for (size_t i = 0; i < a.pattern_properties.size(); ++i) {
    const PatternProperty& x = a.pattern_properties[i];
    const PatternProperty& y = b.pattern_properties[i];
    if (!SamePattern(x.pattern, y.pattern) || !Same(*x.schema, *y.schema)) return false;
  }
  for (size_t i = 0; i < a.dependent_schemas.size(); ++i) {
    if (a.dependent_schemas[i].first != b.dependent_schemas[i].first) return false;
    if (!Same(*a.dependent_schemas[i].second, *b.dependent_schemas[i].second)) return false;
  }
  return SameOptional(a.additional_properties, b.additional_properties) &&
         SameOptional(a.property_names, b.property_names) &&
         SameOptional(a.unevaluated_properties, b.unevaluated_properties);
}

bool Sameness::SameParts(const Node& a, const Node& b) {
  // Where a dynamic reference leads depends on the way there.
  if (a.dynamic_ref != nullptr || b.dynamic_ref != nullptr) {
    if (!a.dynamic_anchor.empty() || !b.dynamic_anchor.empty()) return false;
  }
  return SameValues(a, b) && SameMembers(a, b) && SameLists(a.prefix_items, b.prefix_items) &&
         SameOptional(a.items, b.items) && SameOptional(a.contains, b.contains) &&
         SameOptional(a.unevaluated_items, b.unevaluated_items) && SameLists(a.all_of, b.all_of) &&
         SameLists(a.any_of, b.any_of) && SameLists(a.one_of, b.one_of) && SameOptional(a.not_, b.not_) &&
         SameOptional(a.if_, b.if_) && SameOptional(a.then_, b.then_) && SameOptional(a.else_, b.else_) &&
         SameOptional(a.ref, b.ref) && SameOptional(a.dynamic_ref, b.dynamic_ref);
}

bool Sameness::Same(const Node& a, const Node& b) {
  if (&a == &b) return true;
  if (IsLeaf(a)) return IsLeaf(b) && SameValues(a, b);
  const Pair pair{&a, &b};
  if (const auto at = known_.find(pair); at != known_.end()) return at->second;
  if (depth_ >= kMostDepth) return false;
  const size_t before = assumed_.size();
  known_[pair] = true;  // the greatest fixed point: the same until a difference shows
  assumed_.push_back(pair);
  ++depth_;
  const bool same = SameParts(a, b);
  --depth_;
  if (same) {
    if (depth_ == 0) assumed_.clear();
    return true;
  }
  for (size_t i = before; i < assumed_.size(); ++i) known_.erase(assumed_[i]);
  assumed_.resize(before);
  known_[pair] = false;
  return false;
}

}  // namespace sluice::schema
