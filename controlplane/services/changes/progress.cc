#include "controlplane/services/changes/progress.h"

#include <map>
#include <set>

#include "controlplane/services/slice_status.h"

namespace sluice::controlplane {
namespace {

std::map<std::string, std::set<std::string>> KeysByCluster(const StoredChange& stored) {
  std::map<std::string, std::set<std::string>> keys;
  for (const std::string& slice : stored.record.slices()) {
    const size_t space = slice.find(' ');
    if (space != std::string::npos) keys[slice.substr(0, space)].insert(slice.substr(space + 1));
  }
  return keys;
}

// So that one query finds them all.
std::string CommonPrefix(const std::set<std::string>& keys) {
  const std::string& first = *keys.begin();
  const std::string& last = *keys.rbegin();
  const auto [end, other] = std::mismatch(first.begin(), first.end(), last.begin(), last.end());
  return {first.begin(), end};
}

bool Applied(const SliceObservation& observation, int64_t revision) {
  return observation.slice.gone ||
         (observation.report && observation.report->applied_generation() >= revision);
}

void Add(const SliceObservation& observation, int64_t revision, sluice::v1::ChangeProgress& progress) {
  progress.set_slices(progress.slices() + 1);
  if (Applied(observation, revision)) progress.set_applied(progress.applied() + 1);
  if (observation.slice.gone) return;
  const sluice::v1::SyncState state = StateOf(observation);
  if (state <= progress.state()) return;
  progress.set_state(state);
  progress.set_attention(AttentionOf(observation));
}

}  // namespace

absl::Status AddProgress(const Context& context, const StoredChange& stored, sluice::v1::Change& change) {
  for (const auto& [cluster, keys] : KeysByCluster(stored)) {
    auto slices = context.server.store.ListSlices(cluster, CommonPrefix(keys));
    if (!slices.ok()) return slices.status();
    sluice::v1::ChangeProgress& progress = *change.add_progress();
    progress.set_cluster(cluster);
    progress.set_state(sluice::v1::SYNC_STATE_IN_SYNC);
    for (const SliceObservation& observation : *slices) {
      if (keys.contains(observation.slice.key)) Add(observation, stored.release_revision, progress);
    }
  }
  return absl::OkStatus();
}

}  // namespace sluice::controlplane
