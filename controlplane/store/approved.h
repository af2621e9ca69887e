// Approved slices by key, and what of a cluster is known to be ours: for reading everything page by page.
#pragma once

#include <string>
#include <vector>

#include "controlplane/store/store.h"

namespace sluice::controlplane {

absl::StatusOr<std::vector<SliceRow>> ReadSlicesAfter(db::Connection& connection, const std::string& cluster,
                                                      const std::string& after_key, int64_t limit);
absl::StatusOr<OwnedNames> ReadOwnedAmong(db::Connection& connection, const std::string& cluster,
                                          const OwnedNames& asked);

}  // namespace sluice::controlplane
