// Changes as rows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controlplane/store/store.h"

namespace sluice::controlplane {

absl::Status WriteChange(db::Connection& connection, const StoredChange& change);
absl::StatusOr<StoredChange> ReadChange(db::Connection& connection, int64_t id);  // NOT_FOUND
absl::StatusOr<ChangePage> ReadChanges(db::Connection& connection, const ChangeFilter& filter,
                                       int64_t before_id, int limit);
absl::StatusOr<std::vector<int64_t>> ReadWaiting(db::Connection& connection,
                                                 const std::vector<std::string>& resources, int64_t except);

}  // namespace sluice::controlplane
