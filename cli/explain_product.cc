// explain product: which values act on a product's topics and subjects, and where each comes from.
#include <absl/strings/match.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ostream>

#include "cli/commands.h"
#include "cli/manifests.h"
#include "cli/output.h"
#include "common/manifest/manifest.h"
#include "common/wire/wire.h"
#include "sluice/v1/lookup.grpc.pb.h"

namespace sluice::cli {
namespace {

namespace v1 = sluice::v1;
using Stub = v1::LookupService::Stub;

constexpr std::string_view kOverride = "override for ";
constexpr std::string_view kConfig = ".config.";
constexpr size_t kValueWidth = 80;

bool IsSaidByProduct(const v1::ExplainedValue& value) {
  return value.origin() == "manifest" || absl::StartsWith(value.origin(), std::string(kOverride));
}

// `versions[0].streams[0].overrides.prod.config.retention.ms` for an override, else the field itself: where
// it is written.
std::string WrittenAt(const v1::ExplainedValue& value) {
  const std::string& field = value.field();
  if (!absl::StartsWith(value.origin(), std::string(kOverride))) return field;
  size_t end = field.find(std::string(kConfig));
  if (end == std::string::npos) end = field.rfind('.');
  return field.substr(0, end) + ".overrides." + value.environment() + field.substr(end);
}

// What people write for it: `7d` for milliseconds, `1MiB` for bytes.
std::string ForPeople(const v1::ExplainedValue& value) {
  const std::string& text = value.value();
  const bool number =
      !text.empty() && text.size() < 19 && text.find_first_not_of("0123456789") == std::string::npos;
  if (!number || value.field().find(std::string(kConfig)) == std::string::npos) return OrNothing(text);
  if (absl::EndsWith(value.field(), ".ms")) return wire::FormatDurationMs(std::stoll(text));
  if (absl::EndsWith(value.field(), ".bytes")) return wire::FormatBytes(std::stoll(text));
  return text;
}

// The manifest of the product among those that were given; nullptr: none.
const manifest::Document* ManifestOf(const std::vector<manifest::Document>& documents,
                                     const std::string& product) {
  for (const manifest::Document& document : documents) {
    if (document.resource.has_data_product() && document.resource.data_product().name() == product)
      return &document;
  }
  return nullptr;
}

std::string PlaceOf(const v1::ExplainedValue& value, const manifest::Document* document) {
  if (document == nullptr || !IsSaidByProduct(value)) return "";
  auto found = document->locations.find(WrittenAt(value));
  if (found == document->locations.end()) return "";
  return fmt::format("{}:{}", found->second.file, found->second.line);
}

// Config keys that nobody sets anywhere, by stream.
std::map<std::string, std::vector<std::string>> LeftToBrokers(const v1::ExplainProductResponse& response) {
  std::map<std::string, std::vector<std::string>> keys;
  for (const v1::ExplainedValue& value : response.values()) {
    if (value.origin() != "broker" || !value.environment().empty()) continue;
    const size_t at = value.field().find(std::string(kConfig));
    keys[value.field().substr(0, at)].push_back(value.field().substr(at + kConfig.size()));
  }
  return keys;
}

void PrintTable(Session& session, const v1::ExplainProductResponse& response, bool defaults,
                const manifest::Document* document) {
  Table table({"FIELD", "ENVIRONMENT", "VALUE", "FROM", "WHY"});
  int left_out = 0;
  for (const v1::ExplainedValue& value : response.values()) {
    if (value.origin() == "broker" && value.environment().empty() && defaults)
      continue;  // told together, below
    if (!defaults && !IsSaidByProduct(value)) {
      ++left_out;
      continue;
    }
    const std::string place = PlaceOf(value, document);
    table.Add({value.field(), value.environment().empty() ? "all" : value.environment(),
               Shortened(ForPeople(value), kValueWidth), place.empty() ? value.origin() : place,
               Cell(value.reason(), Style::kFaint)});
  }
  std::ostream& out = session.terminal.out;
  out << table.Render(session.terminal.color);
  if (defaults) {
    for (const auto& [stream, keys] : LeftToBrokers(response)) {
      out << fmt::format("{}: not set, so the brokers' own: {}\n", stream, fmt::join(keys, ", "));
    }
  } else if (left_out > 0) {
    out << fmt::format("{} come from environments, conventions and brokers: --defaults shows them\n",
                       Counted(left_out, "other value"));
  }
}

}  // namespace

ExitCode ExplainProduct(Session& session, const ExplainOptions& options) {
  manifest::Parsed parsed;
  if (!options.paths.empty()) {
    parsed = LoadManifests(options.paths, session.terminal.in);
    for (const manifest::Problem& problem : parsed.problems)
      session.terminal.err << manifest::Format(problem) << "\n";
    if (!parsed.problems.empty()) return kInvalid;
    if (ManifestOf(parsed.documents, options.name) == nullptr)
      return WrongUsage(session, fmt::format("no manifest of product {} in -f", options.name));
  }
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  if (!client.ok()) return Fail(session, client.status());
  v1::ExplainProductRequest request;
  request.set_name(options.name);
  auto response = (*client)->Call(&Stub::ExplainProduct, request);
  if (!response.ok()) return Fail(session, response.status());
  if (session.options.format == Format::kTable) {
    PrintTable(session, *response, options.defaults, ManifestOf(parsed.documents, options.name));
    return kDone;
  }
  std::vector<const google::protobuf::Message*> messages;
  for (const v1::ExplainedValue& value : response->values()) {
    if (!options.defaults && !IsSaidByProduct(value)) continue;
    if (session.options.format == Format::kName) session.terminal.out << value.field() << "\n";
    messages.push_back(&value);
  }
  if (session.options.format != Format::kName)
    session.terminal.out << PrintAll(messages, session.options.format, Amount::kList);
  return kDone;
}

}  // namespace sluice::cli
