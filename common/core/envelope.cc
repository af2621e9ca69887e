// ComposeSubjectSchema: the CloudEvents envelope around a product's schema.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/core/compile.h"

namespace sluice::core {
namespace {

using Json = nlohmann::json;  // objects are sorted by key, so output is canonical

constexpr std::string_view kDataPointer = "/properties/data";
constexpr size_t kMaxDepth = 256;  // recursion of the JSON library stays far below the stack

// Envelope version 1: CloudEvents 1.0, structured JSON mode, house profile. Never edited; a change is a
// version 2.
constexpr std::string_view kEnvelope1 = R"json({
  "description": "CloudEvents 1.0 in structured JSON mode, envelope version 1.",
  "type": "object",
  "required": ["specversion", "type", "source", "id", "time", "datacontenttype", "data"],
  "properties": {
    "specversion": {"type": "string", "const": "1.0"},
    "type": {"type": "string", "minLength": 1},
    "source": {"type": "string", "minLength": 1, "format": "uri-reference"},
    "id": {"type": "string", "minLength": 1},
    "time": {"type": "string", "format": "date-time"},
    "datacontenttype": {"type": "string", "minLength": 1},
    "subject": {"type": "string", "minLength": 1},
    "dataschema": {"type": "string", "minLength": 1, "format": "uri"},
    "meta": {"type": "object"}
  }
})json";

bool IsDeeperThan(std::string_view text, size_t limit) {
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > limit) return true;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return false;
}

// An absolute reference for `reference`, relative to `base` (RFC 3986 without dot segments). Not for
// fragments.
std::string ResolveUri(const std::string& base, const std::string& reference) {
  const size_t scheme = base.find("://");
  if (scheme == std::string::npos || reference.find(':') != std::string::npos) return reference;
  const size_t path = base.find('/', scheme + 3);
  if (reference.starts_with("//")) return base.substr(0, scheme + 1) + reference;
  if (reference.starts_with('/')) return base.substr(0, path) + reference;
  if (path == std::string::npos) return base + "/" + reference;
  return base.substr(0, base.rfind('/') + 1) + reference;
}

// Moves a schema document to kDataPointer of another one: every reference in it that names a place of the
// document by pointer is made to name its new place. The document loses its `$id`, so what was relative to it
// becomes absolute.
class Transplant {
 public:
  explicit Transplant(Json& document) : document_(document) {
    if (const auto id = document.find("$id");
        document.is_object() && id != document.end() && id->is_string()) {
      base_ = id->get<std::string>();
      if (const size_t fragment = base_.find('#'); fragment != std::string::npos) base_.resize(fragment);
    }
  }

  void Run() {
    if (!document_.is_object()) return;
    document_.erase("$schema");
    if (!base_.empty()) document_.erase("$id");
    Push(document_);
    while (!waiting_.empty()) {
      Json& schema = *waiting_.back();
      waiting_.pop_back();
      Visit(schema);
    }
  }

 private:
  void Push(Json& schema) {
    if (schema.is_object() && seen_.insert(&schema).second) waiting_.push_back(&schema);
  }

  void PushAll(Json& schemas) {
    for (Json& schema : schemas) Push(schema);
  }

  // A schema with an `$id` of its own is a document of its own: references inside it are relative to it.
  bool IsOtherDocument(Json& schema) {
    const auto id = schema.find("$id");
    if (id == schema.end() || !id->is_string() || id->get_ref<const std::string&>().starts_with('#'))
      return false;
    *id = ResolveUri(base_, id->get<std::string>());
    return true;
  }

  void Visit(Json& schema) {
    if (IsOtherDocument(schema)) return;
    for (const char* keyword : {"$ref", "$dynamicRef"}) {
      const auto reference = schema.find(keyword);
      if (reference != schema.end() && reference->is_string()) Rewrite(*reference);
    }
    VisitChildren(schema);
  }

  // Only where a schema can stand: never inside const, enum, examples or default.
  void VisitChildren(Json& schema) {
    static constexpr std::array kOne = {"additionalItems",
                                        "additionalProperties",
                                        "contains",
                                        "contentSchema",
                                        "else",
                                        "if",
                                        "items",
                                        "not",
                                        "propertyNames",
                                        "then",
                                        "unevaluatedItems",
                                        "unevaluatedProperties"};
    static constexpr std::array kMany = {"allOf", "anyOf", "items", "oneOf", "prefixItems"};
    static constexpr std::array kNamed = {
        "$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"};
    const auto each = [&](const auto& keywords, auto accepts, auto act) {
      for (const char* keyword : keywords) {
        const auto child = schema.find(keyword);
        if (child != schema.end() && accepts(*child)) act(*child);
      }
    };
    const auto is_object = [](const Json& json) { return json.is_object(); };
    const auto is_array = [](const Json& json) { return json.is_array(); };
    each(kOne, is_object, [&](Json& child) { Push(child); });
    each(kMany, is_array, [&](Json& child) { PushAll(child); });
    each(kNamed, is_object, [&](Json& child) { PushAll(child); });
  }

  void Rewrite(Json& reference) {
    std::string text = reference.get<std::string>();
    const size_t hash = text.find('#');
    std::string document = text.substr(0, hash);
    const std::string fragment = hash == std::string::npos ? "" : text.substr(hash + 1);
    if (!document.empty()) {
      document = ResolveUri(base_, document);
      if (base_.empty() || document != base_) {  // elsewhere
        reference = hash == std::string::npos ? document : document + "#" + fragment;
        return;
      }
    }
    if (!fragment.empty() && !fragment.starts_with('/')) {  // an anchor keeps its name
      reference = "#" + fragment;
      return;
    }
    // What a pointer names is a schema, wherever it stands.
    if (Json* target = Find(fragment)) Push(*target);
    reference = "#" + std::string(kDataPointer) + fragment;
  }

  Json* Find(const std::string& fragment) {
    try {
      const Json::json_pointer pointer(Unescape(fragment));
      return document_.contains(pointer) ? &document_.at(pointer) : nullptr;
    } catch (const Json::exception&) {
      return nullptr;  // names nothing
    }
  }

  // Percent-decoding of a URI fragment; the escapes of JSON pointers stay.
  static std::string Unescape(const std::string& fragment) {
    const auto digit = [](char c) {
      return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
    };
    std::string text;
    for (size_t i = 0; i < fragment.size(); ++i) {
      if (fragment[i] == '%' && i + 2 < fragment.size() && digit(fragment[i + 1]) >= 0 &&
          digit(fragment[i + 2]) >= 0) {
        text.push_back(static_cast<char>(digit(fragment[i + 1]) * 16 + digit(fragment[i + 2])));
        i += 2;
      } else {
        text.push_back(fragment[i]);
      }
    }
    return text;
  }

  Json& document_;
  std::string base_;  // `$id` without fragment; empty: none
  std::vector<Json*> waiting_;
  std::unordered_set<const Json*> seen_;
};

std::string DialectOf(const Json& data) {
  if (data.is_object()) {
    const auto dialect = data.find("$schema");
    if (dialect != data.end() && dialect->is_string()) {
      const std::string& text = dialect->get_ref<const std::string&>();
      if (text.find("2020-12") != std::string::npos) return text;
    }
  }
  return "http://json-schema.org/draft-07/schema#";
}

}  // namespace

std::string ComposeSubjectSchema(const Schema& schema) {
  if (schema.format == SchemaFormat::kAvro || schema.describes == Describes::kMessage) return schema.text;
  if (IsDeeperThan(schema.text, kMaxDepth)) return schema.text;
  Json data = Json::parse(schema.text, nullptr, /*allow_exceptions=*/false);
  if (data.is_discarded()) return schema.text;
  Json composed = Json::parse(kEnvelope1);
  composed["$schema"] = DialectOf(data);
  Transplant(data).Run();
  composed["properties"]["data"] = std::move(data);
  return composed.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace sluice::core
