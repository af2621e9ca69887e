// The probe of the registry.
#include <curl/curl.h>

#include "agent/doctor/probe.h"
#include "agent/registry/http.h"
#include "agent/registry/messages.h"
#include "common/crypto/sha256.h"

namespace sluice::agent::doctor {
namespace {

using registry::Response;
using std::chrono::milliseconds;

absl::Status StatusOf(const absl::StatusOr<Response>& response) {
  if (!response.ok()) return response.status();
  return registry::Succeeded(*response) ? absl::OkStatus() : registry::ToStatus(*response);
}

std::string CredentialsOf(const RegistryOptions& options) {
  if (!options.username.empty()) return "user and password are";
  if (!options.bearer_token_file.empty()) return "bearer token is";
  return options.certificate_file.empty() ? "none" : "client certificate is";
}

}  // namespace

std::optional<Time> ParseHttpDate(const std::string& text) {
  const time_t time = text.empty() ? -1 : curl_getdate(text.c_str(), nullptr);
  if (time < 0) return std::nullopt;
  return Time(std::chrono::seconds(time));
}

RegistryFacts ProbeRegistry(RegistryOptions options) {
  RegistryFacts facts;
  facts.configured = !options.url.empty();
  if (!facts.configured) return facts;
  facts.url = options.url;
  facts.tls = options.url.rfind("https://", 0) == 0;
  facts.credentials = CredentialsOf(options);
  facts.reached = registry::CheckCredentials(options);
  if (!facts.reached.ok()) return facts;
  while (!options.url.empty() && options.url.back() == '/') options.url.pop_back();
  options.request_timeout = milliseconds(5000);
  registry::Http http(options);
  const auto ask = [&](const std::string& path) {
    return http.Do({"GET", path, ""}, registry::Effort::kOnce);
  };
  const auto config = ask("/config");
  facts.reached = StatusOf(config);
  if (config.ok()) facts.time = ParseHttpDate(config->date);
  if (!facts.reached.ok()) return facts;
  const auto level = registry::ParseLevel(config->body);
  if (!level) {
    facts.reached = absl::InternalError("what answers there is no Confluent-compatible registry");
    return facts;
  }
  facts.default_level = *level;
  const auto versions = ask("/subjects/sluice-doctor-" + RandomHex(8) + "/versions");
  facts.reads = versions.ok() && registry::SaysMissing(*versions) ? absl::OkStatus() : StatusOf(versions);
  const auto mode = ask("/mode");
  if (mode.ok() && registry::Succeeded(*mode)) {
    if (const auto word = registry::ParseMode(mode->body)) facts.mode = *word;
  }
  return facts;
}

}  // namespace sluice::agent::doctor
