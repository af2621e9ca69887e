#include "common/schema/everit_extract.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace sluice::schema {
namespace {

// A keyword that shows of which type an object is, and the dialects that have it.
struct Sign {
  EveritKind kind;
  const char* keyword;
  EveritDialect since = EveritDialect::kDraft4;
  EveritDialect until = EveritDialect::kModern;
};

constexpr std::array kSigns = {
    Sign{EveritKind::kArray, "items"},
    Sign{EveritKind::kArray, "minItems"},
    Sign{EveritKind::kArray, "maxItems"},
    Sign{EveritKind::kArray, "uniqueItems"},
    Sign{EveritKind::kArray, "additionalItems", EveritDialect::kDraft4, EveritDialect::kDraft7},
    Sign{EveritKind::kArray, "contains", EveritDialect::kDraft6},
    Sign{EveritKind::kArray, "prefixItems", EveritDialect::kModern},
    Sign{EveritKind::kObject, "properties"},
    Sign{EveritKind::kObject, "required"},
    Sign{EveritKind::kObject, "minProperties"},
    Sign{EveritKind::kObject, "maxProperties"},
    Sign{EveritKind::kObject, "patternProperties"},
    Sign{EveritKind::kObject, "additionalProperties"},
    Sign{EveritKind::kObject, "dependencies", EveritDialect::kDraft4, EveritDialect::kDraft7},
    Sign{EveritKind::kObject, "propertyNames", EveritDialect::kDraft6},
    Sign{EveritKind::kObject, "dependentRequired", EveritDialect::kModern},
    Sign{EveritKind::kObject, "dependentSchemas", EveritDialect::kModern},
    Sign{EveritKind::kNumber, "minimum"},
    Sign{EveritKind::kNumber, "maximum"},
    Sign{EveritKind::kNumber, "exclusiveMinimum"},
    Sign{EveritKind::kNumber, "exclusiveMaximum"},
    Sign{EveritKind::kNumber, "multipleOf"},
    Sign{EveritKind::kString, "minLength"},
    Sign{EveritKind::kString, "maxLength"},
    Sign{EveritKind::kString, "pattern"},
    Sign{EveritKind::kString, "format", EveritDialect::kDraft4, EveritDialect::kDraft7},
    Sign{EveritKind::kConditional, "if", EveritDialect::kDraft7},
    Sign{EveritKind::kConditional, "then", EveritDialect::kDraft7},
    Sign{EveritKind::kConditional, "else", EveritDialect::kDraft7},
};

enum class Plain { kInteger, kNumber, kString, kBoolean };

struct PlainKeyword {
  EveritKind kind;
  const char* keyword;
  Plain type;
};

constexpr std::array kPlainKeywords = {
    PlainKeyword{EveritKind::kString, "minLength", Plain::kInteger},
    PlainKeyword{EveritKind::kString, "maxLength", Plain::kInteger},
    PlainKeyword{EveritKind::kString, "pattern", Plain::kString},
    PlainKeyword{EveritKind::kString, "format", Plain::kString},
    PlainKeyword{EveritKind::kNumber, "minimum", Plain::kNumber},
    PlainKeyword{EveritKind::kNumber, "maximum", Plain::kNumber},
    PlainKeyword{EveritKind::kNumber, "multipleOf", Plain::kNumber},
    PlainKeyword{EveritKind::kObject, "minProperties", Plain::kInteger},
    PlainKeyword{EveritKind::kObject, "maxProperties", Plain::kInteger},
    PlainKeyword{EveritKind::kArray, "minItems", Plain::kInteger},
    PlainKeyword{EveritKind::kArray, "maxItems", Plain::kInteger},
    PlainKeyword{EveritKind::kArray, "uniqueItems", Plain::kBoolean},
};

bool Is(const Json& value, Plain type) {
  switch (type) {
    case Plain::kInteger: {  // the library's are 32 bits wide
      const std::optional<int64_t> number = value.is_number() ? value.number().ToInt64() : std::nullopt;
      return number && *number >= INT32_MIN && *number <= INT32_MAX;
    }
    case Plain::kNumber:
      return value.is_number();
    case Plain::kString:
      return value.is_string();
    case Plain::kBoolean:
      return value.is_boolean();
  }
  return false;
}

using Objection = std::optional<EveritObjection>;

// Adds what `type` says; the kinds whose keywords it takes with it.
std::vector<EveritKind> AddType(const Json& object, std::vector<EveritExtract>& extracts,
                                Objection& objection) {
  const Json* type = object.Find("type");
  if (type == nullptr) return {};
  std::vector<EveritKind> taken;
  const auto take = [&](const Json& name) -> std::optional<EveritExtract> {
    const std::optional<EveritExtract> one = ExtractType(name);
    if (one) {
      taken.push_back(one->kind);
    } else {
      objection = EveritObjection{"type", fmt::format("{:.60} is no type", name.ToString())};
    }
    return one;
  };
  if (type->is_array()) {
    extracts.push_back({EveritKind::kAnyOf, "type", type});
    for (const Json& name : type->array()) {
      if (!take(name)) break;
    }
  } else if (const std::optional<EveritExtract> one = take(*type)) {
    extracts.push_back(*one);
  }
  return taken;
}

}  // namespace

std::optional<EveritExtract> ExtractType(const Json& name) {
  static constexpr std::array<std::pair<std::string_view, EveritKind>, 7> kTypes = {{
      {"string", EveritKind::kString},
      {"integer", EveritKind::kNumber},
      {"number", EveritKind::kNumber},
      {"boolean", EveritKind::kBoolean},
      {"null", EveritKind::kNull},
      {"array", EveritKind::kArray},
      {"object", EveritKind::kObject},
  }};
  for (const auto& [type, kind] : kTypes) {
    if (name.is_string() && name.string() == type)
      return EveritExtract{kind, "type", &name, type == "integer"};
  }
  return std::nullopt;
}

std::vector<EveritExtract> ExtractSchemas(const Json& object, EveritDialect dialect, Objection& objection) {
  std::vector<EveritExtract> extracts;
  const auto add = [&](const char* keyword, EveritKind kind) {
    if (const Json* value = object.Find(keyword)) extracts.push_back({kind, keyword, value});
  };
  const bool modern = dialect == EveritDialect::kModern;
  if (modern) add("$dynamicRef", EveritKind::kReference);
  add("$ref", EveritKind::kReference);
  if (!modern && !extracts.empty()) return extracts;
  add("enum", EveritKind::kEnum);
  add("allOf", EveritKind::kAllOf);
  add("anyOf", EveritKind::kAnyOf);
  add("oneOf", EveritKind::kOneOf);
  add("not", EveritKind::kNot);
  if (dialect != EveritDialect::kDraft4) add("const", EveritKind::kConst);
  std::vector<EveritKind> taken = AddType(object, extracts, objection);
  for (const Sign& sign : kSigns) {
    if (dialect < sign.since || dialect > sign.until || object.Find(sign.keyword) == nullptr) continue;
    if (std::find(taken.begin(), taken.end(), sign.kind) != taken.end()) continue;
    taken.push_back(sign.kind);
    extracts.push_back({sign.kind, "", nullptr});
  }
  return extracts;
}

std::optional<EveritObjection> ObjectionToKeywords(const Json& object, EveritKind kind,
                                                   EveritDialect dialect) {
  for (const PlainKeyword& plain : kPlainKeywords) {
    const Json* value = plain.kind == kind ? object.Find(plain.keyword) : nullptr;
    if (value != nullptr && !Is(*value, plain.type))
      return EveritObjection{plain.keyword, "a value that it cannot have"};
  }
  if (kind != EveritKind::kNumber) return std::nullopt;
  const bool draft4 = dialect == EveritDialect::kDraft4;
  for (const char* keyword : {"exclusiveMinimum", "exclusiveMaximum"}) {
    const Json* value = object.Find(keyword);
    if (value != nullptr && !Is(*value, draft4 ? Plain::kBoolean : Plain::kNumber)) {
      return EveritObjection{keyword, draft4 ? "must be a boolean in draft-04" : "must be a number"};
    }
  }
  const Json* divisor = object.Find("multipleOf");
  if (divisor != nullptr && divisor->number().IsZero()) return EveritObjection{"multipleOf", "must not be 0"};
  return std::nullopt;
}

}  // namespace sluice::schema
