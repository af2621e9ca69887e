#include "common/core/schema_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "common/core/limits.h"
#include "common/core/text.h"
#include "common/schema/avro_schema.h"
#include "common/schema/json.h"
#include "common/schema/schema.h"

namespace sluice::core {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxProblems = 20;
constexpr size_t kMaxProblemText = 1000;

// Builds a value; stops at the first error, at a repeated key, and below kMaxSchemaDepth. Decimals are kept
// as written (as binary, which no JSON text can make), so that equal values mean equal texts.
class Builder : public nlohmann::json_sax<Json> {
 public:
  Json root;
  std::string error;  // `line 3, column 5: …` needs the text: see position
  size_t position = 0;

  bool null() override { return Add(nullptr); }
  bool boolean(bool value) override { return Add(value); }
  bool number_integer(number_integer_t value) override { return Add(value); }
  bool number_unsigned(number_unsigned_t value) override { return Add(value); }
  bool number_float(number_float_t, const string_t& text) override {
    return Add(Json::binary(std::vector<uint8_t>(text.begin(), text.end())));
  }
  bool string(string_t& value) override { return Add(value); }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return Open(Json::object()); }
  bool start_array(size_t) override { return Open(Json::array()); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(string_t& name) override {
    if (open_.back()->contains(name)) return Fail(Cat("key ", Quote(name), " occurs twice in one object"));
    key_ = name;
    return true;
  }
  bool parse_error(size_t at, const std::string& last_token, const nlohmann::detail::exception&) override {
    position = at;
    return Fail(last_token.empty() ? "ends too early" : Cat("not JSON at ", Quote(last_token)));
  }

 private:
  bool Fail(std::string message) {
    error = std::move(message);
    return false;
  }
  Json* Place(Json value) {
    if (open_.empty()) {
      root = std::move(value);
      return &root;
    }
    if (open_.back()->is_array()) {
      open_.back()->push_back(std::move(value));
      return &open_.back()->back();
    }
    return &((*open_.back())[key_] = std::move(value));
  }
  bool Add(Json value) {
    Place(std::move(value));
    return true;
  }
  bool Open(Json value) {
    if (open_.size() >= kMaxSchemaDepth) return Fail(Cat("nested more than ", kMaxSchemaDepth, " deep"));
    open_.push_back(Place(std::move(value)));
    return true;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }

  std::vector<Json*> open_;
  std::string key_;
};

std::optional<Json> Parse(std::string_view text, std::string& error) {
  Builder builder;
  if (Json::sax_parse(text.begin(), text.end(), &builder)) return std::move(builder.root);
  error = builder.error;
  if (builder.position > 0) {
    const std::string_view read = text.substr(0, std::min(builder.position, text.size()));
    const size_t newline = read.rfind('\n');
    const size_t line = static_cast<size_t>(std::count(read.begin(), read.end(), '\n')) + 1;
    const size_t column = newline == std::string_view::npos ? read.size() : read.size() - newline - 1;
    error = Cat("line ", line, ", column ", column, ": ", error);
  }
  return std::nullopt;
}

std::string Unescape(std::string_view fragment) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
  };
  std::string text;
  for (size_t i = 0; i < fragment.size(); ++i) {
    const bool escape = fragment[i] == '%' && i + 2 < fragment.size() && digit(fragment[i + 1]) >= 0 &&
                        digit(fragment[i + 2]) >= 0;
    text.push_back(escape ? static_cast<char>(digit(fragment[i + 1]) * 16 + digit(fragment[i + 2]))
                          : fragment[i]);
    if (escape) i += 2;
  }
  return text;
}

bool Contains(const Json& root, std::string_view fragment) {
  Json::json_pointer pointer;
  try {
    pointer = Json::json_pointer(Unescape(fragment));
    return root.contains(pointer);
  } catch (const Json::exception&) {
    return false;  // not a pointer, or an index that is no number
  }
}

bool IsOneOf(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// Finds references in every place where a schema can stand; values under `const`, `enum`, `default` and
// `examples` are data.
class References {
 public:
  References(const Json& root, std::vector<SchemaProblem>& problems) : root_(root), problems_(problems) {}

  void Visit(const Json& schema) {
    if (schema.is_array()) {
      for (size_t i = 0; i < schema.size(); ++i) VisitAt(std::to_string(i), schema[i]);
      return;
    }
    if (!schema.is_object()) return;
    for (const auto& [key, value] : schema.items()) {
      if (IsOneOf(key, {"$ref", "$dynamicRef", "$recursiveRef"}) && value.is_string()) {
        Check(value.get_ref<const std::string&>(), key);
      } else if (IsOneOf(key, {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas",
                               "dependencies"}) &&
                 value.is_object()) {
        at_.push_back(key);
        for (const auto& [name, property] : value.items()) VisitAt(name, property);
        at_.pop_back();
      } else if (!IsOneOf(key, {"const", "enum", "default", "examples"})) {
        VisitAt(key, value);
      }
    }
  }

 private:
  void VisitAt(const std::string& key, const Json& value) {
    if (!value.is_structured()) return;
    at_.push_back(key);
    Visit(value);
    at_.pop_back();
  }

  // Only a report spells out where it is: keys can be long, and there can be many.
  std::string Place(const std::string& key) const {
    std::string place = "#";
    for (const std::string_view part : at_) place.append("/").append(part.substr(0, kMaxTitle));
    return place.substr(0, kMaxPointer).append("/").append(key);
  }

  void Check(const std::string& reference, const std::string& key) {
    if (problems_.size() >= kMaxProblems) return;
    if (reference.empty() || reference[0] != '#') {
      problems_.push_back(
          {"schema-ref", Cat("reference ", Quote(reference), " at ", Place(key), " leads out of the schema"),
           "copy what it refers to under '$defs' and refer to '#/$defs/…'; nothing is ever fetched"});
    } else if (reference.size() > 1 && reference[1] == '/' &&
               !Contains(root_, std::string_view(reference).substr(1))) {
      problems_.push_back({"schema-ref",
                           Cat("reference ", Quote(reference), " at ", Place(key), " leads nowhere"),
                           "define what it refers to, or mend the reference"});
    }
  }

  const Json& root_;
  std::vector<SchemaProblem>& problems_;
  std::vector<std::string_view> at_;
};

void CheckDialect(const Json& schema, std::vector<SchemaProblem>& problems) {
  const auto at = schema.find("$schema");
  if (at == schema.end()) return;
  std::string dialect = at->is_string() ? at->get<std::string>() : at->dump();
  if (!dialect.empty() && dialect.back() == '#') dialect.pop_back();
  if (IsOneOf(dialect, {"http://json-schema.org/draft-07/schema", "https://json-schema.org/draft-07/schema",
                        "https://json-schema.org/draft/2020-12/schema"})) {
    return;
  }
  problems.push_back(
      {"schema-dialect", Cat("'$schema' is ", Quote(dialect), "; draft-07 and 2020-12 are supported"),
       "say \"$schema\": \"http://json-schema.org/draft-07/schema#\", or leave it out (draft-07)"});
}

std::vector<SchemaProblem> CheckAvroText(std::string_view text) {
  schema::ParseLimits limits;
  limits.depth = kMaxSchemaDepth;
  const absl::StatusOr<schema::Json> document = schema::ParseJson(text, limits);
  if (!document.ok()) {
    return {{"schema-json", Cat("the schema is not JSON: ", std::string(document.status().message())),
             "mend the schema's text there"}};
  }
  if (!document->is_object() && !document->is_array() && !document->is_string()) {
    return {{"schema-shape", "an Avro schema is an object, a union or a name",
             "write for example {\"type\": \"record\", …}"}};
  }
  std::vector<SchemaProblem> problems;
  for (const schema::AvroFault& fault : schema::CheckAvro(*document, schema::AvroRules::kEveryVersion)) {
    problems.push_back({"schema-avro",
                        Cat(fault.message, " (at ", fault.pointer.empty() ? "the top" : fault.pointer, ")"),
                        "see the Avro specification, 'Schema Declaration'"});
  }
  return problems;
}

}  // namespace

std::vector<SchemaProblem> CheckSchemaText(SchemaFormat format, std::string_view text) {
  if (format == SchemaFormat::kAvro) return CheckAvroText(text);
  std::string error;
  const std::optional<Json> schema = Parse(text, error);
  if (!schema)
    return {{"schema-json", Cat("the schema is not JSON: ", error), "mend the schema's text there"}};
  std::vector<SchemaProblem> problems;
  if (schema->is_boolean()) return problems;
  if (!schema->is_object()) {
    problems.push_back({"schema-shape",
                        Cat("a JSON Schema is an object or a boolean; this is a ", schema->type_name()),
                        "write for example {\"type\": \"object\", …}"});
    return problems;
  }
  CheckDialect(*schema, problems);
  References(*schema, problems).Visit(*schema);
  return problems;
}

std::vector<SchemaProblem> CheckSchemaKeywords(std::string_view text) {
  const absl::StatusOr<schema::Json> document = schema::ParseJson(text);
  absl::Status status = document.status();
  if (status.ok()) status = schema::Schema::Load(*document).status();
  if (status.ok()) return {};
  std::string message(status.message());
  if (message.size() > kMaxProblemText) {
    size_t end = kMaxProblemText;
    while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0) == 0x80) --end;  // between characters
    message = message.substr(0, end) + "…";
  }
  return {{"schema-invalid", Cat("it is no JSON Schema: ", message), "mend these keywords"}};
}

bool SameJson(std::string_view a, std::string_view b) {
  if (a == b) return true;
  std::string error;
  const std::optional<Json> left = Parse(a, error), right = Parse(b, error);
  return left && right && *left == *right;
}

}  // namespace sluice::core
