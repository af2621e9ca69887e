#include "controlplane/store/transaction.h"

#include <algorithm>

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include "common/core/compile.h"
#include "common/wire/wire.h"
#include "controlplane/store/actors.h"
#include "controlplane/store/changes.h"
#include "controlplane/store/definitions.h"
#include "controlplane/store/reports.h"
#include "controlplane/store/slice_rows.h"
#include "controlplane/store/try.h"

namespace sluice::controlplane {
namespace {

std::string ConfirmedMessage(const std::string& cluster,
                             const std::vector<std::pair<std::string, core::Absence>>& gone, int64_t revision) {
  const auto lost = std::count_if(gone.begin(), gone.end(), [](const auto& g) {
    return std::holds_alternative<core::LostTopic>(g.second.resource);
  });
  const auto revoked = static_cast<int64_t>(gone.size()) - lost;
  std::string what =
      revoked == 0 ? "" : fmt::format("{} revoked {} gone", revoked, revoked == 1 ? "resource is" : "resources are");
  if (lost > 0) {
    what += fmt::format("{}{} lost {} settled", what.empty() ? "" : " and ", lost,
                        lost == 1 ? "topic is" : "topics are");
  }
  return fmt::format("{} confirmed that {} (revision {})", cluster, what, revision);
}

// The entry that says which resources an agent confirmed gone.
AuditDraft Confirmed(const std::string& cluster,
                     const std::vector<std::pair<std::string, core::Absence>>& gone, int64_t revision) {
  sluice::v1::Slice list;
  for (const auto& [key, absence] : gone) *list.add_absences() = wire::ToProto(absence);
  std::string details;
  if (!google::protobuf::util::MessageToJsonString(list, &details).ok()) details.clear();
  const std::string& change = gone.front().second.change;
  const bool one_change =
      std::all_of(gone.begin(), gone.end(), [&](const auto& g) { return g.second.change == change; });
  return {.actor = "agent:" + cluster,
          .action = "absences.confirmed",
          .change = one_change ? change : "",
          .cluster = cluster,
          .message = ConfirmedMessage(cluster, gone, revision),
          .details_json = std::move(details)};
}

Transaction::Released ReleasedBy(const SliceChanges& changes) {
  const int64_t revision = changes.after.revision;
  Transaction::Released released = {.revision = revision, .slices = {}};
  for (const SliceChange& slice : changes.slices) {
    released.slices.push_back({slice.address.cluster, slice.address.key, revision, slice.digest, slice.gone});
  }
  return released;
}

}  // namespace

absl::Status SqlTransaction::Check() const {
  if (!mutated_ || audited_) return absl::OkStatus();
  return absl::InternalError(
      "no change without its audit entry (the command wrote none); nothing was stored");
}

absl::StatusOr<std::string> SqlTransaction::ActorId(const std::string& issuer, const std::string& subject,
                                                    const std::string& display_name) {
  return EnsureActor(connection_, issuer, subject, display_name, now_us_);
}

absl::Status SqlTransaction::Audit(const AuditDraft& entry) {
  audited_ = true;
  return AppendAudit(connection_, entry, now_us_, progress_.audit);
}

absl::Status SqlTransaction::Record(SliceChanges changes, const std::string& change) {
  SLUICE_TRY(WriteSlices(connection_, changes.slices, changes.after.revision, change));
  SLUICE_TRY(WriteCounter(connection_, "revision", changes.after.revision));
  progress_.state = std::make_shared<const State>(std::move(changes.after));
  return absl::OkStatus();
}

absl::StatusOr<Transaction::Released> SqlTransaction::Release(
    const std::vector<core::Edit>& edits, const std::vector<sluice::v1::Resource>& resources,
    const std::string& change) {
  if (edits.size() != resources.size())
    return absl::InternalError("a release has one resource for each edit");
  mutated_ = true;
  const State& before = *progress_.state;
  const int64_t revision = before.revision + 1;
  core::Catalog after = core::Apply(before.catalog, edits, revision);
  for (size_t i = 0; i < edits.size(); ++i) {
    SLUICE_TRY(PutDefinition(connection_, edits[i], resources[i], {revision, now_us_, change}));
  }
  SLUICE_TRY(PutReleases(connection_, before.catalog, after, edits));
  const std::vector<core::SliceAddress> touched = core::Touched(before.catalog, after, edits);
  SliceChanges changes = ChangeSlices(before, std::move(after), touched, revision, change);
  Released released = ReleasedBy(changes);
  SLUICE_TRY(Record(std::move(changes), change));
  return released;
}

absl::StatusOr<Transaction::Released> SqlTransaction::GiveUp(const std::vector<GivenUpTopic>& topics,
                                                             const std::string& change) {
  mutated_ = true;
  for (const auto& [cluster, slice, topic] : topics) {
    SLUICE_VALUE(id, ReadOwnedTopicId(connection_, cluster, topic.topic));
    if (!id.empty() && id == topic.id) continue;
    return absl::AbortedError(
        fmt::format("the topic {} that is ours on {} is another by now (ID {}, given up is {}); `sluice who` "
                    "shows how it stands, then propose it anew",
                    topic.topic, cluster, id.empty() ? "not known" : id, topic.id));
  }
  SliceChanges changes =
      StateGivenUp(*progress_.state, topics, progress_.state->revision + 1, change);
  Released released = ReleasedBy(changes);
  SLUICE_TRY(Record(std::move(changes), change));
  return released;
}

absl::StatusOr<int64_t> SqlTransaction::NextChangeId() {
  SLUICE_TRY(WriteCounter(connection_, "change", progress_.last_change + 1));
  return ++progress_.last_change;
}

absl::Status SqlTransaction::PutChange(const StoredChange& change) {
  mutated_ = true;
  return WriteChange(connection_, change);
}

absl::StatusOr<StoredChange> SqlTransaction::GetChange(int64_t id) { return ReadChange(connection_, id); }

absl::StatusOr<std::vector<int64_t>> SqlTransaction::WaitingChangesOf(
    const std::vector<std::string>& resources, int64_t except) {
  return ReadWaiting(connection_, resources, except);
}

absl::StatusOr<std::optional<std::string>> SqlTransaction::RecallRequest(const std::string& actor,
                                                                         const std::string& method,
                                                                         const std::string& request_id,
                                                                         const std::string& payload_digest) {
  return ReadRequest(connection_, {actor, method, request_id, payload_digest}, now_us_);
}

absl::Status SqlTransaction::RememberRequest(const std::string& actor, const std::string& method,
                                             const std::string& request_id, const std::string& payload_digest,
                                             const std::string& response) {
  return WriteRequest(connection_, {actor, method, request_id, payload_digest}, response, now_us_);
}

absl::Status SqlTransaction::RecordReport(const std::string& cluster,
                                          const sluice::v1::ReportStatusRequest& report) {
  SLUICE_TRY(CheckReport(report));
  SLUICE_VALUE(effects, WriteReport(connection_, *progress_.state, cluster, report, now_us_));
  for (const AuditDraft& draft : effects.audits) SLUICE_TRY(Audit(draft));
  return effects.gone.empty() ? absl::OkStatus() : Forget(cluster, effects.gone);
}

absl::Status SqlTransaction::Forget(const std::string& cluster,
                                    const std::vector<std::pair<std::string, core::Absence>>& gone) {
  const int64_t revision = progress_.state->revision + 1;
  SLUICE_TRY(Record(ForgetAbsences(*progress_.state, cluster, gone, revision), ""));
  return Audit(Confirmed(cluster, gone, revision));
}

absl::Status SqlTransaction::RecordStream(const std::string& cluster, const std::string& agent_version) {
  return WriteStream(connection_, cluster, agent_version, now_us_);
}

}  // namespace sluice::controlplane
