#include "tests/conformance/schema/product_edits.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <random>
#include <utility>

#include "common/schema/pointer.h"

namespace sluice::testing {
namespace {

using schema::Child;
using schema::Json;
using schema::JsonObject;
using schema::Resolve;

class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}
  size_t Below(size_t bound) { return random_() % bound; }
  bool Chance(size_t percent) { return Below(100) < percent; }
  template <typename T>
  const T& Of(const std::vector<T>& items) {
    return items[Below(items.size())];
  }

 private:
  std::mt19937_64 random_;
};

Json With(const Json& object, const std::string& key, Json value) {
  Json::Object members = object.object();
  members.emplace_back(key, std::move(value));
  return Json(std::move(members));
}

Json Without(const Json& object, const std::string& key) {
  Json::Object members = object.object();
  members.erase(
      std::remove_if(members.begin(), members.end(), [&](const auto& each) { return each.first == key; }),
      members.end());
  return Json(std::move(members));
}

// `document` with `value` at `tokens` from `depth` on.
Json Replaced(const Json& document, const std::vector<std::string>& tokens, size_t depth, const Json& value) {
  if (depth == tokens.size()) return value;
  if (document.is_array()) {
    Json::Array items = document.array();
    Json& item = items[std::stoul(tokens[depth])];
    item = Replaced(item, tokens, depth + 1, value);
    return Json(std::move(items));
  }
  return With(document, tokens[depth], Replaced(*document.Find(tokens[depth]), tokens, depth + 1, value));
}

Json Replaced(const Json& document, const std::string& pointer, const Json& value) {
  return Replaced(document, *schema::SplitPointer(pointer), 0, value);
}

// --- schemas

const std::vector<std::string> kNames = {"id",        "articleId", "storeId", "quantity", "price", "currency",
                                         "validFrom", "status",    "lines",   "address",  "note",  "tags"};

class ProductMaker {
 public:
  explicit ProductMaker(Dice& dice) : dice_(dice) {}

  Json Make(const std::string& dialect) {
    const bool modern = dialect.find("2020") != std::string::npos;
    definitions_ = modern ? "$defs" : "definitions";
    Json root = Object(0);
    root = With(root, "$schema", Json(dialect));
    root = With(root, "title", Json("a product"));
    return With(root, definitions_, JsonObject().Set("money", Money()).Set("party", Party()).Done());
  }

 private:
  static Json Money() {
    return JsonObject()
        .Set("type", "object")
        .Set("required", Json::Array{"amount", "currency"})
        .Set("properties",
             JsonObject()
                 .Set("amount", JsonObject().Set("type", "number").Set("minimum", 0).Done())
                 .Set("currency", JsonObject().Set("type", "string").Set("pattern", "^[A-Z]{3}$").Done())
                 .Done())
        .Done();
  }

  Json Party() {
    return JsonObject()
        .Set("type", "object")
        .Set("properties", JsonObject()
                               .Set("name", JsonObject().Set("type", "string").Done())
                               .Set("parent", Reference("party"))
                               .Done())
        .Done();
  }

  Json Reference(const std::string& name) const {
    return JsonObject().Set("$ref", "#/" + definitions_ + "/" + name).Done();
  }

  Json Object(int depth) {
    JsonObject properties;
    Json::Array required;
    for (const std::string& name : kNames) {
      if (!dice_.Chance(45)) continue;
      properties.Set(name, Field(depth + 1));
      if (dice_.Chance(50)) required.push_back(name);
    }
    JsonObject object;
    object.Set("type", "object").Set("properties", properties.Done());
    if (!required.empty()) object.Set("required", Json(std::move(required)));
    if (dice_.Chance(25)) object.Set("additionalProperties", false);
    if (dice_.Chance(8)) object.Set("additionalProperties", JsonObject().Set("type", "string").Done());
    if (dice_.Chance(6)) {
      object.Set("patternProperties",
                 JsonObject().Set("^x-", JsonObject().Set("type", "string").Done()).Done());
    }
    if (dice_.Chance(30)) object.Set("description", "what it is");
    return object.Done();
  }

  Json Field(int depth) {
    const size_t kind = dice_.Below(depth < 3 ? 16 : 11);
    JsonObject field;
    if (dice_.Chance(30)) field.Set("description", "a field");
    switch (kind) {
      case 0:
      case 1:
        field.Set("type", "string");
        if (dice_.Chance(40)) field.Set("minLength", 1);
        if (dice_.Chance(40)) field.Set("maxLength", 40);
        return field.Done();
      case 2:
        return field.Set("type", "string").Set("format", dice_.Chance(50) ? "date-time" : "date").Done();
      case 3:
        return field.Set("type", "integer").Set("minimum", 0).Done();
      case 4:
        field.Set("type", "number");
        if (dice_.Chance(40)) field.Set("exclusiveMinimum", 0);
        if (dice_.Chance(30)) field.Set("maximum", 1000);
        if (dice_.Chance(20)) field.Set("default", 1);
        return field.Done();
      case 5:
        return field.Set("type", "boolean").Done();
      case 6:
      case 7:
        if (dice_.Chance(80)) field.Set("type", "string");
        return field.Set("enum", Json::Array{"NEW", "OPEN", "CLOSED"}).Done();
      case 8:
        return field.Set("type", Json::Array{"string", "null"}).Set("maxLength", 20).Done();
      case 9:
        return Reference(dice_.Chance(50) ? "money" : "party");
      case 10:
        return field.Set("const", "v1").Done();
      case 11:
      case 12:
        return Object(depth);
      case 13:
        field.Set("type", "array").Set("items", Field(depth + 1));
        if (dice_.Chance(30)) field.Set("minItems", 1);
        return field.Done();
      case 14:
        return field
            .Set(dice_.Chance(60) ? "oneOf" : "anyOf",
                 Json::Array{Object(depth), Reference("party"), Reference("money")})
            .Done();
      default:
        return field.Set("allOf", Json::Array{Reference("money"), Object(depth + 1)}).Done();
    }
  }

  Dice& dice_;
  std::string definitions_;
};

// --- edits

// A schema changed in one place; nullopt: the edit does not fit it.
using Edited = std::optional<Json>;

struct Edit {
  const char* name;
  std::function<Edited(Dice&, const Json&)> apply;
};

bool IsObjectSchema(const Json& schema) {
  const Json* properties = schema.Find("properties");
  return properties != nullptr && properties->is_object();
}

std::optional<std::string> AnyProperty(Dice& dice, const Json& schema) {
  if (!IsObjectSchema(schema) || schema.Find("properties")->object().empty()) return std::nullopt;
  return dice.Of(schema.Find("properties")->object()).first;
}

Json Required(const Json& schema, const std::string& name, bool required) {
  Json::Array names;
  if (const Json* old = schema.Find("required")) {
    for (const Json& each : old->array()) {
      if (each.string() != name) names.push_back(each);
    }
  }
  if (required) names.emplace_back(name);
  return names.empty() ? Without(schema, "required") : With(schema, "required", Json(std::move(names)));
}

bool IsRequired(const Json& schema, const std::string& name) {
  const Json* names = schema.Find("required");
  return names != nullptr &&
         std::find(names->array().begin(), names->array().end(), Json(name)) != names->array().end();
}

Edited AddField(Dice& dice, const Json& schema, bool required) {
  if (!IsObjectSchema(schema)) return std::nullopt;
  const std::string name = dice.Chance(20) ? "x-new" : "added";
  Json field = JsonObject().Set("type", dice.Chance(70) ? "string" : "integer").Done();
  if (dice.Chance(20)) field = With(field, "default", Json("d"));
  if (dice.Chance(10)) field = JsonObject().Done();
  const Json changed = With(schema, "properties", With(*schema.Find("properties"), name, field));
  return required ? Required(changed, name, true) : changed;
}

Edited RemoveField(Dice& dice, const Json& schema) {
  const std::optional<std::string> name = AnyProperty(dice, schema);
  if (!name) return std::nullopt;
  return Required(With(schema, "properties", Without(*schema.Find("properties"), *name)), *name, false);
}

Edited RenameField(Dice& dice, const Json& schema) {
  const std::optional<std::string> name = AnyProperty(dice, schema);
  if (!name) return std::nullopt;
  const Json& properties = *schema.Find("properties");
  const Json renamed = With(Without(properties, *name), *name + "New", *properties.Find(*name));
  return Required(With(schema, "properties", renamed), *name, false);
}

Edited ToggleRequired(Dice& dice, const Json& schema) {
  const std::optional<std::string> name = AnyProperty(dice, schema);
  if (!name) return std::nullopt;
  return Required(schema, *name, !IsRequired(schema, *name));
}

Edited ChangeEnum(Dice& dice, const Json& schema) {
  const Json* values = schema.Find("enum");
  if (values == nullptr) return std::nullopt;
  Json::Array changed = values->array();
  if (dice.Chance(50)) {
    changed.emplace_back("LOST");
  } else {
    changed.erase(changed.begin());
  }
  return With(schema, "enum", Json(std::move(changed)));
}

Edited ChangeType(Dice& dice, const Json& schema) {
  const Json* type = schema.Find("type");
  if (type == nullptr) return std::nullopt;
  if (type->is_array()) return With(schema, "type", type->array().front());
  if (dice.Chance(35)) return With(schema, "type", Json(Json::Array{*type, "null"}));
  if (*type == Json("integer")) return With(schema, "type", "number");
  if (*type == Json("number")) return With(schema, "type", "integer");
  return With(schema, "type", *type == Json("string") ? "integer" : "string");
}

Edited ChangeBound(Dice& dice, const Json& schema) {
  static const std::vector<std::pair<std::string, std::string>> kBounds = {
      {"string", "minLength"},        {"string", "maxLength"},  {"number", "minimum"},
      {"number", "maximum"},          {"integer", "minimum"},   {"integer", "maximum"},
      {"array", "minItems"},          {"array", "maxItems"},    {"object", "minProperties"},
      {"number", "exclusiveMinimum"}, {"integer", "multipleOf"}};
  const auto& [type, keyword] = dice.Of(kBounds);
  if (schema.Find("type") == nullptr || *schema.Find("type") != Json(type)) return std::nullopt;
  if (schema.Find(keyword) != nullptr && dice.Chance(30)) return Without(schema, keyword);
  return With(schema, keyword, Json(static_cast<int64_t>(1 + dice.Below(50))));
}

Edited ChangePattern(Dice& dice, const Json& schema) {
  if (schema.Find("type") == nullptr || *schema.Find("type") != Json("string")) return std::nullopt;
  if (schema.Find("pattern") != nullptr && dice.Chance(50)) return Without(schema, "pattern");
  return With(schema, "pattern", dice.Chance(50) ? "^[a-z]+$" : "^[A-Z]{3}$");
}

Edited ChangeFormat(Dice& dice, const Json& schema) {
  if (schema.Find("type") == nullptr || *schema.Find("type") != Json("string")) return std::nullopt;
  if (schema.Find("format") != nullptr && dice.Chance(50)) return Without(schema, "format");
  return With(schema, "format", dice.Chance(50) ? "uuid" : "date-time");
}

Edited ChangeOpenness(Dice& dice, const Json& schema) {
  if (!IsObjectSchema(schema)) return std::nullopt;
  if (schema.Find("additionalProperties") != nullptr && dice.Chance(60))
    return Without(schema, "additionalProperties");
  return With(schema, "additionalProperties",
              dice.Chance(70) ? Json(false) : JsonObject().Set("type", "string").Done());
}

Edited ChangeBranches(Dice& dice, const Json& schema) {
  for (const char* keyword : {"oneOf", "anyOf", "allOf"}) {
    const Json* branches = schema.Find(keyword);
    if (branches == nullptr) continue;
    Json::Array changed = branches->array();
    if (dice.Chance(60)) {
      changed.push_back(JsonObject().Set("type", dice.Chance(50) ? "string" : "null").Done());
    } else {
      changed.pop_back();
    }
    return With(schema, keyword, Json(std::move(changed)));
  }
  return std::nullopt;
}

Edited ChangeConst(Dice& dice, const Json& schema) {
  if (schema.Find("const") == nullptr) return std::nullopt;
  if (dice.Chance(40)) return With(Without(schema, "const"), "enum", Json(Json::Array{"v1", "v2"}));
  return With(schema, "const", "v2");
}

Edited ChangeUnique(Dice&, const Json& schema) {
  if (schema.Find("items") == nullptr) return std::nullopt;
  return schema.Find("uniqueItems") != nullptr ? Without(schema, "uniqueItems")
                                               : With(schema, "uniqueItems", true);
}

Edited Describe(Dice& dice, const Json& schema) {
  return With(schema, dice.Chance(50) ? "description" : "title", "other words");
}

Edited SetDefault(Dice&, const Json& schema) { return With(schema, "default", "x"); }

Edited Wrap(Dice& dice, const Json& schema) {
  if (schema.Find("$schema") != nullptr) return std::nullopt;
  return JsonObject().Set(dice.Chance(50) ? "allOf" : "oneOf", Json(Json::Array{schema})).Done();
}

const std::vector<Edit>& Edits() {
  static const std::vector<Edit> kEdits = {
      {"optional-field-added", [](Dice& dice, const Json& schema) { return AddField(dice, schema, false); }},
      {"required-field-added", [](Dice& dice, const Json& schema) { return AddField(dice, schema, true); }},
      {"field-removed", RemoveField},
      {"field-renamed", RenameField},
      {"required-changed", ToggleRequired},
      {"enum-changed", ChangeEnum},
      {"type-changed", ChangeType},
      {"bound-changed", ChangeBound},
      {"pattern-changed", ChangePattern},
      {"format-changed", ChangeFormat},
      {"openness-changed", ChangeOpenness},
      {"branches-changed", ChangeBranches},
      {"const-changed", ChangeConst},
      {"unique-changed", ChangeUnique},
      {"described", Describe},
      {"default-set", SetDefault},
      {"wrapped", Wrap},
  };
  return kEdits;
}

// The places of all subschemas.
void Places(const Json& schema, const std::string& pointer, std::vector<std::string>& places) {
  if (!schema.is_object() || schema.Find("$ref") != nullptr) return;
  places.push_back(pointer);
  for (const char* keyword : {"properties", "definitions", "$defs", "patternProperties"}) {
    const Json* named = schema.Find(keyword);
    if (named == nullptr) continue;
    for (const auto& [name, child] : named->object())
      Places(child, Child(Child(pointer, keyword), name), places);
  }
  for (const char* keyword : {"allOf", "anyOf", "oneOf"}) {
    const Json* branches = schema.Find(keyword);
    for (size_t i = 0; branches != nullptr && i < branches->array().size(); ++i) {
      Places(branches->array()[i], Child(Child(pointer, keyword), i), places);
    }
  }
  if (const Json* items = schema.Find("items")) Places(*items, Child(pointer, "items"), places);
}

// One edit at a random place where it fits.
std::pair<std::string, Json> EditOnce(Dice& dice, const Json& document) {
  std::vector<std::string> places;
  Places(document, "", places);
  while (true) {
    const Edit& edit = dice.Of(Edits());
    const std::string& place = dice.Of(places);
    const Json& schema = *Resolve(document, place);
    const Edited edited = edit.apply(dice, schema);
    if (edited && *edited != schema) return {edit.name, Replaced(document, place, *edited)};
  }
}

}  // namespace

std::vector<ProductEdit> MakeProductEdits(const std::string& dialect, size_t count, uint64_t seed) {
  Dice dice(seed);
  std::vector<ProductEdit> edits;
  while (edits.size() < count) {
    ProductEdit edit;
    edit.before = ProductMaker(dice).Make(dialect);
    edit.after = edit.before;
    for (size_t i = 0; i <= dice.Below(2); ++i) {
      auto [name, after] = EditOnce(dice, edit.after);
      edit.name += (i == 0 ? "" : ", ") + name;
      edit.after = std::move(after);
    }
    if (edit.after != edit.before) edits.push_back(std::move(edit));
  }
  return edits;
}

}  // namespace sluice::testing
