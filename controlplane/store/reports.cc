#include "controlplane/store/reports.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "common/core/names.h"
#include "common/wire/wire.h"
#include "controlplane/store/slice_changes.h"
#include "controlplane/store/try.h"

namespace sluice::controlplane {
namespace {

using sluice::v1::ReportStatusRequest;
using sluice::v1::SliceReport;

// Limits of the protocol (agent.proto), and of what is kept beside it.
constexpr int kMaxSlices = 500;
constexpr int kMaxOwned = 5000;
constexpr int kMaxDrift = 500;
constexpr int64_t kLongestAge = 1'000'000;  // seconds; an older look says no more
constexpr int kMaxForeign = 101;       // 100 names and a count
constexpr int kMaxConditions = 200;    // of a slice or a cluster; each is one thing that a person reads
constexpr size_t kMaxText = 1000;      // bytes of each text of a drift event that the audit log keeps
constexpr size_t kMaxSubject = 300;     // a topic's name and `-value`
constexpr size_t kMaxTopicId = 64;     // 22 characters of base64 today

// `dataproduct/f-and-r.forecast` for `product/f-and-r.forecast/acme`; `application/plan`.
std::string ResourceOf(const std::string& slice) {
  if (slice.rfind("product/", 0) == 0)
    return "data" + slice.substr(0, slice.find('/', std::string("product/").size()));
  return slice;
}

std::string Json(const google::protobuf::Message& message) {
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text).ok()) return "{}";
  return text;
}

// The agent's row, as the next report finds it.
struct Held {
  std::string incarnation;
  int64_t sequence = 0;
  int64_t epoch = 0;
  ReportStatusRequest summary;  // conditions and foreign resources
};

absl::StatusOr<std::optional<Held>> ReadHeld(db::Connection& connection, const std::string& cluster) {
  SLUICE_VALUE(rows,
               connection.Query("SELECT incarnation, sequence, epoch, report FROM agents WHERE cluster = $1",
                                {cluster}));
  if (rows.empty()) return std::optional<Held>();
  Held held = {rows.front().Text(0), rows.front().Int(1), rows.front().Int(2), {}};
  held.summary.ParseFromString(rows.front().Text(3));
  return std::optional<Held>(std::move(held));
}

absl::Status CheckSequence(const std::optional<Held>& held, const ReportStatusRequest& report) {
  if (report.full()) return absl::OkStatus();
  if (!held || held->incarnation != report.incarnation()) {
    return absl::FailedPreconditionError(
        "a new incarnation reports everything first (this one is not known); send a full report");
  }
  if (report.sequence() > held->sequence + 1) {
    return absl::FailedPreconditionError(
        fmt::format("reports are numbered without gaps (after {} came {}); send a full report",
                    held->sequence, report.sequence()));
  }
  return absl::OkStatus();
}

// When the agent last looked at everything, by our clock; 0: it did not say.
int64_t ObservedAt(const ReportStatusRequest& report, int64_t now_us) {
  if (!report.has_observation_age()) return 0;
  const auto& age = report.observation_age();
  return now_us - std::clamp<int64_t>(age.seconds(), 0, kLongestAge) * 1'000'000 - std::max(age.nanos(), 0) / 1000;
}

absl::Status WriteAgent(db::Connection& connection, const std::string& cluster, const Held& held,
                        const ReportStatusRequest& report, int64_t now_us) {
  ReportStatusRequest summary;
  *summary.mutable_conditions() = report.conditions();
  *summary.mutable_foreign() = report.foreign_observed() ? report.foreign() : held.summary.foreign();
  return connection
      .Execute(
          "INSERT INTO agents (cluster, incarnation, version, sequence, epoch, revision, last_seen_us, "
          "observed_us, report) VALUES ($1, $2, '', $3, $4, $5, $6, $7, $8) ON CONFLICT (cluster) DO UPDATE "
          "SET incarnation = $2, sequence = $3, epoch = $4, revision = $5, last_seen_us = $6, observed_us = $7, "
          "report = $8",
          {cluster, report.incarnation(), report.sequence(), held.epoch, report.revision(), now_us,
           ObservedAt(report, now_us), db::Bytes{wire::Serialize(summary)}})
      .status();
}

// A known ID is never replaced by an intent: it recovers a lost disk.
absl::Status WriteOwned(db::Connection& connection, const std::string& cluster,
                        const ReportStatusRequest& report) {
  for (const auto& topic : report.owned()) {
    SLUICE_TRY(
        connection.Execute("INSERT INTO owned_topics (cluster, name, topic_id) VALUES ($1, $2, $3) ON "
                           "CONFLICT (cluster, name) DO UPDATE SET "
                           "topic_id = CASE WHEN $3 = '' THEN owned_topics.topic_id ELSE $3 END",
                           {cluster, topic.name(), topic.topic_id()}));
  }
  for (const std::string& subject : report.owned_subjects()) {
    SLUICE_TRY(connection.Execute(
        "INSERT INTO owned_subjects (cluster, name) VALUES ($1, $2) ON CONFLICT (cluster, name) DO NOTHING",
        {cluster, subject}));
  }
  return absl::OkStatus();
}

AuditDraft Applied(const std::string& cluster, const SliceReport& slice, const std::string& change) {
  return {.actor = "agent:" + cluster,
          .action = "slice.applied",
          .resources = {ResourceOf(slice.key())},
          .change = change,
          .cluster = cluster,
          .message = fmt::format("applied {} at generation {}", slice.key(), slice.applied_generation()),
          .details_json = fmt::format(R"({{"generation":{}}})", slice.applied_generation())};
}

// At most kMaxText bytes of `text`, whole characters.
std::string Cut(const std::string& text) {
  if (text.size() <= kMaxText) return text;
  size_t end = kMaxText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

// `config retention.ms of topic t was 1, should be 2; healed`; what is foreign only says what it is.
std::string DriftMessage(const sluice::v1::DriftEvent& drift) {
  if (drift.desired().empty()) {
    const bool said = drift.observed().find(drift.reaction()) != std::string::npos;
    return fmt::format("{}: {}{}{}", drift.resource(), drift.observed(), said ? "" : "; ", said ? "" : drift.reaction());
  }
  return fmt::format("{} was {}, should be {}; {}", drift.resource(),
                     drift.observed().empty() ? "absent" : drift.observed(), drift.desired(), drift.reaction());
}

AuditDraft Drifted(const std::string& cluster, const sluice::v1::DriftEvent& event) {
  sluice::v1::DriftEvent drift;
  drift.set_slice(Cut(event.slice()));
  drift.set_resource(Cut(event.resource()));
  drift.set_observed(Cut(event.observed()));
  drift.set_desired(Cut(event.desired()));
  drift.set_reaction(Cut(event.reaction()));
  AuditDraft draft = {
      .actor = "agent:" + cluster,
      .action = "drift.detected",
      .cluster = cluster,
      .message = DriftMessage(drift),
      .details_json = Json(drift)};
  if (!drift.slice().empty()) draft.resources.push_back(ResourceOf(drift.slice()));
  return draft;
}

// The stored absences that `slice` confirms gone.
absl::Status TakeGone(const State& state, const std::string& cluster, const SliceReport& slice,
                      ReportEffects& effects) {
  if (slice.gone().empty()) return absl::OkStatus();
  const std::vector<core::Absence> stored = AbsencesOf(state, {cluster, slice.key()});
  for (const auto& proto : slice.gone()) {
    SLUICE_VALUE(gone, wire::FromProto(proto));
    const auto found = std::find_if(stored.begin(), stored.end(), [&](const core::Absence& absence) {
      return absence.resource == gone.resource;
    });
    if (found != stored.end() && slice.generation() >= found->since)
      effects.gone.push_back({slice.key(), *found});
  }
  return absl::OkStatus();
}

absl::Status WriteSliceReport(db::Connection& connection, const State& state, const std::string& cluster,
                              const SliceReport& slice, int64_t epoch, int64_t now_us,
                              ReportEffects& effects) {
  SLUICE_VALUE(
      rows, connection.Query(
                "SELECT generation, applied, change FROM slices WHERE cluster = $1 AND key = $2 AND gone = 0",
                {cluster, slice.key()}));
  if (rows.empty()) return absl::OkStatus();
  SliceReport kept = slice;
  kept.clear_gone();
  SLUICE_TRY(
      connection.Execute("INSERT INTO slice_reports (cluster, key, epoch, state, applied, report, time_us) "
                         "VALUES ($1, $2, $3, $4, $5, $6, $7) "
                         "ON CONFLICT (cluster, key) DO UPDATE SET epoch = $3, state = $4, applied = $5, "
                         "report = $6, time_us = $7",
                         {cluster, slice.key(), epoch, int64_t{slice.state()}, slice.applied_generation(),
                          db::Bytes{wire::Serialize(kept)}, now_us}));
  // A generation above ours is of a history that this store does not know.
  const int64_t generation = rows.front().Int(0), applied = rows.front().Int(1);
  if (slice.applied_generation() > applied && slice.applied_generation() <= generation) {
    SLUICE_TRY(connection.Execute("UPDATE slices SET applied = $3 WHERE cluster = $1 AND key = $2",
                                  {cluster, slice.key(), slice.applied_generation()}));
    // Of an earlier generation it is not known any more which change made it.
    const bool latest = slice.applied_generation() == generation;
    effects.audits.push_back(Applied(cluster, slice, latest ? rows.front().Text(2) : ""));
  }
  return TakeGone(state, cluster, slice, effects);
}

}  // namespace

absl::Status CheckReport(const ReportStatusRequest& report) {
  const auto at_most = [](const char* what, int count, int limit) {
    if (count <= limit) return absl::OkStatus();
    return absl::InvalidArgumentError(
        fmt::format("a report holds at most {} {} (got {}); send several", limit, what, count));
  };
  SLUICE_TRY(at_most("slices", report.slices_size(), kMaxSlices));
  SLUICE_TRY(at_most("owned topics", report.owned_size(), kMaxOwned));
  SLUICE_TRY(at_most("owned subjects", report.owned_subjects_size(), kMaxOwned));
  SLUICE_TRY(at_most("drift events", report.drift_size(), kMaxDrift));
  SLUICE_TRY(at_most("foreign resources", report.foreign_size(), kMaxForeign));
  SLUICE_TRY(at_most("conditions", report.conditions_size(), kMaxConditions));
  for (const auto& topic : report.owned()) {
    if (topic.name().empty() || topic.name().size() > core::kMaxTopicName ||
        topic.topic_id().size() > kMaxTopicId) {
      return absl::InvalidArgumentError(
          "an owned topic has a Kafka name and at most an ID; send what Kafka said");
    }
  }
  for (const std::string& subject : report.owned_subjects()) {
    if (subject.empty() || subject.size() > kMaxSubject) {
      return absl::InvalidArgumentError(
          fmt::format("an owned subject has a name of 1 to {} bytes; send what the registry said", kMaxSubject));
    }
  }
  for (const SliceReport& slice : report.slices()) {
    SLUICE_TRY(at_most("conditions of a slice", slice.conditions_size(), kMaxConditions));
  }
  if (report.sequence() < 1 || report.incarnation().empty() || report.incarnation().size() > 64) {
    return absl::InvalidArgumentError(
        "a report has an incarnation (1 to 64 characters) and a number from 1 on; send both");
  }
  return absl::OkStatus();
}

absl::StatusOr<ReportEffects> WriteReport(db::Connection& connection, const State& state,
                                          const std::string& cluster, const ReportStatusRequest& report,
                                          int64_t now_us) {
  SLUICE_VALUE(before, ReadHeld(connection, cluster));
  SLUICE_TRY(CheckSequence(before, report));
  ReportEffects effects;
  Held held = before.value_or(Held());
  if (held.incarnation == report.incarnation() && report.sequence() <= held.sequence) {
    effects.repeated = true;
    return effects;
  }
  // Reports of former epochs count no more: a full report voids them without touching them.
  if (report.full()) ++held.epoch;
  SLUICE_TRY(WriteAgent(connection, cluster, held, report, now_us));
  SLUICE_TRY(WriteOwned(connection, cluster, report));
  for (const SliceReport& slice : report.slices()) {
    SLUICE_TRY(WriteSliceReport(connection, state, cluster, slice, held.epoch, now_us, effects));
  }
  for (const auto& drift : report.drift()) effects.audits.push_back(Drifted(cluster, drift));
  return effects;
}

absl::Status WriteStream(db::Connection& connection, const std::string& cluster, const std::string& version,
                         int64_t now_us) {
  return connection
      .Execute(
          "INSERT INTO agents (cluster, incarnation, version, sequence, epoch, revision, last_seen_us, "
          "observed_us, report) VALUES ($1, '', $2, 0, 0, 0, $3, 0, $4) ON CONFLICT (cluster) DO UPDATE SET version = $2, "
          "last_seen_us = $3",
          {cluster, version, now_us, db::Bytes{}})
      .status();
}

absl::StatusOr<std::optional<AgentRow>> ReadAgent(db::Connection& connection, const std::string& cluster) {
  SLUICE_VALUE(rows, connection.Query(
                         "SELECT incarnation, version, sequence, last_seen_us, revision, report FROM agents "
                         "WHERE cluster = $1",
                         {cluster}));
  if (rows.empty()) return std::optional<AgentRow>();
  const db::Row& row = rows.front();
  ReportStatusRequest summary;
  if (!summary.ParseFromString(row.Text(5))) {
    return absl::DataLossError("a stored report cannot be read; the agent's next report replaces it");
  }
  AgentRow agent = {.incarnation = row.Text(0),
                    .version = row.Text(1),
                    .sequence = row.Int(2),
                    .last_seen_us = row.Int(3),
                    .revision = row.Int(4),
                    .conditions = {},
                    .foreign = {}};
  agent.conditions.assign(summary.conditions().begin(), summary.conditions().end());
  agent.foreign.assign(summary.foreign().begin(), summary.foreign().end());
  return std::optional<AgentRow>(std::move(agent));
}

absl::StatusOr<std::vector<sluice::v1::OwnedTopic>> ReadOwnedTopics(db::Connection& connection,
                                                                    const std::string& cluster,
                                                                    const std::string& after_name,
                                                                    int64_t limit) {
  SLUICE_VALUE(rows, connection.Query("SELECT name, topic_id FROM owned_topics WHERE cluster = $1 AND name > $2 "
                                      "ORDER BY name LIMIT $3",
                                      {cluster, after_name, limit}));
  std::vector<sluice::v1::OwnedTopic> topics;
  for (const db::Row& row : rows) {
    sluice::v1::OwnedTopic& topic = topics.emplace_back();
    topic.set_name(row.Text(0));
    topic.set_topic_id(row.Text(1));
  }
  return topics;
}

absl::StatusOr<std::vector<std::string>> ReadOwnedSubjects(db::Connection& connection,
                                                           const std::string& cluster,
                                                           const std::string& after_name, int64_t limit) {
  SLUICE_VALUE(rows, connection.Query("SELECT name FROM owned_subjects WHERE cluster = $1 AND name > $2 "
                                      "ORDER BY name LIMIT $3",
                                      {cluster, after_name, limit}));
  std::vector<std::string> subjects;
  for (const db::Row& row : rows) subjects.push_back(row.Text(0));
  return subjects;
}

absl::StatusOr<std::string> ReadOwnedTopicId(db::Connection& connection, const std::string& cluster,
                                             const std::string& topic) {
  SLUICE_VALUE(rows, connection.Query("SELECT topic_id FROM owned_topics WHERE cluster = $1 AND name = $2",
                                      {cluster, topic}));
  return rows.empty() ? std::string() : rows.front().Text(0);
}

}  // namespace sluice::controlplane
