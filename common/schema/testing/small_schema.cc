#include "common/schema/testing/small_schema.h"

#include <string>
#include <utility>

namespace sluice::schema {
namespace {

const std::vector<std::string> kNames = {"a", "b", "c", "d"};

const std::vector<Json>& Scalars() {
  static const std::vector<Json> scalars = {
      Json(), true, false, -1, 0, 1, 2, 3, Json(*Decimal::Parse("1.5")), "", "a", "b", "ab", "abc"};
  return scalars;
}

template <typename T>
Json::Array Times(size_t count, T make) {
  Json::Array items;
  for (size_t i = 0; i < count; ++i) items.push_back(make());
  return items;
}

Json Object(std::string name, Json value) { return Json(Json::Object{{std::move(name), std::move(value)}}); }

}  // namespace

Json SmallSchemas::Name() { return kNames[Below(kNames.size())]; }

Json SmallSchemas::Value() { return Scalars()[Below(Scalars().size())]; }

Json SmallSchemas::Expression() {
  static const std::vector<std::string> expressions = {"^a", "b$", "a", "^[ab]*$", "^ab?$", "c|d"};
  return expressions[Below(expressions.size())];
}

Json SmallSchemas::Type() {
  static const std::vector<std::string> types = {"null",  "boolean", "integer", "number", "string",
                                                 "array", "object",  "object",  "object"};
  const std::string first = types[Below(types.size())], second = types[Below(types.size())];
  if (first == second || Chance(85)) return first;
  return Json::Array{first, second};
}

Json SmallSchemas::Simple() {
  if (Chance(60)) return false;
  return Chance(50) ? Json(true) : Object("type", Type());
}

Json SmallSchemas::List(int depth) {
  return Times(1 + Below(3), [&] { return Make(depth); });
}

Json SmallSchemas::Members(int depth) {
  JsonObject members;
  for (size_t i = Below(3) + 1; i > 0; --i) members.Set(Name().string(), Make(depth));
  return members.Done();
}

void SmallSchemas::AddScalarKeyword(JsonObject& schema) {
  const int bound = static_cast<int>(Below(4)) - 1;
  switch (Below(11)) {
    case 0:
      schema.Set("enum", Times(1 + Below(4), [&] { return Value(); }));
      break;
    case 1:
      schema.Set("const", Value());
      break;
    case 2:
      schema.Set("minimum", bound);
      break;
    case 3:
      schema.Set("maximum", bound);
      break;
    case 4:
      schema.Set(Chance(50) ? "exclusiveMinimum" : "exclusiveMaximum", bound);
      break;
    case 5:
      schema.Set("multipleOf", Chance(30) ? Json(*Decimal::Parse("0.5")) : Json(bound + 2));
      break;
    case 6:
      schema.Set("minLength", bound + 1);
      break;
    case 7:
      schema.Set("maxLength", bound + 1);
      break;
    case 8:
      schema.Set("pattern", Expression());
      break;
    default:
      schema.Set("type", Type());
      break;
  }
}

void SmallSchemas::AddObjectKeyword(JsonObject& schema, int depth) {
  switch (Below(10)) {
    case 0:
    case 1: {
      const Json first = Name(), second = Name();
      schema.Set("required", first == second ? Json::Array{first} : Json::Array{first, second});
      break;
    }
    case 2:
      schema.Set("additionalProperties", Chance(60) ? Simple() : Make(depth));
      break;
    case 3:
      schema.Set("patternProperties", Object(Expression().string(), Make(depth)));
      break;
    case 4:
      schema.Set(Chance(50) ? "minProperties" : "maxProperties", static_cast<int>(Below(3)));
      break;
    case 5:
      schema.Set("propertyNames", Make(0));
      break;
    case 6:
      if (newer_) schema.Set("unevaluatedProperties", Chance(70) ? Simple() : Make(depth));
      break;
    default:
      schema.Set("properties", Members(depth));
      break;
  }
}

void SmallSchemas::AddArrayKeyword(JsonObject& schema, int depth) {
  switch (Below(6)) {
    case 0:
      schema.Set("contains", Make(depth));
      break;
    case 1:
      schema.Set(Chance(50) ? "minItems" : "maxItems", static_cast<int>(Below(3)));
      break;
    case 2:
      schema.Set("uniqueItems", true);
      break;
    case 3:
      schema.Set(newer_ ? "prefixItems" : "items", List(depth));
      break;
    case 4:
      if (newer_) schema.Set("unevaluatedItems", Chance(70) ? Simple() : Make(depth));
      break;
    default:
      schema.Set("items", Make(depth));
      break;
  }
}

void SmallSchemas::AddDependency(JsonObject& schema, int depth) {
  if (Chance(50)) {
    schema.Set(newer_ ? "dependentRequired" : "dependencies", Object(Name().string(), Json::Array{Name()}));
  } else {
    schema.Set(newer_ ? "dependentSchemas" : "dependencies", Object(Name().string(), Make(depth)));
  }
}

void SmallSchemas::AddCombination(JsonObject& schema, int depth) {
  if (depth < 0) return;
  switch (Below(8)) {
    case 0:
      schema.Set("allOf", List(depth));
      break;
    case 1:
    case 2:
      schema.Set("anyOf", List(depth));
      break;
    case 3:
    case 4:
      schema.Set("oneOf", List(depth));
      break;
    case 5:
      schema.Set("not", Make(depth));
      break;
    case 6:
      schema.Set("if", Make(depth));
      if (Chance(80)) schema.Set("then", Make(depth));
      if (Chance(50)) schema.Set("else", Make(depth));
      break;
    default:
      AddDependency(schema, depth);
      break;
  }
}

void SmallSchemas::AddKeyword(JsonObject& schema, int depth) {
  const size_t kind = Below(33);
  if (kind < 13) {
    AddScalarKeyword(schema);
  } else if (kind < 23) {
    AddObjectKeyword(schema, depth);
  } else if (kind < 27) {
    AddArrayKeyword(schema, depth);
  } else if (kind < 32 || !newer_) {
    AddCombination(schema, depth);
  } else {
    schema.Set("$ref", "#");
  }
}

Json SmallSchemas::Make(int depth) {
  if (depth < 0) return Simple();
  if (Chance(4)) return Chance(50);
  JsonObject schema;
  for (size_t i = 1 + Below(3); i > 0; --i) AddKeyword(schema, depth - 1);
  return schema.Done();
}

Json SmallSchemas::Change(const Json& schema) {
  if (!schema.is_object() || schema.object().empty() || Chance(25)) return Make(1);
  Json::Object members = schema.object();
  const size_t at = Below(members.size());
  const std::string name = members[at].first;
  Json& value = members[at].second;
  if (Chance(15)) {
    members.erase(members.begin() + static_cast<ptrdiff_t>(at));
  } else if ((name == "properties" || name == "patternProperties") && !value.object().empty()) {
    Json::Object inner = value.object();
    Json& changed = inner[Below(inner.size())].second;
    changed = Change(changed);
    value = Json(std::move(inner));
  } else if (name == "allOf" || name == "anyOf" || name == "oneOf") {
    Json::Array branches = value.array();
    const size_t branch = Below(branches.size());
    if (Chance(30)) {
      branches.push_back(Make(1));
    } else if (Chance(30) && branches.size() > 1) {
      branches.erase(branches.begin() + static_cast<ptrdiff_t>(branch));
    } else {
      branches[branch] = Change(branches[branch]);
    }
    value = Json(std::move(branches));
  } else if (value.is_object() && name != "dependencies" && !name.starts_with("dependent")) {
    value = Change(value);
  } else {
    JsonObject more;
    AddKeyword(more, 0);
    const Json added = more.Done();
    for (const auto& member : added.object()) members.push_back(member);
  }
  return Json(std::move(members));
}

std::vector<Json> SmallMessages() {
  std::vector<Json> messages = Scalars();
  const std::vector<Json> items = {Json(), 1, 2, 3, "a", "ab", Json(*Decimal::Parse("1.5"))};
  messages.push_back(Json::Array());
  for (const Json& first : items) {
    messages.push_back(Json::Array{first});
    for (const Json& second : items) messages.push_back(Json::Array{first, second});
  }
  const std::vector<Json> values = {Json(),
                                    1,
                                    2,
                                    "a",
                                    true,
                                    Json(Json::Object()),
                                    Object("a", 1),
                                    Object("b", 2),
                                    Json::Array{1},
                                    Json(Json::Object{{"a", "a"}, {"c", 1}})};
  messages.push_back(Json(Json::Object()));
  for (size_t i = 0; i < kNames.size(); ++i) {
    for (const Json& first : values) {
      messages.push_back(Object(kNames[i], first));
      for (size_t j = i + 1; j < kNames.size(); ++j) {
        for (const Json& second : values)
          messages.push_back(Json(Json::Object{{kNames[i], first}, {kNames[j], second}}));
      }
    }
  }
  for (const Json& x : {Json(1), Json("a")}) {
    for (const Json& y : {Json(1), Json("a")}) {
      messages.push_back(Json(Json::Object{{"a", x}, {"b", y}, {"c", 1}}));
      messages.push_back(Json::Array{x, y, 1});
    }
  }
  return messages;
}

}  // namespace sluice::schema
