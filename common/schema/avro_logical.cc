#include "common/schema/avro_logical.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

namespace sluice::schema {
namespace {

struct Carrier {
  std::string_view name;
  AvroType type;
  int64_t size;  // of a fixed; 0: any
};

constexpr Carrier kCarriers[] = {
    {"decimal", AvroType::kBytes, 0},
    {"decimal", AvroType::kFixed, 0},
    {"big-decimal", AvroType::kBytes, 0},
    {"uuid", AvroType::kString, 0},
    {"uuid", AvroType::kFixed, 16},
    {"date", AvroType::kInt, 0},
    {"time-millis", AvroType::kInt, 0},
    {"time-micros", AvroType::kLong, 0},
    {"timestamp-millis", AvroType::kLong, 0},
    {"timestamp-micros", AvroType::kLong, 0},
    {"timestamp-nanos", AvroType::kLong, 0},
    {"local-timestamp-millis", AvroType::kLong, 0},
    {"local-timestamp-micros", AvroType::kLong, 0},
    {"local-timestamp-nanos", AvroType::kLong, 0},
    {"duration", AvroType::kFixed, 12},
};

std::optional<int64_t> ReadInteger(const Json& source, std::string_view key) {
  const Json* value = source.Find(key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->number().ToInt64();
}

AvroLogicalType ReadDecimal(const Json& source, const AvroNode& node) {
  const std::optional<int64_t> precision = ReadInteger(source, "precision");
  const std::optional<int64_t> scale = source.Find("scale") == nullptr ? 0 : ReadInteger(source, "scale");
  if (!precision || !scale || *precision < 1 || *scale < 0 || *scale > *precision) return {};
  if (node.type == AvroType::kFixed) {
    if (node.size == 0) return {};
    const double digits = std::floor((8.0 * static_cast<double>(node.size) - 1) * std::log10(2.0));
    if (static_cast<double>(*precision) > digits) return {};
  }
  return {"decimal", *precision, *scale};
}

}  // namespace

AvroLogicalType ReadLogicalType(const Json& source, const AvroNode& node) {
  const Json* name = source.Find("logicalType");
  if (name == nullptr || !name->is_string()) return {};
  for (const Carrier& carrier : kCarriers) {
    if (name->string() != carrier.name || node.type != carrier.type) continue;
    if (carrier.size != 0 && carrier.size != node.size) continue;
    if (carrier.name == "decimal") return ReadDecimal(source, node);
    return {carrier.name};
  }
  return {};
}

std::string AvroLogicalType::ToString() const {
  if (name.empty()) return "none";
  if (name == "decimal") return fmt::format("decimal({}, {})", precision, scale);
  return std::string(name);
}

}  // namespace sluice::schema
