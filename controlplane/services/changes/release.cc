#include "controlplane/services/changes/release.h"

#include <fmt/format.h>

#include "common/wire/wire.h"
#include "controlplane/services/changes/record.h"
#include "controlplane/services/changes/recreate.h"

namespace sluice::controlplane {
namespace {

absl::Status MarkStale(Transaction& transaction, int64_t id, const std::string& because) {
  absl::StatusOr<StoredChange> change = transaction.GetChange(id);
  if (!change.ok()) return change.status();
  change->state = sluice::v1::Change::STATE_STALE;
  change->record.set_closing_reason(
      fmt::format("{} changed the same resources first; read them again and propose it anew", because));
  change->update_time_us = transaction.now_us();
  if (absl::Status status = transaction.PutChange(*change); !status.ok()) return status;
  return AuditChange(transaction, "system", "change.stale", *change, change->record.closing_reason());
}

}  // namespace

void RecordAssessment(const core::Assessment& assessment, StoredChange& change) {
  change.record.set_class_(wire::ToProto(assessment.change_class));
  change.record.clear_reasons();
  change.record.clear_requirements();
  change.record.clear_affected();
  change.record.clear_schema_changes();
  for (const std::string& reason : assessment.reasons) change.record.add_reasons(reason);
  for (const core::Requirement& requirement : assessment.required) {
    *change.record.add_requirements() = wire::ToProto(requirement);
  }
  for (const std::string& application : assessment.affected) change.record.add_affected("app:" + application);
  for (const core::SchemaChange& schema : assessment.schema_changes) {
    *change.record.add_schema_changes() = wire::ToProto(schema);
  }
}

absl::Status ReleaseChange(Transaction& transaction, const Draft& draft, const Judgement& judgement,
                           const std::string& actor, StoredChange& change) {
  const std::string name = ChangeName(change.id);
  absl::StatusOr<Transaction::Released> released =
      draft.recreations.empty() ? transaction.Release(draft.edits, draft.resources, name)
                                : transaction.GiveUp(TopicsToGiveUp(draft), name);
  if (!released.ok()) return released.status();
  change.state = sluice::v1::Change::STATE_RELEASED;
  change.release_revision = released->revision;
  change.update_time_us = transaction.now_us();
  change.record.clear_plans();
  for (const sluice::v1::ClusterPlan& plan : judgement.plans) *change.record.add_plans() = plan;
  change.record.clear_slices();
  for (const SliceRow& slice : released->slices) change.record.add_slices(slice.cluster + " " + slice.key);
  if (absl::Status status = transaction.PutChange(change); !status.ok()) return status;
  const std::string message =
      fmt::format("released {} at revision {}: {}", name, released->revision, change.record.summary());
  if (absl::Status status = AuditChange(transaction, actor, "change.released", change, message); !status.ok())
    return status;
  absl::StatusOr<std::vector<int64_t>> others = transaction.WaitingChangesOf(ResourceNames(draft), change.id);
  if (!others.ok()) return others.status();
  for (const int64_t id : *others) {
    if (absl::Status status = MarkStale(transaction, id, name); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace sluice::controlplane
