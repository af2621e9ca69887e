#include "controlplane/services/slice_status.h"

#include <algorithm>

#include "common/core/compile.h"

namespace sluice::controlplane {

using sluice::v1::Condition;
using sluice::v1::SyncState;

namespace {

// Conditions are worded so that TRUE needs attention, except `InSync`.
bool NeedsAttention(const Condition& condition) {
  const bool good_when_true = condition.type() == "InSync";
  return good_when_true ? condition.status() == Condition::STATUS_FALSE
                        : condition.status() != Condition::STATUS_FALSE;
}

}  // namespace

SyncState StateOf(const SliceObservation& observation) {
  if (!observation.report || observation.report->generation() < observation.slice.generation) {
    return sluice::v1::SYNC_STATE_PENDING;
  }
  const SyncState state = observation.report->state();
  return state == sluice::v1::SYNC_STATE_UNSPECIFIED ? sluice::v1::SYNC_STATE_PENDING : state;
}

std::string AttentionOf(const SliceObservation& observation) {
  if (!observation.report) return "its agent has not reported it yet";
  const SyncState state = StateOf(observation);
  if (state == sluice::v1::SYNC_STATE_IN_SYNC) return "";
  if (state != sluice::v1::SYNC_STATE_PENDING) {
    for (const Condition& condition : observation.report->conditions()) {
      if (!NeedsAttention(condition)) continue;
      return condition.resource().empty() ? condition.message()
                                          : condition.resource() + ": " + condition.message();
    }
  }
  if (state != sluice::v1::SYNC_STATE_PENDING) return "";
  for (const Condition& condition :
       observation.report->conditions()) {  // what the agent waits for, if it said so
    if (condition.type() == "InSync" && condition.observed_generation() == observation.slice.generation) {
      return condition.message();
    }
  }
  return "its agent has not applied it yet";
}

sluice::v1::SliceStatus StatusOf(const SliceObservation& observation, const core::Catalog& catalog) {
  sluice::v1::SliceStatus status;
  status.set_key(observation.slice.key);
  status.set_cluster(observation.slice.cluster);
  status.set_generation(observation.slice.generation);
  status.set_state(StateOf(observation));
  if (observation.report) {
    status.set_applied_generation(observation.report->applied_generation());
    *status.mutable_conditions() = observation.report->conditions();
    *status.mutable_observed_time() = ToTimestamp(observation.observed_us);
  }
  const core::Cluster* cluster = catalog.clusters.Find(observation.slice.cluster);
  if (cluster == nullptr) return status;
  const std::optional<core::Slice> slice = core::CompileKey(catalog, observation.slice.key, *cluster);
  if (!slice) return status;
  for (const core::Topic& topic : slice->topics) status.add_topics(topic.name);
  for (const core::Subject& subject : slice->subjects) status.add_subjects(subject.name);
  for (const core::Acl& acl : slice->acls) status.add_acls(core::Describe(acl));
  for (const core::Note& note : slice->notes) {
    const bool known =
        std::any_of(status.conditions().begin(), status.conditions().end(),
                    [&](const Condition& c) { return c.type() == note.type && c.message() == note.message; });
    if (known) continue;
    Condition& condition = *status.add_conditions();
    condition.set_type(note.type);
    condition.set_status(Condition::STATUS_TRUE);
    condition.set_reason(note.type);
    condition.set_message(note.message);
    condition.set_observed_generation(observation.slice.generation);
  }
  return status;
}

SyncState Worse(SyncState a, SyncState b) { return std::max(a, b); }  // the enum is in that order

google::protobuf::Timestamp ToTimestamp(int64_t microseconds) {
  google::protobuf::Timestamp time;
  time.set_seconds(microseconds / 1'000'000);
  time.set_nanos(static_cast<int32_t>(microseconds % 1'000'000) * 1000);
  return time;
}

}  // namespace sluice::controlplane
