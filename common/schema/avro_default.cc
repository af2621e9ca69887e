#include "common/schema/avro_default.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace sluice::schema {
namespace {

bool IsIntegerWithin(const Json& value, int64_t least, int64_t most) {
  if (!value.is_number()) return false;
  const std::optional<int64_t> number = value.number().ToInt64();
  return number && *number >= least && *number <= most;
}

bool IsReal(const Json& value) {
  if (value.is_number()) return true;
  return value.is_string() &&
         (value.string() == "NaN" || value.string() == "Infinity" || value.string() == "-Infinity");
}

// The number of bytes that a string of code points up to 255 stands for; nullopt when it has others.
std::optional<size_t> CountBytes(const Json& value) {
  if (!value.is_string()) return std::nullopt;
  size_t bytes = 0;
  for (const char c : value.string()) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0xc3) return std::nullopt;  // the first byte of a code point beyond U+00FF
    if (byte < 0x80 || byte >= 0xc2) ++bytes;
  }
  return bytes;
}

// A union's default without a bound on branches costs; `steps` bounds the sum.
class Fitting {
 public:
  Fitting(AvroRules rules, size_t& steps) : rules_(rules), steps_(steps) {}

  std::optional<bool> Fits(const Json& value, const AvroNode& type) {
    if (steps_ == 0) return std::nullopt;
    --steps_;
    switch (type.type) {
      case AvroType::kArray:
        return Items(value, type);
      case AvroType::kMap:
        return Values(value, type);
      case AvroType::kRecord:
        return Members(value, type);
      case AvroType::kUnion:
        return Branches(value, type);
      default:
        return IsScalar(value, type);
    }
  }

 private:
  static bool IsScalar(const Json& value, const AvroNode& type) {
    switch (type.type) {
      case AvroType::kNull:
        return value.is_null();
      case AvroType::kBoolean:
        return value.is_boolean();
      case AvroType::kInt:
        return IsIntegerWithin(value, std::numeric_limits<int32_t>::min(),
                               std::numeric_limits<int32_t>::max());
      case AvroType::kLong:
        return IsIntegerWithin(value, std::numeric_limits<int64_t>::min(),
                               std::numeric_limits<int64_t>::max());
      case AvroType::kFloat:
      case AvroType::kDouble:
        return IsReal(value);
      case AvroType::kBytes:
        return CountBytes(value).has_value();
      case AvroType::kFixed:
        return CountBytes(value) == static_cast<size_t>(type.size);
      case AvroType::kEnum:
        return value.is_string() &&
               std::find(type.symbols.begin(), type.symbols.end(), value.string()) != type.symbols.end();
      default:
        return value.is_string();
    }
  }

  std::optional<bool> Items(const Json& value, const AvroNode& type) {
    if (!value.is_array()) return false;
    for (const Json& item : value.array()) {
      const std::optional<bool> fits = Fits(item, *type.parts[0].node);
      if (fits != true) return fits;
    }
    return true;
  }

  std::optional<bool> Values(const Json& value, const AvroNode& type) {
    if (!value.is_object()) return false;
    for (const auto& [key, member] : value.object()) {
      const std::optional<bool> fits = Fits(member, *type.parts[0].node);
      if (fits != true) return fits;
    }
    return true;
  }

  std::optional<bool> Members(const Json& value, const AvroNode& type) {
    if (!value.is_object()) return false;
    for (const AvroField& field : type.fields) {
      const Json* member = value.Find(field.name);
      if (member == nullptr && field.default_value != nullptr) continue;
      if (member == nullptr) return false;
      const std::optional<bool> fits = Fits(*member, *field.type.node);
      if (fits != true) return fits;
    }
    return true;
  }

  std::optional<bool> Branches(const Json& value, const AvroNode& type) {
    for (const AvroUse& branch : type.parts) {
      const std::optional<bool> fits = Fits(value, *branch.node);
      if (fits != false || rules_ == AvroRules::kEveryVersion) return fits;
    }
    return false;
  }

  AvroRules rules_;
  size_t& steps_;
};

}  // namespace

std::optional<bool> FitsAsDefault(const Json& value, const AvroNode& type, AvroRules rules, size_t& steps) {
  return Fitting(rules, steps).Fits(value, type);
}

}  // namespace sluice::schema
