// Reads clusters, with what their agents last said.
#include "controlplane/services/handlers.h"
#include "controlplane/services/read.h"
#include "controlplane/services/slice_status.h"

namespace sluice::controlplane {
namespace {

using SyncCounts = std::map<std::string, std::pair<int64_t, int64_t>>;

absl::Status AddStatus(const Context& context, const State& state, const SyncCounts& counts,
                       v1::Cluster& cluster) {
  v1::ClusterStatus& status = *cluster.mutable_status();
  status.set_connected(context.server.agent_connected(cluster.name()));
  if (auto it = counts.find(cluster.name()); it != counts.end()) {
    status.set_slices(it->second.first);
    status.set_slices_in_sync(it->second.second);
  }
  if (auto it = state.totals.find(cluster.name()); it != state.totals.end()) {
    status.set_partitions(it->second.partitions);
    status.set_acls(it->second.acls);
  }
  absl::StatusOr<std::optional<AgentRow>> agent = context.server.store.GetAgent(cluster.name());
  if (!agent.ok()) return agent.status();
  if (!agent->has_value()) return absl::OkStatus();
  const AgentRow& row = **agent;
  if (row.last_seen_us > 0) *status.mutable_last_seen() = ToTimestamp(row.last_seen_us);
  status.set_agent_version(row.version);
  for (const v1::Condition& condition : row.conditions) *status.add_conditions() = condition;
  for (const std::string& foreign : row.foreign) status.add_foreign(foreign);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::Cluster> GetCluster(const Context& context, const v1::GetClusterRequest& request) {
  auto cluster = Get<core::Cluster>(context, request.name());
  if (!cluster.ok()) return cluster;
  auto counts = context.server.store.SyncCounts();
  if (!counts.ok()) return counts.status();
  const auto state = context.server.store.Current();
  if (absl::Status status = AddStatus(context, *state, *counts, *cluster); !status.ok()) return status;
  return cluster;
}

absl::StatusOr<v1::ListClustersResponse> ListClusters(const Context& context,
                                                      const v1::ListClustersRequest& request) {
  auto counts = context.server.store.SyncCounts();
  if (!counts.ok()) return counts.status();
  const auto state = context.server.store.Current();
  return List<core::Cluster, v1::ListClustersResponse>(context, request,
                                                       [&](auto& response, v1::Cluster&& found) {
                                                         v1::Cluster& cluster = *response.add_clusters();
                                                         cluster = std::move(found);
                                                         return AddStatus(context, *state, *counts, cluster);
                                                       });
}

}  // namespace sluice::controlplane
