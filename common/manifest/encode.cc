#include "common/manifest/encode.h"

#include <fmt/format.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "common/manifest/scalar.h"
#include "common/wire/wire.h"
#include "sluice/v1/annotations.pb.h"

namespace sluice::manifest {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr std::string_view kConfigField = "config";  // maps of topic configs are called so everywhere

Value Scalar(Value::Kind kind, std::string text) {
  Value value;
  value.kind = kind;
  value.text = std::move(text);
  return value;
}

// A topic config as people write it, where that is shorter: `7d` for `retention.ms: 604800000`. Keys say what
// their values are.
std::string ConfigText(const std::string& key, const std::string& value) {
  std::string text;
  if (key.ends_with(".ms")) {
    if (auto milliseconds = wire::ParseDurationMs(value)) text = wire::FormatDurationMs(*milliseconds);
  } else if (key.ends_with(".bytes")) {
    if (auto bytes = wire::ParseBytes(value)) text = wire::FormatBytes(*bytes);
  }
  return text.empty() || text.size() > value.size() ? value : text;
}

class Encoder {
 public:
  Encoder(Fields fields, Units units) : fields_(fields), units_(units) {}

  Value OfMessage(const Message& message) const {
    if (const auto* duration = dynamic_cast<const google::protobuf::Duration*>(&message))
      return OfDuration(*duration);
    if (const auto* time = dynamic_cast<const google::protobuf::Timestamp*>(&message)) {
      return Scalar(Value::Kind::kWord, google::protobuf::util::TimeUtil::ToString(*time));
    }
    if (const auto* resource = dynamic_cast<const sluice::v1::Resource*>(&message))
      return OfResource(*resource);
    Value map;
    map.kind = Value::Kind::kMap;
    AddFields(message, map);
    return map;
  }

 private:
  static Value OfDuration(const google::protobuf::Duration& duration) {
    int64_t milliseconds = google::protobuf::util::TimeUtil::DurationToMilliseconds(duration);
    std::string text =
        milliseconds < 0 ? "-" + wire::FormatDurationMs(-milliseconds) : wire::FormatDurationMs(milliseconds);
    return Scalar(Value::Kind::kWord, std::move(text));
  }

  Value OfResource(const sluice::v1::Resource& resource) const {
    Value map;
    map.kind = Value::Kind::kMap;
    const auto* set =
        resource.GetReflection()->GetOneofFieldDescriptor(resource, resource.GetDescriptor()->oneof_decl(0));
    if (set == nullptr) return map;
    map.entries.push_back({"kind", Scalar(Value::Kind::kWord, set->message_type()->name())});
    AddFields(resource.GetReflection()->GetMessage(resource, set), map);
    return map;
  }

  bool IsPrinted(const Message& message, const FieldDescriptor* field) const {
    bool output = field->options().GetExtension(sluice::v1::behavior) == sluice::v1::BEHAVIOR_OUTPUT_ONLY;
    if (output && fields_ == Fields::kInput) return false;
    const Reflection* reflection = message.GetReflection();
    return field->is_repeated() ? reflection->FieldSize(message, field) > 0
                                : reflection->HasField(message, field);
  }

  void AddFields(const Message& message, Value& map) const {
    for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor* field = message.GetDescriptor()->field(i);
      if (IsPrinted(message, field)) map.entries.push_back({field->name(), OfField(message, field)});
    }
  }

  Value OfField(const Message& message, const FieldDescriptor* field) const {
    if (field->is_map()) return OfMap(message, field);
    if (!field->is_repeated()) return OfValue(message, field, -1);
    Value list;
    list.kind = Value::Kind::kList;
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      list.items.push_back(OfValue(message, field, i));
    }
    return list;
  }

  Value OfMap(const Message& message, const FieldDescriptor* field) const {
    const Reflection* reflection = message.GetReflection();
    const FieldDescriptor* key = field->message_type()->map_key();
    const FieldDescriptor* value = field->message_type()->map_value();
    Value map;
    map.kind = Value::Kind::kMap;
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      const Message& pair = reflection->GetRepeatedMessage(message, field, i);
      Value one = OfValue(pair, value, -1);
      std::string name = pair.GetReflection()->GetString(pair, key);
      if (one.kind == Value::Kind::kText) one.kind = Value::Kind::kLoose;
      if (units_ == Units::kPeople && field->name() == kConfigField) one.text = ConfigText(name, one.text);
      map.entries.push_back({std::move(name), std::move(one)});
    }
    std::sort(map.entries.begin(), map.entries.end(),
              [](const auto& a, const auto& b) { return a.key < b.key; });
    return map;
  }

  // `i`: the element of a repeated field; -1: the field is none.
  Value OfValue(const Message& m, const FieldDescriptor* f, int i) const {
    const Reflection* r = m.GetReflection();
    switch (f->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return OfMessage(i < 0 ? r->GetMessage(m, f) : r->GetRepeatedMessage(m, f, i));
      case FieldDescriptor::CPPTYPE_ENUM:
        return OfEnum(f, i < 0 ? r->GetEnumValue(m, f) : r->GetRepeatedEnumValue(m, f, i));
      case FieldDescriptor::CPPTYPE_STRING:
        return OfText(f, i < 0 ? r->GetString(m, f) : r->GetRepeatedString(m, f, i));
      case FieldDescriptor::CPPTYPE_INT32:
        return OfInteger(f, i < 0 ? r->GetInt32(m, f) : r->GetRepeatedInt32(m, f, i));
      case FieldDescriptor::CPPTYPE_INT64:
        return OfInteger(f, i < 0 ? r->GetInt64(m, f) : r->GetRepeatedInt64(m, f, i));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return OfDouble(f, i < 0 ? r->GetDouble(m, f) : r->GetRepeatedDouble(m, f, i));
      case FieldDescriptor::CPPTYPE_BOOL:
        return Scalar(Value::Kind::kNumber,
                      (i < 0 ? r->GetBool(m, f) : r->GetRepeatedBool(m, f, i)) ? "true" : "false");
      default:
        return Scalar(Value::Kind::kText, "");
    }
  }

  static Value OfEnum(const FieldDescriptor* field, int number) {
    std::string word = EnumWord(field->enum_type(), number);
    return Scalar(Value::Kind::kWord, word.empty() ? std::to_string(number) : word);
  }

  static Value OfText(const FieldDescriptor* field, std::string text) {
    if (field->options().GetExtension(sluice::v1::unit) == sluice::v1::UNIT_DATE) {
      return Scalar(Value::Kind::kText, std::move(text));
    }
    bool file = !field->options().GetExtension(sluice::v1::from_file).empty();
    return Scalar(file ? Value::Kind::kFile : Value::Kind::kText, std::move(text));
  }

  Value OfInteger(const FieldDescriptor* field, int64_t number) const {
    bool size = field->options().GetExtension(sluice::v1::unit) == sluice::v1::UNIT_BYTES;
    if (size && units_ == Units::kPeople && number >= 0)
      return Scalar(Value::Kind::kWord, wire::FormatBytes(number));
    return Scalar(Value::Kind::kNumber, std::to_string(number));
  }

  Value OfDouble(const FieldDescriptor* field, double number) const {
    bool rate = field->options().GetExtension(sluice::v1::unit) == sluice::v1::UNIT_PER_SECOND;
    if (rate && units_ == Units::kPeople) return Scalar(Value::Kind::kWord, fmt::format("{}/s", number));
    return Scalar(Value::Kind::kNumber, fmt::format("{}", number));
  }

  const Fields fields_;
  const Units units_;
};

}  // namespace

Value Encode(const Message& message, Fields fields, Units units) {
  return Encoder(fields, units).OfMessage(message);
}

std::string QuoteJson(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    unsigned char byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"':
        quoted += "\\\"";
        break;
      case '\\':
        quoted += "\\\\";
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\t':
        quoted += "\\t";
        break;
      case '\r':
        quoted += "\\r";
        break;
      default:
        if (byte < 0x20 || byte == 0x7F) {
          quoted += fmt::format("\\u{:04x}", byte);
        } else {
          quoted += c;
        }
    }
  }
  return quoted + '"';
}

}  // namespace sluice::manifest
