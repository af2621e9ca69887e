#include "controlplane/store/slice_rows.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/crypto/sha256.h"
#include "common/wire/wire.h"
#include "controlplane/store/try.h"

namespace sluice::controlplane {
namespace {

// The key of an absence among those of its slice.
std::string ResourceText(const core::Absence& absence) {
  if (const auto* acl = std::get_if<core::Acl>(&absence.resource)) return "acl " + core::Describe(*acl);
  if (const auto* lost = std::get_if<core::LostTopic>(&absence.resource)) return "lost-topic " + lost->topic;
  const auto& config = std::get<core::AbsentConfig>(absence.resource);
  return "config " + config.topic + " " + config.key;
}

absl::Status WriteAbsences(db::Connection& connection, const SliceChange& slice) {
  SLUICE_TRY(connection.Execute("DELETE FROM absences WHERE cluster = $1 AND key = $2",
                                {slice.address.cluster, slice.address.key}));
  for (const core::Absence& absence : slice.absences) {
    SLUICE_TRY(
        connection.Execute("INSERT INTO absences (cluster, key, resource, content) VALUES ($1, $2, $3, $4)",
                           {slice.address.cluster, slice.address.key, ResourceText(absence),
                            db::Bytes{wire::Serialize(wire::ToProto(absence))}}));
  }
  return absl::OkStatus();
}

absl::Status WriteHistory(db::Connection& connection, const std::string& cluster, const std::string& changes,
                          int64_t revision) {
  SLUICE_VALUE(previous, ReadHistoryHash(connection, cluster, revision));
  return connection
      .Execute("INSERT INTO history (cluster, revision, hash) VALUES ($1, $2, $3)",
               {cluster, revision, Sha256Hex(previous + changes)})
      .status();
}

SliceRow ToSliceRow(const db::Row& row) {
  return {.cluster = row.Text(0),
          .key = row.Text(1),
          .generation = row.Int(2),
          .digest = row.Text(3),
          .gone = row.Int(4) != 0};
}

// The least text above everything that begins with `prefix`.
std::string PrefixEnd(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (!prefix.empty()) ++prefix.back();
  return prefix;
}

}  // namespace

absl::Status WriteSlices(db::Connection& connection, const std::vector<SliceChange>& slices, int64_t revision,
                         const std::string& change) {
  std::map<std::string, std::string> by_cluster;  // digests and keys of what changed
  for (const SliceChange& slice : slices) {
    SLUICE_TRY(connection.Execute(
        "INSERT INTO slices (cluster, key, generation, digest, gone, change, applied) VALUES ($1, $2, $3, "
        "$4, $5, $6, 0) "
        "ON CONFLICT (cluster, key) DO UPDATE SET generation = $3, digest = $4, gone = $5, "
        "change = CASE WHEN $6 = '' THEN slices.change ELSE $6 END",
        {slice.address.cluster, slice.address.key, revision, slice.digest, int64_t{slice.gone}, change}));
    if (slice.gone) {
      SLUICE_TRY(connection.Execute("DELETE FROM slice_reports WHERE cluster = $1 AND key = $2",
                                    {slice.address.cluster, slice.address.key}));
    }
    if (slice.absences_changed) SLUICE_TRY(WriteAbsences(connection, slice));
    by_cluster[slice.address.cluster] += slice.digest + " " + slice.address.key + "\n";
  }
  for (const auto& [cluster, changes] : by_cluster)
    SLUICE_TRY(WriteHistory(connection, cluster, changes, revision));
  return absl::OkStatus();
}

absl::StatusOr<core::Table<std::vector<core::Absence>>> LoadAbsences(db::Connection& connection) {
  SLUICE_VALUE(rows, connection.Query("SELECT cluster, key, content FROM absences"));
  std::map<std::string, std::vector<core::Absence>> by_slice;
  for (const db::Row& row : rows) {
    sluice::v1::Absence proto;
    if (!proto.ParseFromString(row.Text(2)))
      return absl::DataLossError("a stored absence cannot be read; restore a backup");
    SLUICE_VALUE(absence, wire::FromProto(proto));
    by_slice[AbsenceKey(row.Text(0), row.Text(1))].push_back(std::move(absence));
  }
  std::vector<core::Entry<std::vector<core::Absence>>> entries;
  for (auto& [name, absences] : by_slice) {
    std::sort(absences.begin(), absences.end(),
              [](const core::Absence& a, const core::Absence& b) { return a.resource < b.resource; });
    entries.push_back({name, 0, std::make_shared<const std::vector<core::Absence>>(std::move(absences))});
  }
  core::Table<std::vector<core::Absence>> table;
  table.PutAll(std::move(entries));
  return table;
}

absl::StatusOr<std::vector<SliceRow>> ReadSlices(db::Connection& connection, const std::string& cluster,
                                                 int64_t after_generation, const std::string& after_key,
                                                 int64_t limit) {
  absl::StatusOr<std::vector<db::Row>> rows;
  if (after_key.empty()) {
    rows = connection.Query(
        "SELECT cluster, key, generation, digest, gone FROM slices WHERE cluster = $1 AND generation > $2 "
        "ORDER BY generation, key LIMIT $3",
        {cluster, after_generation, limit});
  } else {
    rows = connection.Query(
        "SELECT cluster, key, generation, digest, gone FROM slices WHERE cluster = $1 "
        "AND (generation, key) > ($2, $3) ORDER BY generation, key LIMIT $4",
        {cluster, after_generation, after_key, limit});
  }
  SLUICE_TRY(rows);
  std::vector<SliceRow> slices;
  for (const db::Row& row : *rows) slices.push_back(ToSliceRow(row));
  return slices;
}

absl::StatusOr<std::vector<SliceObservation>> ReadObservations(db::Connection& connection,
                                                               const std::string& cluster,
                                                               const std::string& key_prefix) {
  std::string sql =
      "SELECT s.cluster, s.key, s.generation, s.digest, s.gone, r.report, r.time_us, a.observed_us FROM slices s "
      "LEFT JOIN agents a ON a.cluster = s.cluster "
      "LEFT JOIN slice_reports r ON r.cluster = s.cluster AND r.key = s.key AND r.epoch = a.epoch "
      "WHERE s.cluster = $1 AND s.key >= $2 AND s.gone = 0";
  std::vector<db::Value> parameters = {cluster, key_prefix};
  if (std::string end = PrefixEnd(key_prefix); !end.empty()) {
    sql += " AND s.key < $3";
    parameters.push_back(std::move(end));
  }
  SLUICE_VALUE(rows, connection.Query(sql + " ORDER BY s.key", parameters));
  std::vector<SliceObservation> observations;
  for (const db::Row& row : rows) {
    SliceObservation observation;
    observation.slice = ToSliceRow(row);
    if (!row.IsNull(5)) {
      if (!observation.report.emplace().ParseFromString(row.Text(5))) {
        return absl::DataLossError(
            "a stored report cannot be read; the agent's next full report replaces it");
      }
      observation.observed_us = std::max(row.Int(6), row.Int(7));
    }
    observations.push_back(std::move(observation));
  }
  return observations;
}

absl::StatusOr<std::map<std::string, std::pair<int64_t, int64_t>>> ReadSyncCounts(
    db::Connection& connection) {
  SLUICE_VALUE(
      rows, connection.Query(
                "SELECT s.cluster, count(*), count(r.key) FROM slices s "
                "LEFT JOIN agents a ON a.cluster = s.cluster "
                "LEFT JOIN slice_reports r ON r.cluster = s.cluster AND r.key = s.key AND r.epoch = a.epoch "
                "AND r.state = $1 AND r.applied >= s.generation WHERE s.gone = 0 GROUP BY s.cluster",
                {int64_t{sluice::v1::SYNC_STATE_IN_SYNC}}));
  std::map<std::string, std::pair<int64_t, int64_t>> counts;
  for (const db::Row& row : rows) counts[row.Text(0)] = {row.Int(1), row.Int(2)};
  return counts;
}

absl::StatusOr<std::string> ReadHistoryHash(db::Connection& connection, const std::string& cluster,
                                            int64_t revision) {
  SLUICE_VALUE(rows, connection.Query("SELECT hash FROM history WHERE cluster = $1 AND revision <= $2 "
                                      "ORDER BY revision DESC LIMIT 1",
                                      {cluster, revision}));
  return rows.empty() ? std::string() : rows.front().Text(0);
}

}  // namespace sluice::controlplane
