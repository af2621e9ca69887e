#include "tests/schema/rewrite.h"

#include <algorithm>
#include <array>
#include <functional>
#include <random>
#include <string_view>

namespace sluice::schema {
namespace {

constexpr std::array<std::string_view, 10> kOne = {
    "items", "additionalItems", "contains", "additionalProperties", "propertyNames", "not", "if", "then",
    "else"};
constexpr std::array<std::string_view, 4> kList = {"items", "allOf", "anyOf", "oneOf"};
constexpr std::array<std::string_view, 4> kNamed = {"properties", "patternProperties", "definitions",
                                                    "dependencies"};

template <size_t kSize>
bool OneOf(std::string_view key, const std::array<std::string_view, kSize>& keys) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

using Change = std::function<Json(const Json&)>;

Json WithEachItem(const Json& list, const Change& change) {
  Json::Array items;
  for (const Json& item : list.array()) items.push_back(change(item));
  return Json(std::move(items));
}

// `change` of each subschema directly below `schema`.
Json WithEachSubschema(const Json& schema, const Change& change) {
  if (!schema.is_object()) return schema;
  Json::Object members = schema.object();
  for (auto& [key, value] : members) {
    if (OneOf(key, kList) && value.is_array()) {
      value = WithEachItem(value, change);
    } else if (OneOf(key, kNamed)) {
      Json::Object named = value.object();
      for (auto& [name, subschema] : named) {
        if (!subschema.is_array()) subschema = change(subschema);  // a dependency may be a list of names
      }
      value = Json(std::move(named));
    } else if (OneOf(key, kOne)) {
      value = change(value);
    }
  }
  return Json(std::move(members));
}

// `change` of each subschema and of the whole, what is below first.
Json Everywhere(const Json& schema, const Change& change) {
  return change(WithEachSubschema(schema, [&](const Json& below) { return Everywhere(below, change); }));
}

Json Renamed(const Json& schema, const std::function<std::string(const std::string&)>& rename) {
  Json::Object members = schema.object();
  for (auto& [key, value] : members) key = rename(key);
  return Json(std::move(members));
}

Json With(const Json& schema, std::string_view key, Json value) {
  Json::Object members = schema.object();
  members.emplace_back(std::string(key), std::move(value));
  return Json(std::move(members));
}

Json Without(const Json& schema, std::string_view key) {
  Json::Object members = schema.object();
  std::erase_if(members, [&](const Json::Member& member) { return member.first == key; });
  return Json(std::move(members));
}

bool Uses(const Json& schema, std::initializer_list<std::string_view> keys) {
  bool uses = false;
  Everywhere(schema, [&](const Json& below) {
    for (const std::string_view key : keys) uses = uses || below.Find(key) != nullptr;
    return below;
  });
  return uses;
}

void WriteReversed(const Json& value, std::string& out) {
  if (value.is_object()) {
    out += '{';
    for (size_t i = value.object().size(); i > 0; --i) {
      const auto& [key, member] = value.object()[i - 1];
      out += Json(key).ToString() + ": ";
      WriteReversed(member, out);
      if (i > 1) out += ",\n";
    }
    out += '}';
  } else if (value.is_array()) {
    out += '[';
    for (size_t i = 0; i < value.array().size(); ++i) {
      if (i > 0) out += ", ";
      WriteReversed(value.array()[i], out);
    }
    out += ']';
  } else {
    out += value.ToString();
  }
}

}  // namespace

std::string WithKeysReversed(const Json& document) {
  std::string text;
  WriteReversed(document, text);
  return text;
}

Json Described(const Json& schema) {
  return Everywhere(schema, [](const Json& below) {
    if (!below.is_object() || below.Find("$ref") != nullptr) return below;
    return With(With(With(With(below, "title", "A title"), "description", "What it is"), "default", Json()),
                "examples", Json::Array{Json(1), Json("a")});
  });
}

Json WithListsReversed(const Json& schema) {
  return Everywhere(schema, [](const Json& below) {
    if (!below.is_object()) return below;
    Json::Object members = below.object();
    for (auto& [key, value] : members) {
      if (!value.is_array() || key == "items" || key == "const") continue;
      value = Json(Json::Array(value.array().rbegin(), value.array().rend()));
    }
    return Json(std::move(members));
  });
}

Json WithReferences(const Json& document, uint64_t seed) {
  std::mt19937_64 random(seed);
  Json::Object definitions;
  const Change extract = [&](const Json& below) {
    if (random() % 2 == 0) return below;
    const std::string name = "made " + std::to_string(definitions.size());
    definitions.emplace_back(name, below);
    return JsonObject().Set("$ref", "#/definitions/made%20" + std::to_string(definitions.size() - 1)).Done();
  };
  const Json changed =
      WithEachSubschema(document, [&](const Json& below) { return Everywhere(below, extract); });
  if (!changed.is_object() || definitions.empty()) return document;
  if (const Json* before = changed.Find("definitions")) {
    for (const auto& each : before->object()) definitions.push_back(each);
  }
  return With(changed, "definitions", Json(std::move(definitions)));
}

Json AsDraft2020(const Json& document) {
  const Json changed = Everywhere(document, [](const Json& below) {
    if (!below.is_object()) return below;
    Json schema = below;
    const Json* items = below.Find("items");
    const bool list = items != nullptr && items->is_array();
    if (!list) schema = Without(schema, "additionalItems");  // means nothing beside one schema for all
    schema = Renamed(schema, [&](const std::string& key) -> std::string {
      if (key == "items" && list) return "prefixItems";
      if (key == "additionalItems") return "items";
      if (key == "dependencies") return "dependentRequired";  // SchemaMaker makes no others
      return key == "definitions" ? "$defs" : key;
    });
    if (const Json* ref = schema.Find("$ref")) {
      std::string target = ref->string();
      target.replace(0, std::string_view("#/definitions").size(), "#/$defs");
      schema = With(schema, "$ref", target);
    }
    return schema;
  });
  if (!changed.is_object()) return changed;
  return With(changed, "$schema", "https://json-schema.org/draft/2020-12/schema");
}

std::optional<Json> AsDraft6(const Json& document) {
  if (!document.is_object() || Uses(document, {"if", "then", "else"})) return std::nullopt;
  return With(document, "$schema", "http://json-schema.org/draft-06/schema#");
}

std::optional<Json> AsDraft4(const Json& document) {
  if (!document.is_object() || Uses(document, {"if", "then", "else", "contains", "propertyNames"}))
    return std::nullopt;
  const Json changed = Everywhere(document, [](const Json& below) {
    // Draft-04 knows booleans for two keywords alone; it counts 1.0 as an integer or not, as the validator
    // likes.
    if (below.is_boolean()) {
      return below.boolean() ? Json(Json::Object{}) : JsonObject().Set("not", Json(Json::Object{})).Done();
    }
    Json schema = below;
    if (const Json* value = below.Find("const"))
      schema = With(Without(schema, "const"), "enum", Json::Array{*value});
    if (const Json* required = below.Find("required"); required != nullptr && required->array().empty()) {
      schema = Without(schema, "required");
    }
    for (const auto& [bound, exclusive] :
         {std::pair("minimum", "exclusiveMinimum"), std::pair("maximum", "exclusiveMaximum")}) {
      const Json* value = below.Find(exclusive);
      if (value != nullptr) schema = With(With(schema, bound, *value), exclusive, true);
    }
    return schema;
  });
  return With(changed, "$schema", "http://json-schema.org/draft-04/schema#");
}

Json WithBranchAdded(const Json& document, const Json& branch, uint64_t seed) {
  std::mt19937_64 random(seed);
  // Down a random way of positive keywords, then the branch beside what stands there.
  const std::function<Json(const Json&, int)> add = [&](const Json& schema, int depth) -> Json {
    if (schema.is_object() && depth < 3 && random() % 3 != 0) {
      Json::Object members = schema.object();
      for (auto& [key, value] : members) {
        if (random() % 2 == 0) continue;
        if (key == "properties" && !value.object().empty()) {
          Json::Object properties = value.object();
          Json& property = properties[random() % properties.size()].second;
          property = add(property, depth + 1);
          value = Json(std::move(properties));
        } else if ((key == "items" && !value.is_array()) || key == "additionalProperties") {
          value = add(value, depth + 1);
        } else if (key == "allOf" || key == "anyOf") {
          Json::Array branches = value.array();
          Json& chosen = branches[random() % branches.size()];
          chosen = add(chosen, depth + 1);
          value = Json(std::move(branches));
        } else {
          continue;
        }
        return Json(std::move(members));
      }
    }
    JsonObject wider;
    const Json* definitions = schema.Find("definitions");  // they stay where references look for them
    wider.Set("anyOf", Json::Array{schema, branch});
    if (depth == 0 && definitions != nullptr) wider.Set("definitions", *definitions);
    return wider.Done();
  };
  return add(document, 0);
}

}  // namespace sluice::schema
