// AuditQuery: a filter as SQL over one index. The most selective condition is the one that is walked; the
// others are checked on the way.
#pragma once

#include <string>
#include <vector>

#include "common/db/database.h"
#include "sluice/v1/audit.pb.h"

namespace sluice::controlplane {

class AuditQuery {
 public:
  // Looks up actors by name and positions by time.
  static absl::StatusOr<AuditQuery> Make(db::Connection& connection, const sluice::v1::AuditFilter& filter);

  enum class Order { kLatestFirst, kOldestFirst };
  // Rows (seq, body, actor name) with first <= seq <= last.
  absl::StatusOr<std::vector<db::Row>> Rows(db::Connection& connection, int64_t first, int64_t last,
                                            Order order, int64_t limit) const;
  // The position that is `window` rows of the walked index below `last`; 0: the walk ends before.
  absl::StatusOr<int64_t> WindowStart(db::Connection& connection, int64_t last, int64_t window) const;

  bool walks_only_matches() const { return checks_.empty(); }
  int64_t first() const { return first_; }  // of the time range
  int64_t last() const { return last_; }

 private:
  enum class Walk { kPositions, kResource, kChange, kActor, kCluster, kAction };
  // A condition on the alias `a`, with `{}` where its parameter goes.
  struct Check {
    std::string sql;
    db::Value parameter;
  };
  absl::Status TakeTimes(db::Connection& connection, const sluice::v1::AuditFilter& filter);
  absl::Status TakeActor(db::Connection& connection, const std::string& actor);
  void Take(Walk walk, db::Value value, std::string check);
  std::string From() const;  // tables and the walked condition; its parameter is $3

  Walk walk_ = Walk::kPositions;
  db::Value walked_;
  std::vector<Check> checks_;
  int64_t first_ = 1;
  int64_t last_ = INT64_MAX;
};

}  // namespace sluice::controlplane
