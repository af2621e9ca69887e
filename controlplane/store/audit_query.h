// AuditQuery: a filter as walks along indexes. The condition with the fewest entries is walked; the indexes
// hold what the others ask for, so that no entry is read that is not in the page. A walk looks at a bounded
// part of the log at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/db/database.h"
#include "sluice/v1/audit.pb.h"

namespace sluice::controlplane {

class AuditQuery {
 public:
  // Looks up actors by name, actions by their beginning and positions by time, and chooses what to walk.
  static absl::StatusOr<AuditQuery> Make(db::Connection& connection, const sluice::v1::AuditFilter& filter);

  // Positions of matches, and where the walk goes on; 0: it is at the end.
  struct Found {
    std::vector<int64_t> positions;
    int64_t next = 0;
  };
  // Latest first, from `last` downwards, at most `limit`; fewer though more follow when matches are rare.
  absl::StatusOr<Found> Latest(db::Connection& connection, int64_t last, size_t limit) const;
  // Oldest first, from `first` upwards: the first `limit` of them, however long that takes.
  absl::StatusOr<std::vector<int64_t>> Oldest(db::Connection& connection, int64_t first, size_t limit) const;

  // The statement of a walk, for tests of how it is carried out. `$1` and `$2` bound positions.
  std::string WalkSql() const { return Sql(Order::kLatestFirst); }

 private:
  enum class Order { kLatestFirst, kOldestFirst };
  enum class Column { kPosition, kChange, kResource, kActor, kAction, kCluster };
  // A column has one of these values. No values: nothing matches.
  struct Condition {
    Column column = Column::kPosition;
    std::vector<std::string> values = {};
  };
  // One piece of a walk: its matches, and the position down to which it is complete.
  struct Piece {
    std::vector<int64_t> positions;
    int64_t complete_to = 0;
  };

  static std::string_view Name(Column column);
  static std::string Source(Column walked);
  absl::Status TakeTimes(db::Connection& connection, const sluice::v1::AuditFilter& filter);
  absl::Status TakeActor(db::Connection& connection, const std::string& actor);
  absl::Status TakeAction(db::Connection& connection, const std::string& action);
  absl::Status Choose(db::Connection& connection);
  // The position of the `count`-th entry with `value` from `last` downwards; 0: there are fewer.
  absl::StatusOr<int64_t> Nth(db::Connection& connection, Column column, const std::string& value,
                              int64_t last, int64_t count) const;
  std::string Sql(Order order) const;
  absl::StatusOr<std::vector<int64_t>> Walk(db::Connection& connection, const std::string& value,
                                            int64_t first, int64_t last, Order order, size_t limit) const;
  absl::StatusOr<Piece> WalkPiece(db::Connection& connection, int64_t last, size_t limit) const;

  Condition walked_;                // kPosition: every entry
  std::vector<Condition> checked_;  // on the way
  int64_t first_ = 1;               // of the time range
  int64_t last_ = INT64_MAX;
};

}  // namespace sluice::controlplane
