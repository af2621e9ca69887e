// Target: what an agent looks at and changes, its Kafka cluster and its registry. One conformance suite each
// (tests/conformance) holds for the real thing and for the fake beside it.
//
// Errors of a look or a step are absl::Status with the server's own code and sentence in the text:
//   UNAVAILABLE          could not reach it, or it asked to try later: repeat
//   DEADLINE_EXCEEDED    no answer in time; of a mutation: the outcome is unknown
//   PERMISSION_DENIED    the agent's user may not
//   ALREADY_EXISTS, NOT_FOUND, INVALID_ARGUMENT, FAILED_PRECONDITION (policy, incompatible schema),
//   RESOURCE_EXHAUSTED (limits), UNIMPLEMENTED, CANCELLED (Stop), INTERNAL: repeating it as it is does not help
//
// The payload kReasonPayload of a status, where there is one, is the reason of the condition that it becomes.
//
// Thread safety: one thread at a time may call Observe and one Apply, also at the same time; Stop from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/core/diff.h"
#include "common/core/slice.h"

namespace sluice::agent {

inline constexpr char kReasonPayload[] = "sluice.reason";

// What became of a step.
enum class Outcome {
  kDone,      // the server acknowledged it; visible to Observe a moment later, not at once
  kRefused,   // the server said no: nothing happened
  kUnknown,   // sent, but no answer: it may or may not have happened. Observe, then decide
  kNotTried,  // not sent: unreachable, stopped, or retries ran out before the server took it
  kLater,     // not sent: a quota leaves no room now (RESOURCE_EXHAUSTED); nothing is wrong, come again
};

struct StepResult {
  Outcome outcome = Outcome::kNotTried;
  absl::Status status;  // OK exactly when kDone
};

// Names of topics, groups and transactional ids to look at, as DiffOptions::scope; nullopt: everything.
using Scope = std::optional<std::set<std::string>>;

struct KafkaQuery {
  Scope scope;
  // Config keys to look at; empty: all, so that foreign overrides are seen (3.6 kB a topic on the wire).
  std::set<std::string> config_keys;
};

struct KafkaState {
  // By name, without internal ones (`__…`). A topic in `unreadable` is not here.
  std::map<std::string, core::ObservedTopic> topics;
  // Not OK: could not be looked at (no authorizer, no permission); conclude nothing. With a scope: the ACLs that
  // apply to one of its names, also by `*` and by prefixes of it.
  absl::StatusOr<std::set<core::Acl>> acls = absl::UnavailableError("not looked at");
  // Topics that could not be looked at: take no step for them and conclude nothing.
  std::map<std::string, absl::Status> unreadable;
  int32_t brokers = 0;     // alive now
  std::string cluster_id;  // Kafka's own; a change means that another cluster answers at this address
  // ACLs on what Sluice does not govern (delegation tokens, users), or in words that it does not know.
  int32_t other_acls = 0;
};

class KafkaTarget {
 public:
  virtual ~KafkaTarget() = default;

  // What is there now. May lag a little behind what Apply acknowledged: the caller remembers its own writes. A
  // status means that nothing is known; it never comes with half an answer.
  virtual absl::StatusOr<KafkaState> Observe(const KafkaQuery& query) = 0;

  // Takes steps, in batches, kind by kind in the order of StepKind; returns one result for each step, in the order
  // given. A refused step never takes others with it. Repeating a step that was done is kDone again, but for a topic
  // that exists (ALREADY_EXISTS) and partitions that are there (INVALID_ARGUMENT). Registry steps: INVALID_ARGUMENT.
  virtual std::vector<StepResult> Apply(const std::vector<core::Step>& steps) = 0;

  // Ends waiting: running calls return within a second or so, what was in flight as kUnknown. For good.
  virtual void Stop() = 0;
};

struct RegistryState {
  // One entry for each subject asked for, also for those that do not exist, but for those in `unreadable`.
  std::map<std::string, core::ObservedSubject> subjects;
  // Subjects that could not be looked at: take no step for them and conclude nothing.
  std::map<std::string, absl::Status> unreadable;
};

class RegistryTarget {
 public:
  virtual ~RegistryTarget() = default;

  // Looks at each subject: its own level, its versions, whether the desired schema is one of them and the latest.
  // One by one, several requests each. A status means that the registry cannot be reached.
  virtual absl::StatusOr<RegistryState> Observe(const std::vector<core::Subject>& desired) = 0;

  // As KafkaTarget::Apply, for kSetLevel and kRegisterSchema. Every step is idempotent.
  virtual std::vector<StepResult> Apply(const std::vector<core::Step>& steps) = 0;

  // As KafkaTarget::Stop.
  virtual void Stop() = 0;
};

}  // namespace sluice::agent
