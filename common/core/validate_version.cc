// Versions of a data product and their streams.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <set>

#include "common/core/checks.h"
#include "common/core/limits.h"
#include "common/core/names.h"
#include "common/core/schema_text.h"
#include "common/core/settings.h"
#include "common/core/text.h"
#include "common/core/topic_config.h"

namespace sluice::core {
namespace {

// `2027-06-30`, a day of the calendar.
bool IsDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [&](size_t at, size_t size) {
    int value = -1;
    const char* end = text.data() + at + size;
    const auto [stop, error] = std::from_chars(text.data() + at, end, value);
    return error == std::errc() && stop == end ? value : -1;
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  if (year < 0 || month < 0 || day < 0) return false;
  return std::chrono::year_month_day(std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)))
      .ok();
}

void CheckSunset(const ProductVersion& version, const std::string& field, Report& report) {
  if (version.state == Life::kDeprecated && version.sunset.empty()) {
    report.Error(Cat(field, ".sunset"), "sunset-required", "a DEPRECATED version needs a sunset",
                 "say from which day it may go away, for example 2027-06-30");
  } else if (!version.sunset.empty() && !IsDate(version.sunset)) {
    report.Error(Cat(field, ".sunset"), "date", Cat(Quote(version.sunset), " is no day"),
                 "write year-month-day, for example 2027-06-30");
  }
}

// `released`: the schema that the version has; nullptr: none. What was released is not refused by a rule that
// came later.
void CheckSchema(const ProductVersion& version, const Schema* released, const std::string& field,
                 Report& report) {
  if (!version.schema) {
    if (version.state == Life::kRetired) return;
    report.Warning(field, "schema-missing",
                   "it has no schema: its topics do not become writable in the last environment",
                   "give it a schema before producers need it");
    return;
  }
  if (version.schema->meaning < 0 || version.schema->meaning > kMaxMeaning) {
    report.Error(Cat(field, ".meaning"), "meaning",
                 Cat("it is ", version.schema->meaning, "; 0 to ", kMaxMeaning),
                 "raise it by one when the meaning of a field changes");
  }
  const std::string at = Cat(field, ".text");
  const std::string& text = version.schema->text;
  if (text.empty()) {
    report.Error(at, "required", "the schema is empty", "write the schema, or name its file");
  } else if (text.size() > kMaxSchema) {
    report.Error(at, "too-long", Cat("the schema has ", text.size(), " bytes; at most ", kMaxSchema),
                 "move documentation out of it");
  } else {
    std::vector<SchemaProblem> problems = CheckSchemaText(version.schema->format, text);
    const bool is_new = released == nullptr || released->text != text;
    if (problems.empty() && is_new && version.schema->format == SchemaFormat::kJsonSchema)
      problems = CheckSchemaKeywords(text);
    for (const SchemaProblem& problem : problems)
      report.Error(at, problem.rule, problem.message, problem.remedy);
  }
}

void CheckCompatibility(const std::string& level, const std::string& field, Report& report) {
  static const std::vector<std::string> kLevels = {
      "NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"};
  if (Contains(kLevels, level)) return;
  const std::string nearest = Nearest(level, kLevels);
  report.Error(field, "compatibility", Cat(Quote(level), " is no level; there are ", List(kLevels)),
               nearest.empty() ? "choose one of these" : Cat("did you mean '", nearest, "'?"));
}

void CheckEvents(const std::vector<EventType>& events, const std::string& field, Report& report) {
  if (!CheckCount(events.size(), kMaxEvents, field, report)) return;
  std::set<std::string> seen;
  for (size_t i = 0; i < events.size(); ++i) {
    const std::string& type = events[i].type;
    const std::string at = Cat(Item(field, i), ".type");
    const bool good = std::all_of(type.begin(), type.end(), [](char c) { return c > 0x20 && c < 0x7F; });
    if (type.empty() || type.size() > kMaxEventType || !good) {
      report.Error(at, "event-type", Cat(Quote(type), " is no event type"),
                   Cat("write a reverse-DNS name of at most ", kMaxEventType,
                       " characters, for example com.example.forecast.changed"));
    } else if (!seen.insert(type).second) {
      report.Error(at, "duplicate", Cat(Quote(type), " is there twice"), "remove one of them");
    }
    CheckText(events[i].description, kMaxDescription, Cat(Item(field, i), ".description"), report);
  }
}

// `{0}|{1}`: every placeholder is a field, every brace part of one.
bool IsKeyText(std::string_view text, size_t fields) {
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '}') return false;
    if (text[at] != '{') continue;
    const size_t close = text.find('}', at);
    if (close == std::string_view::npos) return false;
    size_t index = fields;
    const auto [end, error] = std::from_chars(text.data() + at + 1, text.data() + close, index);
    if (error != std::errc() || end != text.data() + close || index >= fields) return false;
    at = close;
  }
  return true;
}

void CheckKey(const StreamKey& key, const std::string& field, Report& report) {
  if (key.fields.empty()) {
    report.Error(Cat(field, ".fields"), "required", "the key names no field",
                 "name the fields it is made of, for example [/data/product]");
  }
  if (CheckCount(key.fields.size(), kMaxKeyFields, Cat(field, ".fields"), report)) {
    for (size_t i = 0; i < key.fields.size(); ++i)
      CheckPointer(key.fields[i], Item(Cat(field, ".fields"), i), report);
    CheckUnique(key.fields, Cat(field, ".fields"), report);
  }
  if (CheckText(key.text, kMaxKeyText, Cat(field, ".text"), report) &&
      !IsKeyText(key.text, key.fields.size())) {
    report.Error(Cat(field, ".text"), "key-text",
                 Cat(Quote(key.text), " does not fit ", key.fields.size(), " fields"),
                 "write {0} for the first field, {1} for the second, and no other braces");
  }
}

void CheckMinInsync(const CheckContext& context, const Stream& stream, const std::string& field,
                    Report& report) {
  const std::string key = "min.insync.replicas";
  for (const auto& entry : context.after.environments.entries()) {
    const auto override_at = stream.overrides.find(entry.name);
    const bool own = override_at != stream.overrides.end() && (override_at->second.config.count(key) != 0 ||
                                                               override_at->second.replication_factor != 0);
    if (!own && stream.config.count(key) == 0) continue;  // the environment's own defaults are checked there
    const TopicSettings settings = EffectiveSettings(stream, *entry.value);
    const auto value = settings.config.find(key);
    if (value == settings.config.end()) continue;
    int32_t least = 0;
    std::from_chars(value->second.data(), value->second.data() + value->second.size(), least);
    if (least <= settings.replication_factor) continue;
    report.Error(own ? Cat(field, ".overrides.", entry.name) : Cat(field, ".config.", key),
                 "min-insync-replicas",
                 Cat("min.insync.replicas ", least, " is above the ", settings.replication_factor,
                     " replicas in ", entry.name, ": nobody could write"),
                 "lower it, or raise replication_factor there");
  }
}

void CheckCompaction(const CheckContext& context, const Stream& stream, const std::string& field,
                     Report& report) {
  if (stream.key || stream.state == Life::kRetired) return;
  for (const auto& entry : context.after.environments.entries()) {
    const TopicSettings settings = EffectiveSettings(stream, *entry.value);
    if (!Compacts(settings.config.at(std::string(kCleanupPolicy)))) continue;
    report.Warning(Cat(field, ".key"), "key-missing",
                   "a compacted topic takes no record without a key, and none is declared",
                   "declare the key, or set config cleanup.policy: delete");
    return;
  }
}

void CheckStream(const CheckContext& context, const Stream& stream, const std::string& field,
                 Report& report) {
  if (LooksLikeMajor(stream.suffix)) {
    report.Error(Cat(field, ".suffix"), "suffix-like-major",
                 Cat(Quote(stream.suffix), " looks like a major version"),
                 "name what the stream carries, for example events");
  } else {
    CheckSegment(stream.suffix, Cat(field, ".suffix"), report);
  }
  if (stream.state == Life::kDeprecated) {
    report.Error(Cat(field, ".state"), "state", "a stream is never DEPRECATED",
                 "say ACTIVE or RETIRED, or deprecate the version");
  }
  if (stream.key) CheckKey(*stream.key, Cat(field, ".key"), report);
  TopicSettings own;
  own.partitions = stream.partitions;
  own.config = stream.config;
  CheckSettings(own, Cat(field, "."), ConfigPlace::kStream, report);
  if (CheckCount(stream.overrides.size(), kMaxEnvironments, Cat(field, ".overrides"), report)) {
    for (const auto& [environment, settings] : stream.overrides) {
      CheckSettings(settings, Cat(field, ".overrides.", environment, "."), ConfigPlace::kStream, report);
    }
  }
  CheckCompaction(context, stream, field, report);
  CheckMinInsync(context, stream, field, report);
}

void CheckStreams(const CheckContext& context, const ProductVersion& version, const std::string& field,
                  Report& report) {
  if (version.streams.empty()) {
    report.Error(field, "required", "the version has no stream",
                 "declare at least one, for example {suffix: events}");
  }
  if (!CheckCount(version.streams.size(), kMaxStreams, field, report)) return;
  std::set<std::string> seen;
  for (size_t s = 0; s < version.streams.size(); ++s) {
    const Stream& stream = version.streams[s];
    CheckStream(context, stream, Item(field, s), report);
    if (seen.insert(stream.suffix).second) continue;
    report.Error(Cat(Item(field, s), ".suffix"), "duplicate", Cat(Quote(stream.suffix), " is there twice"),
                 "give each stream a suffix of its own");
  }
}

const Schema* ReleasedSchema(const DataProduct* before, int32_t major) {
  if (before == nullptr) return nullptr;
  for (const ProductVersion& version : before->versions) {
    if (version.major == major) return version.schema ? &*version.schema : nullptr;
  }
  return nullptr;
}

}  // namespace

void CheckVersions(const CheckContext& context, const DataProduct& product, Report& report) {
  if (product.versions.empty()) {
    report.Error("versions", "required", "the product has no version",
                 "declare version 1 with its schema and streams");
  }
  if (!CheckCount(product.versions.size(), kMaxVersions, "versions", report)) return;
  std::set<int32_t> seen;
  const DataProduct* before = context.before.products.Find(product.name);
  for (size_t v = 0; v < product.versions.size(); ++v) {
    const ProductVersion& version = product.versions[v];
    const std::string field = Item("versions", v);
    if (version.major < 1 || version.major > kMaxMajor) {
      report.Error(Cat(field, ".major"), "major-range", Cat("it is ", version.major, "; 1 to ", kMaxMajor),
                   "count majors from 1");
    } else if (!seen.insert(version.major).second) {
      report.Error(Cat(field, ".major"), "duplicate", Cat("version ", version.major, " is there twice"),
                   "give each version a number of its own");
    }
    CheckSunset(version, field, report);
    CheckSchema(version, ReleasedSchema(before, version.major), Cat(field, ".schema"), report);
    CheckCompatibility(version.compatibility, Cat(field, ".compatibility"), report);
    CheckEvents(version.events, Cat(field, ".events"), report);
    CheckStreams(context, version, Cat(field, ".streams"), report);
  }
}

}  // namespace sluice::core
