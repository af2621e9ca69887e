// Json: a parsed JSON value (RFC 8259) with exact numbers. Immutable and shared: a copy costs a pointer, so
// that witnesses and findings can hold parts of schemas. Keys are unique and sorted; their order in the text
// has no meaning.
//
// Thread safety: immutable after construction.
#pragma once

#include <absl/status/statusor.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/schema/decimal.h"

namespace sluice::schema {

class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;  // sorted by key (bytes), keys unique
  enum class Type { kNull, kBoolean, kNumber, kString, kArray, kObject };

  Json() = default;                                             // null
  Json(bool value) : value_(value) {}                           // NOLINT: a value is a Json
  Json(Decimal value) : value_(std::move(value)) {}             // NOLINT
  Json(int64_t value) : value_(Decimal(value)) {}               // NOLINT
  Json(int value) : value_(Decimal(value)) {}                   // NOLINT
  Json(std::string value) : value_(std::move(value)) {}         // NOLINT
  Json(std::string_view value) : value_(std::string(value)) {}  // NOLINT
  Json(const char* value) : value_(std::string(value)) {}       // NOLINT
  Json(Array items);                                            // NOLINT
  // Sorts; of equal keys the last one stays.
  Json(Object members);  // NOLINT

  Type type() const { return static_cast<Type>(value_.index()); }
  bool is_null() const { return type() == Type::kNull; }
  bool is_boolean() const { return type() == Type::kBoolean; }
  bool is_number() const { return type() == Type::kNumber; }
  bool is_string() const { return type() == Type::kString; }
  bool is_array() const { return type() == Type::kArray; }
  bool is_object() const { return type() == Type::kObject; }

  // Preconditions: the type fits.
  bool boolean() const { return std::get<bool>(value_); }
  const Decimal& number() const { return std::get<Decimal>(value_); }
  const std::string& string() const { return std::get<std::string>(value_); }
  const Array& array() const { return *std::get<std::shared_ptr<const Array>>(value_); }
  const Object& object() const { return *std::get<std::shared_ptr<const Object>>(value_); }

  // The member called `key`; nullptr when this is no object or has none.
  const Json* Find(std::string_view key) const;

  // JSON Schema's equality (Core, 4.2.2): numbers by value, objects regardless of order. Cheap for shared
  // parts.
  friend bool operator==(const Json& a, const Json& b);

  // Compact JSON, keys sorted, numbers canonical, only what RFC 8259 asks for escaped.
  std::string ToString() const;

  // Equal values have equal ones; another in each process.
  size_t Hash() const;
  template <typename H>
  friend H AbslHashValue(H h, const Json& value) {
    return H::combine(std::move(h), value.Hash());
  }

 private:
  std::variant<std::monostate, bool, Decimal, std::string, std::shared_ptr<const Array>,
               std::shared_ptr<const Object>>
      value_;
};

struct ParseLimits {
  size_t bytes = 4 * 1024 * 1024;
  size_t depth = 256;  // of arrays and objects in each other
  size_t values = 1'000'000;
};

// INVALID_ARGUMENT with line and column (from 1, in characters) and what is wrong: not JSON, not UTF-8, a
// lone surrogate, a key twice in one object, a number out of Decimal's bounds, or past a limit.
absl::StatusOr<Json> ParseJson(std::string_view text, const ParseLimits& limits = {});

// Makes an object step by step: JsonObject().Set("a", 1).Set("b", "x").Done().
class JsonObject {
 public:
  JsonObject& Set(std::string_view key, Json value);
  Json Done();

 private:
  Json::Object members_;
};

}  // namespace sluice::schema
