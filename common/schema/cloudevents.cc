#include "common/schema/cloudevents.h"

#include <fmt/format.h>

#include <array>
#include <set>
#include <string>

#include "common/schema/attribute.h"
#include "common/schema/media_type.h"
#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

constexpr std::string_view kData = "data";
constexpr std::string_view kData64 = "data_base64";
constexpr std::string_view kMeta = "meta";

// An attribute that the specification defines.
struct CoreAttribute {
  std::string_view name;
  bool required;
  bool house_requires;
  bool (*fits)(std::string_view);  // nullptr: any String
  const char* wanted;
};

bool IsMediaType(std::string_view text) { return ParseMediaType(text).has_value(); }

constexpr std::array<CoreAttribute, 8> kCore = {{
    {"specversion", true, true, nullptr, nullptr},
    {"type", true, true, nullptr, nullptr},
    {"source", true, true, IsUriReference, "a URI reference (RFC 3986, section 4.1)"},
    {"id", true, true, nullptr, nullptr},
    {"time", false, true, IsTimestamp, "a timestamp of RFC 3339, such as 2026-11-22T05:16:03Z"},
    {"datacontenttype", false, true, IsMediaType, "a media type (RFC 2046), such as application/json"},
    {"dataschema", false, false, IsAbsoluteUri, "an absolute URI without a fragment (RFC 3986, section 4.3)"},
    {"subject", false, false, nullptr, nullptr},
}};

const CoreAttribute* CoreAttributeOf(std::string_view name) {
  for (const CoreAttribute& attribute : kCore) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

const char* TypeWord(const Json& value) {
  switch (value.type()) {
    case Json::Type::kNull:
      return "null";
    case Json::Type::kBoolean:
      return "a boolean";
    case Json::Type::kNumber:
      return "a number";
    case Json::Type::kString:
      return "a string";
    case Json::Type::kArray:
      return "an array";
    case Json::Type::kObject:
      return "an object";
  }
  return "";
}

// Names of the outermost members of `text`, a JSON object, whose value is a number with a fraction or an
// exponent.
class FractionFinder {
 public:
  explicit FractionFinder(std::string_view text) : text_(text) {}

  std::set<std::string, std::less<>> Find() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        const std::string_view string = TakeString();
        if (depth_ == 1) last_string_ = string;
      } else if (depth_ == 1 && (c == '-' || (c >= '0' && c <= '9'))) {
        TakeNumber();
      } else {
        if (c == '{' || c == '[') ++depth_;
        if (c == '}' || c == ']') --depth_;
        ++at_;
      }
    }
    return std::move(names_);
  }

 private:
  std::string_view TakeString() {
    const size_t begin = at_++;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    ++at_;
    return text_.substr(begin, at_ - begin);
  }

  void TakeNumber() {
    const size_t end = std::min(text_.find_first_not_of("+-0123456789.eE", at_), text_.size());
    const bool whole = text_.substr(at_, end - at_).find_first_of(".eE") == std::string_view::npos;
    at_ = end;
    if (whole) return;
    const absl::StatusOr<Json> name = ParseJson(last_string_);
    if (name.ok() && name->is_string()) names_.insert(name->string());
  }

  std::string_view text_;
  std::string_view last_string_;  // of the outermost object, with its quotes
  std::set<std::string, std::less<>> names_;
  size_t at_ = 0;
  int depth_ = 0;
};

class EnvelopeCheck {
 public:
  EnvelopeCheck(const Json& message, std::string_view text, Profile profile, ContentMode mode,
                EventReport& report)
      : message_(message),
        fractions_(FractionFinder(text).Find()),
        profile_(profile),
        mode_(mode),
        report_(report) {}

  void Run() {
    CheckRequired();
    for (const auto& [name, value] : message_.object()) {
      if (mode_ == ContentMode::kStructured && (name == kData || name == kData64)) continue;
      CheckMember(name, value);
    }
    if (mode_ == ContentMode::kStructured) CheckData();
  }

 private:
  bool Requires(const CoreAttribute& attribute) const {
    return attribute.required || (profile_ == Profile::kHouse && attribute.house_requires);
  }

  // null is the same as absent (JSON format, 2.2).
  void CheckRequired() {
    for (const CoreAttribute& attribute : kCore) {
      const Json* value = message_.Find(attribute.name);
      if (!Requires(attribute) || (value != nullptr && !value->is_null())) continue;
      report_.Error(Child("", attribute.name), "required",
                    fmt::format("\"{}\" is {}", attribute.name,
                                value == nullptr ? "missing" : "null, which means missing"));
    }
  }

  void CheckMember(const std::string& name, const Json& value) {
    const std::string pointer = Child("", name);
    const CoreAttribute* core = CoreAttributeOf(name);
    const bool is_meta = profile_ == Profile::kHouse && name == kMeta;
    if (value.is_null() && profile_ == Profile::kHouse &&
        (is_meta || (core != nullptr && !Requires(*core)))) {
      report_.Warning(pointer, "null",
                      "leave it out: null is legal CloudEvents, but the registered envelope refuses it");
    }
    if (is_meta) return CheckMeta(pointer, value);
    if (core == nullptr) CheckName(pointer, name);
    if (value.is_null()) return;
    if (core != nullptr) {
      CheckCore(pointer, *core, value);
    } else {
      CheckExtension(pointer, name, value);
    }
  }

  void CheckMeta(const std::string& pointer, const Json& value) {
    if (mode_ == ContentMode::kBinary) {
      report_.Error(pointer, "mode", "the house profile has \"meta\" in structured mode only");
    } else if (!value.is_object() && !value.is_null()) {
      report_.Error(pointer, "type",
                    fmt::format("\"meta\" is an object in the house profile (got {})", TypeWord(value)));
    }
  }

  void CheckName(const std::string& pointer, const std::string& name) {
    if (!IsAttributeName(name)) {
      report_.Error(
          pointer, "name",
          fmt::format("names of attributes have the letters a to z and digits only (got {})", Quoted(name)));
    } else if (name.size() > kLongAttributeName) {
      report_.Warning(pointer, "name-length",
                      fmt::format("names of attributes should have at most {} characters (got {})",
                                  kLongAttributeName, name.size()));
    }
  }

  bool CheckCharacters(const std::string& pointer, const std::string& text) {
    const std::optional<std::string> illegal = IllegalCharacter(text);
    if (illegal) report_.Error(pointer, "characters", fmt::format("attributes must not have {}", *illegal));
    return !illegal;
  }

  void CheckCore(const std::string& pointer, const CoreAttribute& attribute, const Json& value) {
    if (!value.is_string()) {
      report_.Error(pointer, "type",
                    fmt::format("\"{}\" is a string (got {})", attribute.name, TypeWord(value)));
    } else if (value.string().empty()) {
      report_.Error(pointer, "minLength", fmt::format("\"{}\" is empty", attribute.name));
    } else if (!CheckCharacters(pointer, value.string())) {
      return;
    } else if (attribute.name == "specversion" && value.string() != "1.0") {
      report_.Error(pointer, "const",
                    fmt::format("\"specversion\" is \"1.0\" (got {})", Quoted(value.string())));
    } else if (attribute.fits != nullptr && !attribute.fits(value.string())) {
      report_.Error(pointer, "format", fmt::format("{} is not {}", Quoted(value.string()), attribute.wanted));
    }
  }

  void CheckExtension(const std::string& pointer, const std::string& name, const Json& value) {
    if (value.is_string()) {
      CheckCharacters(pointer, value.string());
    } else if (value.is_number()) {
      CheckInteger(pointer, name, value.number());
    } else if (!value.is_boolean()) {
      report_.Error(
          pointer, "type",
          fmt::format("attributes are strings, booleans or 32-bit integers (got {})", TypeWord(value)));
    }
  }

  // Only the integer component of a JSON number, in 32 bits (JSON format, 2.2).
  void CheckInteger(const std::string& pointer, const std::string& name, const Decimal& number) {
    constexpr int64_t kLeast = -2'147'483'648, kMost = 2'147'483'647;
    if (fractions_.contains(name)) {
      report_.Error(pointer, "type",
                    "numbers of attributes are integers, written without fraction and exponent");
    } else if (const auto integer = number.ToInt64(); !integer || *integer < kLeast || *integer > kMost) {
      report_.Error(pointer, "range",
                    fmt::format("numbers of attributes are between {} and {}", kLeast, kMost));
    }
  }

  void CheckData() {
    const Json* data = message_.Find(kData);
    const Json* base64 = message_.Find(kData64);
    if (data != nullptr && base64 != nullptr) {
      report_.Error("/data_base64", "exclusive", "\"data\" and \"data_base64\" exclude each other");
    }
    if (base64 != nullptr && !base64->is_string()) {
      report_.Error("/data_base64", "type",
                    fmt::format("\"data_base64\" is a string (got {})", TypeWord(*base64)));
    } else if (base64 != nullptr && !IsBase64(base64->string())) {
      report_.Error("/data_base64", "format", "\"data_base64\" is no Base64 (RFC 4648, section 4)");
    }
    if (data != nullptr && !data->is_string() && !DeclaresJson(message_)) {
      report_.Error("/data", "type",
                    fmt::format("\"datacontenttype\" declares no JSON, so \"data\" is a string (got {})",
                                TypeWord(*data)));
    }
  }

  const Json& message_;
  const std::set<std::string, std::less<>> fractions_;
  const Profile profile_;
  const ContentMode mode_;
  EventReport& report_;
};

}  // namespace

void CheckEnvelope(const Json& message, std::string_view text, Profile profile, ContentMode mode,
                   EventReport& report) {
  if (profile == Profile::kNone) return;
  if (!message.is_object()) {
    report.Error("", "type", fmt::format("an event is an object (got {})", TypeWord(message)));
    return;
  }
  EnvelopeCheck(message, text, profile, mode, report).Run();
}

bool DeclaresJson(const Json& message) {
  const Json* declared = message.Find("datacontenttype");
  if (declared == nullptr || !declared->is_string()) return true;
  const std::optional<MediaType> media_type = ParseMediaType(declared->string());
  return !media_type || media_type->IsJson();  // what is none is told elsewhere
}

}  // namespace sluice::schema
