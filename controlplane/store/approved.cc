#include "controlplane/store/approved.h"

#include "controlplane/store/try.h"

namespace sluice::controlplane {

absl::StatusOr<std::vector<SliceRow>> ReadSlicesAfter(db::Connection& connection, const std::string& cluster,
                                                      const std::string& after_key, int64_t limit) {
  SLUICE_VALUE(rows,
               connection.Query("SELECT key, generation, digest FROM slices WHERE cluster = $1 AND key > $2 "
                                "AND gone = 0 ORDER BY key LIMIT $3",
                                {cluster, after_key, limit}));
  std::vector<SliceRow> slices;
  for (const db::Row& row : rows) {
    slices.push_back({.cluster = cluster,
                      .key = row.Text(0),
                      .generation = row.Int(1),
                      .digest = row.Text(2),
                      .gone = false});
  }
  return slices;
}

absl::StatusOr<OwnedNames> ReadOwnedAmong(db::Connection& connection, const std::string& cluster,
                                          const OwnedNames& asked) {
  OwnedNames owned;
  for (const auto& [name, id] : asked.topics) {
    SLUICE_VALUE(rows, connection.Query("SELECT topic_id FROM owned_topics WHERE cluster = $1 AND name = $2",
                                        {cluster, name}));
    if (!rows.empty()) owned.topics[name] = rows.front().Text(0);
  }
  for (const std::string& name : asked.subjects) {
    SLUICE_VALUE(rows, connection.Query("SELECT 1 FROM owned_subjects WHERE cluster = $1 AND name = $2",
                                        {cluster, name}));
    if (!rows.empty()) owned.subjects.insert(name);
  }
  return owned;
}

}  // namespace sluice::controlplane
