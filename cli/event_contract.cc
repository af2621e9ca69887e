#include "cli/event_contract.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <vector>

#include "cli/manifests.h"

namespace sluice::cli {
namespace {

namespace v1 = sluice::v1;

// A problem of a schema as a sentence.
absl::StatusOr<schema::Schema> LoadSchema(const std::string& text) {
  absl::StatusOr<schema::Json> document = schema::ParseJson(text);
  if (!document.ok())
    return absl::InvalidArgumentError("the schema is not JSON: " + std::string(document.status().message()));
  absl::StatusOr<schema::Schema> loaded = schema::Schema::Load(*document);
  if (!loaded.ok())
    return absl::InvalidArgumentError("the schema: " + std::string(loaded.status().message()));
  return loaded;
}

absl::StatusOr<const v1::ProductVersion*> VersionOf(const v1::DataProduct& product, int major) {
  const v1::ProductVersion* found = nullptr;
  std::vector<int> majors;
  for (const v1::ProductVersion& version : product.versions()) {
    majors.push_back(version.major());
    if (version.major() == major) return &version;
    const bool newer = found == nullptr || version.major() > found->major();
    if (version.state() != v1::ProductVersion::STATE_RETIRED && newer) found = &version;
  }
  if (major == 0 && found != nullptr) return found;
  return absl::InvalidArgumentError(fmt::format("product {} has no version {}; it has {}", product.name(),
                                                major == 0 ? "that is not retired" : std::to_string(major),
                                                fmt::join(majors, ", ")));
}

bool IsDeadLetters(const v1::Stream& stream) {
  if (stream.purpose() == v1::Stream::PURPOSE_UNSPECIFIED) return stream.suffix() == "dlq";
  return stream.purpose() == v1::Stream::PURPOSE_DEAD_LETTERS;
}

absl::StatusOr<const v1::Stream*> StreamOf(const v1::ProductVersion& version, const std::string& suffix) {
  std::vector<const v1::Stream*> candidates;
  std::vector<std::string> names;
  for (const v1::Stream& stream : version.streams()) {
    names.push_back(stream.suffix());
    if (suffix.empty() ? !IsDeadLetters(stream) : stream.suffix() == suffix) candidates.push_back(&stream);
  }
  if (candidates.size() == 1) return candidates[0];
  return absl::InvalidArgumentError(suffix.empty()
                                        ? fmt::format("say which --stream of {}", fmt::join(names, ", "))
                                        : fmt::format("version {} has no stream '{}'; it has {}",
                                                      version.major(), suffix, fmt::join(names, ", ")));
}

schema::Wire WireOf(v1::ProductVersion::Wire wire) {
  return wire == v1::ProductVersion::WIRE_CONFLUENT_PREFIX ? schema::Wire::kConfluentPrefix
                                                           : schema::Wire::kPlain;
}

absl::Status TakeSchema(const v1::ProductVersion& version, schema::EventContract& contract) {
  if (!version.has_schema()) return absl::OkStatus();
  if (version.schema().format() == v1::Schema::FORMAT_AVRO) {
    contract.encoding = schema::Encoding::kAvro;
    contract.describes = schema::Describes::kMessage;
    return absl::OkStatus();
  }
  if (version.schema().describes() == v1::Schema::DESCRIBES_MESSAGE)
    contract.describes = schema::Describes::kMessage;
  absl::StatusOr<schema::Schema> loaded = LoadSchema(version.schema().text());
  if (!loaded.ok()) return loaded.status();
  contract.schema = *std::move(loaded);
  return absl::OkStatus();
}

// The one product of the manifests that `options` mean; nullptr: told on `err`.
const v1::DataProduct* ProductOf(Session& session, const EventContractOptions& options,
                                 const manifest::Parsed& parsed) {
  std::vector<const v1::DataProduct*> products;
  std::vector<std::string> names;
  for (const manifest::Document& document : parsed.documents) {
    if (!document.resource.has_data_product()) continue;
    const v1::DataProduct& product = document.resource.data_product();
    names.push_back(product.name());
    if (options.product.empty() || product.name() == options.product) products.push_back(&product);
  }
  if (products.size() == 1) return products[0];
  if (names.empty()) {
    WrongUsage(session, "no data product in these manifests");
  } else if (options.product.empty()) {
    WrongUsage(session, fmt::format("say which --product of {}", fmt::join(names, ", ")));
  } else {
    WrongUsage(session, fmt::format("{} product '{}' in these manifests; they have {}",
                                    products.empty() ? "no" : "more than one", options.product,
                                    fmt::join(names, ", ")));
  }
  return nullptr;
}

ExitCode LoadFromManifests(Session& session, const EventContractOptions& options,
                           schema::EventContract& contract) {
  const manifest::Parsed parsed = LoadManifests(options.paths, session.terminal.in);
  for (const manifest::Problem& problem : parsed.problems)
    session.terminal.err << manifest::Format(problem) << "\n";
  if (!parsed.problems.empty()) return kInvalid;
  const v1::DataProduct* product = ProductOf(session, options, parsed);
  if (product == nullptr) return kInvalid;
  absl::StatusOr<schema::EventContract> found = ContractOf(*product, options.version, options.stream);
  if (!found.ok()) return WrongUsage(session, std::string(found.status().message()));
  contract = *std::move(found);
  if (contract.wire == schema::Wire::kConfluentPrefix) contract.wire = schema::Wire::kEither;
  return kDone;
}

ExitCode LoadFromSchema(Session& session, const EventContractOptions& options,
                        schema::EventContract& contract) {
  absl::StatusOr<std::string> text = manifest::ReadLocalFile(options.schema_file, manifest::kMaxFileBytes);
  if (!text.ok())
    return WrongUsage(session, options.schema_file + ": " + std::string(text.status().message()));
  absl::StatusOr<schema::Schema> loaded = LoadSchema(*text);
  if (!loaded.ok())
    return WrongUsage(session, options.schema_file + ": " + std::string(loaded.status().message()));
  contract.schema = *std::move(loaded);
  return kDone;
}

}  // namespace

absl::StatusOr<schema::EventContract> ContractOf(const v1::DataProduct& product, int major,
                                                 const std::string& suffix) {
  const absl::StatusOr<const v1::ProductVersion*> version = VersionOf(product, major);
  if (!version.ok()) return version.status();
  const absl::StatusOr<const v1::Stream*> stream = StreamOf(**version, suffix);
  if (!stream.ok()) return stream.status();
  schema::EventContract contract;
  if (absl::Status status = TakeSchema(**version, contract); !status.ok()) return status;
  for (const v1::EventType& event : (*version)->events()) contract.types.push_back(event.type());
  contract.wire = WireOf((*version)->wire());
  contract.tombstones =
      (*stream)->tombstones() ? schema::Tombstones::kAllowed : schema::Tombstones::kForbidden;
  if ((*stream)->has_key()) {
    const v1::StreamKey& key = (*stream)->key();
    contract.key.emplace();
    contract.key->fields.assign(key.fields().begin(), key.fields().end());
    if (!key.text().empty()) contract.key->text = key.text();
  }
  return contract;
}

ExitCode LoadContract(Session& session, const EventContractOptions& options,
                      schema::EventContract& contract) {
  if (!options.paths.empty() && !options.schema_file.empty()) {
    return WrongUsage(session, "--schema and --file exclude each other: a product has its own schema");
  }
  if (options.paths.empty() &&
      (!options.product.empty() || !options.stream.empty() || options.version != 0)) {
    return WrongUsage(session, "--product, --version and --stream choose from the manifests of --file");
  }
  ExitCode code = kDone;
  if (!options.paths.empty()) code = LoadFromManifests(session, options, contract);
  if (!options.schema_file.empty()) code = LoadFromSchema(session, options, contract);
  if (code == kDone && options.paths.empty() && options.describes == "message") {
    contract.describes = schema::Describes::kMessage;
  }
  return code;
}

schema::Profile ProfileOf(const std::string& word, const schema::EventContract& contract) {
  if (word == "cloudevents") return schema::Profile::kCloudEvents;
  const bool house = word == "house" || contract.describes == schema::Describes::kData;
  return house ? schema::Profile::kHouse : schema::Profile::kNone;
}

}  // namespace sluice::cli
