// Look: one look at many subjects of a registry.
//
// Nothing is concluded from half an answer: a body that was cut, that is not the JSON which the API promises,
// or a 404 that is not the registry's own (a proxy's page) leaves the subject unreadable. One subject's
// trouble does not end the look; trouble with three in a row does, so that a registry that is down costs
// seconds and not seconds for each subject.
//
// Where many are looked at, one list tells first which exist at all: of the others nothing is asked, but for
// the level of those that the agent may have given one. Thread safety: belongs to one thread.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/registry/http.h"
#include "agent/target.h"

namespace sluice::agent::registry {

class Look {
 public:
  // `given`: subjects that may have a level before they have a version.
  Look(Http& http, std::chrono::milliseconds pace, std::set<std::string> given)
      : http_(http), pace_(pace), given_(std::move(given)) {}
  // As RegistryTarget::Observe.
  absl::StatusOr<RegistryState> At(const std::vector<core::Subject>& desired);

 private:
  // What the last subject's trouble says about the others.
  enum class Reach {
    kFine,      // nothing: it is about that subject
    kStumbles,  // perhaps something: the server, or what stands before it, is in trouble
    kGone,      // everything: nothing is known of any of them
  };

  // nullopt: the registry does not tell; each is asked about.
  std::optional<std::set<std::string>> Existing();
  absl::StatusOr<core::ObservedSubject> One(const core::Subject& subject);
  absl::StatusOr<std::vector<int32_t>> Versions(const std::string& subject);
  absl::StatusOr<std::string> Level(const std::string& subject);
  // The version that equals the desired schema; 0: none.
  absl::StatusOr<int32_t> Lookup(const core::Subject& subject, const char* query);
  absl::StatusOr<Response> Ask(const Request& request);
  absl::Status Refused(const Response& response);
  absl::Status NotUnderstood(std::string_view what);

  Http& http_;
  const std::chrono::milliseconds pace_;
  const std::set<std::string> given_;
  Effort effort_ = Effort::kPatient;
  Reach reach_ = Reach::kFine;
};

}  // namespace sluice::agent::registry
