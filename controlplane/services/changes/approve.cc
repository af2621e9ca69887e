// ApproveChange: one person's yes, bound to the digest of what they read; the last one releases.
#include <fmt/format.h>

#include <algorithm>

#include "controlplane/rpc/status.h"
#include "controlplane/services/changes/approvals.h"
#include "controlplane/services/changes/once.h"
#include "controlplane/services/changes/record.h"
#include "controlplane/services/changes/release.h"
#include "controlplane/services/changes/view.h"
#include "controlplane/services/handlers.h"
#include "controlplane/services/page.h"

namespace sluice::controlplane {
namespace {

using v1::Change;

constexpr std::string_view kMethod = "ApproveChange";
constexpr size_t kDigestDigits = 64;

bool IsDigest(const std::string& text) {
  return text.size() == kDigestDigits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

absl::StatusOr<int64_t> CheckRequest(const v1::ApproveChangeRequest& request) {
  if (absl::Status status = CheckLength("comment", request.comment(), kMaxComment); !status.ok())
    return status;
  if (absl::Status status = CheckLength("request_id", request.request_id(), kMaxRequestId); !status.ok())
    return status;
  if (!IsDigest(request.digest())) {
    return absl::InvalidArgumentError(
        "digest is all 64 digits of the digest of what was read, in lower case");
  }
  return ParseChangeName(request.name());
}

// Who may not, whatever the policy says; and whether it is still what they read.
absl::Status CheckMayBeApproved(const StoredChange& change, const std::string& actor,
                                const std::string& digest) {
  const std::string name = ChangeName(change.id);
  if (change.record.author().id() == actor) {
    return absl::PermissionDeniedError(
        fmt::format("no author approves their own change ({}); ask somebody else", name));
  }
  if (absl::Status status = CheckWaiting(change); !status.ok()) return status;
  if (change.digest == digest) return absl::OkStatus();
  return absl::AbortedError(
      fmt::format("{} was edited since you read it; read it again and approve what it is now", name));
}

// Whether anything that is still open is theirs to give.
absl::Status CheckMayGive(const core::Person& person, const std::string& actor, const StoredChange& change,
                          const core::Catalog& catalog) {
  const auto& record = change.record;
  if (!MayApproveAs(person, record.requirements(), record.approvals(), catalog).empty())
    return absl::OkStatus();
  const bool theirs =
      std::any_of(record.requirements().begin(), record.requirements().end(),
                  [&](const v1::Requirement& wanted) { return MaySatisfy(person, wanted, catalog); });
  const bool given = std::any_of(record.approvals().begin(), record.approvals().end(),
                                 [&](const auto& approval) { return approval.actor().id() == actor; });
  const std::string name = ChangeName(change.id);
  if (theirs || given) {
    return absl::FailedPreconditionError(
        fmt::format("what you can approve of {} is approved already; it waits for others", name));
  }
  return absl::PermissionDeniedError(
      fmt::format("nothing that {} needs is yours to give; 'needs' names who may", name));
}

// Edits were based on these revisions; a release of the same resources would have made the change stale.
absl::Status CheckBase(const Draft& draft, const State& state, int64_t id) {
  for (size_t i = 0; i < draft.edits.size(); ++i) {
    if (BaseRevision(state.catalog, draft.edits[i].definition) == draft.base_revisions[i]) continue;
    return absl::AbortedError(fmt::format("{} was changed since {} was proposed; its author proposes it anew",
                                          core::ResourceName(draft.edits[i].definition), ChangeName(id)));
  }
  return absl::OkStatus();
}

// The policy on the state of this moment: a consumer may have joined since the proposal.
absl::StatusOr<Judgement> JudgeAgain(const Context& context, const State& state, const Draft& draft,
                                     StoredChange& change) {
  Judgement judgement = Judge(state, draft, {PersonOf(change.record.author())}, context.server.Policy());
  if (HasErrors(judgement.findings)) {
    const absl::Status refused = RefusedBy(judgement.findings);
    absl::Status status = absl::FailedPreconditionError(fmt::format(
        "{} can no longer be released as it is: {}", ChangeName(change.id), std::string(refused.message())));
    refused.ForEachPayload(
        [&](absl::string_view type, const absl::Cord& payload) { status.SetPayload(type, payload); });
    return status;
  }
  RecordAssessment(judgement.assessment, change);
  return judgement;
}

void AddApproval(const sluice::internal::v1::Actor& actor, const v1::ApproveChangeRequest& request,
                 int64_t now_us, StoredChange& change) {
  sluice::internal::v1::StoredApproval& approval = *change.record.add_approvals();
  *approval.mutable_actor() = actor;
  approval.set_digest(request.digest());
  approval.set_time_us(now_us);
  approval.set_comment(request.comment());
  change.update_time_us = now_us;
}

// The state that the change is in after it.
absl::StatusOr<Change::State> Approve(Transaction& transaction, const Context& context,
                                      const v1::ApproveChangeRequest& request, int64_t id,
                                      const sluice::internal::v1::Actor& actor) {
  absl::StatusOr<StoredChange> change = LoadChange(transaction, id);
  if (!change.ok()) return change.status();
  if (absl::Status status = CheckMayBeApproved(*change, actor.id(), request.digest()); !status.ok())
    return status;
  absl::StatusOr<sluice::internal::v1::ChangeContent> content = ParseContent(*change);
  if (!content.ok()) return content.status();
  const Draft draft = DraftFrom(*content);
  const State& state = transaction.state();
  if (absl::Status status = CheckBase(draft, state, id); !status.ok()) return status;
  absl::StatusOr<Judgement> judgement = JudgeAgain(context, state, draft, *change);
  if (!judgement.ok()) return judgement.status();
  const core::Person person = context.caller.AsPerson();
  if (absl::Status status = CheckMayGive(person, actor.id(), *change, state.catalog); !status.ok())
    return status;
  const std::string as =
      MayApproveAs(person, change->record.requirements(), change->record.approvals(), state.catalog);
  AddApproval(actor, request, transaction.now_us(), *change);
  absl::Status status =
      AuditChange(transaction, actor.id(), "change.approved", *change,
                  fmt::format("approved {} as {}: {}", ChangeName(id), as, change->record.summary()));
  if (!status.ok()) return status;
  const bool complete =
      OpenRequirements(change->record.requirements(), change->record.approvals(), state.catalog).empty();
  status = complete ? ReleaseChange(transaction, draft, *judgement, actor.id(), *change)
                    : transaction.PutChange(*change);
  if (!status.ok()) return status;
  return change->state;
}

}  // namespace

absl::StatusOr<v1::Change> ApproveChange(const Context& context, const v1::ApproveChangeRequest& request) {
  absl::StatusOr<int64_t> id = CheckRequest(request);
  if (!id.ok()) return id.status();
  bool released = false;  // by this call, not by the one that it repeats
  absl::Status status = context.server.store.Write([&](Transaction& transaction) -> absl::Status {
    absl::StatusOr<sluice::internal::v1::Actor> actor = ActorOf(transaction, context.caller);
    if (!actor.ok()) return actor.status();
    return Once(transaction, {actor->id(), kMethod, request.request_id(), request},
                [&]() -> absl::StatusOr<std::string> {
                  absl::StatusOr<Change::State> state = Approve(transaction, context, request, *id, *actor);
                  if (!state.ok()) return state.status();
                  released = *state == Change::STATE_RELEASED;
                  return request.name();
                })
        .status();
  });
  if (!status.ok()) return status;
  absl::StatusOr<StoredChange> change = context.server.store.GetChange(*id);
  if (!change.ok()) return change.status();
  if (released) context.server.metrics.Add(metrics::Id::kChangesReleased);
  return View(context, *change);
}

}  // namespace sluice::controlplane
