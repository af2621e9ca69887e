#include "common/schema/pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <istream>
#include <ostream>
#include <span>

#include "common/schema/avro_compare.h"
#include "common/schema/edits_walk.h"

namespace sluice::schema {
namespace {

// Finds `"id": VALUE` of the outermost object in a line that may be broken elsewhere.
class IdSearch {
 public:
  explicit IdSearch(std::string_view line) : line_(line) {}

  Json Find() {
    while (at_ < line_.size()) {
      const char c = line_[at_];
      if (c == '{' || c == '[') ++depth_;
      if (c == '}' || c == ']') --depth_;
      if (c != '"') {
        ++at_;
        continue;
      }
      const std::string_view word = String();
      if (depth_ == 1 && word == "\"id\"" && TakeColon()) return Value();
    }
    return {};
  }

 private:
  // The string at the cursor with its quotes; moves behind it.
  std::string_view String() {
    const size_t start = at_++;
    while (at_ < line_.size() && line_[at_] != '"') at_ += line_[at_] == '\\' ? 2 : 1;
    at_ = std::min(at_ + 1, line_.size());
    return line_.substr(start, at_ - start);
  }

  void SkipSpace() {
    while (at_ < line_.size() && (line_[at_] == ' ' || line_[at_] == '\t')) ++at_;
  }

  bool TakeColon() {
    SkipSpace();
    if (at_ >= line_.size() || line_[at_] != ':') return false;
    ++at_;
    SkipSpace();
    return at_ < line_.size();
  }

  // The string or word at the cursor; null for anything else.
  Json Value() {
    std::string_view text;
    if (line_[at_] == '"') {
      text = String();
    } else {
      const size_t start = at_;
      while (at_ < line_.size() && std::string_view(",]} \t").find(line_[at_]) == std::string_view::npos)
        ++at_;
      text = line_.substr(start, at_ - start);
    }
    const absl::StatusOr<Json> value = ParseJson(text);
    return value.ok() && !value->is_object() && !value->is_array() ? *value : Json();
  }

  std::string_view line_;
  size_t at_ = 0;
  int depth_ = 0;
};

std::string ErrorLine(const Json& id, std::string_view error) {
  return fmt::format(R"({{"id": {}, "error": {}}})", id.ToString(), Json(error).ToString());
}

std::string Message(const absl::Status& status) { return std::string(status.message()); }

absl::Status About(const char* side, const absl::Status& status) {
  return absl::InvalidArgumentError(fmt::format("{}: {}", side, Message(status)));
}

Predictions PredictBoth(const Json& before, const Json& after, Level level) {
  const std::span<const Json> retained(&before, 1);
  const auto answer = [&](RegistryKind registry) {
    return std::string(PredictedName(Predict(registry, level, retained, after).answer));
  };
  return {.confluent_strict = answer(RegistryKind::kConfluentStrict),
          .apicurio = answer(RegistryKind::kApicurio)};
}

absl::StatusOr<ComparedDocuments> CompareJsonSchemas(const Json& before, const Json& after,
                                                     const PairOptions& options) {
  const absl::StatusOr<Schema> old_schema = Schema::Load(before);
  if (!old_schema.ok()) return About("old", old_schema.status());
  const absl::StatusOr<Schema> new_schema = Schema::Load(after);
  if (!new_schema.ok()) return About("new", new_schema.status());
  return ComparedDocuments{.comparison = Compare(*old_schema, *new_schema, options.compare),
                           .predictions = PredictBoth(before, after, options.level)};
}

// Registries resolve Avro as CompareAvro does; what they add by levels is not predicted.
absl::StatusOr<ComparedDocuments> CompareAvros(const Json& before, const Json& after,
                                               const PairOptions& options) {
  const absl::StatusOr<AvroSchema> old_schema = AvroSchema::Load(before);
  if (!old_schema.ok()) return About("old", old_schema.status());
  const absl::StatusOr<AvroSchema> new_schema = AvroSchema::Load(after);
  if (!new_schema.ok()) return About("new", new_schema.status());
  return ComparedDocuments{.comparison = CompareAvro(*old_schema, *new_schema, options.compare),
                           .predictions = {}};
}

// The answer to the members of a line.
std::string AnswerObject(const Json& line, const Json& id, PairOptions options) {
  if (const Json* word = line.Find("format")) {
    const std::optional<SchemaFormat> named =
        word->is_string() ? ParseSchemaFormat(word->string()) : std::nullopt;
    if (!named) return ErrorLine(id, "`format` is JSON_SCHEMA or AVRO, not " + Shown(*word));
    options.format = *named;
  }
  if (const Json* word = line.Find("level")) {
    const std::optional<Level> named = word->is_string() ? ParseLevel(word->string()) : std::nullopt;
    if (!named) return ErrorLine(id, "`level` is a registry's level, not " + Shown(*word));
    options.level = *named;
  }
  const Json* before = line.Find("old");
  const Json* after = line.Find("new");
  if (before == nullptr || after == nullptr)
    return ErrorLine(id, fmt::format("`{}` is missing", before == nullptr ? "old" : "new"));
  const absl::StatusOr<ComparedDocuments> compared =
      CompareDocuments(*before, *after, options.format, options);
  if (!compared.ok()) return ErrorLine(id, Message(compared.status()));
  return fmt::format(R"({{"id": {}, {}}})", id.ToString(),
                     ComparisonMembers(compared->comparison, compared->predictions));
}

enum class LineEnd { kLine, kTooLong, kEndOfInput };

// Reads up to a line break, of a line that is too long nothing more than kLongestPair bytes.
LineEnd ReadLine(std::streambuf& in, std::string& line) {
  line.clear();
  bool too_long = false;
  while (true) {
    const int c = in.sbumpc();
    if (c == std::streambuf::traits_type::eof()) {
      if (line.empty() && !too_long) return LineEnd::kEndOfInput;
      break;
    }
    if (c == '\n') break;
    if (line.size() < kLongestPair) {
      line += static_cast<char>(c);
    } else {
      too_long = true;
    }
  }
  return too_long ? LineEnd::kTooLong : LineEnd::kLine;
}

}  // namespace

std::optional<SchemaFormat> ParseSchemaFormat(std::string_view word) {
  std::string name(word);
  for (char& c : name) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (name == "JSON_SCHEMA" || name == "JSON") return SchemaFormat::kJsonSchema;
  if (name == "AVRO") return SchemaFormat::kAvro;
  return std::nullopt;
}

absl::StatusOr<ComparedDocuments> CompareDocuments(const Json& before, const Json& after, SchemaFormat format,
                                                   const PairOptions& options) {
  if (format == SchemaFormat::kAvro) return CompareAvros(before, after, options);
  return CompareJsonSchemas(before, after, options);
}

std::string AnswerPair(std::string_view line, const PairOptions& options) {
  while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  const absl::StatusOr<Json> json = ParseJson(
      line, {.bytes = kLongestPair, .depth = ParseLimits{}.depth + 1, .values = ParseLimits{}.values});
  if (!json.ok()) return ErrorLine(IdSearch(line).Find(), Message(json.status()));
  if (!json->is_object()) return ErrorLine({}, "a line is an object with id, format, old and new");
  const Json* id = json->Find("id");
  return AnswerObject(*json, id != nullptr ? *id : Json(), options);
}

void AnswerPairs(std::istream& in, std::ostream& out, const PairOptions& options) {
  std::string line;
  while (true) {
    const LineEnd end = ReadLine(*in.rdbuf(), line);
    if (end == LineEnd::kEndOfInput) return;
    out << (end == LineEnd::kTooLong
                ? ErrorLine(IdSearch(line).Find(),
                            fmt::format("the line is longer than {} bytes", kLongestPair))
                : AnswerPair(line, options))
        << "\n"
        << std::flush;
    if (!out) return;
  }
}

}  // namespace sluice::schema
