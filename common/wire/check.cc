// CheckResource: what can be said about a resource from its descriptor and annotations alone, without
// per-kind code.
#include <fmt/format.h>
#include <google/protobuf/duration.pb.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "common/wire/wire.h"
#include "sluice/v1/annotations.pb.h"

namespace sluice::wire {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kMaxText = 4096;               // any string: names, titles, sentences
constexpr size_t kMaxKey = 256;                 // keys of maps: labels, configs
constexpr size_t kMaxFileText = 1 << 20;        // strings that may come from a file (schemas): 1 MiB
constexpr int kMaxElements = 10'000;            // entries of a list: customers of a product
constexpr int64_t kMaxSeconds = 3'155'760'000;  // durations: 100 years

class Checker {
 public:
  Checker(core::Finding origin, std::vector<core::Finding>& findings)
      : origin_(std::move(origin)), findings_(findings) {}

  void CheckMessage(const Message& message, const std::string& path) {
    for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor* field = message.GetDescriptor()->field(i);
      std::string at = path.empty() ? field->name() : path + "." + field->name();
      sluice::v1::Behavior behavior = field->options().GetExtension(sluice::v1::behavior);
      if (behavior == sluice::v1::BEHAVIOR_OUTPUT_ONLY) continue;
      if (!IsSet(message, field)) {
        if (behavior == sluice::v1::BEHAVIOR_REQUIRED) Required(field, at);
        continue;
      }
      const std::string& planned = field->options().GetExtension(sluice::v1::planned);
      if (!planned.empty()) {
        Planned(planned, at);
        continue;
      }
      CheckField(message, field, at);
    }
  }

 private:
  static bool IsSet(const Message& message, const FieldDescriptor* field) {
    const Reflection* reflection = message.GetReflection();
    return field->is_repeated() ? reflection->FieldSize(message, field) > 0
                                : reflection->HasField(message, field);
  }

  void Add(const std::string& field, std::string rule, std::string message, std::string remedy) {
    core::Finding finding = origin_;
    finding.field = field;
    finding.rule = std::move(rule);
    finding.message = std::move(message);
    finding.remedy = std::move(remedy);
    findings_.push_back(std::move(finding));
  }

  void Required(const FieldDescriptor* field, const std::string& path) {
    Add(path, "required", fmt::format("'{}' is missing", field->name()),
        fmt::format("say '{}'", field->name()));
  }

  // The sentence of a planned field is `what is not there yet: what to do`.
  void Planned(const std::string& sentence, const std::string& path) {
    size_t colon = sentence.find(": ");
    if (colon == std::string::npos) return Add(path, "not-available", sentence, "leave it out");
    Add(path, "not-available", sentence.substr(0, colon), sentence.substr(colon + 2));
  }

  void CheckField(const Message& message, const FieldDescriptor* field, const std::string& path) {
    if (field->is_map()) return CheckMap(message, field, path);
    const Reflection* reflection = message.GetReflection();
    if (!field->is_repeated()) return CheckValue(message, field, -1, path);
    int size = reflection->FieldSize(message, field);
    if (!CheckCount(size, path)) return;
    for (int i = 0; i < size; ++i) CheckValue(message, field, i, fmt::format("{}[{}]", path, i));
  }

  bool CheckCount(int size, const std::string& path) {
    if (size <= kMaxElements) return true;
    Add(path, "too-many", fmt::format("at most {} entries are taken ({})", kMaxElements, size),
        "split it up");
    return false;
  }

  void CheckMap(const Message& message, const FieldDescriptor* field, const std::string& path) {
    const Reflection* reflection = message.GetReflection();
    int size = reflection->FieldSize(message, field);
    if (!CheckCount(size, path)) return;
    const FieldDescriptor* key = field->message_type()->map_key();
    const FieldDescriptor* value = field->message_type()->map_value();
    std::map<std::string, const Message*> entries;  // in an order that does not change from run to run
    for (int i = 0; i < size; ++i) {
      const Message& entry = reflection->GetRepeatedMessage(message, field, i);
      entries[entry.GetReflection()->GetString(entry, key)] = &entry;
    }
    for (const auto& [name, entry] : entries) {
      if (name.empty()) Add(path, "empty-key", "a key is empty", "give it a name");
      std::string at = path + "." + name;
      if (CheckText(name, kMaxKey, at)) CheckValue(*entry, value, -1, at);
    }
  }

  // `index`: the element of a repeated field; -1: the field is none.
  void CheckValue(const Message& message, const FieldDescriptor* field, int index, const std::string& path) {
    const Reflection* reflection = message.GetReflection();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return CheckChild(index < 0 ? reflection->GetMessage(message, field)
                                    : reflection->GetRepeatedMessage(message, field, index),
                          path);
      case FieldDescriptor::CPPTYPE_ENUM:
        return CheckEnum(field,
                         index < 0 ? reflection->GetEnumValue(message, field)
                                   : reflection->GetRepeatedEnumValue(message, field, index),
                         path);
      case FieldDescriptor::CPPTYPE_STRING: {
        bool from_file = !field->options().GetExtension(sluice::v1::from_file).empty();
        std::string text = index < 0 ? reflection->GetString(message, field)
                                     : reflection->GetRepeatedString(message, field, index);
        CheckText(text, from_file ? kMaxFileText : kMaxText, path);
        return;
      }
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return CheckNumber(index < 0 ? reflection->GetDouble(message, field)
                                     : reflection->GetRepeatedDouble(message, field, index),
                           path);
      default:
        return;
    }
  }

  void CheckChild(const Message& child, const std::string& path) {
    const auto* duration = dynamic_cast<const google::protobuf::Duration*>(&child);
    if (duration == nullptr) return CheckMessage(child, path);
    if (duration->seconds() >= 0 && duration->seconds() <= kMaxSeconds && duration->nanos() >= 0 &&
        duration->nanos() < 1'000'000'000) {
      return;
    }
    Add(path, "duration", fmt::format("a duration is 0 to 100 years ({} s)", duration->seconds()),
        "write it like 5s, 1h30m or 7d");
  }

  void CheckEnum(const FieldDescriptor* field, int number, const std::string& path) {
    if (field->enum_type()->FindValueByNumber(number) != nullptr) return;
    Add(path, "unknown-value",
        fmt::format("{} is no value of '{}' that this version knows", number, field->name()),
        "use a value of this version's API");
  }

  void CheckNumber(double value, const std::string& path) {
    if (std::isfinite(value) && value >= 0) return;
    Add(path, "number", fmt::format("a number of 0 or more is wanted ({})", value), "write it like 50/s");
  }

  bool CheckText(std::string_view text, size_t limit, const std::string& path) {
    if (text.size() > limit) {
      Add(path, "too-long", fmt::format("at most {} bytes are taken ({})", limit, text.size()), "shorten it");
      return false;
    }
    size_t bad = FirstBadByte(text);
    if (bad == std::string_view::npos) return true;
    Add(path, "text",
        fmt::format("text is UTF-8 without control characters (byte 0x{:02X} at offset {})",
                    static_cast<unsigned char>(text[bad]), bad),
        "remove that byte");
    return false;
  }

  const core::Finding origin_;
  std::vector<core::Finding>& findings_;
};

}  // namespace

void CheckResource(const sluice::v1::Resource& resource, size_t index, std::vector<core::Finding>& findings) {
  core::Finding origin;
  origin.edit = index;
  const auto* field =
      resource.GetReflection()->GetOneofFieldDescriptor(resource, resource.GetDescriptor()->oneof_decl(0));
  if (field == nullptr) {
    origin.rule = "empty-resource";
    origin.message = "an edit has no definition";
    origin.remedy =
        "set one of the definitions of sluice.v1.Resource; a newer client may know kinds that this server "
        "does not";
    findings.push_back(std::move(origin));
    return;
  }
  origin.resource = core::ResourceName(KindOf(resource), NameOf(resource));
  Checker(std::move(origin), findings)
      .CheckMessage(resource.GetReflection()->GetMessage(resource, field), "");
}

}  // namespace sluice::wire
