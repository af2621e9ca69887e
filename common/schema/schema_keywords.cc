// What each keyword means for a node (JSON Schema Core, 8 to 11, and Validation, 6; the older drafts in their
// own terms).
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/schema/pointer.h"
#include "common/schema/schema_loader.h"

namespace sluice::schema {
namespace {

constexpr Dialect k4 = Dialect::kDraft4, k6 = Dialect::kDraft6, k7 = Dialect::kDraft7,
                  k2019 = Dialect::kDraft2019, k2020 = Dialect::kDraft2020;

std::optional<Types> TypeNamed(const Json& name) {
  if (!name.is_string()) return std::nullopt;
  if (name.string() == "null") return kNull;
  if (name.string() == "boolean") return kBoolean;
  if (name.string() == "integer") return kInteger;
  if (name.string() == "number") return kNumber | kInteger;
  if (name.string() == "string") return kString;
  if (name.string() == "array") return kArray;
  if (name.string() == "object") return kObject;
  return std::nullopt;
}

}  // namespace

const SchemaLoader::KeywordRule* SchemaLoader::FindRule(std::string_view keyword) {
  using L = SchemaLoader;
  static const absl::flat_hash_map<std::string_view, KeywordRule> rules = {
      {"type", {k4, k2020, true, &L::ReadTypes}},
      {"enum", {k4, k2020, true, &L::ReadEnum}},
      {"const", {k6, k2020, true, &L::ReadConst}},
      {"minimum", {k4, k2020, true, &L::ReadBound<&Node::minimum, &Node::exclusive_minimum>}},
      {"maximum", {k4, k2020, true, &L::ReadBound<&Node::maximum, &Node::exclusive_maximum>}},
      {"exclusiveMinimum", {k4, k2020, true, &L::ReadExclusiveBound<&Node::exclusive_minimum>}},
      {"exclusiveMaximum", {k4, k2020, true, &L::ReadExclusiveBound<&Node::exclusive_maximum>}},
      {"multipleOf", {k4, k2020, true, &L::ReadMultipleOf}},
      {"minLength", {k4, k2020, true, &L::ReadCount<&Node::min_length>}},
      {"maxLength", {k4, k2020, true, &L::ReadCount<&Node::max_length>}},
      {"pattern", {k4, k2020, true, &L::ReadPattern}},
      {"format", {k4, k2020, false, &L::ReadFormat}},
      {"prefixItems", {k2020, k2020, false, &L::ReadSchemas<&Node::prefix_items>}},
      {"items", {k4, k2020, false, &L::ReadItems}},
      {"additionalItems", {k4, k2019, false, &L::ReadAdditionalItems}},
      {"contains", {k6, k2020, false, &L::ReadSchema<&Node::contains>}},
      {"minContains", {k2019, k2020, true, &L::ReadCount<&Node::min_contains>}},
      {"maxContains", {k2019, k2020, true, &L::ReadCount<&Node::max_contains>}},
      {"minItems", {k4, k2020, true, &L::ReadCount<&Node::min_items>}},
      {"maxItems", {k4, k2020, true, &L::ReadCount<&Node::max_items>}},
      {"uniqueItems", {k4, k2020, true, &L::ReadUniqueItems}},
      {"unevaluatedItems", {k2019, k2020, false, &L::ReadSchema<&Node::unevaluated_items>}},
      {"properties", {k4, k2020, false, &L::ReadProperties}},
      {"patternProperties", {k4, k2020, false, &L::ReadPatternProperties}},
      {"additionalProperties", {k4, k2020, false, &L::ReadSchema<&Node::additional_properties>}},
      {"unevaluatedProperties", {k2019, k2020, false, &L::ReadSchema<&Node::unevaluated_properties>}},
      {"propertyNames", {k6, k2020, false, &L::ReadSchema<&Node::property_names>}},
      {"required", {k4, k2020, true, &L::ReadRequired}},
      {"dependencies", {k4, k2020, false, &L::ReadDependencies}},
      {"dependentRequired", {k2019, k2020, true, &L::ReadDependentRequired}},
      {"dependentSchemas", {k2019, k2020, false, &L::ReadDependentSchemas}},
      {"minProperties", {k4, k2020, true, &L::ReadCount<&Node::min_properties>}},
      {"maxProperties", {k4, k2020, true, &L::ReadCount<&Node::max_properties>}},
      {"allOf", {k4, k2020, false, &L::ReadSchemas<&Node::all_of>}},
      {"anyOf", {k4, k2020, false, &L::ReadSchemas<&Node::any_of>}},
      {"oneOf", {k4, k2020, false, &L::ReadSchemas<&Node::one_of>}},
      {"not", {k4, k2020, false, &L::ReadSchema<&Node::not_>}},
      {"if", {k7, k2020, false, &L::ReadSchema<&Node::if_>}},
      {"then", {k7, k2020, false, &L::ReadSchema<&Node::then_>}},
      {"else", {k7, k2020, false, &L::ReadSchema<&Node::else_>}},
      {"definitions", {k4, k2020, false, &L::ReadDefinitions}},
      {"$defs", {k4, k2020, false, &L::ReadDefinitions}},
      {"$ref", {k4, k2020, false, &L::ReadReference}},
      {"$recursiveRef", {k2019, k2019, false, &L::ReadDynamicReference}},
      {"$dynamicRef", {k2020, k2020, false, &L::ReadDynamicReference}},
      {"$anchor", {k2019, k2020, false, &L::ReadAnchor}},
      {"$dynamicAnchor", {k2020, k2020, false, &L::ReadDynamicAnchor}},
      {"$recursiveAnchor", {k2019, k2019, false, &L::ReadRecursiveAnchor}},
  };
  const auto found = rules.find(keyword);
  return found == rules.end() ? nullptr : &found->second;
}

const Node* SchemaLoader::ReadChild(const Keyword& keyword, const Json& source, std::string pointer) {
  // Booleans are schemas from draft-06 on; draft-04 has them at additionalProperties and additionalItems
  // alone.
  if (source.is_boolean() && keyword.node.dialect == Dialect::kDraft4 &&
      keyword.name.substr(0, 10) != "additional") {
    Problem(keyword.document, pointer, "a schema of draft-04 is an object");
  }
  return ReadNode(source, {keyword.document, keyword.node.resource, std::move(pointer), keyword.depth + 1});
}

bool SchemaLoader::NeedsObject(const Keyword& keyword) {
  if (!keyword.value.is_object()) Problem(keyword, "must be an object");
  return keyword.value.is_object();
}

bool SchemaLoader::NeedsArray(const Keyword& keyword) {
  if (!keyword.value.is_array()) Problem(keyword, "must be an array");
  return keyword.value.is_array();
}

// `value` as a set of strings.
std::optional<std::vector<std::string>> SchemaLoader::Names(const Keyword& keyword, const Json& value) {
  std::vector<std::string> names;
  const auto is_string = [](const Json& item) { return item.is_string(); };
  if (!value.is_array() || !std::all_of(value.array().begin(), value.array().end(), is_string)) {
    Problem(keyword, "must be an array of strings");
    return std::nullopt;
  }
  for (const Json& item : value.array()) names.push_back(item.string());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::shared_ptr<const Pattern> SchemaLoader::MakePattern(const Keyword& keyword, std::string_view text) {
  absl::StatusOr<std::shared_ptr<const Pattern>> pattern = Pattern::Make(text);
  if (pattern.ok()) return *std::move(pattern);
  Problem(keyword, std::string(pattern.status().message()));
  return nullptr;
}

template <std::optional<Decimal> Node::* kField>
void SchemaLoader::ReadNumber(const Keyword& keyword) {
  if (keyword.value.is_number()) {
    keyword.node.*kField = keyword.value.number();
  } else {
    Problem(keyword, "must be a number");
  }
}

template <std::optional<Decimal> Node::* kField>
void SchemaLoader::ReadCount(const Keyword& keyword) {
  const Json& value = keyword.value;
  if (value.is_number() && value.number().IsInteger() && !value.number().IsNegative()) {
    keyword.node.*kField = value.number();
  } else {
    Problem(keyword, "must be an integer that is not negative");
  }
}

// In draft-04 a boolean beside the bound says whether the bound itself is allowed.
template <std::optional<Decimal> Node::* kInclusive, std::optional<Decimal> Node::* kExclusive>
void SchemaLoader::ReadBound(const Keyword& keyword) {
  const Json* exclusive =
      keyword.node.source->Find(keyword.name == "minimum" ? "exclusiveMinimum" : "exclusiveMaximum");
  const bool excluded = keyword.node.dialect == Dialect::kDraft4 && exclusive != nullptr &&
                        exclusive->is_boolean() && exclusive->boolean();
  if (excluded) {
    ReadNumber<kExclusive>(keyword);
  } else {
    ReadNumber<kInclusive>(keyword);
  }
}

template <std::optional<Decimal> Node::* kExclusive>
void SchemaLoader::ReadExclusiveBound(const Keyword& keyword) {
  if (keyword.node.dialect > Dialect::kDraft4) return ReadNumber<kExclusive>(keyword);
  if (!keyword.value.is_boolean()) Problem(keyword, "must be a boolean in draft-04");
}

template <const Node* Node::* kField>
void SchemaLoader::ReadSchema(const Keyword& keyword) {
  keyword.node.*kField = ReadChild(keyword, keyword.value, keyword.Pointer());
}

template <std::vector<const Node*> Node::* kField>
void SchemaLoader::ReadSchemas(const Keyword& keyword) {
  if (!NeedsArray(keyword)) return;
  if (keyword.value.array().empty() && keyword.name != "items") Problem(keyword, "must not be empty");
  const std::string pointer = keyword.Pointer();
  for (size_t i = 0; i < keyword.value.array().size() && !full_; ++i) {
    (keyword.node.*kField).push_back(ReadChild(keyword, keyword.value.array()[i], Child(pointer, i)));
  }
}

void SchemaLoader::ReadMultipleOf(const Keyword& keyword) {
  if (keyword.value.is_number() && !keyword.value.number().IsNegative() && !keyword.value.number().IsZero()) {
    keyword.node.multiple_of = keyword.value.number();
  } else {
    Problem(keyword, "must be a number greater than 0");
  }
}

void SchemaLoader::ReadTypes(const Keyword& keyword) {
  const bool many = keyword.value.is_array();
  Types types = 0;
  for (size_t i = 0; i < (many ? keyword.value.array().size() : 1); ++i) {
    const Json& name = many ? keyword.value.array()[i] : keyword.value;
    const std::optional<Types> type = TypeNamed(name);
    if (!type) {
      return Problem(keyword,
                     fmt::format("{} is none of null, boolean, integer, number, string, array, object",
                                 name.ToString()));
    }
    types |= *type;
  }
  if (types == 0) return Problem(keyword, "must not be empty");
  keyword.node.types = types;
}

void SchemaLoader::ReadEnum(const Keyword& keyword) {
  if (!NeedsArray(keyword)) return;
  // Beside a `const`, which is read first, both must hold.
  std::vector<Json> values = keyword.value.array();
  if (keyword.node.enumeration) {
    const Json constant = keyword.node.enumeration->front();
    if (std::find(values.begin(), values.end(), constant) != values.end()) return;
    values.clear();
  }
  if (values.size() > kLargeEnumeration) {
    ValueIndex& index = loaded_.enumerations[keyword.node.index];
    for (size_t i = 0; i < values.size(); ++i) index.emplace_back(values[i].Hash(), static_cast<uint32_t>(i));
    std::sort(index.begin(), index.end());
  }
  keyword.node.enumeration = std::move(values);
}

void SchemaLoader::ReadConst(const Keyword& keyword) {
  keyword.node.enumeration = std::vector<Json>{keyword.value};
  keyword.node.is_const = true;
}

void SchemaLoader::ReadPattern(const Keyword& keyword) {
  if (!keyword.value.is_string()) return Problem(keyword, "must be a string");
  keyword.node.pattern = MakePattern(keyword, keyword.value.string());
}

void SchemaLoader::ReadFormat(const Keyword& keyword) {
  if (!keyword.value.is_string()) return Problem(keyword, "must be a string");
  keyword.node.format = keyword.value.string();
}

void SchemaLoader::ReadUniqueItems(const Keyword& keyword) {
  if (!keyword.value.is_boolean()) return Problem(keyword, "must be a boolean");
  keyword.node.unique_items = keyword.value.boolean();
}

void SchemaLoader::ReadItems(const Keyword& keyword) {
  if (!keyword.value.is_array()) return ReadSchema<&Node::items>(keyword);
  if (keyword.node.dialect == Dialect::kDraft2020)
    return Problem(keyword, "must be a schema (an array is prefixItems)");
  ReadSchemas<&Node::prefix_items>(keyword);
}

void SchemaLoader::ReadAdditionalItems(const Keyword& keyword) {
  const Json* items = keyword.node.source->Find("items");
  if (items != nullptr && items->is_array()) ReadSchema<&Node::items>(keyword);
}

void SchemaLoader::ReadProperties(const Keyword& keyword) {
  if (!NeedsObject(keyword)) return;
  const std::string pointer = keyword.Pointer();
  keyword.node.properties.reserve(keyword.value.object().size());
  for (const auto& [name, schema] : keyword.value.object()) {
    if (full_) return;
    keyword.node.properties.emplace_back(name, ReadChild(keyword, schema, Child(pointer, name)));
  }
}

void SchemaLoader::ReadPatternProperties(const Keyword& keyword) {
  if (!NeedsObject(keyword)) return;
  const std::string pointer = keyword.Pointer();
  for (const auto& [name, schema] : keyword.value.object()) {
    if (full_) return;
    std::shared_ptr<const Pattern> pattern = MakePattern(keyword, name);
    const Node* child = ReadChild(keyword, schema, Child(pointer, name));
    if (pattern) keyword.node.pattern_properties.push_back({std::move(pattern), child});
  }
}

void SchemaLoader::ReadRequired(const Keyword& keyword) {
  std::optional<std::vector<std::string>> names = Names(keyword, keyword.value);
  if (names) keyword.node.required = *std::move(names);
}

void SchemaLoader::ReadDependencies(const Keyword& keyword) {
  if (!NeedsObject(keyword)) return;
  const std::string pointer = keyword.Pointer();
  for (const auto& [name, value] : keyword.value.object()) {
    if (full_) return;
    if (!value.is_array()) {
      keyword.node.dependent_schemas.emplace_back(name, ReadChild(keyword, value, Child(pointer, name)));
    } else if (std::optional<std::vector<std::string>> names = Names(keyword, value)) {
      keyword.node.dependent_required.emplace_back(name, *std::move(names));
    }
  }
}

void SchemaLoader::ReadDependentRequired(const Keyword& keyword) {
  if (!NeedsObject(keyword)) return;
  for (const auto& [name, value] : keyword.value.object()) {
    std::optional<std::vector<std::string>> names = Names(keyword, value);
    if (names) keyword.node.dependent_required.emplace_back(name, *std::move(names));
  }
}

void SchemaLoader::ReadDependentSchemas(const Keyword& keyword) {
  if (!NeedsObject(keyword)) return;
  const std::string pointer = keyword.Pointer();
  for (const auto& [name, schema] : keyword.value.object()) {
    if (full_) return;
    keyword.node.dependent_schemas.emplace_back(name, ReadChild(keyword, schema, Child(pointer, name)));
  }
}

void SchemaLoader::ReadDefinitions(const Keyword& keyword) {
  if (!NeedsObject(keyword)) return;
  const std::string pointer = keyword.Pointer();
  for (const auto& [name, schema] : keyword.value.object()) {
    if (full_) return;
    ReadChild(keyword, schema, Child(pointer, name));
  }
}

void SchemaLoader::ReadReference(const Keyword& keyword) {
  if (!keyword.value.is_string()) return Problem(keyword, "must be a string");
  references_.push_back({&keyword.node, false, keyword.value.string()});
}

void SchemaLoader::ReadDynamicReference(const Keyword& keyword) {
  if (!keyword.value.is_string()) return Problem(keyword, "must be a string");
  references_.push_back({&keyword.node, true, keyword.value.string()});
}

void SchemaLoader::ReadAnchor(const Keyword& keyword) {
  if (!keyword.value.is_string() || keyword.value.string().empty()) return Problem(keyword, "must be a name");
  auto& anchors = loaded_.resources[static_cast<size_t>(keyword.node.resource)].anchors;
  if (!anchors.emplace(keyword.value.string(), &keyword.node).second)
    Problem(keyword, "marks two schemas of one resource");
}

void SchemaLoader::ReadDynamicAnchor(const Keyword& keyword) {
  ReadAnchor(keyword);
  if (!keyword.value.is_string()) return;
  SchemaResource& resource = loaded_.resources[static_cast<size_t>(keyword.node.resource)];
  resource.dynamic_anchors.emplace(keyword.value.string(), &keyword.node);
}

void SchemaLoader::ReadRecursiveAnchor(const Keyword& keyword) {
  if (!keyword.value.is_boolean()) return Problem(keyword, "must be a boolean");
  SchemaResource& resource = loaded_.resources[static_cast<size_t>(keyword.node.resource)];
  if (keyword.value.boolean()) resource.dynamic_anchors.emplace("$recursiveAnchor", &keyword.node);
}

}  // namespace sluice::schema
