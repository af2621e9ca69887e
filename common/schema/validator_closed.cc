// The closed reading: a second walk over a message that the schema accepts, with all schemas that apply to
// each value together.
#include <absl/container/flat_hash_set.h>
#include <fmt/format.h>

#include <algorithm>

#include "common/schema/validator.h"

namespace sluice::schema {
namespace {

bool Declares(const Node& node, const std::string& name) {
  const auto found =
      std::lower_bound(node.properties.begin(), node.properties.end(), name,
                       [](const auto& property, const std::string& n) { return property.first < n; });
  return found != node.properties.end() && found->first == name;
}

bool SaysWhatElse(const Node& node) {
  return node.additional_properties != nullptr || node.unevaluated_properties != nullptr ||
         !node.pattern_properties.empty();
}

}  // namespace

bool Validator::IsClosed(const Json& message) {
  return IsClosed(message, {{&schema_.root(), nullptr}}, nullptr, 0);
}

// `applied`: the schemas that apply to `value` by its place; those that they lead to on the same value are
// added.
bool Validator::IsClosed(const Json& value, std::vector<Applied> applied, const Path* path, int depth) {
  if (applied.empty() || (!value.is_object() && !value.is_array())) return true;
  AddApplied(value, depth, applied);
  if (!bound_.empty()) return false;
  if (value.is_array()) return ItemsAreClosed(value, applied, path, depth);
  const bool ok = HasOnlyDeclared(value, applied, path);
  if (Ends(ok)) return false;
  return MembersAreClosed(value, applied, path, depth) && ok;
}

void Validator::AddApplied(const Json& value, int depth, std::vector<Applied>& applied) {
  absl::flat_hash_set<const Node*> seen;
  size_t kept = 0;
  for (size_t i = 0; i < applied.size() && bound_.empty(); ++i) {
    Applied one = applied[i];
    if (!seen.insert(one.node).second) continue;
    const Node& node = *one.node;
    ++steps_;
    if (one.scope == nullptr || one.scope->resource != node.resource) {
      one.scope = &scopes_.emplace_back(Scope{one.scope, node.resource});
    }
    applied[kept++] = one;
    // What follows is appended behind those that are still to come.
    if (node.ref != nullptr) applied.push_back({node.ref, one.scope});
    if (node.dynamic_ref != nullptr) applied.push_back({&DynamicTarget(node, one.scope), one.scope});
    for (const Node* all : node.all_of) applied.push_back({all, one.scope});
    AddBranches(node, value, {one.scope, nullptr, nullptr, depth}, applied);
  }
  applied.resize(kept);
}

void Validator::AddBranches(const Node& node, const Json& value, const Site& site,
                            std::vector<Applied>& applied) {
  for (const auto* branches : {&node.any_of, &node.one_of}) {
    for (const Node* branch : *branches) {
      if (AcceptsQuietly(*branch, value, site, nullptr)) applied.push_back({branch, site.scope});
      if (!bound_.empty()) return;
    }
  }
  if (node.if_ != nullptr) {
    const bool holds = AcceptsQuietly(*node.if_, value, site, nullptr);
    if (holds) applied.push_back({node.if_, site.scope});
    const Node* next = holds ? node.then_ : node.else_;
    if (next != nullptr) applied.push_back({next, site.scope});
  }
  for (const auto& [name, schema] : node.dependent_schemas) {
    if (value.Find(name) != nullptr) applied.push_back({schema, site.scope});
  }
}

bool Validator::HasOnlyDeclared(const Json& value, const std::vector<Applied>& applied, const Path* path) {
  const Node* declaring = nullptr;
  for (const Applied& one : applied) {
    if (SaysWhatElse(*one.node)) return true;
    if (declaring == nullptr && !one.node->properties.empty()) declaring = one.node;
  }
  if (declaring == nullptr) return true;
  bool ok = true;
  for (const auto& [name, member] : value.object()) {
    const auto declares = [&name = name](const Applied& one) { return Declares(*one.node, name); };
    steps_ += applied.size();
    if (std::any_of(applied.begin(), applied.end(), declares)) continue;
    if (errors_ == nullptr) return false;
    const Path at{path, &name, 0};
    Refuse(*declaring, "properties", {nullptr, &at, nullptr, 0},
           fmt::format("{} is not declared", Json(name).ToString()), "closed");
    ok = false;
  }
  return ok;
}

bool Validator::MembersAreClosed(const Json& value, const std::vector<Applied>& applied, const Path* path,
                                 int depth) {
  bool ok = true;
  for (const auto& [name, member] : value.object()) {
    if (!member.is_object() && !member.is_array()) continue;
    std::vector<Applied> inner;
    bool evaluated = false;
    for (const Applied& one : applied) {
      const size_t before = inner.size();
      const Node& node = *one.node;
      const auto found =
          std::lower_bound(node.properties.begin(), node.properties.end(), name,
                           [](const auto& property, const std::string& n) { return property.first < n; });
      if (found != node.properties.end() && found->first == name) inner.push_back({found->second, one.scope});
      for (const PatternProperty& property : node.pattern_properties) {
        if (Matches(*property.pattern, name)) inner.push_back({property.schema, one.scope});
      }
      if (inner.size() == before && node.additional_properties != nullptr)
        inner.push_back({node.additional_properties, one.scope});
      evaluated |= inner.size() > before;
      ++steps_;
    }
    for (const Applied& one : applied) {
      if (!evaluated && one.node->unevaluated_properties != nullptr)
        inner.push_back({one.node->unevaluated_properties, one.scope});
    }
    const Path at{path, &name, 0};
    ok &= IsClosed(member, std::move(inner), &at, depth + 1);
    if (Ends(ok)) return false;
  }
  return ok;
}

bool Validator::ItemsAreClosed(const Json& value, const std::vector<Applied>& applied, const Path* path,
                               int depth) {
  bool ok = true;
  for (size_t i = 0; i < value.array().size(); ++i) {
    const Json& item = value.array()[i];
    if (!item.is_object() && !item.is_array()) continue;
    std::vector<Applied> inner;
    bool evaluated = false;
    for (const Applied& one : applied) {
      const Node& node = *one.node;
      const Node* schema = i < node.prefix_items.size() ? node.prefix_items[i] : node.items;
      if (schema != nullptr) inner.push_back({schema, one.scope});
      if (node.contains != nullptr &&
          AcceptsQuietly(*node.contains, item, {one.scope, nullptr, nullptr, depth}, nullptr)) {
        inner.push_back({node.contains, one.scope});
        evaluated |= node.dialect == Dialect::kDraft2020;
      }
      evaluated |= schema != nullptr;
      ++steps_;
    }
    for (const Applied& one : applied) {
      if (!evaluated && one.node->unevaluated_items != nullptr)
        inner.push_back({one.node->unevaluated_items, one.scope});
    }
    const Path at{path, nullptr, i};
    ok &= IsClosed(item, std::move(inner), &at, depth + 1);
    if (Ends(ok)) return false;
  }
  return ok;
}

}  // namespace sluice::schema
