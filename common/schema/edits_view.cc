#include "common/schema/edits_view.h"

#include <algorithm>
#include <array>

#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

constexpr size_t kMostNodes = 256;
constexpr int kMostDepth = 32;
constexpr Types kEvery = kAllTypes | kInteger;

Types Normal(Types types) { return (types & kNumber) != 0 ? types | kInteger : types; }

Types TypeOfValue(const Json& value) {
  switch (value.type()) {
    case Json::Type::kNull:
      return kNull;
    case Json::Type::kBoolean:
      return kBoolean;
    case Json::Type::kNumber:
      return kNumber | kInteger;
    case Json::Type::kString:
      return kString;
    case Json::Type::kArray:
      return kArray;
    case Json::Type::kObject:
      return kObject;
  }
  return 0;
}

// Sorted. Keywords with a meaning for validation or for references; contentEncoding and units are told apart.
constexpr auto kValidation = std::to_array<std::string_view>({"$anchor",
                                                              "$defs",
                                                              "$dynamicAnchor",
                                                              "$dynamicRef",
                                                              "$id",
                                                              "$recursiveAnchor",
                                                              "$recursiveRef",
                                                              "$ref",
                                                              "$schema",
                                                              "$vocabulary",
                                                              "additionalItems",
                                                              "additionalProperties",
                                                              "allOf",
                                                              "anyOf",
                                                              "const",
                                                              "contains",
                                                              "definitions",
                                                              "dependencies",
                                                              "dependentRequired",
                                                              "dependentSchemas",
                                                              "else",
                                                              "enum",
                                                              "exclusiveMaximum",
                                                              "exclusiveMinimum",
                                                              "format",
                                                              "id",
                                                              "if",
                                                              "items",
                                                              "maxContains",
                                                              "maxItems",
                                                              "maxLength",
                                                              "maxProperties",
                                                              "maximum",
                                                              "minContains",
                                                              "minItems",
                                                              "minLength",
                                                              "minProperties",
                                                              "minimum",
                                                              "multipleOf",
                                                              "not",
                                                              "oneOf",
                                                              "pattern",
                                                              "patternProperties",
                                                              "prefixItems",
                                                              "properties",
                                                              "propertyNames",
                                                              "required",
                                                              "then",
                                                              "type",
                                                              "unevaluatedItems",
                                                              "unevaluatedProperties",
                                                              "uniqueItems"});
static_assert(std::is_sorted(kValidation.begin(), kValidation.end()));

constexpr auto kMeaning = std::to_array<std::string_view>(
    {"contentEncoding", "contentMediaType", "unit", "unitCode", "units", "x-unit", "x-units"});

// Types of which `not: node` leaves nothing.
Types ExcludedBy(const Node& excluded) {
  const Node& node = *Follow(&excluded);
  if (IsAnything(node)) return kEvery;
  if (!IsPlainType(node) || !node.types) return 0;
  const Types types = Normal(*node.types);
  return (types & kNumber) != 0 ? types : types & ~kInteger;  // numbers with a fraction are left
}

bool IsReference(std::string_view keyword) {
  return keyword == "$ref" || keyword == "$dynamicRef" || keyword == "$recursiveRef";
}

}  // namespace

Types Views::UnionOf(const Branches& branches, int depth) {
  Types types = 0;
  for (const Node* branch : branches) {
    types |= TypesOf(*branch, depth + 1);
    if (types == kEvery) break;
  }
  return types;
}

Types Views::TypesOf(const Node& node, int depth) {
  if (depth > kMostDepth) return kEvery;
  const auto [known, is_new] = types_.try_emplace(&node, kEvery);
  if (!is_new) return known->second;
  if (node.never) return types_[&node] = 0;
  Types types = node.types ? Normal(*node.types) : kEvery;
  if (node.enumeration) {
    Types values = 0;
    for (const Json& value : *node.enumeration) values |= TypeOfValue(value);
    types &= values;
  }
  if (node.ref != nullptr) types &= TypesOf(*node.ref, depth + 1);
  if (node.dynamic_ref != nullptr) types &= TypesOf(*node.dynamic_ref, depth + 1);
  for (const Node* part : node.all_of) types &= TypesOf(*part, depth + 1);
  if (!node.any_of.empty()) types &= UnionOf(node.any_of, depth);
  if (!node.one_of.empty()) types &= UnionOf(node.one_of, depth);
  if (node.not_ != nullptr) types &= ~ExcludedBy(*node.not_);
  return types_[&node] = types;
}

View Views::Of(const Operand& operand) {
  View view;
  view.types = kEvery;
  const auto add = [&view](const Node* node) {
    if (node == nullptr || std::find(view.nodes.begin(), view.nodes.end(), node) != view.nodes.end()) return;
    if (view.nodes.size() >= kMostNodes) {
      view.complete = false;
    } else {
      view.nodes.push_back(node);
    }
  };
  const auto add_group = [&](const Node* node, const Branches& branches, bool exclusive) {
    const auto& without = operand.without;
    if (branches.empty() || std::find(without.begin(), without.end(), &branches) != without.end()) return;
    if (branches.size() == 1) {
      add(branches[0]);
    } else {
      view.groups.push_back({node, &branches, exclusive});
    }
  };
  for (const Node* node : operand.nodes) add(node);
  for (size_t i = 0; i < view.nodes.size(); ++i) {
    const Node* node = view.nodes[i];
    view.types &= TypesOf(*node);
    add(node->ref);
    add(node->dynamic_ref);
    for (const Node* part : node->all_of) add(part);
    add_group(node, node->any_of, false);
    add_group(node, node->one_of, true);
  }
  view.never = view.types == 0;
  return view;
}

const Node* Follow(const Node* node) {
  for (int i = 0; i < kMostDepth && node->ref != nullptr; ++i) {
    const bool alone =
        node->dialect != Dialect::kDraft2020 ||
        (node->source != nullptr && node->source->is_object() && node->source->object().size() == 1);
    if (!alone) break;
    node = node->ref;
  }
  return node;
}

std::string PointerOf(const Node& node) {
  return node.document.empty() ? node.pointer : node.document + "#" + node.pointer;
}

std::string KeywordPointer(const Node& node, const std::vector<std::string_view>& keywords) {
  for (const std::string_view keyword : keywords) {
    if (node.source != nullptr && node.source->Find(keyword) != nullptr)
      return Child(PointerOf(node), keyword);
  }
  return PointerOf(node);
}

bool IsAnything(const Node& node) {
  if (node.never || node.source == nullptr) return false;
  if (!node.source->is_object()) return true;
  const Json::Object& members = node.source->object();
  return std::all_of(members.begin(), members.end(),
                     [](const Json::Member& member) { return IsDocumentationKeyword(member.first); });
}

bool IsPlainType(const Node& node) {
  if (node.source == nullptr || !node.source->is_object()) return false;
  const Json::Object& members = node.source->object();
  return std::all_of(members.begin(), members.end(), [](const Json::Member& member) {
    return member.first == "type" || IsDocumentationKeyword(member.first);
  });
}

bool IsDocumentationKeyword(std::string_view keyword) {
  return !std::binary_search(kValidation.begin(), kValidation.end(), keyword) && !IsMeaningKeyword(keyword);
}

bool IsMeaningKeyword(std::string_view keyword) {
  return std::find(kMeaning.begin(), kMeaning.end(), keyword) != kMeaning.end();
}

bool EqualWithoutReferences(const Json& a, const Json& b) {
  if (a.type() != b.type()) return false;
  if (a.is_array()) {
    return std::equal(a.array().begin(), a.array().end(), b.array().begin(), b.array().end(),
                      EqualWithoutReferences);
  }
  if (!a.is_object()) return a == b;
  return std::equal(a.object().begin(), a.object().end(), b.object().begin(), b.object().end(),
                    [](const Json::Member& x, const Json::Member& y) {
                      return x.first == y.first && !IsReference(x.first) &&
                             EqualWithoutReferences(x.second, y.second);
                    });
}

bool AreEqualTexts(const Node& a, const Node& b) {
  return a.dialect == b.dialect && a.source != nullptr && b.source != nullptr &&
         EqualWithoutReferences(*a.source, *b.source);
}

std::string TypesText(Types types) {
  if ((types | kInteger) == kEvery) return "anything";
  static constexpr std::pair<Types, std::string_view> kNames[] = {
      {kString, "string"}, {kNumber, "number"}, {kInteger, "integer"}, {kBoolean, "boolean"},
      {kObject, "object"}, {kArray, "array"},   {kNull, "null"}};
  std::string text;
  for (const auto& [type, name] : kNames) {
    if ((types & type) == 0 || (type == kInteger && (types & kNumber) != 0)) continue;
    text.append(text.empty() ? "" : " or ").append(name);
  }
  return text.empty() ? "nothing" : text;
}

}  // namespace sluice::schema
