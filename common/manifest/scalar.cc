#include "common/manifest/scalar.h"

#include <fmt/format.h>
#include <google/protobuf/duration.pb.h>

#include <charconv>
#include <chrono>
#include <limits>

#include "common/core/text.h"
#include "common/manifest/words.h"
#include "common/wire/wire.h"
#include "sluice/v1/annotations.pb.h"

namespace sluice::manifest {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

Refusal Wanted(const char* what, const Node& node, std::string remedy) {
  return {fmt::format("{} is wanted (got {})", what, Got(node)), std::move(remedy)};
}

// A decimal integer as YAML 1.2 and JSON both read it. Leading zeros mean octal elsewhere, so they are
// refused.
std::optional<int64_t> ParseInteger(const std::string& text) {
  size_t digits = text.starts_with('-') ? 1 : 0;
  if (text.size() > digits + 1 && text[digits] == '0') return std::nullopt;
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> ParseDouble(std::string_view text) {
  double number = 0;
  if (text.empty() || !(text[0] == '-' || (text[0] >= '0' && text[0] <= '9'))) return std::nullopt;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool IsDate(const std::string& text) {
  int year = 0;
  unsigned month = 0, day = 0;
  auto read = [&text](size_t at, size_t length, auto& value) {
    auto [end, error] = std::from_chars(text.data() + at, text.data() + at + length, value);
    return error == std::errc() && end == text.data() + at + length;
  };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  if (!read(0, 4, year) || !read(5, 2, month) || !read(8, 2, day)) return false;
  return std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(month),
                                     std::chrono::day(day))
      .ok();
}

sluice::v1::Unit UnitOf(const FieldDescriptor* field) {
  return field->options().GetExtension(sluice::v1::unit);
}

template <typename Value, typename Set, typename Append>
void Put(Message& message, const FieldDescriptor* field, Set set, Append append, Value value) {
  const auto* reflection = message.GetReflection();
  if (field->is_repeated()) {
    (reflection->*append)(&message, field, value);
  } else {
    (reflection->*set)(&message, field, value);
  }
}

std::optional<Refusal> PutText(const Node& node, const FieldDescriptor* field, Message& message) {
  if (node.IsNull()) return Wanted("a text", node, "give it a value, or leave the key out");
  if (UnitOf(field) == sluice::v1::UNIT_DATE && !IsDate(node.text)) {
    return Wanted("a date", node, "write it like 2027-06-30");
  }
  if (size_t bad = wire::FirstBadByte(node.text); bad != std::string::npos) {
    return Refusal{fmt::format("text has no control characters (got 0x{:02X})",
                               static_cast<unsigned char>(node.text[bad])),
                   "remove the escape"};
  }
  Put(message, field, &google::protobuf::Reflection::SetString, &google::protobuf::Reflection::AddString,
      node.text);
  return std::nullopt;
}

std::optional<Refusal> PutBool(const Node& node, const FieldDescriptor* field, Message& message) {
  if (node.quoted || (node.text != "true" && node.text != "false")) {
    return Wanted("true or false", node, "write true or false, without quotes");
  }
  Put(message, field, &google::protobuf::Reflection::SetBool, &google::protobuf::Reflection::AddBool,
      node.text == "true");
  return std::nullopt;
}

std::optional<Refusal> PutInteger(const Node& node, const FieldDescriptor* field, Message& message) {
  bool bytes = UnitOf(field) == sluice::v1::UNIT_BYTES;
  std::optional<int64_t> number = node.quoted && !bytes ? std::nullopt : ParseInteger(node.text);
  if (!number && bytes) number = wire::ParseBytes(node.text);
  if (!number && bytes) return Wanted("a size in bytes", node, "write it like 64KiB, 1MiB or 1048576");
  if (!number)
    return Wanted("a whole number", node, "write it in decimal digits, without quotes and leading zeros");
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
    Put(message, field, &google::protobuf::Reflection::SetInt64, &google::protobuf::Reflection::AddInt64,
        *number);
    return std::nullopt;
  }
  if (*number < std::numeric_limits<int32_t>::min() || *number > std::numeric_limits<int32_t>::max()) {
    return Wanted("a number below 2,147,483,648", node, "write a smaller one");
  }
  Put(message, field, &google::protobuf::Reflection::SetInt32, &google::protobuf::Reflection::AddInt32,
      static_cast<int32_t>(*number));
  return std::nullopt;
}

std::optional<Refusal> PutDouble(const Node& node, const FieldDescriptor* field, Message& message) {
  bool rate = UnitOf(field) == sluice::v1::UNIT_PER_SECOND;
  std::string_view text = node.text;
  if (rate && text.ends_with("/s")) text.remove_suffix(2);
  std::optional<double> number = node.quoted && !rate ? std::nullopt : ParseDouble(text);
  if (!number) {
    return rate ? Wanted("a number a second", node, "write it like 50/s")
                : Wanted("a number", node, "write it in digits");
  }
  Put(message, field, &google::protobuf::Reflection::SetDouble, &google::protobuf::Reflection::AddDouble,
      *number);
  return std::nullopt;
}

std::optional<Refusal> PutEnum(const Node& node, const FieldDescriptor* field, Message& message) {
  const auto* type = field->enum_type();
  const auto* value = type->FindValueByName(EnumPrefix(type) + node.text);
  if (value == nullptr || EnumWord(type, value->number()) != node.text || node.text.empty()) {
    return Refusal{fmt::format("unknown value {}", core::Quote(node.text)),
                   Suggest(node.text, EnumWords(type))};
  }
  Put(message, field, &google::protobuf::Reflection::SetEnumValue,
      &google::protobuf::Reflection::AddEnumValue, value->number());
  return std::nullopt;
}

}  // namespace

bool IsDuration(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field->message_type() == google::protobuf::Duration::descriptor();
}

std::optional<Refusal> PutDuration(const Node& node, Message& duration) {
  std::optional<int64_t> milliseconds = wire::ParseDurationMs(node.text);
  bool plain = milliseconds && node.text.find_first_not_of("0123456789") == std::string::npos;
  if (node.kind != Node::Kind::kScalar || !milliseconds || (plain && *milliseconds != 0)) {
    return Wanted("a duration", node, "write it like 5s, 1h30m or 7d");
  }
  auto& to = static_cast<google::protobuf::Duration&>(duration);
  to.set_seconds(*milliseconds / 1000);
  to.set_nanos(static_cast<int32_t>(*milliseconds % 1000) * 1'000'000);
  return std::nullopt;
}

std::optional<Refusal> PutScalar(const Node& node, const FieldDescriptor* field, Message& message) {
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return PutText(node, field, message);
    case FieldDescriptor::CPPTYPE_BOOL:
      return PutBool(node, field, message);
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return PutInteger(node, field, message);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return PutDouble(node, field, message);
    case FieldDescriptor::CPPTYPE_ENUM:
      return PutEnum(node, field, message);
    default:
      return Refusal{"this field cannot be written in a manifest", "leave it out"};
  }
}

}  // namespace sluice::manifest
