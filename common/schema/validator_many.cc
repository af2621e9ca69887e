// Arrays and objects.
#include <absl/container/flat_hash_set.h>
#include <fmt/format.h>

#include <algorithm>

#include "common/schema/validator.h"

namespace sluice::schema {
namespace {

constexpr size_t kFewItems = 4;    // compared each with each
constexpr size_t kFewMembers = 8;  // times as many declared properties: look up instead of merging

struct HashPointed {
  size_t operator()(const Json* value) const { return value->Hash(); }
};
struct EqualPointed {
  bool operator()(const Json* a, const Json* b) const { return *a == *b; }
};

bool Less(size_t count, const Decimal& bound) {
  const std::optional<int64_t> integer = bound.ToInt64();
  return !integer || count < static_cast<size_t>(*integer);
}

bool Greater(size_t count, const Decimal& bound) {
  const std::optional<int64_t> integer = bound.ToInt64();
  return integer && count > static_cast<size_t>(*integer);
}

// What `properties` declares for a name.
const Node* Declared(const Node& node, const std::string& name) {
  const auto found =
      std::lower_bound(node.properties.begin(), node.properties.end(), name,
                       [](const auto& property, const std::string& n) { return property.first < n; });
  return found != node.properties.end() && found->first == name ? found->second : nullptr;
}

std::string Quoted(const std::string& name) { return Json(name.size() > 100 ? "…" : name).ToString(); }

}  // namespace

bool Validator::CheckArray(const Node& node, const Json& value, const Site& site) {
  bool ok = CheckArraySize(node, value, site);
  if (Ends(ok)) return false;
  if (node.items != nullptr || !node.prefix_items.empty()) ok &= CheckItems(node, value, site);
  if (Ends(ok)) return false;
  if (node.unique_items) ok &= CheckUnique(node, value, site);
  if (Ends(ok)) return false;
  return (node.contains == nullptr || CheckContains(node, value, site)) && ok;
}

bool Validator::CheckArraySize(const Node& node, const Json& value, const Site& site) {
  const size_t size = value.array().size();
  bool ok = true;
  if (node.min_items && Less(size, *node.min_items)) {
    ok = Refuse(node, "minItems", site,
                fmt::format("{} items are fewer than {}", size, node.min_items->ToString()));
  }
  if (node.max_items && Greater(size, *node.max_items)) {
    ok = Refuse(node, "maxItems", site,
                fmt::format("{} items are more than {}", size, node.max_items->ToString()));
  }
  return ok;
}

bool Validator::CheckItems(const Node& node, const Json& value, const Site& site) {
  const Json::Array& items = value.array();
  bool ok = true;
  for (size_t i = 0; i < items.size(); ++i) {
    const Node* schema = i < node.prefix_items.size() ? node.prefix_items[i] : node.items;
    if (schema == nullptr) break;
    const Path path{site.path, nullptr, i};
    ok &= Accepts(*schema, items[i], {site.scope, &path, nullptr, site.depth + 1});
    if (Ends(ok)) return false;
    if (site.evaluated != nullptr) (*site.evaluated)[i] = 1;
  }
  return ok;
}

bool Validator::IsUnique(const Json::Array& items, size_t& first, size_t& second) {
  if (items.size() > kFewItems) {
    absl::flat_hash_set<const Json*, HashPointed, EqualPointed> seen;
    seen.reserve(items.size());
    for (second = 0; second < items.size(); ++second) {
      if (++steps_ % 64 == 0 && !CheckClock()) return false;
      const auto [same, fresh] = seen.insert(&items[second]);
      first = static_cast<size_t>(*same - items.data());
      if (!fresh) return false;
    }
    return true;
  }
  for (second = 1; second < items.size(); ++second) {
    for (first = 0; first < second; ++first) {
      if (items[first] == items[second]) return false;
    }
  }
  return true;
}

bool Validator::CheckUnique(const Node& node, const Json& value, const Site& site) {
  size_t first = 0;
  size_t second = 0;
  if (IsUnique(value.array(), first, second)) return true;
  return Refuse(node, "uniqueItems", site, fmt::format("items {} and {} are equal", first, second));
}

bool Validator::CheckContains(const Node& node, const Json& value, const Site& site) {
  const Json::Array& items = value.array();
  const bool evaluates = site.evaluated != nullptr && node.dialect == Dialect::kDraft2020;
  size_t found = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    const Path path{site.path, nullptr, i};
    if (!AcceptsQuietly(*node.contains, items[i], {site.scope, &path, nullptr, site.depth}, nullptr)) {
      if (!bound_.empty()) return false;
      continue;
    }
    ++found;
    if (evaluates) (*site.evaluated)[i] = 1;
    if (!evaluates && !node.min_contains && !node.max_contains) return true;
  }
  if (node.min_contains ? Less(found, *node.min_contains) : found == 0) {
    return Refuse(
        node, node.min_contains ? "minContains" : "contains", site,
        fmt::format("{} items are what it must contain", found == 0 ? "no" : std::to_string(found)));
  }
  if (node.max_contains && Greater(found, *node.max_contains)) {
    return Refuse(
        node, "maxContains", site,
        fmt::format("{} items are what it may contain {} times", found, node.max_contains->ToString()));
  }
  return true;
}

bool Validator::CheckUnevaluatedItems(const Node& node, const Json& value, const Site& site) {
  bool ok = true;
  for (size_t i = 0; i < value.array().size(); ++i) {
    if ((*site.evaluated)[i] != 0) continue;
    const Path path{site.path, nullptr, i};
    ok &= Accepts(*node.unevaluated_items, value.array()[i], {site.scope, &path, nullptr, site.depth + 1});
    if (Ends(ok)) return false;
    (*site.evaluated)[i] = 1;
  }
  return ok;
}

bool Validator::CheckObject(const Node& node, const Json& value, const Site& site) {
  bool ok = CheckObjectSize(node, value, site);
  if (Ends(ok)) return false;
  if (!node.required.empty()) ok &= CheckRequired(node, value, site);
  if (Ends(ok)) return false;
  if (!node.properties.empty() || !node.pattern_properties.empty() || node.additional_properties != nullptr) {
    ok &= CheckMembers(node, value, site);
    if (Ends(ok)) return false;
  }
  if (node.property_names != nullptr) ok &= CheckPropertyNames(node, value, site);
  if (Ends(ok)) return false;
  return (node.dependent_required.empty() || CheckDependentRequired(node, value, site)) && ok;
}

bool Validator::CheckObjectSize(const Node& node, const Json& value, const Site& site) {
  const size_t size = value.object().size();
  bool ok = true;
  if (node.min_properties && Less(size, *node.min_properties)) {
    ok = Refuse(node, "minProperties", site,
                fmt::format("{} members are fewer than {}", size, node.min_properties->ToString()));
  }
  if (node.max_properties && Greater(size, *node.max_properties)) {
    ok = Refuse(node, "maxProperties", site,
                fmt::format("{} members are more than {}", size, node.max_properties->ToString()));
  }
  return ok;
}

// Both are sorted: one pass.
bool Validator::CheckRequired(const Node& node, const Json& value, const Site& site) {
  const Json::Object& members = value.object();
  bool ok = true;
  size_t at = 0;
  for (const std::string& name : node.required) {
    int order = -1;
    while (at < members.size() && (order = members[at].first.compare(name)) < 0) ++at;
    if (at < members.size() && order == 0) continue;
    if (errors_ == nullptr) return false;
    ok = Refuse(node, "required", site, fmt::format("{} is missing", Quoted(name)));
  }
  return ok;
}

bool Validator::CheckMembers(const Node& node, const Json& value, const Site& site) {
  const Json::Object& members = value.object();
  const bool merge = node.properties.size() <= kFewMembers * members.size();
  bool ok = true;
  size_t at = 0;  // in node.properties, when merging
  for (size_t i = 0; i < members.size(); ++i) {
    const Node* declared = nullptr;
    if (merge) {
      int order = -1;
      while (at < node.properties.size() && (order = node.properties[at].first.compare(members[i].first)) < 0)
        ++at;
      if (at < node.properties.size() && order == 0) declared = node.properties[at++].second;
    } else {
      declared = Declared(node, members[i].first);
    }
    ok &= CheckMember(node, members[i], i, declared, site);
    if (Ends(ok)) return false;
  }
  return ok;
}

bool Validator::CheckMember(const Node& node, const Json::Member& member, size_t index, const Node* declared,
                            const Site& site) {
  const Path path{site.path, &member.first, 0};
  const Site inner{site.scope, &path, nullptr, site.depth + 1};
  bool known = declared != nullptr;
  bool ok = !known || Accepts(*declared, member.second, inner);
  for (const PatternProperty& property : node.pattern_properties) {
    ++steps_;
    if (!Matches(*property.pattern, member.first)) continue;
    if (Ends(ok)) return false;
    known = true;
    ok &= Accepts(*property.schema, member.second, inner);
  }
  if (!known && node.additional_properties != nullptr && bound_.empty()) {
    known = true;
    if (node.additional_properties->never) {
      return Refuse(node, "additionalProperties", inner,
                    errors_ ? fmt::format("{} is not allowed here", Quoted(member.first)) : "");
    }
    ok &= Accepts(*node.additional_properties, member.second, inner);
  }
  if (known && site.evaluated != nullptr) (*site.evaluated)[index] = 1;
  return ok;
}

bool Validator::CheckPropertyNames(const Node& node, const Json& value, const Site& site) {
  bool ok = true;
  for (const auto& [name, member] : value.object()) {
    if (AcceptsQuietly(*node.property_names, Json(name), site, nullptr)) continue;
    if (!bound_.empty() || errors_ == nullptr) return false;
    ok = Refuse(node, "propertyNames", site, fmt::format("{} is no name that is allowed here", Quoted(name)));
  }
  return ok;
}

bool Validator::CheckDependentRequired(const Node& node, const Json& value, const Site& site) {
  const std::string_view keyword =
      node.source->Find("dependentRequired") != nullptr ? "dependentRequired" : "dependencies";
  bool ok = true;
  for (const auto& [name, needed] : node.dependent_required) {
    ++steps_;
    if (value.Find(name) == nullptr) continue;
    for (const std::string& other : needed) {
      ++steps_;
      if (value.Find(other) != nullptr) continue;
      if (errors_ == nullptr) return false;
      ok = Refuse(node, keyword, site,
                  fmt::format("{} is missing, which {} asks for", Quoted(other), Quoted(name)));
    }
  }
  return ok;
}

bool Validator::CheckUnevaluatedProperties(const Node& node, const Json& value, const Site& site) {
  const Json::Object& members = value.object();
  bool ok = true;
  for (size_t i = 0; i < members.size(); ++i) {
    if ((*site.evaluated)[i] != 0) continue;
    const Path path{site.path, &members[i].first, 0};
    const Site inner{site.scope, &path, nullptr, site.depth + 1};
    if (node.unevaluated_properties->never) {
      ok = Refuse(node, "unevaluatedProperties", inner,
                  fmt::format("{} is not allowed here", Quoted(members[i].first)));
    } else {
      ok &= Accepts(*node.unevaluated_properties, members[i].second, inner);
    }
    if (Ends(ok)) return false;
    (*site.evaluated)[i] = 1;
  }
  return ok;
}

}  // namespace sluice::schema
