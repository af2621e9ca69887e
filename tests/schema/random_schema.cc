#include "tests/schema/random_schema.h"

#include <algorithm>
#include <array>

namespace sluice::schema {
namespace {

constexpr std::array<const char*, 5> kNames = {"a", "b", "c", "id", "x-1"};
constexpr std::array<const char*, 4> kPatterns = {"^a", "b", "^[a-z]+$", "^x-"};
constexpr std::array<const char*, 7> kTypes = {"null",   "boolean", "integer", "number",
                                               "string", "array",   "object"};
constexpr std::array<const char*, 4> kTexts = {"", "a", "ab", "x-1"};

Json::Object Without(const Json& object, size_t index) {
  Json::Object members = object.object();
  members.erase(members.begin() + static_cast<ptrdiff_t>(index));
  return members;
}

Json With(const Json& object, std::string_view key, Json value) {
  Json::Object members = object.object();
  members.emplace_back(std::string(key), std::move(value));
  return Json(std::move(members));
}

bool HoldsSubschemas(std::string_view key) {
  return key == "properties" || key == "patternProperties" || key == "definitions";
}

bool IsSubschema(std::string_view key) {
  return key == "items" || key == "additionalItems" || key == "contains" || key == "additionalProperties" ||
         key == "not" || key == "if" || key == "then" || key == "else";
}

}  // namespace

Json SchemaMaker::Document() {
  references_ = Chance(40);
  if (!references_) return Subschema(0);
  JsonObject definitions;
  definitions.Set("one", Subschema(2)).Set("two", Subschema(2));
  const Json root = Subschema(0);
  if (!root.is_object()) return root;
  // Up to draft-07 nothing counts beside a reference, so the root is no reference itself.
  Json::Object members = root.object();
  if (root.Find("$ref") != nullptr) members = {{"allOf", Json(Json::Array{root})}};
  members.emplace_back("definitions", definitions.Done());
  return Json(std::move(members));
}

Json SchemaMaker::Value(int depth) {
  switch (Below(depth > 1 ? 5 : 7)) {
    case 0:
      return Json();
    case 1:
      return Json(Chance(50));
    case 2:
      return Json(static_cast<int>(Below(5)));
    case 3:
      return Json(*Decimal::Parse("1.5"));
    case 4:
      return Json(kTexts[Below(kTexts.size())]);
    case 5:
      return Json(Json::Array{Value(depth + 1)});
    default:
      return JsonObject().Set(kNames[Below(kNames.size())], Value(depth + 1)).Done();
  }
}

Json::Array SchemaMaker::Values() {
  Json::Array values;
  for (uint64_t i = 1 + Below(3); i > 0; --i) {
    const Json value = Value(0);
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
  }
  return values;
}

Json SchemaMaker::Branches(int depth) {
  Json::Array branches;
  for (uint64_t i = 1 + Below(3); i > 0; --i) branches.push_back(Subschema(depth + 1));
  return Json(std::move(branches));
}

Json SchemaMaker::Subschema(int depth) {
  const uint64_t choice = Below(100);
  if (choice < 4) return Json(choice != 0);
  if (choice < 12 && references_ && depth > 0) {
    // A definition refers to another one only from inside of a member or an item, so no reference is its own
    // target.
    return JsonObject()
        .Set("properties",
             JsonObject()
                 .Set("a",
                      JsonObject().Set("$ref", Chance(50) ? "#/definitions/one" : "#/definitions/two").Done())
                 .Done())
        .Done();
  }
  JsonObject schema;
  if (choice < 20) return schema.Set("enum", Values()).Done();
  if (choice < 24) return schema.Set("const", Value(0)).Done();
  if (!Chance(15)) AddType(schema);
  if (depth < kMaxDepth) {
    if (Chance(70)) AddObject(schema, depth);
    if (Chance(20)) AddArray(schema, depth);
    if (Chance(25)) AddCombination(schema, depth);
  }
  if (Chance(30)) AddNumber(schema);
  if (Chance(30)) AddString(schema);
  return schema.Done();
}

void SchemaMaker::AddType(JsonObject& schema) {
  if (Chance(50)) {
    schema.Set("type", "object");
  } else if (Chance(70)) {
    schema.Set("type", kTypes[Below(kTypes.size())]);
  } else {
    const uint64_t first = Below(kTypes.size());
    schema.Set("type",
               Json::Array{kTypes[first], kTypes[(first + 1 + Below(kTypes.size() - 1)) % kTypes.size()]});
  }
}

void SchemaMaker::AddNumber(JsonObject& schema) {
  const int low = static_cast<int>(Below(5));
  if (Chance(50)) schema.Set(Chance(70) ? "minimum" : "exclusiveMinimum", low);
  if (Chance(50)) schema.Set(Chance(70) ? "maximum" : "exclusiveMaximum", low + static_cast<int>(Below(6)));
  if (Chance(20)) schema.Set("multipleOf", Chance(50) ? Json(2) : Json(*Decimal::Parse("0.5")));
}

void SchemaMaker::AddString(JsonObject& schema) {
  const int least = static_cast<int>(Below(3));
  if (Chance(40)) schema.Set("minLength", least);
  if (Chance(40)) schema.Set("maxLength", least + static_cast<int>(Below(4)));
  if (Chance(20)) schema.Set("pattern", kPatterns[Below(kPatterns.size())]);
}

void SchemaMaker::AddArray(JsonObject& schema, int depth) {
  if (Chance(60)) {
    schema.Set("items", Subschema(depth + 1));
  } else if (Chance(60)) {
    schema.Set("items", Branches(depth));
    if (Chance(50)) schema.Set("additionalItems", Subschema(depth + 1));
  }
  const int least = static_cast<int>(Below(3));
  if (Chance(30)) schema.Set("minItems", least);
  if (Chance(30)) schema.Set("maxItems", least + static_cast<int>(Below(3)));
  if (Chance(15)) schema.Set("uniqueItems", true);
  if (Chance(15)) schema.Set("contains", Subschema(depth + 1));
}

void SchemaMaker::AddObject(JsonObject& schema, int depth) {
  JsonObject properties;
  Json::Array required;
  for (const char* name : kNames) {
    if (Chance(40)) properties.Set(name, Subschema(depth + 1));
    if (Chance(20)) required.emplace_back(name);
  }
  schema.Set("properties", properties.Done());
  if (Chance(60)) schema.Set("required", std::move(required));
  if (Chance(20))
    schema.Set("additionalProperties", false);
  else if (Chance(15))
    schema.Set("additionalProperties", Subschema(depth + 1));
  if (Chance(10)) {
    schema.Set("patternProperties",
               JsonObject().Set(kPatterns[Below(kPatterns.size())], Subschema(depth + 1)).Done());
  }
  if (Chance(8))
    schema.Set("propertyNames", JsonObject().Set("maxLength", static_cast<int>(1 + Below(3))).Done());
  if (Chance(8)) schema.Set("minProperties", static_cast<int>(Below(3)));
  if (Chance(8)) schema.Set("maxProperties", static_cast<int>(1 + Below(4)));
  if (Chance(8)) schema.Set("dependencies", JsonObject().Set("a", Json::Array{"b"}).Done());
}

void SchemaMaker::AddCombination(JsonObject& schema, int depth) {
  switch (Below(6)) {
    case 0:
      schema.Set("allOf", Branches(depth));
      break;
    case 1:
    case 2:
      schema.Set("anyOf", Branches(depth));
      break;
    case 3:
      schema.Set("oneOf", Branches(depth));
      break;
    case 4:
      schema.Set("not", Subschema(depth + 2));
      break;
    default:
      schema.Set("if", Subschema(depth + 2)).Set("then", Subschema(depth + 2));
      if (Chance(50)) schema.Set("else", Subschema(depth + 2));
  }
}

Json SchemaMaker::Edited(const Json& document) {
  Json edited = document;
  for (uint64_t i = 1 + Below(3); i > 0; --i) edited = EditOnce(edited, 0);
  return edited;
}

// Goes down to a subschema, or stays.
Json SchemaMaker::EditOnce(const Json& schema, int depth) {
  if (!schema.is_object() || schema.object().empty() || Chance(25)) return EditHere(schema);
  const size_t at = Below(schema.object().size());
  const auto& [key, value] = schema.object()[at];
  Json changed = value;
  if (IsSubschema(key) && !value.is_array()) {
    changed = EditOnce(value, depth + 1);
  } else if (HoldsSubschemas(key) && !value.object().empty()) {
    Json::Object members = value.object();
    Json& member = members[Below(members.size())].second;
    member = EditOnce(member, depth + 1);
    changed = Json(std::move(members));
  } else {
    return EditHere(schema);
  }
  Json::Object members = schema.object();
  members[at].second = changed;
  return Json(std::move(members));
}

Json SchemaMaker::EditHere(const Json& schema) {
  if (!schema.is_object() || schema.Find("$ref") != nullptr) return schema;
  const Json* properties = schema.Find("properties");
  const char* name = kNames[Below(kNames.size())];
  switch (Below(8)) {
    case 0:
      return With(schema, "properties", With(properties ? *properties : Json(Json::Object{}), name, Plain()));
    case 1:
      if (properties == nullptr || properties->object().empty()) return schema;
      return With(schema, "properties", Json(Without(*properties, Below(properties->object().size()))));
    case 2:
      return With(schema, "required", Json::Array{name});
    case 3:
      return With(schema, "required", Json::Array{});
    case 4:
      return With(schema, "minimum", static_cast<int>(Below(5)));
    case 5:
      return With(schema, "maxLength", static_cast<int>(Below(5)));
    case 6:
      return With(schema, "type", kTypes[Below(kTypes.size())]);
    default: {
      if (schema.object().empty()) return schema;
      const size_t at = Below(schema.object().size());
      return schema.object()[at].first == "definitions" ? schema : Json(Without(schema, at));
    }
  }
}

}  // namespace sluice::schema
