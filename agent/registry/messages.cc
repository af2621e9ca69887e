#include "agent/registry/messages.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace sluice::agent::registry {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxSentence = 2000;

Json Parse(const std::string& body) { return Json::parse(body, nullptr, /*allow_exceptions=*/false); }

template <typename T>
std::optional<T> Get(const Json& json, const char* key) {
  if (!json.is_object()) return std::nullopt;
  const auto found = json.find(key);
  if (found == json.end()) return std::nullopt;
  if constexpr (std::is_same_v<T, std::string>) {
    if (!found->is_string()) return std::nullopt;
  } else {
    if (!found->is_number_integer()) return std::nullopt;
  }
  return found->template get<T>();
}

absl::StatusCode CodeOf(int http, int error) {
  switch (error) {
    case 40901:
      return absl::StatusCode::kFailedPrecondition;
    case 42201:
    case 42203:
      return absl::StatusCode::kInvalidArgument;
    case 42205:
    case 42206:
      return absl::StatusCode::kFailedPrecondition;
    default:
      break;
  }
  switch (http) {
    case 400:
    case 422:
      return absl::StatusCode::kInvalidArgument;
    case 401:
    case 407:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kNotFound;
    case 405:
    case 501:
      return absl::StatusCode::kUnimplemented;
    case 409:
      return absl::StatusCode::kFailedPrecondition;
    case 413:
      return absl::StatusCode::kResourceExhausted;
    case 429:
      return absl::StatusCode::kUnavailable;
    default:
      if (http >= 300 && http < 400) return absl::StatusCode::kFailedPrecondition;
      return http >= 500 ? absl::StatusCode::kUnavailable : absl::StatusCode::kInternal;
  }
}

// What to do about an answer; empty: its sentence says it.
std::string RemedyOf(const Response& response) {
  if (response.code >= 300 && response.code < 400) {
    return fmt::format(
        "; redirects are not followed{}: set registry.url to the registry's own address",
        response.location.empty() ? "" : fmt::format(" (this one leads to {})", response.location));
  }
  switch (response.code) {
    case 401:
      return "; the registry does not know the agent: check registry.username and registry.password_file, or "
             "registry.bearer_token_file";
    case 403:
      return "; give the agent's user this right in the registry";
    case 404:
      return SaysMissing(response) ? "" : "; check that registry.url leads to the Confluent-compatible API";
    case 407:
      return "; a proxy wants credentials: let the agent reach the registry directly";
    case 429:
      return "; the registry is asked again later";
    default:
      return "";
  }
}

}  // namespace

std::string SchemaBody(const core::Subject& subject) {
  return Json{{"schema", subject.schema}, {"schemaType", subject.schema_type}}.dump(
      -1, ' ', false, Json::error_handler_t::replace);
}

std::string LevelBody(const std::string& level) { return Json{{"compatibility", level}}.dump(); }

std::optional<std::vector<int32_t>> ParseVersions(const std::string& body) {
  const Json json = Parse(body);
  if (!json.is_array()) return std::nullopt;
  std::vector<int32_t> versions;
  for (const Json& version : json) {
    if (!version.is_number_integer()) return std::nullopt;
    versions.push_back(version.get<int32_t>());
  }
  return versions;
}

std::optional<std::set<std::string>> ParseNames(const std::string& body) {
  const Json json = Parse(body);
  if (!json.is_array()) return std::nullopt;
  std::set<std::string> names;
  for (const Json& name : json) {
    if (!name.is_string()) return std::nullopt;
    names.insert(name.get<std::string>());
  }
  return names;
}

std::optional<std::string> ParseLevel(const std::string& body) {
  const Json json = Parse(body);
  const std::optional<std::string> level = Get<std::string>(json, "compatibilityLevel");
  return level.has_value() ? level : Get<std::string>(json, "compatibility");
}

std::optional<std::string> ParseMode(const std::string& body) { return Get<std::string>(Parse(body), "mode"); }

std::optional<int32_t> ParseVersion(const std::string& body) { return Get<int32_t>(Parse(body), "version"); }

std::optional<int32_t> ParseId(const std::string& body) { return Get<int32_t>(Parse(body), "id"); }

bool SaysMissing(const Response& response) {
  constexpr int kMissing = 404;  // 40401 subject, 40402 version, 40403 schema, 40408 level
  const int error = ErrorCode(response);
  return response.code == kMissing && (error == kMissing || error / 100 == kMissing);
}

bool ConcernsAll(const Response& response) {
  return response.code == 401 || response.code == 407 || (response.code >= 300 && response.code < 400);
}

int ErrorCode(const Response& response) { return Get<int>(Parse(response.body), "error_code").value_or(0); }

absl::Status ToStatus(const Response& response) {
  const Json json = Parse(response.body);
  const char* otherwise = response.body.empty() ? "no sentence"
                          : json.is_discarded() ? "an answer that is no JSON (the page of a proxy?)"
                                                : "no sentence";
  const std::string sentence = Get<std::string>(json, "message").value_or(otherwise).substr(0, kMaxSentence);
  const int error = ErrorCode(response);
  return absl::Status(
      CodeOf(response.code, error),
      fmt::format("{}: {}{}", error != 0 ? error : response.code, sentence, RemedyOf(response)));
}

}  // namespace sluice::agent::registry
