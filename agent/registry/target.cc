// HttpRegistry: RegistryTarget over the Confluent API.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "agent/registry/http.h"
#include "agent/registry/messages.h"
#include "agent/registry/registry.h"

namespace sluice::agent {
namespace registry {
namespace {

bool Succeeded(const Response& response) { return response.code >= 200 && response.code < 300; }

absl::Status NotUnderstood(std::string_view what) {
  return absl::InternalError(
      fmt::format("the registry's answer about {} is not what its API promises", what));
}

// Why a look at everything must end: one subject's own trouble does not end it.
bool IsOutOfReach(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsCancelled(status);
}

class HttpRegistry final : public RegistryTarget {
 public:
  explicit HttpRegistry(const RegistryOptions& options) : pace_(options.pace), http_(options) {}

  absl::StatusOr<RegistryState> Observe(const std::vector<core::Subject>& desired) override;
  std::vector<StepResult> Apply(const std::vector<core::Step>& steps) override;
  void Stop() override { http_.Stop(); }

 private:
  // One look at a subject; `reached` says whether the registry answered at all.
  absl::StatusOr<core::ObservedSubject> Look(const core::Subject& subject, bool& reached);
  absl::StatusOr<std::vector<int32_t>> Versions(const std::string& subject, bool& reached);
  absl::StatusOr<std::string> Level(const std::string& subject, bool& reached);
  // The version that equals the desired schema; 0: none.
  absl::StatusOr<int32_t> Lookup(const core::Subject& subject, const char* query, bool& reached);
  absl::StatusOr<Response> Ask(const Request& request, bool& reached);
  bool IsNoneAnyway(const core::Step& step, const Response& response);
  // One step; `lost` becomes true when the registry is out of reach.
  StepResult Carry(const core::Step& step, bool& lost);

  const std::chrono::milliseconds pace_;
  Http http_;
};

absl::StatusOr<Response> HttpRegistry::Ask(const Request& request, bool& reached) {
  absl::StatusOr<Response> response = http_.Do(request);
  reached = response.ok() || !IsOutOfReach(response.status());
  return response;
}

absl::StatusOr<std::vector<int32_t>> HttpRegistry::Versions(const std::string& subject, bool& reached) {
  const absl::StatusOr<Response> response =
      Ask({"GET", fmt::format("/subjects/{}/versions", Encode(subject)), ""}, reached);
  if (!response.ok()) return response.status();
  if (response->code == 404) return std::vector<int32_t>();
  if (!Succeeded(*response)) return ToStatus(*response);
  std::optional<std::vector<int32_t>> versions = ParseVersions(response->body);
  if (!versions.has_value()) return NotUnderstood("versions");
  return *std::move(versions);
}

// Its own level only: the server's default is somebody else's decision.
absl::StatusOr<std::string> HttpRegistry::Level(const std::string& subject, bool& reached) {
  const absl::StatusOr<Response> response =
      Ask({"GET", fmt::format("/config/{}", Encode(subject)), ""}, reached);
  if (!response.ok()) return response.status();
  if (response->code == 404) return std::string();
  if (!Succeeded(*response)) return ToStatus(*response);
  std::optional<std::string> level = ParseLevel(response->body);
  if (!level.has_value()) return NotUnderstood("the level");
  return *std::move(level);
}

absl::StatusOr<int32_t> HttpRegistry::Lookup(const core::Subject& subject, const char* query, bool& reached) {
  const absl::StatusOr<Response> response =
      Ask({"POST", fmt::format("/subjects/{}{}", Encode(subject.name), query), SchemaBody(subject)}, reached);
  if (!response.ok()) return response.status();
  // A schema that the registry cannot read (422) is none of its versions.
  if (response->code == 404 || response->code == 422) return 0;
  if (!Succeeded(*response)) return ToStatus(*response);
  const std::optional<int32_t> version = ParseVersion(response->body);
  if (!version.has_value()) return NotUnderstood("a schema");
  return *version;
}

absl::StatusOr<core::ObservedSubject> HttpRegistry::Look(const core::Subject& subject, bool& reached) {
  core::ObservedSubject seen;
  absl::StatusOr<std::string> level = Level(subject.name, reached);
  if (!level.ok()) return level.status();
  seen.level = *std::move(level);
  const absl::StatusOr<std::vector<int32_t>> versions = Versions(subject.name, reached);
  if (!versions.ok()) return versions.status();
  seen.versions = static_cast<int32_t>(versions->size());
  if (versions->empty()) return seen;
  // Text for text, then in canonical form: some registries compare the former only.
  for (const char* query : {"", "?normalize=true"}) {
    const absl::StatusOr<int32_t> version = Lookup(subject, query, reached);
    if (!version.ok()) return version.status();
    if (*version == 0) continue;
    seen.registered = true;
    seen.latest = *version == *std::max_element(versions->begin(), versions->end());
    break;
  }
  return seen;
}

absl::StatusOr<RegistryState> HttpRegistry::Observe(const std::vector<core::Subject>& desired) {
  RegistryState state;
  for (const core::Subject& subject : desired) {
    if (!state.subjects.empty() && !http_.Pause(pace_)) return absl::CancelledError("stopped");
    bool reached = true;
    absl::StatusOr<core::ObservedSubject> seen = Look(subject, reached);
    if (seen.ok()) {
      state.subjects[subject.name] = *std::move(seen);
    } else if (!reached) {
      return seen.status();
    } else {
      state.unreadable[subject.name] = seen.status();
    }
  }
  return state;
}

// Apicurio has no rule where the level is NONE, and so answers 404 for a subject that does not exist yet.
bool HttpRegistry::IsNoneAnyway(const core::Step& step, const Response& response) {
  if (step.kind != core::StepKind::kSetLevel || step.subject.level != "NONE" || response.code != 404)
    return false;
  const absl::StatusOr<Response> everywhere = http_.Do({"GET", "/config", ""});
  return everywhere.ok() && Succeeded(*everywhere) && ParseLevel(everywhere->body) == "NONE";
}

StepResult HttpRegistry::Carry(const core::Step& step, bool& lost) {
  Request request;
  if (step.kind == core::StepKind::kSetLevel) {
    request = {"PUT", fmt::format("/config/{}", Encode(step.subject.name)), LevelBody(step.subject.level)};
  } else if (step.kind == core::StepKind::kRegisterSchema) {
    request = {"POST", fmt::format("/subjects/{}/versions", Encode(step.subject.name)),
               SchemaBody(step.subject)};
  } else {
    return {Outcome::kRefused, absl::InvalidArgumentError("a registry takes levels and schemas only"), ""};
  }
  const absl::StatusOr<Response> response = http_.Do(request);
  if (!response.ok()) {
    lost = true;
    const bool never_sent = absl::IsUnavailable(response.status());
    return {never_sent ? Outcome::kNotTried : Outcome::kUnknown, response.status(), ""};
  }
  if (Succeeded(*response) || IsNoneAnyway(step, *response)) return {Outcome::kDone, absl::OkStatus(), ""};
  lost = response->code == 429 || response->code > 501;  // a gateway's or an overloaded server's word
  return {response->code >= 500 ? Outcome::kUnknown : Outcome::kRefused, ToStatus(*response), ""};
}

std::vector<StepResult> HttpRegistry::Apply(const std::vector<core::Step>& steps) {
  std::vector<StepResult> results;
  bool lost = false;
  for (const core::Step& step : steps) {
    if (lost) {
      results.push_back(
          {Outcome::kNotTried, absl::UnavailableError("not tried: the registry stopped answering"), ""});
    } else {
      results.push_back(Carry(step, lost));
    }
  }
  return results;
}

}  // namespace
}  // namespace registry

absl::StatusOr<std::unique_ptr<RegistryTarget>> OpenRegistry(const RegistryOptions& options) {
  using std::chrono::milliseconds;
  using std::chrono::minutes;
  const bool web = options.url.rfind("https://", 0) == 0 || options.url.rfind("http://", 0) == 0;
  if (!web) return absl::InvalidArgumentError("the registry's URL must begin with https:// (or http://)");
  if (options.request_timeout < milliseconds(100) || options.request_timeout > minutes(5)) {
    return absl::InvalidArgumentError("the request timeout must be between 100 ms and 5 min");
  }
  RegistryOptions cleaned = options;
  while (!cleaned.url.empty() && cleaned.url.back() == '/') cleaned.url.pop_back();
  return std::make_unique<registry::HttpRegistry>(cleaned);
}

}  // namespace sluice::agent
