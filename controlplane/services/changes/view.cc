#include "controlplane/services/changes/view.h"

#include "common/wire/wire.h"
#include "controlplane/services/changes/approvals.h"
#include "controlplane/services/changes/progress.h"
#include "controlplane/services/changes/release.h"
#include "controlplane/services/slice_status.h"

namespace sluice::controlplane {
namespace {

absl::StatusOr<std::string> NameOfActor(const Context& context, const sluice::internal::v1::Actor& actor) {
  return context.server.store.ActorName(actor.id());
}

absl::Status AddApprovals(const Context& context, const core::Catalog& catalog, const StoredChange& stored,
                          sluice::v1::Change& change) {
  const auto& record = stored.record;
  for (const sluice::internal::v1::StoredApproval& given : record.approvals()) {
    absl::StatusOr<std::string> name = NameOfActor(context, given.actor());
    if (!name.ok()) return name.status();
    sluice::v1::Approval& approval = *change.add_approvals();
    approval.set_actor(*name);
    approval.set_digest(given.digest());
    approval.set_comment(given.comment());
    *approval.mutable_time() = ToTimestamp(given.time_us());
  }
  for (const sluice::v1::Requirement& wanted : record.requirements()) {
    sluice::v1::Requirement& requirement = *change.add_requirements();
    requirement = wanted;
    const int index = SatisfiedBy(wanted, record.approvals(), catalog);
    if (index < 0) continue;
    requirement.set_approved_by(change.approvals(index).actor());
    change.mutable_approvals(index)->add_roles(wanted.rule() + " (" + wanted.role() + ")");
  }
  return absl::OkStatus();
}

void AddLastSeen(const Context& context, sluice::v1::Change& change) {
  for (sluice::v1::ClusterPlan& plan : *change.mutable_plans()) {
    absl::StatusOr<std::optional<AgentRow>> agent = context.server.store.GetAgent(plan.cluster());
    if (!agent.ok() || !agent->has_value() || (*agent)->last_seen_us == 0) continue;
    *plan.mutable_last_seen() = ToTimestamp((*agent)->last_seen_us);
  }
}

}  // namespace

bool IsAuthor(const Context& context, const StoredChange& change) {
  absl::StatusOr<std::string> id =
      context.server.store.FindActor(context.caller.issuer, context.caller.subject);
  return id.ok() && !id->empty() && *id == change.record.author().id();
}

absl::StatusOr<sluice::v1::Change> Summary(const Context& context, const State& state,
                                           const StoredChange& stored) {
  sluice::v1::Change change;
  change.set_name(ChangeName(stored.id));
  change.set_state(stored.state);
  absl::StatusOr<std::string> author = NameOfActor(context, stored.record.author());
  if (!author.ok()) return author.status();
  change.set_author(*author);
  change.set_class_(stored.record.class_());
  *change.mutable_reasons() = stored.record.reasons();
  *change.mutable_affected() = stored.record.affected();
  change.set_digest(stored.digest);
  *change.mutable_create_time() = ToTimestamp(stored.create_time_us);
  *change.mutable_update_time() = ToTimestamp(stored.update_time_us);
  change.set_release_revision(stored.release_revision);
  change.set_closing_reason(stored.record.closing_reason());
  change.set_summary(stored.record.summary());
  if (absl::Status status = AddApprovals(context, state.catalog, stored, change); !status.ok()) return status;
  if (stored.state == sluice::v1::Change::STATE_WAITING && !IsAuthor(context, stored)) {
    change.set_caller_may_approve_as(MayApproveAs(context.caller.AsPerson(), stored.record.requirements(),
                                                  stored.record.approvals(), state.catalog));
  }
  return change;
}

absl::Status RequireToday(const Context& context, const State& state, StoredChange& change) {
  absl::StatusOr<sluice::internal::v1::ChangeContent> content = ParseContent(change);
  if (!content.ok()) return content.status();
  const Judgement judgement =
      JudgePeople(state, DraftFrom(*content), {PersonOf(change.record.author())}, context.server.Policy());
  if (!HasErrors(judgement.findings)) RecordAssessment(judgement.assessment, change);
  return absl::OkStatus();
}

absl::StatusOr<sluice::v1::Change> View(const Context& context, const StoredChange& stored) {
  const std::shared_ptr<const State> state = context.server.store.Current();
  absl::StatusOr<sluice::internal::v1::ChangeContent> content = ParseContent(stored);
  if (!content.ok()) return content.status();
  StoredChange today = stored;
  Judgement judgement;
  if (stored.state == sluice::v1::Change::STATE_WAITING) {
    judgement = Judge(*state, DraftFrom(*content), {PersonOf(stored.record.author())}, context.server.Policy());
    if (!HasErrors(judgement.findings)) RecordAssessment(judgement.assessment, today);
  } else {
    judgement.plans = {stored.record.plans().begin(), stored.record.plans().end()};
  }
  absl::StatusOr<sluice::v1::Change> change = Summary(context, *state, today);
  if (!change.ok()) return change;
  change->set_justification(content->justification());
  *change->mutable_edits() = content->edits();
  *change->mutable_recreations() = content->recreations();
  *change->mutable_schema_changes() = today.record.schema_changes();
  for (const core::Finding& finding : judgement.findings) *change->add_findings() = wire::ToProto(finding);
  for (sluice::v1::ClusterPlan& plan : judgement.plans) *change->add_plans() = std::move(plan);
  AddLastSeen(context, *change);
  if (stored.state == sluice::v1::Change::STATE_RELEASED) {
    if (absl::Status status = AddProgress(context, stored, *change); !status.ok()) return status;
  }
  return change;
}

sluice::v1::Change Preview(const Context& context, const Draft& draft, const Judgement& judgement) {
  StoredChange assessed;
  RecordAssessment(judgement.assessment, assessed);
  sluice::v1::Change change;
  change.set_author(context.caller.display_name);
  change.set_justification(draft.justification);
  change.set_summary(Summarize(draft));
  change.set_class_(assessed.record.class_());
  *change.mutable_reasons() = assessed.record.reasons();
  *change.mutable_requirements() = assessed.record.requirements();
  *change.mutable_affected() = assessed.record.affected();
  *change.mutable_schema_changes() = assessed.record.schema_changes();
  for (const core::Finding& finding : judgement.findings) *change.add_findings() = wire::ToProto(finding);
  for (const sluice::v1::ClusterPlan& plan : judgement.plans) *change.add_plans() = plan;
  for (size_t i = 0; i < draft.edits.size(); ++i) {
    sluice::v1::Edit& edit = *change.add_edits();
    *edit.mutable_resource() = draft.resources[i];
    edit.set_action(draft.edits[i].action == core::EditAction::kDelete ? sluice::v1::Edit::ACTION_DELETE
                                                                       : sluice::v1::Edit::ACTION_PUT);
    edit.set_base_revision(draft.base_revisions[i]);
  }
  change.mutable_recreations()->Add(draft.recreations.begin(), draft.recreations.end());
  AddLastSeen(context, change);
  return change;
}

}  // namespace sluice::controlplane
