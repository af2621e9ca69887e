#include "common/schema/project.h"

#include <absl/container/flat_hash_map.h>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>

#include "common/schema/edits_view.h"
#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

constexpr int kMostNodes = 200'000;
constexpr int kMostDepth = 256;
constexpr size_t kMostPositions = 64;  // of a list, by their numbers

// The fields that a consumer uses, as a tree by tokens.
struct Used {
  bool whole = false;  // this and all below
  std::map<std::string, Used, std::less<>> children;

  // What is used at `token`: by its own name, or else by `*`; nullptr: nothing.
  const Used* At(std::string_view token) const {
    const auto named = children.find(token);
    if (named != children.end()) return &named->second;
    const auto any = children.find("*");
    return any == children.end() ? nullptr : &any->second;
  }
};

enum class Mode { kExact, kRelaxed };  // kRelaxed: as a consumer reads that does not validate

Json TypeNames(Types types) {
  static constexpr std::pair<Types, const char*> kNames[] = {
      {kNull, "null"},     {kBoolean, "boolean"}, {kInteger, "integer"}, {kNumber, "number"},
      {kString, "string"}, {kArray, "array"},     {kObject, "object"}};
  Json::Array names;
  for (const auto& [type, name] : kNames) {
    if ((types & type) != 0) names.emplace_back(name);
  }
  return names;
}

Types TypesOfValues(const std::vector<Json>& values) {
  Types types = 0;
  for (const Json& value : values) {
    static constexpr Types kByType[] = {kNull, kBoolean, kNumber, kString, kArray, kObject};
    types |= kByType[static_cast<size_t>(value.type())];
  }
  return types;
}

Json Strings(const std::vector<std::string>& words) { return Json::Array(words.begin(), words.end()); }

class Projection {
 public:
  explicit Projection(const ConsumerTraits& traits) : traits_(traits) {}

  absl::StatusOr<Json> Document(const Node& root, const Used& used) {
    const Json top = Part(root, used, 0);
    JsonObject definitions;
    while (!waiting_.empty()) {
      const auto [node, mode, name] = waiting_.front();
      waiting_.pop_front();
      definitions.Set(name, Whole(*node, mode, 0));
      if (left_ < 0) break;
    }
    if (left_ < 0)
      return absl::ResourceExhaustedError("the schema is too large to look at some of its fields");
    return JsonObject()
        .Set("$schema", "https://json-schema.org/draft/2020-12/schema")
        .Set("allOf", Json::Array{top})
        .Set("$defs", definitions.Done())
        .Done();
  }

 private:
  struct Waiting {
    const Node* node;
    Mode mode;
    std::string name;
  };

  bool Spend(int depth) {
    --left_;
    if (depth > kMostDepth) left_ = -1;
    return left_ >= 0;
  }

  // `node` as a reference to a definition.
  Json Reference(const Node* node, Mode mode) {
    const auto [known, is_new] = names_.try_emplace({node, mode}, fmt::format("n{}", names_.size()));
    if (is_new) waiting_.push_back({node, mode, known->second});
    return JsonObject().Set("$ref", "#/$defs/" + known->second).Done();
  }

  // All that `node` says.
  Json Whole(const Node& node, Mode mode, int depth) {
    if (!Spend(depth)) return true;
    if (node.never) return false;
    JsonObject out;
    AddTypes(node, mode, out);
    AddNumbers(node, out);
    AddObject(node, mode, depth, out);
    AddArray(node, mode, depth, out);
    Json::Array all;
    for (const Node* part : node.all_of) all.push_back(Whole(*part, mode, depth + 1));
    if (node.ref != nullptr) all.push_back(Reference(node.ref, mode));
    if (node.dynamic_ref != nullptr) all.push_back(Reference(node.dynamic_ref, mode));
    AddBranches(node, mode, all, [&](const Node& branch) { return Whole(branch, mode, depth + 1); });
    if (!all.empty()) out.Set("allOf", std::move(all));
    if (node.not_ != nullptr) out.Set("not", Whole(*node.not_, Mode::kExact, depth + 1));
    AddCondition(node, depth, out, [&](const Node& part) { return Whole(part, mode, depth + 1); });
    return out.Done();
  }

  // What `node` says about the fields `used` and their ancestors.
  Json Part(const Node& node, const Used& used, int depth) {
    if (used.whole) return Whole(node, Mode::kRelaxed, depth);
    if (!Spend(depth)) return true;
    if (node.never) return false;
    JsonObject out;
    if (node.types) {
      out.Set("type", TypeNames(*node.types));
    } else if (node.enumeration) {
      out.Set("type", TypeNames(TypesOfValues(*node.enumeration)));
    }
    AddUsedMembers(node, used, depth, out);
    AddUsedItems(node, used, depth, out);
    const auto part = [&](const Node& below) { return Part(below, used, depth + 1); };
    Json::Array all;
    for (const Node* below : node.all_of) all.push_back(part(*below));
    if (node.ref != nullptr) all.push_back(part(*node.ref));
    if (node.dynamic_ref != nullptr) all.push_back(part(*node.dynamic_ref));
    AddBranches(node, Mode::kRelaxed, all, part);
    for (const auto& [name, schema] : node.dependent_schemas) {
      if (used.At(name) != nullptr) all.push_back(Conditional(name, part(*schema)));
    }
    if (!all.empty()) out.Set("allOf", std::move(all));
    AddCondition(node, depth, out, part);
    return out.Done();
  }

  static Json Conditional(const std::string& name, Json schema) {
    return JsonObject().Set("dependentSchemas", JsonObject().Set(name, std::move(schema)).Done()).Done();
  }

  void AddTypes(const Node& node, Mode mode, JsonObject& out) const {
    if (node.types) out.Set("type", TypeNames(*node.types));
    if (!node.enumeration) return;
    if (mode == Mode::kExact || !traits_.ignores_unknown_values) {
      out.Set("enum", Json::Array(*node.enumeration));
    } else if (!node.types) {
      out.Set("type", TypeNames(TypesOfValues(*node.enumeration)));
    }
  }

  static void AddNumbers(const Node& node, JsonObject& out) {
    const auto add = [&out](const char* keyword, const std::optional<Decimal>& value) {
      if (value) out.Set(keyword, *value);
    };
    add("minimum", node.minimum);
    add("exclusiveMinimum", node.exclusive_minimum);
    add("maximum", node.maximum);
    add("exclusiveMaximum", node.exclusive_maximum);
    add("multipleOf", node.multiple_of);
    add("minLength", node.min_length);
    add("maxLength", node.max_length);
    add("minItems", node.min_items);
    add("maxItems", node.max_items);
    add("minContains", node.min_contains);
    add("maxContains", node.max_contains);
    if (node.pattern != nullptr) out.Set("pattern", node.pattern->text());
    if (node.unique_items) out.Set("uniqueItems", true);
  }

  void AddObject(const Node& node, Mode mode, int depth, JsonObject& out) {
    const auto kept = [mode](const Node* schema) {
      return schema != nullptr && (mode == Mode::kExact || !Follow(schema)->never);
    };
    JsonObject properties, patterns, dependent, names;
    for (const auto& [name, schema] : node.properties) {
      // A member that is forbidden is passed over by who does not validate, and is no free member either.
      properties.Set(name, kept(schema) ? Whole(*schema, mode, depth + 1) : Json(true));
    }
    for (const PatternProperty& property : node.pattern_properties)
      patterns.Set(property.pattern->text(),
                   kept(property.schema) ? Whole(*property.schema, mode, depth + 1) : Json(true));
    for (const auto& [name, schema] : node.dependent_schemas)
      dependent.Set(name, Whole(*schema, mode, depth + 1));
    for (const auto& [name, list] : node.dependent_required) names.Set(name, Strings(list));
    if (!node.properties.empty()) out.Set("properties", properties.Done());
    if (!node.pattern_properties.empty()) out.Set("patternProperties", patterns.Done());
    if (!node.dependent_schemas.empty()) out.Set("dependentSchemas", dependent.Done());
    if (!node.dependent_required.empty()) out.Set("dependentRequired", names.Done());
    if (!node.required.empty()) out.Set("required", Strings(node.required));
    if (kept(node.additional_properties))
      out.Set("additionalProperties", Whole(*node.additional_properties, mode, depth + 1));
    // In relaxed branches more is accepted, so that less would be left unevaluated: dropped there.
    if (mode == Mode::kRelaxed) return;
    if (node.unevaluated_properties != nullptr)
      out.Set("unevaluatedProperties", Whole(*node.unevaluated_properties, mode, depth + 1));
    if (node.property_names != nullptr)
      out.Set("propertyNames", Whole(*node.property_names, mode, depth + 1));
    if (node.min_properties) out.Set("minProperties", *node.min_properties);
    if (node.max_properties) out.Set("maxProperties", *node.max_properties);
  }

  void AddArray(const Node& node, Mode mode, int depth, JsonObject& out) {
    const auto kept = [mode](const Node* schema) {
      return schema != nullptr && (mode == Mode::kExact || !Follow(schema)->never);
    };
    if (!node.prefix_items.empty()) {
      Json::Array prefix;
      for (const Node* item : node.prefix_items)
        prefix.push_back(kept(item) ? Whole(*item, mode, depth + 1) : Json(true));
      out.Set("prefixItems", std::move(prefix));
    }
    if (kept(node.items)) out.Set("items", Whole(*node.items, mode, depth + 1));
    if (node.contains != nullptr) {
      // At most so many of a kind: relaxed, more would count.
      const bool exact = node.max_contains.has_value();
      out.Set("contains", Whole(*node.contains, exact ? Mode::kExact : mode, depth + 1));
    }
    if (mode == Mode::kExact && node.unevaluated_items != nullptr)
      out.Set("unevaluatedItems", Whole(*node.unevaluated_items, mode, depth + 1));
  }

  // anyOf and oneOf as members of `all`; what is relaxed holds for more than one branch easily, so oneOf
  // becomes anyOf.
  template <typename Branch>
  void AddBranches(const Node& node, Mode mode, Json::Array& all, Branch branch) {
    for (const bool exclusive : {false, true}) {
      const auto& branches = exclusive ? node.one_of : node.any_of;
      if (branches.empty()) continue;
      Json::Array each;
      for (const Node* below : branches) each.push_back(branch(*below));
      all.push_back(
          JsonObject().Set(exclusive && mode == Mode::kExact ? "oneOf" : "anyOf", std::move(each)).Done());
    }
  }

  template <typename Part>
  void AddCondition(const Node& node, int depth, JsonObject& out, Part part) {
    if (node.if_ == nullptr || (node.then_ == nullptr && node.else_ == nullptr)) return;
    out.Set("if", Whole(*node.if_, Mode::kExact, depth + 1));
    if (node.then_ != nullptr) out.Set("then", part(*node.then_));
    if (node.else_ != nullptr) out.Set("else", part(*node.else_));
  }

  // The schemas that `node` has for the member `name`.
  static std::vector<const Node*> SchemasOf(const Node& node, const std::string& name) {
    std::vector<const Node*> schemas;
    const auto named =
        std::lower_bound(node.properties.begin(), node.properties.end(), name,
                         [](const auto& member, const std::string& key) { return member.first < key; });
    if (named != node.properties.end() && named->first == name) schemas.push_back(named->second);
    for (const PatternProperty& property : node.pattern_properties) {
      if (property.pattern->Matches(name).value_or(false)) schemas.push_back(property.schema);
    }
    if (schemas.empty() && node.additional_properties != nullptr)
      schemas.push_back(node.additional_properties);
    std::erase_if(schemas, [](const Node* schema) { return Follow(schema)->never; });
    return schemas;
  }

  void AddUsedMembers(const Node& node, const Used& used, int depth, JsonObject& out) {
    JsonObject properties, patterns;
    Json::Array required;
    const auto add = [&](const std::string& name, const Used& below) {
      Json::Array all;
      for (const Node* schema : SchemasOf(node, name)) all.push_back(Part(*schema, below, depth + 1));
      properties.Set(name, all.empty() ? Json(true) : JsonObject().Set("allOf", std::move(all)).Done());
      if (std::binary_search(node.required.begin(), node.required.end(), name)) required.emplace_back(name);
    };
    for (const auto& [name, below] : used.children) {
      if (name != "*") add(name, below);
    }
    const auto any = used.children.find("*");
    if (any != used.children.end()) {
      for (const auto& [name, schema] : node.properties) {
        if (!used.children.contains(name)) add(name, any->second);
      }
      for (const PatternProperty& property : node.pattern_properties)
        patterns.Set(property.pattern->text(), Follow(property.schema)->never
                                                   ? Json(true)
                                                   : Part(*property.schema, any->second, depth + 1));
      if (node.additional_properties != nullptr && !Follow(node.additional_properties)->never)
        out.Set("additionalProperties", Part(*node.additional_properties, any->second, depth + 1));
      if (!node.pattern_properties.empty()) out.Set("patternProperties", patterns.Done());
    }
    out.Set("properties", properties.Done());
    if (!required.empty()) out.Set("required", std::move(required));
  }

  void AddUsedItems(const Node& node, const Used& used, int depth, JsonObject& out) {
    if (node.min_items) out.Set("minItems", *node.min_items);
    if (node.max_items) out.Set("maxItems", *node.max_items);
    const auto at = [&](const Node* schema, const Used* below) {
      return schema == nullptr || Follow(schema)->never || below == nullptr
                 ? Json(true)
                 : Part(*schema, *below, depth + 1);
    };
    size_t positions = node.prefix_items.size();
    for (size_t i = positions; i < kMostPositions; ++i) {
      if (used.children.contains(std::to_string(i))) positions = i + 1;
    }
    Json::Array prefix;
    for (size_t i = 0; i < positions; ++i)
      prefix.push_back(
          at(i < node.prefix_items.size() ? node.prefix_items[i] : node.items, used.At(std::to_string(i))));
    if (!prefix.empty()) out.Set("prefixItems", std::move(prefix));
    const auto any = used.children.find("*");
    if (any != used.children.end()) out.Set("items", at(node.items, &any->second));
  }

  const ConsumerTraits& traits_;
  int left_ = kMostNodes;
  absl::flat_hash_map<std::pair<const Node*, Mode>, std::string> names_;
  std::deque<Waiting> waiting_;
};

}  // namespace

absl::StatusOr<Schema> Project(const Schema& schema, const std::vector<std::string>& fields,
                               const ConsumerTraits& traits) {
  if (traits.validates) return schema;
  Used used;
  for (const std::string& field : fields) {
    const std::optional<std::vector<std::string>> tokens = SplitPointer(field);
    if (!tokens)
      return absl::InvalidArgumentError(fmt::format("{} is no JSON Pointer", Json(field).ToString()));
    Used* at = &used;
    for (const std::string& token : *tokens) at = &at->children[token];
    at->whole = true;
  }
  const absl::StatusOr<Json> document = Projection(traits).Document(schema.root(), used);
  if (!document.ok()) return document.status();
  return Schema::Load(*document);
}

}  // namespace sluice::schema
