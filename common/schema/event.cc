#include "common/schema/event.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "common/schema/attribute.h"
#include "common/schema/media_type.h"
#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

// A field of the key as text; nullopt: it has none.
std::optional<std::string> ScalarText(const Json& value) {
  if (value.is_string()) return value.string();
  if (value.is_boolean() || value.is_number()) return value.ToString();
  return std::nullopt;
}

// `text` with `{0}`, `{1}` replaced; other braces stay as they are.
std::string Filled(std::string_view text, const std::vector<std::string>& fields) {
  std::string filled;
  while (!text.empty()) {
    const size_t close = text[0] == '{' ? text.find('}') : std::string_view::npos;
    size_t field = fields.size();
    if (close != std::string_view::npos) std::from_chars(text.data() + 1, text.data() + close, field);
    const bool replaced = field < fields.size();
    filled += replaced ? std::string_view(fields[field]) : text.substr(0, 1);
    text.remove_prefix(replaced ? close + 1 : 1);
  }
  return filled;
}

class EventCheck {
 public:
  EventCheck(const KafkaRecord& record, const EventContract& contract, const EventOptions& options)
      : record_(record), contract_(contract), options_(options), mode_(ContentModeOf(record)) {}

  EventReport Run() && {
    if (const size_t size = SizeOf(record_); size > kSafeEventBytes) {
      report_.Warning("", "size",
                      fmt::format("{} bytes; beyond {} intermediaries may refuse it", size, kSafeEventBytes));
    }
    if (!record_.value) {
      CheckTombstone();
    } else if (ReadMessage()) {
      CheckType();
      CheckSchema();
      CheckKey();
    }
    return std::move(report_);
  }

 private:
  // A record without a value: the key's records are to be forgotten. In binary mode it may still have
  // attributes.
  void CheckTombstone() {
    if (contract_.tombstones == Tombstones::kForbidden) {
      report_.Error("", "tombstone", "the record has no value, and the stream takes no tombstones");
    } else if (options_.key == KeyCheck::kRecord && !record_.key) {
      report_.Error("", "key", "a tombstone without a key deletes nothing");
    }
    if (mode_ == ContentMode::kBinary)
      CheckEnvelope(BinaryAttributes(record_, report_), "", options_.profile, mode_, report_);
  }

  // Takes the record apart into message_, value_ and data_, and checks the envelope. False: nothing is left
  // to check.
  bool ReadMessage() {
    const Body body = TakePrefix(
        *record_.value, contract_.encoding == Encoding::kAvro ? Wire::kEither : contract_.wire, report_);
    if (mode_ == ContentMode::kBinary) ReadAttributes();
    if (body.bytes.data() == nullptr || IsAvro() || !IsReadableFormat()) return false;
    return mode_ == ContentMode::kBinary ? ReadBinary(body.bytes) : ReadStructured(body.bytes);
  }

  bool IsAvro() {
    const std::string* type = FindHeader(record_, "content-type");
    const std::optional<MediaType> media_type = type == nullptr ? std::nullopt : ParseMediaType(*type);
    const bool declared =
        media_type && (media_type->subtype == "avro" || media_type->subtype.ends_with("+avro"));
    if (!declared && contract_.encoding != Encoding::kAvro) return false;
    report_.Warning("", "avro",
                    "an Avro value: it is not decoded, so neither its data nor its key were checked");
    return true;
  }

  // Of event formats JSON alone is read; batches are none of Kafka's binding.
  bool IsReadableFormat() {
    if (mode_ == ContentMode::kBinary) return true;
    const std::string* type = FindHeader(record_, "content-type");
    if (type == nullptr) return true;
    const std::optional<MediaType> media_type = ParseMediaType(*type);
    if (media_type && media_type->subtype == "cloudevents+json") return true;
    report_.Error("", "mode",
                  fmt::format("content-type {} is no event format of Kafka that is read here: it takes "
                              "application/cloudevents+json",
                              Quoted(*type)));
    return false;
  }

  void ReadAttributes() {
    message_ = BinaryAttributes(record_, report_);
    CheckEnvelope(message_, "", options_.profile, mode_, report_);
  }

  bool ReadBinary(std::string_view bytes) {
    if (contract_.describes == Describes::kData && !DeclaresJson(message_)) {
      if (contract_.schema)
        report_.Error("/data", "format", "the header content-type declares no JSON, as the schema describes");
      return true;
    }
    absl::StatusOr<Json> value = ParseJson(bytes);
    if (!value.ok()) {
      report_.Error("/data", "json", std::string(value.status().message()));
      return true;
    }
    if (message_.Find("specversion") == nullptr && value->Find("specversion") != nullptr) {
      report_.Warning("", "mode",
                      "the value looks like an event of structured mode, which needs the header "
                      "content-type: application/cloudevents+json");
    }
    value_ = *value;
    data_ = *std::move(value);
    Json::Object members = message_.object();
    members.emplace_back("data", *data_);
    message_ = Json(std::move(members));
    return true;
  }

  bool ReadStructured(std::string_view bytes) {
    absl::StatusOr<Json> value = ParseJson(bytes);
    if (!value.ok()) {
      report_.Error("", "json", std::string(value.status().message()));
      return false;
    }
    message_ = *std::move(value);
    value_ = message_;
    if (const Json* data = message_.Find("data")) data_ = *data;
    CheckEnvelope(message_, bytes, options_.profile, mode_, report_);
    return options_.profile == Profile::kNone || message_.is_object();
  }

  void CheckType() {
    const Json* type = message_.Find("type");
    if (contract_.types.empty() || options_.profile == Profile::kNone || type == nullptr ||
        !type->is_string())
      return;
    if (std::find(contract_.types.begin(), contract_.types.end(), type->string()) != contract_.types.end())
      return;
    report_.Error("/type", "event-type",
                  fmt::format("{} is not declared; the product has {}", Quoted(type->string()),
                              fmt::join(contract_.types, ", ")));
  }

  void CheckSchema() {
    if (!contract_.schema) return CheckDataIsThere();
    const bool whole = contract_.describes == Describes::kMessage;
    const std::optional<Json>& described = whole ? value_ : data_;
    if (described) return CheckAgainstSchema(whole ? "" : "/data", *described);
    if (whole || mode_ == ContentMode::kBinary) return;  // told when it was read
    report_.Error("/data", "required",
                  message_.Find("data_base64") == nullptr
                      ? "\"data\" is missing, which the schema describes"
                      : "\"data\" is missing, which the schema describes; bytes in "
                        "\"data_base64\" are not looked into");
  }

  // Whatever the product's schema is, the schema that is registered around it asks for data.
  void CheckDataIsThere() {
    if (options_.profile == Profile::kHouse && mode_ == ContentMode::kStructured && !data_) {
      report_.Warning("/data", "required", "without \"data\" the registered envelope refuses the message");
    }
  }

  void CheckAgainstSchema(const std::string& at, const Json& described) {
    const Validation strict = Validate(*contract_.schema, described, {.formats = options_.formats});
    for (const ValidationError& error : strict.errors)
      report_.Error(at + error.instance, error.rule, error.message);
    if (!strict.valid() && strict.errors.empty()) report_.Error(at, "unknown", "a bound was reached");
    if (!strict.valid() || options_.undeclared == Undeclared::kIgnored) return;
    const Validation closed =
        Validate(*contract_.schema, described, {.reading = Reading::kClosed, .formats = options_.formats});
    for (const ValidationError& error : closed.errors)
      report_.Warning(at + error.instance, error.rule, error.message);
  }

  void CheckKey() {
    if (!contract_.key) return;
    if (options_.key == KeyCheck::kRecord && !record_.key) {
      report_.Error("", "key", "the record has no key, and the stream has one");
    }
    const Json& message = contract_.describes == Describes::kMessage && value_ ? *value_ : message_;
    std::vector<std::string> fields;
    for (const std::string& pointer : contract_.key->fields) {
      const Json* value = Resolve(message, pointer);
      const std::optional<std::string> text = value == nullptr ? std::nullopt : ScalarText(*value);
      if (text) {
        fields.push_back(*text);
      } else if (value == nullptr) {
        report_.Error(pointer, "key", "it is missing, and the record's key is made of it");
      } else {
        report_.Error(pointer, "key",
                      "the record's key is made of it: it is a string, a number or a boolean");
      }
    }
    if (options_.key == KeyCheck::kFields || !record_.key || fields.size() != contract_.key->fields.size())
      return;
    const std::string wanted = Filled(contract_.key->text, fields);
    if (*record_.key == wanted) return;
    report_.Error(
        "", "key",
        fmt::format("the record's key is {}, the message makes it {}", Quoted(*record_.key), Quoted(wanted)));
  }

  const KafkaRecord& record_;
  const EventContract& contract_;
  const EventOptions& options_;
  const ContentMode mode_;
  EventReport report_;
  Json message_;               // the event, or what stands in its place; binary mode as if it were structured
  std::optional<Json> value_;  // the whole value
  std::optional<Json> data_;
};

}  // namespace

EventReport CheckEvent(const KafkaRecord& record, const EventContract& contract,
                       const EventOptions& options) {
  return EventCheck(record, contract, options).Run();
}

}  // namespace sluice::schema
