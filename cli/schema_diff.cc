// schema diff: what the change of a schema means, with a message as proof where something breaks; or many
// such questions as JSON Lines. Needs no control plane.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <ostream>

#include "cli/commands.h"
#include "cli/output.h"
#include "common/schema/pairs.h"
#include "common/schema/transitive.h"

namespace sluice::cli {
namespace {

using schema::Answer;
using schema::Break;
using schema::Comparison;
using schema::Direction;
using schema::Json;
using schema::Reading;
using schema::SchemaClass;
using schema::SchemaEdit;

constexpr size_t kMostFileBytes = size_t{4} << 20;
constexpr size_t kWitnessWidth = 160;
constexpr size_t kMostRows = 50;  // of a table

absl::StatusOr<std::string> ReadText(Session& session, const std::string& path) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) return absl::InvalidArgumentError(fmt::format("{} cannot be read", path));
  }
  std::istream& in = path == "-" ? session.terminal.in : file;
  std::string text(kMostFileBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return absl::InvalidArgumentError(fmt::format("{} cannot be read", path));
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.size() > kMostFileBytes)
    return absl::InvalidArgumentError(fmt::format("{} is longer than {} bytes", path, kMostFileBytes));
  return text;
}

absl::StatusOr<Json> ReadJson(Session& session, const std::string& path) {
  const absl::StatusOr<std::string> text = ReadText(session, path);
  if (!text.ok()) return text.status();
  absl::StatusOr<Json> json = schema::ParseJson(*text);
  if (json.ok()) return json;
  return absl::InvalidArgumentError(fmt::format("{}: {}", path, std::string(json.status().message())));
}

// The format that was asked for, or else what the files are called.
std::optional<schema::SchemaFormat> FormatOf(const SchemaDiffOptions& options) {
  if (!options.format.empty()) return schema::ParseSchemaFormat(options.format);
  const bool avro = options.before.ends_with(".avsc") || options.after.ends_with(".avsc");
  return avro ? schema::SchemaFormat::kAvro : schema::SchemaFormat::kJsonSchema;
}

Style StyleOf(SchemaClass change_class) {
  switch (change_class) {
    case SchemaClass::kCompatible:
      return Style::kGood;
    case SchemaClass::kCoordinated:
      return Style::kWarn;
    case SchemaClass::kBreaking:
      return Style::kBad;
  }
  return Style::kPlain;
}

Cell CellOf(Answer answer) {
  const Style style = answer == Answer::kCompatible     ? Style::kGood
                      : answer == Answer::kIncompatible ? Style::kBad
                                                        : Style::kWarn;
  return {std::string(AnswerName(answer)), style};
}

Cell CellOf(const std::string& predicted) {
  const Style style = predicted == "compatible" ? Style::kGood
                      : predicted == "unknown"  ? Style::kFaint
                                                : Style::kBad;
  return {predicted, style};
}

std::string ClassText(SchemaClass change_class, bool color) {
  return Paint(std::string(ClassName(change_class)), StyleOf(change_class), color);
}

std::string VerdictTable(const Comparison& comparison, bool color) {
  Table table({"", "STRICT", "CLOSED", "QUESTION"});
  for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
    table.Add({std::string(DirectionName(direction)),
               CellOf(comparison.verdict(direction, Reading::kStrict).answer),
               CellOf(comparison.verdict(direction, Reading::kClosed).answer),
               {direction == Direction::kForward ? "can today's consumers read what new producers send?"
                                                 : "can new consumers read what was sent before?",
                Style::kFaint}});
  }
  return table.Render(color);
}

std::string EditTable(const Comparison& comparison, bool color) {
  Table table({"CLASS", "EDIT", "WHAT"});
  size_t rows = 0, words = 0;
  for (const SchemaClass gravity :
       {SchemaClass::kBreaking, SchemaClass::kCoordinated, SchemaClass::kCompatible}) {
    for (const SchemaEdit& edit : comparison.edits) {
      if (edit.gravity != gravity) continue;
      if (IsDocumentation(edit)) {
        ++words;
      } else if (++rows <= kMostRows) {
        table.Add({{std::string(ClassName(gravity)), StyleOf(gravity)}, edit.kind, edit.reason});
      }
    }
  }
  std::string text = table.empty() ? "" : "\n" + table.Render(color);
  if (rows > kMostRows) text += fmt::format("… and {} more; -o json has all of them\n", rows - kMostRows);
  if (words > 0)
    text += Paint(fmt::format("{} changed in descriptions and the like\n",
                              Counted(static_cast<int64_t>(words), "place")),
                  Style::kFaint, color);
  return text;
}

// One proof for each direction and kind: the closed reading's where both have one.
std::string Proofs(const Comparison& comparison, bool color) {
  std::string text;
  size_t shown = 0;
  for (const Break& found : comparison.breaks) {
    const bool again =
        std::any_of(comparison.breaks.begin(), comparison.breaks.end(), [&](const Break& other) {
          return found.reading == Reading::kStrict && other.reading == Reading::kClosed &&
                 other.direction == found.direction && other.kind == found.kind &&
                 other.old_pointer == found.old_pointer && other.new_pointer == found.new_pointer;
        });
    if (again || ++shown > kMostRows) continue;
    text +=
        fmt::format("\n{} {}\n  {}\n  {}\n",
                    Paint(fmt::format("{}, {}:", DirectionName(found.direction), ReadingName(found.reading)),
                          Style::kFaint, color),
                    found.kind, Shortened(found.witness.ToString(), kWitnessWidth), found.refusal);
  }
  return text.empty() ? "" : "\nproofs (messages that the writer may send and the reader refuses)" + text;
}

std::string Undecided(const Comparison& comparison) {
  std::string text;
  for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
    for (const Reading reading : {Reading::kStrict, Reading::kClosed}) {
      for (const std::string& what : comparison.verdict(direction, reading).undecided)
        text += fmt::format("  {}, {}: {}\n", DirectionName(direction), ReadingName(reading), what);
    }
  }
  return text.empty() ? "" : "\nundecided: a person must look\n" + text;
}

std::string TableText(const schema::ComparedDocuments& compared, schema::Level level, bool color) {
  const Comparison& comparison = compared.comparison;
  std::string text = ClassText(comparison.change_class, color) + "\n";
  for (const std::string& reason : comparison.reasons) text += "  " + reason + "\n";
  text += "\n" + VerdictTable(comparison, color) + EditTable(comparison, color) + Proofs(comparison, color) +
          Undecided(comparison);
  Table registries({"REGISTRY", fmt::format("WOULD SAY AT {}", LevelName(level))});
  registries.Add({"Confluent (strict)", CellOf(compared.predictions.confluent_strict)});
  registries.Add({"Apicurio", CellOf(compared.predictions.apicurio)});
  return text + "\n" + registries.Render(color);
}

ExitCode CodeOf(SchemaClass change_class) {
  switch (change_class) {
    case SchemaClass::kCompatible:
      return kDone;
    case SchemaClass::kCoordinated:
      return kHasChanges;
    case SchemaClass::kBreaking:
      return kFailed;
  }
  return kFailed;
}

ExitCode DiffPairs(Session& session, const SchemaDiffOptions& options,
                   const schema::PairOptions& pair_options) {
  std::ifstream file;
  if (options.pairs != "-") {
    file.open(options.pairs, std::ios::binary);
    if (!file)
      return Fail(session, absl::InvalidArgumentError(fmt::format("{} cannot be read", options.pairs)));
  }
  AnswerPairs(options.pairs == "-" ? session.terminal.in : file, session.terminal.out, pair_options);
  return kDone;
}

// A row for each earlier version that the level asks about, and their worst.
std::string VersionsText(const schema::VersionTable& versions, schema::Level level, bool color) {
  Table table({"VERSION", "STRICT", "CLOSED", "CLASS"});
  const auto add = [&](const std::string& name, Answer strict, Answer closed, SchemaClass change_class) {
    table.Add({name,
               CellOf(strict),
               CellOf(closed),
               {std::string(ClassName(change_class)), StyleOf(change_class)}});
  };
  for (const schema::VersionRow& row : versions.rows)
    add(row.version, row.strict, row.closed, row.comparison.change_class);
  add(fmt::format("all, {}", LevelName(level)), versions.strict, versions.closed, versions.change_class);
  return table.Render(color);
}

Json VersionsJson(const schema::VersionTable& versions, schema::Level level) {
  const auto answers = [](Answer strict, Answer closed, SchemaClass change_class) {
    schema::JsonObject object;
    object.Set("strict", AnswerName(strict))
        .Set("closed", AnswerName(closed))
        .Set("class", ClassName(change_class));
    return object;
  };
  Json::Array rows;
  for (const schema::VersionRow& row : versions.rows)
    rows.push_back(
        answers(row.strict, row.closed, row.comparison.change_class).Set("version", row.version).Done());
  return answers(versions.strict, versions.closed, versions.change_class)
      .Set("level", LevelName(level))
      .Set("versions", std::move(rows))
      .Done();
}

// The proposed schema against every version that is kept.
ExitCode DiffVersions(Session& session, const SchemaDiffOptions& options,
                      const schema::PairOptions& pair_options) {
  std::vector<std::string> names = options.earlier;
  names.push_back(options.before);
  names.push_back(options.after);
  std::vector<schema::RetainedVersion> versions;
  for (const std::string& name : names) {
    const absl::StatusOr<Json> document = ReadJson(session, name);
    if (!document.ok()) return Fail(session, document.status());
    const absl::StatusOr<schema::Schema> loaded = schema::Schema::Load(*document);
    if (!loaded.ok())
      return Fail(session, absl::InvalidArgumentError(
                               fmt::format("{}: {}", name, std::string(loaded.status().message()))));
    versions.push_back({name, *loaded});
  }
  const schema::Schema proposed = versions.back().schema;
  versions.pop_back();
  const schema::VersionTable table =
      CompareWithVersions(versions, proposed, pair_options.level, pair_options.compare);
  const Json json = VersionsJson(table, pair_options.level);
  std::ostream& out = session.terminal.out;
  switch (session.options.format) {
    case Format::kTable:
      out << VersionsText(table, pair_options.level, session.terminal.color);
      break;
    case Format::kName:
      out << ClassName(table.change_class) << "\n";
      break;
    case Format::kJson:
      out << schema::Indented(json.ToString()) << "\n";
      break;
    case Format::kYaml:
      out << schema::ToYaml(json);
      break;
  }
  return CodeOf(table.change_class);
}

ExitCode DiffFiles(Session& session, const SchemaDiffOptions& options,
                   const schema::PairOptions& pair_options) {
  const absl::StatusOr<Json> before = ReadJson(session, options.before);
  if (!before.ok()) return Fail(session, before.status());
  const absl::StatusOr<Json> after = ReadJson(session, options.after);
  if (!after.ok()) return Fail(session, after.status());
  const auto compared = CompareDocuments(*before, *after, pair_options.format, pair_options);
  if (!compared.ok()) return Fail(session, compared.status());
  const std::string json = "{" + ComparisonMembers(compared->comparison, compared->predictions) + "}";
  std::ostream& out = session.terminal.out;
  switch (session.options.format) {
    case Format::kTable:
      out << TableText(*compared, pair_options.level, session.terminal.color);
      break;
    case Format::kName:
      out << ClassName(compared->comparison.change_class) << "\n";
      break;
    case Format::kJson:
      out << schema::Indented(json) << "\n";
      break;
    case Format::kYaml:
      // Witnesses are as large and as deep as the schemas, and were valid before.
      if (const absl::StatusOr<Json> parsed =
              schema::ParseJson(json, {.bytes = json.size(), .depth = 1'000, .values = json.size()});
          parsed.ok())
        out << schema::ToYaml(*parsed);
      break;
  }
  return CodeOf(compared->comparison.change_class);
}

}  // namespace

ExitCode SchemaDiff(Session& session, const SchemaDiffOptions& options) {
  const std::optional<schema::SchemaFormat> format = FormatOf(options);
  if (!format)
    return WrongUsage(session, fmt::format("--format is json-schema or avro (got '{}')", options.format));
  const std::optional<schema::Level> level = schema::ParseLevel(options.level);
  if (!level)
    return WrongUsage(session, fmt::format("--level is a registry's level (got '{}')", options.level));
  const schema::PairOptions pair_options{.format = *format,
                                         .level = *level,
                                         .compare = {.semantic_break = options.semantic_break, .limits = {}}};
  if (!options.pairs.empty()) {
    if (!options.before.empty()) return WrongUsage(session, "--pairs takes the place of OLD and NEW");
    return DiffPairs(session, options, pair_options);
  }
  if (options.before.empty() || options.after.empty())
    return WrongUsage(session, "schema diff takes two schemas, OLD and NEW, or --pairs FILE");
  if (options.before == "-" && options.after == "-")
    return WrongUsage(session, "standard input can be one of the schemas, not both");
  if (!options.earlier.empty()) {
    if (*format == schema::SchemaFormat::kAvro)
      return WrongUsage(session, "--earlier takes JSON Schemas only");
    return DiffVersions(session, options, pair_options);
  }
  return DiffFiles(session, options, pair_options);
}

}  // namespace sluice::cli
