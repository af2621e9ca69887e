// Approved: what the control plane says about a cluster, read page by page over its public API.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "cli/client.h"
#include "common/core/diff.h"
#include "common/core/slice.h"
#include "sluice/v1/cluster.pb.h"
#include "sluice/v1/common.pb.h"

namespace sluice::cli::verify {

// The approved state of one cluster.
struct ApprovedCluster {
  std::string name;
  bool observe_only = false;  // its mode is OBSERVE
  std::vector<core::Slice> slices;
  std::vector<std::string> broken;  // slices whose content is not what their recorded digest says
  core::Ours ours;                  // as the control plane knows it
  std::set<std::string> reserved_principals;
};

absl::StatusOr<ApprovedCluster> ReadApproved(Client& client, const sluice::v1::Cluster& cluster);

// Slices that are not reported in sync, by cluster and key.
using Troubles = std::map<std::string, std::map<std::string, sluice::v1::SliceStatus>>;

absl::StatusOr<Troubles> ReadTroubles(Client& client);

}  // namespace sluice::cli::verify
