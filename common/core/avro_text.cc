#include "common/core/avro_text.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>

#include "common/core/text.h"

namespace sluice::core {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxProblems = 20;
const char kPrimitives[] = "null, boolean, int, long, float, double, bytes, string";

bool IsPrimitive(std::string_view type) {
  for (const std::string_view word :
       {"null", "boolean", "int", "long", "float", "double", "bytes", "string"}) {
    if (type == word) return true;
  }
  return false;
}

bool IsName(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (name.empty() || !letter(name[0])) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c); });
}

bool IsFullName(std::string_view name) {
  for (size_t from = 0;;) {
    const size_t dot = std::min(name.find('.', from), name.size());
    if (!IsName(name.substr(from, dot - from))) return false;
    if (dot == name.size()) return true;
    from = dot + 1;
  }
}

// One schema, walked once in the order of its text: a name is known from its definition on.
class Walk {
 public:
  explicit Walk(std::vector<SchemaProblem>& problems) : problems_(problems) {}

  // Returns what the type is called in a union: a primitive's word, `array`, `map`, or a full name.
  std::string Type(const Json& schema, const std::string& space, const std::string& at) {
    if (schema.is_string()) return Reference(schema.get<std::string>(), space, at);
    if (schema.is_array()) return Union(schema, space, at);
    if (!schema.is_object())
      return Bad(at, Cat("a type is a word, an object or a list; this is a ", schema.type_name()));
    const auto type = schema.find("type");
    if (type == schema.end()) return Bad(at, "an object without 'type' is no type");
    if (!type->is_string()) return Type(*type, space, Cat(at, "/type"));
    const std::string& word = type->get_ref<const std::string&>();
    if (word == "record" || word == "error") return Record(schema, space, at);
    if (word == "enum") return Enum(schema, space, at);
    if (word == "fixed") return Fixed(schema, space, at);
    if (word == "array") return Part(schema, "items", word, space, at);
    if (word == "map") return Part(schema, "values", word, space, at);
    return Reference(word, space, at);
  }

 private:
  std::string Bad(const std::string& at, std::string message) {
    if (problems_.size() < kMaxProblems) {
      problems_.push_back({"schema-avro", Cat(std::move(message), " (at ", at.empty() ? "the top" : at, ")"),
                           "see the Avro specification, 'Schema Declaration'"});
    }
    return "";
  }

  std::string Reference(const std::string& word, const std::string& space, const std::string& at) {
    if (IsPrimitive(word)) return word;
    for (const std::string& name :
         {word.find('.') == std::string::npos && !space.empty() ? Cat(space, ".", word) : word, word}) {
      if (named_.count(name) > 0) return name;
    }
    return Bad(at, Cat(Quote(word), " is no type: it is none of ", kPrimitives, " and not defined before"));
  }

  std::string Union(const Json& schema, const std::string& space, const std::string& at) {
    if (schema.empty()) Bad(at, "a union without types");
    std::set<std::string> seen;
    for (size_t i = 0; i < schema.size(); ++i) {
      const std::string place = Cat(at, "/", i);
      if (schema[i].is_array()) {
        Bad(place, "a union directly inside a union");
        continue;
      }
      const std::string name = Type(schema[i], space, place);
      if (!name.empty() && !seen.insert(name).second) Bad(place, Cat("a union that has ", name, " twice"));
    }
    return "";
  }

  std::string Part(const Json& schema, const char* key, const std::string& word, const std::string& space,
                   const std::string& at) {
    const auto part = schema.find(key);
    if (part == schema.end()) return Bad(at, Cat("type '", word, "' without '", key, "'"));
    Type(*part, space, Cat(at, "/", key));
    return word;
  }

  // Enters a named type and returns its full name; empty: it has none.
  std::string Define(const Json& schema, const std::string& space, const std::string& at) {
    const auto name = schema.find("name");
    if (name == schema.end() || !name->is_string() || !IsFullName(name->get_ref<const std::string&>()))
      return Bad(at, "a record, enum or fixed needs a 'name' of letters, digits and '_'");
    std::string full = name->get<std::string>();
    if (full.find('.') == std::string::npos) {
      std::string own = space;
      const auto set = schema.find("namespace");
      if (set != schema.end() && set->is_string()) own = set->get<std::string>();
      if (!own.empty() && !IsFullName(own)) return Bad(at, Cat("namespace ", Quote(own), " is no name"));
      if (!own.empty()) full = Cat(own, ".", full);
    }
    if (!named_.emplace(full, &schema).second) return Bad(at, Cat(Quote(full), " is defined twice"));
    return full;
  }

  static std::string SpaceOf(const std::string& full) {
    const size_t dot = full.rfind('.');
    return dot == std::string::npos ? "" : full.substr(0, dot);
  }

  std::string Record(const Json& schema, const std::string& space, const std::string& at) {
    const std::string full = Define(schema, space, at);
    const auto fields = schema.find("fields");
    if (fields == schema.end() || !fields->is_array()) return Bad(at, "a record needs a list of 'fields'");
    std::set<std::string> seen;
    for (size_t i = 0; i < fields->size(); ++i)
      Field((*fields)[i], SpaceOf(full), Cat(at, "/fields/", i), seen);
    return full;
  }

  void Field(const Json& field, const std::string& space, const std::string& at,
             std::set<std::string>& seen) {
    if (!field.is_object() || !field.contains("name") || !field["name"].is_string() ||
        !IsName(field["name"].get_ref<const std::string&>())) {
      Bad(at, "a field needs a 'name' of letters, digits and '_'");
      return;
    }
    if (!seen.insert(field["name"].get<std::string>()).second)
      Bad(at, Cat("the record has field ", Quote(field["name"].get<std::string>()), " twice"));
    const auto type = field.find("type");
    if (type == field.end()) {
      Bad(at, "a field needs a 'type'");
      return;
    }
    Type(*type, space, Cat(at, "/type"));
    const auto value = field.find("default");
    if (value == field.end() || Fits(*value, *type, space, 0)) return;
    Bad(at, type->is_array() ? "the default does not fit the first type of the union"
                             : "the default does not fit the type");
  }

  std::string Enum(const Json& schema, const std::string& space, const std::string& at) {
    const std::string full = Define(schema, space, at);
    const auto symbols = schema.find("symbols");
    if (symbols == schema.end() || !symbols->is_array() || symbols->empty())
      return Bad(at, "an enum needs a list of 'symbols'");
    std::set<std::string> seen;
    for (const Json& symbol : *symbols) {
      if (!symbol.is_string() || !IsName(symbol.get_ref<const std::string&>())) {
        Bad(at, "a symbol is a word of letters, digits and '_'");
      } else if (!seen.insert(symbol.get<std::string>()).second) {
        Bad(at, Cat("the enum has ", Quote(symbol.get<std::string>()), " twice"));
      }
    }
    const auto value = schema.find("default");
    if (value != schema.end() && (!value->is_string() || seen.count(value->get<std::string>()) == 0))
      Bad(at, "the enum's default is none of its symbols");
    return full;
  }

  std::string Fixed(const Json& schema, const std::string& space, const std::string& at) {
    const std::string full = Define(schema, space, at);
    const auto size = schema.find("size");
    if (size == schema.end() || !size->is_number_unsigned()) Bad(at, "a fixed needs a 'size' in bytes");
    return full;
  }

  // Whether a default fits, as far as JSON's types tell. What is wrong with the type itself was said already.
  bool Fits(const Json& value, const Json& type, const std::string& space, int depth) const {
    if (depth > 8) return true;
    if (type.is_array()) return type.empty() || Fits(value, type.front(), space, depth + 1);
    std::string word = type.is_string() ? type.get<std::string>() : "";
    if (type.is_object()) {
      const auto inner = type.find("type");
      if (inner == type.end()) return true;
      if (!inner->is_string()) return Fits(value, *inner, space, depth + 1);
      word = inner->get<std::string>();
    }
    if (word == "null") return value.is_null();
    if (word == "boolean") return value.is_boolean();
    if (word == "int" || word == "long") return value.is_number_integer();
    // Decimals were read as binary, so that they are kept as written.
    if (word == "float" || word == "double")
      return value.is_number() || value.is_binary() || value.is_string();
    if (word == "string" || word == "bytes" || word == "enum" || word == "fixed") return value.is_string();
    if (word == "array") return value.is_array();
    if (word == "map" || word == "record" || word == "error") return value.is_object();
    for (const std::string& name : {Cat(space, ".", word), word}) {
      const auto named = named_.find(name);
      if (named != named_.end()) return Fits(value, *named->second, space, depth + 1);
    }
    return true;
  }

  std::vector<SchemaProblem>& problems_;
  std::map<std::string, const Json*> named_;
};

}  // namespace

void CheckAvro(const Json& schema, std::vector<SchemaProblem>& problems) {
  if (!schema.is_object() && !schema.is_array() && !schema.is_string()) {
    problems.push_back({"schema-shape",
                        Cat("an Avro schema is an object, a union or a name; this is a ", schema.type_name()),
                        "write for example {\"type\": \"record\", …}"});
    return;
  }
  Walk(problems).Type(schema, "", "");
}

}  // namespace sluice::core
