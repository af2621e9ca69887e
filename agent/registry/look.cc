#include "agent/registry/look.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/registry/messages.h"

namespace sluice::agent::registry {
namespace {

constexpr int kMostStumbles = 3;  // in a row
constexpr size_t kListFrom = 20;  // subjects from which on a list of all pays

}  // namespace

absl::StatusOr<Response> Look::Ask(const Request& request) {
  absl::StatusOr<Response> response = http_.Do(request, effort_);
  if (!response.ok()) {
    reach_ = absl::IsDeadlineExceeded(response.status()) || absl::IsResourceExhausted(response.status())
                 ? Reach::kStumbles
                 : Reach::kGone;
  }
  return response;
}

absl::Status Look::Refused(const Response& response) {
  if (ConcernsAll(response)) {
    reach_ = Reach::kGone;
  } else if (response.code >= 500 || response.code == 429 || response.code == 404) {
    reach_ = Reach::kStumbles;
  }
  return ToStatus(response);
}

absl::Status Look::NotUnderstood(std::string_view what) {
  reach_ = Reach::kStumbles;
  return absl::InternalError(
      fmt::format("the registry's answer about {} is not what its API promises; check registry.url and what "
                  "stands between",
                  what));
}

absl::StatusOr<std::vector<int32_t>> Look::Versions(const std::string& subject) {
  const absl::StatusOr<Response> response =
      Ask({"GET", fmt::format("/subjects/{}/versions", Encode(subject)), ""});
  if (!response.ok()) return response.status();
  if (SaysMissing(*response)) return std::vector<int32_t>();
  if (!Succeeded(*response)) return Refused(*response);
  std::optional<std::vector<int32_t>> versions = ParseVersions(response->body);
  if (!versions.has_value()) return NotUnderstood("versions");
  return *std::move(versions);
}

// Its own level only: the server's default is somebody else's decision.
absl::StatusOr<std::string> Look::Level(const std::string& subject) {
  const absl::StatusOr<Response> response = Ask({"GET", fmt::format("/config/{}", Encode(subject)), ""});
  if (!response.ok()) return response.status();
  if (SaysMissing(*response)) return std::string();
  if (!Succeeded(*response)) return Refused(*response);
  std::optional<std::string> level = ParseLevel(response->body);
  if (!level.has_value()) return NotUnderstood("the level");
  return *std::move(level);
}

absl::StatusOr<int32_t> Look::Lookup(const core::Subject& subject, const char* query) {
  const absl::StatusOr<Response> response =
      Ask({"POST", fmt::format("/subjects/{}{}", Encode(subject.name), query), SchemaBody(subject)});
  if (!response.ok()) return response.status();
  // A schema that the registry cannot read is none of its versions.
  if (SaysMissing(*response) || (response->code == 422 && ErrorCode(*response) != 0)) return 0;
  if (!Succeeded(*response)) return Refused(*response);
  const std::optional<int32_t> version = ParseVersion(response->body);
  if (!version.has_value()) return NotUnderstood("a schema");
  return *version;
}

absl::StatusOr<core::ObservedSubject> Look::One(const core::Subject& subject) {
  core::ObservedSubject seen;
  absl::StatusOr<std::string> level = Level(subject.name);
  if (!level.ok()) return level.status();
  seen.level = *std::move(level);
  const absl::StatusOr<std::vector<int32_t>> versions = Versions(subject.name);
  if (!versions.ok()) return versions.status();
  seen.versions = static_cast<int32_t>(versions->size());
  if (versions->empty()) return seen;
  // Text for text, then in canonical form: some registries compare the former only.
  for (const char* query : {"", "?normalize=true"}) {
    const absl::StatusOr<int32_t> version = Lookup(subject, query);
    if (!version.ok()) return version.status();
    if (*version == 0) continue;
    seen.registered = true;
    seen.latest = *version == *std::max_element(versions->begin(), versions->end());
    break;
  }
  return seen;
}

std::optional<std::set<std::string>> Look::Existing() {
  const absl::StatusOr<Response> response = http_.Do({"GET", "/subjects", ""}, Effort::kOnce);
  if (!response.ok() || !Succeeded(*response)) return std::nullopt;
  return ParseNames(response->body);
}

absl::StatusOr<RegistryState> Look::At(const std::vector<core::Subject>& desired) {
  RegistryState state;
  int stumbles = 0;
  std::optional<std::set<std::string>> existing;
  if (desired.size() >= kListFrom) existing = Existing();
  for (const core::Subject& subject : desired) {
    if (existing && existing->count(subject.name) == 0 && given_.count(subject.name) == 0) {
      state.subjects[subject.name] = {};
      continue;
    }
    if (&subject != &desired.front() && !http_.Pause(pace_)) return absl::CancelledError("stopped");
    reach_ = Reach::kFine;
    absl::StatusOr<core::ObservedSubject> seen = One(subject);
    if (seen.ok()) {
      state.subjects[subject.name] = *std::move(seen);
      stumbles = 0;
      continue;
    }
    stumbles = reach_ == Reach::kStumbles ? stumbles + 1 : 0;
    if (reach_ == Reach::kGone || stumbles == kMostStumbles) return seen.status();
    if (reach_ == Reach::kStumbles) effort_ = Effort::kOnce;  // patience was had once
    state.unreadable[subject.name] = seen.status();
  }
  return state;
}

}  // namespace sluice::agent::registry
