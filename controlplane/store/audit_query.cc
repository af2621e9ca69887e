#include "controlplane/store/audit_query.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <functional>

#include "controlplane/store/try.h"

namespace sluice::controlplane {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int64_t kMaxValues = 100;  // people of one name, actions of one beginning
// Entries of the walked index that one page looks at when matches are rare: in pieces, so that a full page
// ends early.
constexpr int64_t kPiece = 2'000;
constexpr int kPieces = 3;
constexpr int64_t kProbe = 300;  // entries that are counted to find the rarest condition
constexpr int64_t kLookup = 5;   // what an entry that is looked up among the resources costs, measured in entries walked

// The first position whose time is not before `time_us`; INT64_MAX: none.
absl::StatusOr<int64_t> PositionAt(db::Connection& connection, int64_t time_us) {
  SLUICE_VALUE(
      rows,
      connection.Query("SELECT seq FROM audit WHERE time_us >= $1 ORDER BY time_us, seq LIMIT 1", {time_us}));
  return rows.empty() ? INT64_MAX : rows.front().Int(0);
}

}  // namespace

std::string_view AuditQuery::Name(Column column) {
  switch (column) {
    case Column::kPosition:
      return "seq";
    case Column::kChange:
      return "change";
    case Column::kResource:
      return "resource";
    case Column::kActor:
      return "actor";
    case Column::kAction:
      return "action";
    case Column::kCluster:
      return "cluster";
  }
  return "";
}

absl::StatusOr<AuditQuery> AuditQuery::Make(db::Connection& connection,
                                            const sluice::v1::AuditFilter& filter) {
  AuditQuery query;
  SLUICE_TRY(query.TakeTimes(connection, filter));
  // The rarest first, as far as that is known beforehand.
  if (!filter.change().empty()) query.checked_.push_back({Column::kChange, {filter.change()}});
  if (!filter.resource().empty()) query.checked_.push_back({Column::kResource, {filter.resource()}});
  if (!filter.actor().empty()) SLUICE_TRY(query.TakeActor(connection, filter.actor()));
  if (!filter.cluster().empty()) query.checked_.push_back({Column::kCluster, {filter.cluster()}});
  if (!filter.action().empty()) SLUICE_TRY(query.TakeAction(connection, filter.action()));
  SLUICE_TRY(query.Choose(connection));
  return query;
}

absl::Status AuditQuery::TakeTimes(db::Connection& connection, const sluice::v1::AuditFilter& filter) {
  if (filter.has_start_time()) {
    SLUICE_VALUE(position, PositionAt(connection, TimeUtil::TimestampToMicroseconds(filter.start_time())));
    first_ = position;
  }
  if (filter.has_end_time()) {
    SLUICE_VALUE(position, PositionAt(connection, TimeUtil::TimestampToMicroseconds(filter.end_time())));
    last_ = position == INT64_MAX ? position : position - 1;
  }
  return absl::OkStatus();
}

// A display name may belong to several people; then all of them are meant.
absl::Status AuditQuery::TakeActor(db::Connection& connection, const std::string& actor) {
  SLUICE_VALUE(rows, connection.Query("SELECT id FROM actors WHERE display_name = $1 ORDER BY id LIMIT $2",
                                      {actor, kMaxValues}));
  Condition condition{Column::kActor};
  for (const db::Row& row : rows) condition.values.push_back(row.Text(0));
  if (condition.values.empty()) condition.values.push_back(actor);
  checked_.push_back(std::move(condition));
  return absl::OkStatus();
}

// Actions are few: those that begin with a text are looked up one after the other.
absl::Status AuditQuery::TakeAction(db::Connection& connection, const std::string& action) {
  Condition condition{Column::kAction};
  if (action.back() != '.') {
    condition.values.push_back(action);
  } else {
    for (std::string last = action; condition.values.size() < kMaxValues;) {
      SLUICE_VALUE(rows, connection.Query(
                             "SELECT action FROM audit WHERE action > $1 ORDER BY action LIMIT 1", {last}));
      if (rows.empty() || rows.front().Text(0).compare(0, action.size(), action) != 0) break;
      last = rows.front().Text(0);
      condition.values.push_back(last);
    }
  }
  checked_.push_back(std::move(condition));
  return absl::OkStatus();
}

absl::StatusOr<int64_t> AuditQuery::Nth(db::Connection& connection, Column column, const std::string& value,
                                        int64_t last, int64_t count) const {
  const std::string sql =
      fmt::format("SELECT a.seq FROM {} ORDER BY a.seq DESC LIMIT 1 OFFSET $4", Source(column));
  SLUICE_VALUE(rows, connection.Query(sql, {first_, std::min(last, last_), value, count - 1}));
  return rows.empty() ? 0 : rows.front().Int(0);
}

// Walks the condition whose entries lie farthest apart. A resource has the advantage: its index holds all the others ask for,
// while every entry of another index is looked up among the resources.
absl::Status AuditQuery::Choose(db::Connection& connection) {
  if (checked_.empty()) return absl::OkStatus();
  SLUICE_VALUE(newest, connection.Query("SELECT COALESCE(MAX(seq), 0) FROM audit", {}));
  const int64_t head = std::min(last_, newest.front().Int(0));
  size_t rarest = 0;
  int64_t widest = -1;
  for (size_t i = 0; i < checked_.size() && checked_.size() > 1; ++i) {
    int64_t nth = 0;
    for (const std::string& value : checked_[i].values) {
      SLUICE_VALUE(one, Nth(connection, checked_[i].column, value, INT64_MAX, kProbe));
      nth = std::max(nth, one);
    }
    const int64_t span = std::max<int64_t>(head - nth, 0);
    const int64_t weighed = checked_[i].column == Column::kResource ? span * kLookup : span;
    if (weighed > widest) {
      widest = weighed;
      rarest = i;
    }
    if (nth == 0) {  // few enough to look at all of them
      rarest = i;
      break;
    }
  }
  walked_ = std::move(checked_[rarest]);
  checked_.erase(checked_.begin() + static_cast<ptrdiff_t>(rarest));
  return absl::OkStatus();
}

// Tables and the walked condition, whose value is $3. The conditions on texts that are never empty let
// partial indexes be used.
std::string AuditQuery::Source(Column walked) {
  switch (walked) {
    case Column::kPosition:
      return "audit a WHERE $3 = '' AND a.seq BETWEEN $1 AND $2";
    case Column::kResource:
      return "audit_about a WHERE a.resource = $3 AND a.seq BETWEEN $1 AND $2";
    case Column::kChange:
    case Column::kCluster:
      return fmt::format("audit a WHERE a.{0} = $3 AND a.{0} <> '' AND a.seq BETWEEN $1 AND $2",
                         Name(walked));
    case Column::kActor:
    case Column::kAction:
      break;
  }
  return fmt::format("audit a WHERE a.{} = $3 AND a.seq BETWEEN $1 AND $2", Name(walked));
}

// $4 is the limit, the values of what is checked follow. They are written so that no index is chosen for
// them.
std::string AuditQuery::Sql(Order order) const {
  std::string sql = "SELECT a.seq FROM " + Source(walked_.column);
  size_t next = 5;
  for (const Condition& condition : checked_) {
    std::string values;
    for (size_t i = 0; i < condition.values.size(); ++i)
      values += fmt::format("{}${}", i == 0 ? "" : ", ", next++);
    sql += condition.column == Column::kResource
               ? fmt::format(
                     " AND EXISTS (SELECT 1 FROM audit_about x WHERE x.resource IN ({}) AND x.seq = a.seq)",
                     values)
               : fmt::format(" AND (a.{} || '') IN ({})", Name(condition.column), values);
  }
  return sql + fmt::format(" ORDER BY a.seq{} LIMIT $4", order == Order::kLatestFirst ? " DESC" : "");
}

absl::StatusOr<std::vector<int64_t>> AuditQuery::Walk(db::Connection& connection, const std::string& value,
                                                      int64_t first, int64_t last, Order order,
                                                      size_t limit) const {
  std::vector<db::Value> parameters = {std::max(first, first_), std::min(last, last_), value,
                                       static_cast<int64_t>(limit)};
  for (const Condition& condition : checked_)
    parameters.insert(parameters.end(), condition.values.begin(), condition.values.end());
  SLUICE_VALUE(rows, connection.Query(Sql(order), parameters));
  std::vector<int64_t> positions;
  for (const db::Row& row : rows) positions.push_back(row.Int(0));
  return positions;
}

// Every value's entries down to where the shortest of their walks got.
absl::StatusOr<AuditQuery::Piece> AuditQuery::WalkPiece(db::Connection& connection, int64_t last,
                                                        size_t limit) const {
  static const std::vector<std::string> kNone = {""};
  const std::vector<std::string>& values = walked_.column == Column::kPosition ? kNone : walked_.values;
  const int64_t share =
      std::max<int64_t>(kPiece / static_cast<int64_t>(std::max<size_t>(values.size(), 1)), 100);
  Piece piece;
  for (const std::string& value : values) {
    int64_t end = 0;
    if (!checked_.empty()) {
      SLUICE_VALUE(nth, Nth(connection, walked_.column, value, last, share));
      end = nth;
    }
    SLUICE_VALUE(found, Walk(connection, value, end, last, Order::kLatestFirst, limit));
    if (found.size() == limit) end = found.back();
    piece.complete_to = std::max(piece.complete_to, end);
    piece.positions.insert(piece.positions.end(), found.begin(), found.end());
  }
  std::erase_if(piece.positions, [&](int64_t position) { return position < piece.complete_to; });
  std::sort(piece.positions.begin(), piece.positions.end(), std::greater<>());
  return piece;
}

absl::StatusOr<AuditQuery::Found> AuditQuery::Latest(db::Connection& connection, int64_t last,
                                                     size_t limit) const {
  Found found;
  for (int i = 0; i < kPieces; ++i) {
    SLUICE_VALUE(piece, WalkPiece(connection, last, limit - found.positions.size() + 1));
    for (const int64_t position : piece.positions) {
      if (found.positions.size() == limit) {
        found.next = position;
        return found;
      }
      found.positions.push_back(position);
    }
    found.next = 0;
    if (piece.complete_to <= std::max<int64_t>(first_, 1)) return found;
    found.next = last = piece.complete_to - 1;
  }
  return found;
}

absl::StatusOr<std::vector<int64_t>> AuditQuery::Oldest(db::Connection& connection, int64_t first,
                                                        size_t limit) const {
  std::vector<int64_t> positions;
  const size_t walks = walked_.column == Column::kPosition ? 1 : walked_.values.size();
  for (size_t i = 0; i < walks; ++i) {
    const std::string value = walked_.column == Column::kPosition ? std::string() : walked_.values[i];
    SLUICE_VALUE(found, Walk(connection, value, first, INT64_MAX, Order::kOldestFirst, limit));
    positions.insert(positions.end(), found.begin(), found.end());
  }
  std::sort(positions.begin(), positions.end());
  if (positions.size() > limit) positions.resize(limit);
  return positions;
}

}  // namespace sluice::controlplane
