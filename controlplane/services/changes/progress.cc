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

// Beginnings of `keys` that few other slices share: one for each product and application.
std::set<std::string> Beginnings(const std::set<std::string>& keys) {
  constexpr std::string_view kProduct = "product/";
  std::set<std::string> beginnings;
  for (const std::string& key : keys) {
    const bool of_product = key.compare(0, kProduct.size(), kProduct) == 0;
    beginnings.insert(of_product ? key.substr(0, key.rfind('/') + 1) : key);
  }
  return beginnings;
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
    sluice::v1::ChangeProgress& progress = *change.add_progress();
    progress.set_cluster(cluster);
    progress.set_state(sluice::v1::SYNC_STATE_IN_SYNC);
    for (const std::string& beginning : Beginnings(keys)) {
      auto slices = context.server.store.ListSlices(cluster, beginning);
      if (!slices.ok()) return slices.status();
      for (const SliceObservation& observation : *slices) {
        if (keys.contains(observation.slice.key)) Add(observation, stored.release_revision, progress);
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace sluice::controlplane
