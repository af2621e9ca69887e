// event validate: messages in files, on standard input or as JSON Lines, against the envelope's rules and a
// product's promise.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <ostream>

#include "cli/commands.h"
#include "cli/event_contract.h"
#include "cli/line_reader.h"
#include "cli/output.h"
#include "common/manifest/manifest.h"

namespace sluice::cli {
namespace {

using schema::EventError;
using schema::EventReport;
using schema::Json;

constexpr size_t kMostLineBytes = size_t{4} << 20;
constexpr size_t kMostFileBytes = size_t{16} << 20;

std::string JsonText(std::string text) { return Json(std::move(text)).ToString(); }

std::string JsonArray(const std::vector<EventError>& errors) {
  std::string out;
  for (const EventError& error : errors) {
    out += fmt::format(R"({}{{"pointer": {}, "rule": {}, "message": {}}})", out.empty() ? "" : ", ",
                       JsonText(error.pointer), JsonText(error.rule), JsonText(error.message));
  }
  return "[" + out + "]";
}

std::string JsonObject(const std::string& place, const EventReport& report, bool with_warnings) {
  return fmt::format(R"({{{}, "valid": {}, "errors": {}{}}})", place, report.valid(),
                     JsonArray(report.errors()),
                     with_warnings ? R"(, "warnings": )" + JsonArray(report.warnings()) : "");
}

// What all messages of one call are held against.
struct Promise {
  schema::EventContract contract;
  schema::EventOptions options;
};

ExitCode LoadPromise(Session& session, const EventValidateOptions& options, Promise& promise) {
  if (const ExitCode code = LoadContract(session, options.contract, promise.contract); code != kDone)
    return code;
  promise.options.profile = ProfileOf(options.profile, promise.contract);
  promise.options.key = options.key ? schema::KeyCheck::kRecord : schema::KeyCheck::kFields;
  promise.options.undeclared = options.closed ? schema::Undeclared::kWarned : schema::Undeclared::kIgnored;
  promise.options.formats = options.formats ? schema::Formats::kAsserted : schema::Formats::kAnnotation;
  return kDone;
}

// One line out for each line in; kFailed if one is invalid.
ExitCode ValidateLines(Session& session, const EventValidateOptions& options, Promise promise) {
  promise.contract.wire = schema::Wire::kPlain;
  std::ifstream file;
  if (options.jsonl != "-") {
    file.open(options.jsonl, std::ios::binary);
    if (!file) return WrongUsage(session, options.jsonl + ": cannot be read");
  }
  std::istream& in = options.jsonl == "-" ? session.terminal.in : file;
  ExitCode code = kDone;
  std::string line;
  size_t number = 0;
  for (LineRead read = ReadLine(in, kMostLineBytes, line); read.any;
       read = ReadLine(in, kMostLineBytes, line)) {
    EventReport report;
    if (read.cut) {
      report.Error("", "size", fmt::format("the line has more than {} bytes", kMostLineBytes));
    } else {
      report =
          CheckEvent({.key = std::nullopt, .value = line, .headers = {}}, promise.contract, promise.options);
    }
    if (!report.valid()) code = kFailed;
    session.terminal.out << JsonObject(fmt::format(R"("line": {})", ++number), report, options.warnings)
                         << "\n";
  }
  if (in.bad()) return Fail(session, absl::UnknownError(options.jsonl + ": reading failed"));
  return code;
}

// Headers of `NAME=VALUE`; false: one has no `=`, told.
bool TakeHeaders(Session& session, const std::vector<std::string>& words, schema::KafkaRecord& record) {
  for (const std::string& word : words) {
    const size_t equals = word.find('=');
    if (equals == 0 || equals == std::string::npos) {
      WrongUsage(session, fmt::format("--header takes NAME=VALUE (got '{}')", word));
      return false;
    }
    record.headers.push_back({.name = word.substr(0, equals), .value = word.substr(equals + 1)});
  }
  return true;
}

absl::StatusOr<std::string> ReadValue(Session& session, const std::string& path) {
  if (path != "-") return manifest::ReadLocalFile(path, kMostFileBytes);
  std::string value;
  char part[64 * 1024];
  while (session.terminal.in.read(part, sizeof part) || session.terminal.in.gcount() > 0) {
    value.append(part, static_cast<size_t>(session.terminal.in.gcount()));
    if (value.size() > kMostFileBytes) return absl::ResourceExhaustedError("larger than the limit of 16 MiB");
  }
  return value;
}

struct Answer {
  std::string name;  // of the file
  EventReport report;
};

void PrintTable(Session& session, const std::vector<Answer>& answers) {
  const bool color = session.terminal.color;
  for (const Answer& answer : answers) {
    const bool valid = answer.report.valid();
    session.terminal.out << answer.name << ": "
                         << Paint(valid ? "valid" : "invalid", valid ? Style::kGood : Style::kBad, color)
                         << "\n";
    Table table({});
    const auto add = [&table](const std::vector<EventError>& errors, const char* kind, Style style) {
      for (const EventError& error : errors) {
        table.Add(
            {"", Cell(kind, style), OrNothing(Shortened(error.pointer, 60)), error.rule, error.message});
      }
    };
    add(answer.report.errors(), "error", Style::kBad);
    add(answer.report.warnings(), "warning", Style::kWarn);
    session.terminal.out << table.Render(color);
  }
}

void PrintJson(Session& session, const std::vector<Answer>& answers) {
  std::string out;
  for (const Answer& answer : answers) {
    out +=
        (out.empty() ? "\n" : ",\n") + JsonObject(R"("file": )" + JsonText(answer.name), answer.report, true);
  }
  session.terminal.out << "[" << out << "\n]\n";
}

// The record that each value of `files` would be, or the one without a value.
ExitCode ValidateRecords(Session& session, const EventValidateOptions& options, const Promise& promise) {
  schema::KafkaRecord record;
  if (options.key) record.key = *options.key;
  if (!TakeHeaders(session, options.headers, record)) return kInvalid;
  std::vector<Answer> answers;
  if (options.tombstone) {
    answers.push_back({"tombstone", CheckEvent(record, promise.contract, promise.options)});
  }
  for (const std::string& file : options.files) {
    const absl::StatusOr<std::string> value = ReadValue(session, file);
    if (!value.ok()) return WrongUsage(session, file + ": " + std::string(value.status().message()));
    record.value = *value;
    answers.push_back(
        {file == "-" ? "<stdin>" : file, CheckEvent(record, promise.contract, promise.options)});
  }
  session.options.format == Format::kJson ? PrintJson(session, answers) : PrintTable(session, answers);
  const bool valid =
      std::all_of(answers.begin(), answers.end(), [](const Answer& answer) { return answer.report.valid(); });
  return valid ? kDone : kFailed;
}

}  // namespace

ExitCode EventValidate(Session& session, const EventValidateOptions& options) {
  const int sources = !options.files.empty() + !options.jsonl.empty() + options.tombstone;
  if (sources != 1) {
    return WrongUsage(session,
                      "name files to validate (- is standard input), or --jsonl FILE, or --tombstone");
  }
  if (!options.jsonl.empty() && (options.key || !options.headers.empty())) {
    return WrongUsage(session, "--key and --header belong to one record; the lines of --jsonl are many");
  }
  Promise promise;
  if (const ExitCode code = LoadPromise(session, options, promise); code != kDone) return code;
  if (!options.jsonl.empty()) return ValidateLines(session, options, std::move(promise));
  return ValidateRecords(session, options, promise);
}

}  // namespace sluice::cli
