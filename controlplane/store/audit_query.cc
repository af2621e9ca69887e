#include "controlplane/store/audit_query.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include "controlplane/store/try.h"

namespace sluice::controlplane {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int64_t kMaxNamesakes = 100;

// The first position whose time is not before `time_us`; INT64_MAX: none.
absl::StatusOr<int64_t> PositionAt(db::Connection& connection, int64_t time_us) {
  SLUICE_VALUE(
      rows,
      connection.Query("SELECT seq FROM audit WHERE time_us >= $1 ORDER BY time_us, seq LIMIT 1", {time_us}));
  return rows.empty() ? INT64_MAX : rows.front().Int(0);
}

}  // namespace

absl::StatusOr<AuditQuery> AuditQuery::Make(db::Connection& connection,
                                            const sluice::v1::AuditFilter& filter) {
  AuditQuery query;
  SLUICE_TRY(query.TakeTimes(connection, filter));
  // In the order of selectivity.
  if (!filter.change().empty()) query.Take(Walk::kChange, filter.change(), "a.change = {}");
  if (!filter.resource().empty()) {
    query.Take(Walk::kResource, filter.resource(),
               "EXISTS (SELECT 1 FROM audit_resources x WHERE x.resource = {} AND x.seq = a.seq)");
  }
  if (!filter.actor().empty()) SLUICE_TRY(query.TakeActor(connection, filter.actor()));
  if (!filter.action().empty() && filter.action().back() != '.') {
    query.Take(Walk::kAction, filter.action(), "a.action = {}");
  }
  if (!filter.cluster().empty()) query.Take(Walk::kCluster, filter.cluster(), "a.cluster = {}");
  if (!filter.action().empty() && filter.action().back() == '.') {
    query.checks_.push_back({"a.action >= {}", filter.action()});
    std::string end = filter.action();
    end.back() = '.' + 1;
    query.checks_.push_back({"a.action < {}", std::move(end)});
  }
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
  SLUICE_VALUE(rows, connection.Query("SELECT id FROM actors WHERE display_name = $1 LIMIT $2",
                                      {actor, kMaxNamesakes}));
  if (rows.size() > 1) {
    checks_.push_back({"a.actor IN (SELECT id FROM actors WHERE display_name = {})", actor});
  } else {
    Take(Walk::kActor, rows.empty() ? actor : rows.front().Text(0), "a.actor = {}");
  }
  return absl::OkStatus();
}

void AuditQuery::Take(Walk walk, db::Value value, std::string check) {
  if (walk_ == Walk::kPositions) {
    walk_ = walk;
    walked_ = std::move(value);
  } else {
    checks_.push_back({std::move(check), std::move(value)});
  }
}

std::string AuditQuery::From() const {
  switch (walk_) {
    case Walk::kResource:
      return "audit_resources w JOIN audit a ON a.seq = w.seq WHERE w.resource = $3 AND w.seq BETWEEN $1 AND "
             "$2";
    case Walk::kChange:
      return "audit a WHERE a.change = $3 AND a.change <> '' AND a.seq BETWEEN $1 AND $2";
    case Walk::kActor:
      return "audit a WHERE a.actor = $3 AND a.seq BETWEEN $1 AND $2";
    case Walk::kCluster:
      return "audit a WHERE a.cluster = $3 AND a.cluster <> '' AND a.seq BETWEEN $1 AND $2";
    case Walk::kAction:
      return "audit a WHERE a.action = $3 AND a.seq BETWEEN $1 AND $2";
    case Walk::kPositions:
      break;
  }
  return "audit a WHERE a.seq BETWEEN $1 AND $2";
}

absl::StatusOr<std::vector<db::Row>> AuditQuery::Rows(db::Connection& connection, int64_t first, int64_t last,
                                                      Order order, int64_t limit) const {
  std::vector<db::Value> parameters = {std::max(first, first_), std::min(last, last_)};
  if (walk_ != Walk::kPositions) parameters.push_back(walked_);
  std::string sql =
      "SELECT a.seq, a.body, (SELECT display_name FROM actors p WHERE p.id = a.actor) FROM " + From();
  for (const Check& check : checks_) {
    parameters.push_back(check.parameter);
    sql += " AND " + fmt::format(fmt::runtime(check.sql), fmt::format("${}", parameters.size()));
  }
  parameters.push_back(limit);
  const char* key = walk_ == Walk::kResource ? "w.seq" : "a.seq";
  sql += fmt::format(" ORDER BY {}{} LIMIT ${}", key, order == Order::kLatestFirst ? " DESC" : "",
                     parameters.size());
  return connection.Query(sql, parameters);
}

absl::StatusOr<int64_t> AuditQuery::WindowStart(db::Connection& connection, int64_t last,
                                                int64_t window) const {
  std::vector<db::Value> parameters = {first_, std::min(last, last_)};
  if (walk_ != Walk::kPositions) parameters.push_back(walked_);
  parameters.push_back(window);
  std::string from = From();
  // Only the index is walked, not the rows.
  if (walk_ == Walk::kResource) from = "audit_resources a WHERE a.resource = $3 AND a.seq BETWEEN $1 AND $2";
  SLUICE_VALUE(rows,
               connection.Query(fmt::format("SELECT count(*), min(seq) FROM (SELECT a.seq AS seq FROM {} "
                                            "ORDER BY a.seq DESC LIMIT ${}) AS walked",
                                            from, parameters.size()),
                                parameters));
  return rows.front().Int(0) < window ? 0 : rows.front().Int(1);
}

}  // namespace sluice::controlplane
