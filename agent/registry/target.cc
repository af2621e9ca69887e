// HttpRegistry: RegistryTarget over the Confluent API.
#include <fmt/format.h>

#include <memory>
#include <mutex>
#include <set>
#include <utility>

#include "agent/registry/http.h"
#include "agent/registry/look.h"
#include "agent/registry/messages.h"
#include "agent/registry/registry.h"

namespace sluice::agent {
namespace registry {
namespace {

// Whether a body says what the step wanted to hear. A page of a proxy with 200 on it does not.
bool Confirms(const core::Step& step, const Response& response) {
  if (step.kind == core::StepKind::kRegisterSchema) return ParseId(response.body).has_value();
  return ParseLevel(response.body) == step.subject.level;
}

class HttpRegistry final : public RegistryTarget {
 public:
  explicit HttpRegistry(const RegistryOptions& options) : pace_(options.pace), http_(options) {}

  absl::StatusOr<RegistryState> Observe(const std::vector<core::Subject>& desired) override {
    return Look(http_, pace_, Given()).At(desired);
  }
  std::vector<StepResult> Apply(const std::vector<core::Step>& steps) override;
  void Stop() override { http_.Stop(); }

 private:
  std::set<std::string> Given() const {
    std::lock_guard lock(mutex_);
    return given_;
  }
  bool IsNoneAnyway(const core::Step& step, const Response& response);
  // One step; `lost` becomes true when the registry is out of reach.
  StepResult Carry(const core::Step& step, bool& lost);

  const std::chrono::milliseconds pace_;
  Http http_;
  mutable std::mutex mutex_;
  std::set<std::string> given_;  // subjects that were given a level here
};

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
    std::lock_guard lock(mutex_);
    given_.insert(step.subject.name);
  } else if (step.kind == core::StepKind::kRegisterSchema) {
    request = {"POST", fmt::format("/subjects/{}/versions", Encode(step.subject.name)),
               SchemaBody(step.subject)};
  } else {
    return {Outcome::kRefused, absl::InvalidArgumentError("a registry takes levels and schemas only")};
  }
  const absl::StatusOr<Response> response = http_.Do(request);
  if (!response.ok()) {
    lost = true;
    const bool never_sent =
        absl::IsUnavailable(response.status()) || absl::IsFailedPrecondition(response.status());
    return {never_sent ? Outcome::kNotTried : Outcome::kUnknown, response.status()};
  }
  if (Succeeded(*response)) {
    if (Confirms(step, *response)) return {Outcome::kDone, absl::OkStatus()};
    lost = true;  // whoever answered so was not the registry
    return {
        Outcome::kUnknown,
        absl::InternalError("the registry's answer is not what its API promises; check registry.url and what "
                            "stands between")};
  }
  if (IsNoneAnyway(step, *response)) return {Outcome::kDone, absl::OkStatus()};
  // A gateway's or an overloaded server's word, or one that the next step would hear too.
  lost = response->code == 429 || response->code > 501 || ConcernsAll(*response);
  return {response->code >= 500 ? Outcome::kUnknown : Outcome::kRefused, ToStatus(*response)};
}

std::vector<StepResult> HttpRegistry::Apply(const std::vector<core::Step>& steps) {
  std::vector<StepResult> results;
  bool lost = false;
  for (const core::Step& step : steps) {
    if (lost) {
      results.push_back(
          {Outcome::kNotTried, absl::UnavailableError("not tried: the registry stopped answering")});
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
  if (absl::Status status = registry::CheckCredentials(options); !status.ok()) return status;
  RegistryOptions cleaned = options;
  while (!cleaned.url.empty() && cleaned.url.back() == '/') cleaned.url.pop_back();
  return std::make_unique<registry::HttpRegistry>(cleaned);
}

}  // namespace sluice::agent
