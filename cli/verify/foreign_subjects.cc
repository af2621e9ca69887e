// Reads the subjects of a registry that no slice names. Alone pays for JSON.
#include <algorithm>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "agent/registry/http.h"
#include "agent/registry/messages.h"
#include "cli/verify/foreign.h"
#include "common/crypto/sha256.h"

namespace sluice::cli::verify {
namespace {

namespace iv1 = sluice::internal::v1;
using agent::registry::Encode;
using agent::registry::Response;
using Json = nlohmann::json;

class Reader {
 public:
  explicit Reader(const agent::RegistryOptions& options) : http_(options) {}

  absl::StatusOr<std::vector<std::string>> Names() {
    absl::StatusOr<Response> response = Get("/subjects");
    if (!response.ok()) return response.status();
    const Json names = Json::parse(response->body, nullptr, /*allow_exceptions=*/false);
    if (!names.is_array()) return NotUnderstood("subjects");
    std::vector<std::string> list;
    for (const Json& name : names) {
      if (!name.is_string()) return NotUnderstood("subjects");
      list.push_back(name.get<std::string>());
    }
    std::sort(list.begin(), list.end());
    return list;
  }

  absl::Status Fill(iv1::ForeignSubject& subject) {
    absl::StatusOr<Response> level = Get(fmt::format("/config/{}", Encode(subject.name())));
    if (!level.ok() && !absl::IsNotFound(level.status())) return level.status();
    if (level.ok()) subject.set_level(agent::registry::ParseLevel(level->body).value_or(""));
    absl::StatusOr<Response> versions = Get(fmt::format("/subjects/{}/versions", Encode(subject.name())));
    if (absl::IsNotFound(versions.status())) return absl::OkStatus();
    if (!versions.ok()) return versions.status();
    const auto numbers = agent::registry::ParseVersions(versions->body);
    if (!numbers) return NotUnderstood("versions");
    for (const int32_t number : *numbers) {
      absl::StatusOr<Response> one =
          Get(fmt::format("/subjects/{}/versions/{}", Encode(subject.name()), number));
      if (absl::IsNotFound(one.status())) continue;  // deleted meanwhile
      if (!one.ok()) return one.status();
      const Json body = Json::parse(one->body, nullptr, /*allow_exceptions=*/false);
      if (!body.is_object() || !body.contains("schema") || !body["schema"].is_string())
        return NotUnderstood("a version");
      iv1::ForeignVersion& version = *subject.add_versions();
      version.set_version(number);
      if (body.contains("id") && body["id"].is_number_integer()) version.set_id(body["id"].get<int64_t>());
      version.set_digest(Sha256Hex(body["schema"].get<std::string>()));
    }
    return absl::OkStatus();
  }

 private:
  static absl::Status NotUnderstood(const char* what) {
    return absl::InternalError(
        fmt::format("the registry's answer about {} is not what its API promises", what));
  }

  // NOT_FOUND where the registry has no such thing; another answer than 2xx is a status too.
  absl::StatusOr<Response> Get(const std::string& path) {
    absl::StatusOr<Response> response = http_.Do({"GET", path, ""});
    if (!response.ok()) return response.status();
    if (response->code == 404) return absl::NotFoundError("the registry has no such thing");
    if (!agent::registry::Succeeded(*response)) return agent::registry::ToStatus(*response);
    return response;
  }

  agent::registry::Http http_;
};

}  // namespace

absl::StatusOr<std::vector<iv1::ForeignSubject>> ReadForeignSubjects(const agent::RegistryOptions& registry,
                                                                     const ApprovedCluster& approved,
                                                                     SubjectDetail detail) {
  std::set<std::string> named;
  for (const core::Slice& slice : approved.slices) {
    for (const core::Subject& subject : slice.subjects) {
      if (approved.ours.subjects.contains(subject.name)) named.insert(subject.name);
    }
  }
  Reader reader(registry);
  absl::StatusOr<std::vector<std::string>> names = reader.Names();
  if (!names.ok()) return names.status();
  std::vector<iv1::ForeignSubject> foreign;
  for (const std::string& name : *names) {
    if (named.contains(name)) continue;
    foreign.emplace_back().set_name(name);
    if (detail == SubjectDetail::kNames) continue;
    if (absl::Status status = reader.Fill(foreign.back()); !status.ok()) return status;
  }
  return foreign;
}

}  // namespace sluice::cli::verify
