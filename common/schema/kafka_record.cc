#include "common/schema/kafka_record.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/schema/attribute.h"
#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

constexpr std::string_view kAttributePrefix = "ce_";
constexpr std::string_view kContentType = "content-type";
constexpr size_t kPrefixBytes = 5;

bool BeginsWithIgnoringCase(std::string_view text, std::string_view lower) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  return text.size() >= lower.size() &&
         std::equal(lower.begin(), lower.end(), text.begin(), [&](char b, char a) { return same(a, b); });
}

// The attribute that a header carries; nullopt: none.
std::optional<std::string_view> AttributeOf(std::string_view header) {
  if (header == kContentType) return "datacontenttype";
  if (header.starts_with(kAttributePrefix)) return header.substr(kAttributePrefix.size());
  return std::nullopt;
}

// Whether `header` may carry the attribute `name`; else it is reported.
bool MayCarry(const KafkaHeader& header, std::string_view name, EventReport& report) {
  const std::string pointer = IsAttributeName(name) ? Child("", name) : "";
  if (!IsAttributeName(name)) {
    report.Error(
        pointer, "name",
        fmt::format("names of attributes have the letters a to z and digits only (got the header {})",
                    Quoted(header.name)));
  } else if (name == "data") {
    report.Error(pointer, "name",
                 "no attribute is called \"data\": in binary mode the record's value is the data");
  } else if (name == "datacontenttype" && header.name != kContentType) {
    report.Error(pointer, "mode",
                 "in binary mode the header content-type says what ce_datacontenttype says here");
  } else {
    return true;
  }
  return false;
}

uint32_t SchemaIdOf(std::string_view value) {
  uint32_t id = 0;
  for (size_t i = 1; i < kPrefixBytes; ++i) id = id << 8 | static_cast<unsigned char>(value[i]);
  return id;
}

}  // namespace

const std::string* FindHeader(const KafkaRecord& record, std::string_view name) {
  const auto at = std::find_if(record.headers.rbegin(), record.headers.rend(),
                               [name](const KafkaHeader& header) { return header.name == name; });
  return at == record.headers.rend() || !at->value ? nullptr : &*at->value;
}

size_t SizeOf(const KafkaRecord& record) {
  size_t size = record.key.value_or("").size() + record.value.value_or("").size();
  for (const KafkaHeader& header : record.headers) {
    size += header.name.size() + (header.value ? header.value->size() : 0);
  }
  return size;
}

ContentMode ContentModeOf(const KafkaRecord& record) {
  if (const std::string* type = FindHeader(record, kContentType)) {
    return BeginsWithIgnoringCase(*type, "application/cloudevents") ? ContentMode::kStructured
                                                                    : ContentMode::kBinary;
  }
  const bool has_attributes =
      std::any_of(record.headers.begin(), record.headers.end(),
                  [](const KafkaHeader& header) { return header.name.starts_with(kAttributePrefix); });
  return has_attributes ? ContentMode::kBinary : ContentMode::kStructured;
}

Json BinaryAttributes(const KafkaRecord& record, EventReport& report) {
  Json::Object attributes;
  for (const KafkaHeader& header : record.headers) {
    const std::optional<std::string_view> name = AttributeOf(header.name);
    if (!name || !MayCarry(header, *name, report)) continue;
    const bool again = std::any_of(attributes.begin(), attributes.end(),
                                   [&](const Json::Member& member) { return member.first == *name; });
    if (again) {
      report.Error(Child("", *name), "duplicate", fmt::format("the header {} is there twice", header.name));
    } else if (header.value && IllegalCharacter(*header.value)) {
      // Reported here, as strings of Json are UTF-8; so `attributes` has what messages show.
      report.Error(Child("", *name), "characters",
                   fmt::format("attributes must not have {}", *IllegalCharacter(*header.value)));
      attributes.emplace_back(*name, Quoted(*header.value));
    } else {
      attributes.emplace_back(*name, header.value ? Json(*header.value) : Json());
    }
  }
  return Json(std::move(attributes));
}

Body TakePrefix(std::string_view value, Wire wire, EventReport& report) {
  const bool begins = !value.empty() && value[0] == '\0';
  if (begins && value.size() < kPrefixBytes) {
    report.Error("", "prefix", fmt::format("Confluent's prefix has 5 bytes, the value {}", value.size()));
    return {.bytes = {}, .schema_id = std::nullopt};
  }
  if (!begins) {
    if (wire == Wire::kConfluentPrefix) {
      report.Error("", "prefix",
                   "Confluent's 5-byte prefix is missing, with which the product's values begin");
    }
    return {.bytes = value, .schema_id = std::nullopt};
  }
  const Body body{.bytes = value.substr(kPrefixBytes), .schema_id = SchemaIdOf(value)};
  if (wire == Wire::kPlain) {
    report.Error("", "prefix",
                 fmt::format("the value begins with Confluent's prefix (schema {}); plain JSON has none",
                             *body.schema_id));
  }
  return body;
}

}  // namespace sluice::schema
