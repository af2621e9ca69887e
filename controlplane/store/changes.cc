#include "controlplane/store/changes.h"

#include <fmt/format.h>

#include <set>

#include "common/core/recreation.h"
#include "common/wire/wire.h"
#include "controlplane/store/try.h"

namespace sluice::controlplane {
namespace {

constexpr std::string_view kColumns =
    "id, state, content, digest, record, create_time_us, update_time_us, release_revision";

absl::StatusOr<StoredChange> ToChange(const db::Row& row) {
  StoredChange change;
  change.id = row.Int(0);
  change.state = static_cast<sluice::v1::Change::State>(row.Int(1));
  change.content = row.Text(2);
  change.digest = row.Text(3);
  if (!change.record.ParseFromString(row.Text(4))) {
    return absl::DataLossError(
        fmt::format("the stored change C-{} cannot be read; restore a backup", change.id));
  }
  change.create_time_us = row.Int(5);
  change.update_time_us = row.Int(6);
  change.release_revision = row.Int(7);
  return change;
}

// Keeps the index from resources to the waiting changes that edit them.
absl::Status IndexWaiting(db::Connection& connection, const StoredChange& change) {
  SLUICE_TRY(connection.Execute("DELETE FROM waiting_resources WHERE change = $1", {change.id}));
  if (change.state != sluice::v1::Change::STATE_WAITING) return absl::OkStatus();
  sluice::internal::v1::ChangeContent content;
  if (!content.ParseFromString(change.content)) {
    return absl::InternalError(fmt::format("the content of C-{} is no ChangeContent", change.id));
  }
  for (const auto& edit : content.edits()) {
    SLUICE_TRY(connection.Execute(
        "INSERT INTO waiting_resources (resource, change) VALUES ($1, $2) ON CONFLICT (resource, change) DO "
        "NOTHING",
        {core::ResourceName(wire::KindOf(edit.resource()), wire::NameOf(edit.resource())), change.id}));
  }
  for (const auto& recreation : content.recreations()) {
    SLUICE_TRY(connection.Execute(
        "INSERT INTO waiting_resources (resource, change) VALUES ($1, $2) ON CONFLICT (resource, change) DO "
        "NOTHING",
        {core::RecreationResource(recreation.cluster(), recreation.topic()), change.id}));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteChange(db::Connection& connection, const StoredChange& change) {
  SLUICE_TRY(connection.Execute(
      "INSERT INTO changes (id, state, author, content, digest, record, create_time_us, update_time_us, "
      "release_revision) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO UPDATE SET state = $2, author = $3, "
      "content = $4, "
      "digest = $5, record = $6, create_time_us = $7, update_time_us = $8, release_revision = $9",
      {change.id, int64_t{change.state}, change.record.author().id(), db::Bytes{change.content},
       change.digest, db::Bytes{wire::Serialize(change.record)}, change.create_time_us, change.update_time_us,
       change.release_revision}));
  return IndexWaiting(connection, change);
}

absl::StatusOr<StoredChange> ReadChange(db::Connection& connection, int64_t id) {
  static const std::string sql = fmt::format("SELECT {} FROM changes WHERE id = $1", kColumns);
  SLUICE_VALUE(rows, connection.Query(sql, {id}));
  if (rows.empty())
    return absl::NotFoundError(fmt::format("there is no change C-{}; `sluice inbox` lists what waits", id));
  return ToChange(rows.front());
}

absl::StatusOr<ChangePage> ReadChanges(db::Connection& connection, const ChangeFilter& filter,
                                       int64_t before_id, int limit) {
  std::string sql = fmt::format("SELECT {} FROM changes WHERE id < $1", kColumns);
  std::vector<db::Value> parameters = {before_id > 0 ? before_id : INT64_MAX, int64_t{limit} + 1};
  if (filter.state) {
    parameters.push_back(int64_t{*filter.state});
    sql += fmt::format(" AND state = ${}", parameters.size());
  }
  if (!filter.author.empty()) {
    parameters.push_back(filter.author);
    sql += fmt::format(" AND author = ${}", parameters.size());
  }
  if (!filter.resource.empty()) {
    parameters.push_back(filter.resource);
    sql += fmt::format(" AND id IN (SELECT change FROM waiting_resources WHERE resource = ${})",
                       parameters.size());
  }
  sql += " ORDER BY id DESC LIMIT $2";
  SLUICE_VALUE(rows, connection.Query(sql, parameters));
  ChangePage page;
  for (const db::Row& row : rows) {
    if (static_cast<int>(page.changes.size()) == limit) {
      page.next_before_id = page.changes.back().id;
      break;
    }
    SLUICE_VALUE(change, ToChange(row));
    page.changes.push_back(std::move(change));
  }
  return page;
}

absl::StatusOr<std::vector<int64_t>> ReadWaiting(db::Connection& connection,
                                                 const std::vector<std::string>& resources, int64_t except) {
  std::set<int64_t> ids;
  for (const std::string& resource : resources) {
    SLUICE_VALUE(rows,
                 connection.Query("SELECT change FROM waiting_resources WHERE resource = $1", {resource}));
    for (const db::Row& row : rows) ids.insert(row.Int(0));
  }
  ids.erase(except);
  return std::vector<int64_t>(ids.begin(), ids.end());
}

}  // namespace sluice::controlplane
