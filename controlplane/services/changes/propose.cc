// ProposeChange: review, judge and store a request's edits as changes; release what nobody else must agree
// to.
#include <fmt/format.h>

#include "common/crypto/sha256.h"
#include "common/wire/wire.h"
#include "controlplane/rpc/status.h"
#include "controlplane/services/changes/check.h"
#include "controlplane/services/changes/once.h"
#include "controlplane/services/changes/record.h"
#include "controlplane/services/changes/recreate.h"
#include "controlplane/services/changes/release.h"
#include "controlplane/services/changes/view.h"
#include "controlplane/services/handlers.h"
#include "controlplane/services/limits.h"

namespace sluice::controlplane {
namespace {

constexpr std::string_view kMethod = "ProposeChange";

// One request on its way through the transaction.
struct Run {
  const Context& context;
  const v1::ProposeChangeRequest& request;
  const Proposal& proposal;
  const absl::StatusOr<Review>& review;      // against a state that may be older than the transaction's
  const std::vector<Judgement>& judgements;  // of the review's first drafts, at its revision
  int64_t edited = 0;                        // the waiting change to edit; 0: none
};

// All drafts of a preview. Else up to the first one that will be released: those after it are judged on the state that
// it makes.
std::vector<Judgement> JudgeAhead(const Context& context, const State& state, const Review& review, bool preview) {
  std::vector<Judgement> judgements;
  if (HasErrors(review.findings)) return judgements;
  for (const Draft& draft : review.drafts) {
    judgements.push_back(Judge(state, draft, {context.caller.AsPerson()}, context.server.Policy()));
    if (!preview && judgements.back().assessment.required.empty()) break;
  }
  return judgements;
}

// The waiting change that the request edits. PERMISSION_DENIED: somebody else's.
absl::StatusOr<StoredChange> LoadOwn(Transaction& transaction, int64_t id, const std::string& actor) {
  absl::StatusOr<StoredChange> change = LoadChange(transaction, id);
  if (!change.ok()) return change;
  if (change->record.author().id() != actor) {
    return absl::PermissionDeniedError(
        fmt::format("only its author edits {}; propose a change of your own", ChangeName(id)));
  }
  if (absl::Status status = CheckWaiting(*change); !status.ok()) return status;
  return change;
}

absl::Status FillContent(Transaction& transaction, const Draft& draft, const Judgement& judgement,
                         StoredChange& change) {
  change.content = SerializeContent(draft, ChangeName(change.id));
  if (change.content.size() > kMaxChangeBytes) {
    return absl::InvalidArgumentError(
        fmt::format("a change has at most 16 MiB (got {} bytes); split it up", change.content.size()));
  }
  change.digest = Sha256Hex(change.content);
  change.record.clear_approvals();  // they covered other content
  change.record.set_summary(Summarize(draft));
  RecordAssessment(judgement.assessment, change);
  change.update_time_us = transaction.now_us();
  return absl::OkStatus();
}

std::string ProposedMessage(const StoredChange& change, std::string_view verb) {
  std::string name = v1::ChangeClass_Name(change.record.class_());
  name = name.substr(sizeof("CHANGE_CLASS_") - 1);
  const int needed = change.record.requirements_size();
  return fmt::format(
      "{} {}: {} ({}, {})", verb, ChangeName(change.id), change.record.summary(), name,
      needed == 0 ? "needs nobody else" : fmt::format("needs {} approval{}", needed, needed == 1 ? "" : "s"));
}

// Stores one draft; returns the name of its change.
absl::StatusOr<std::string> StoreDraft(Transaction& transaction, const Run& run,
                                       const sluice::internal::v1::Actor& actor, const Draft& draft,
                                       const Judgement& judgement) {
  if (HasErrors(judgement.findings)) return RefusedBy(judgement.findings);
  StoredChange change;
  if (run.edited != 0) {
    absl::StatusOr<StoredChange> own = LoadOwn(transaction, run.edited, actor.id());
    if (!own.ok()) return own.status();
    change = *std::move(own);
  } else {
    absl::StatusOr<int64_t> id = transaction.NextChangeId();
    if (!id.ok()) return id.status();
    change.id = *id;
    change.create_time_us = transaction.now_us();
  }
  *change.record.mutable_author() = actor;
  if (absl::Status status = FillContent(transaction, draft, judgement, change); !status.ok()) return status;
  const bool edited = run.edited != 0;
  absl::Status status = AuditChange(transaction, actor.id(), edited ? "change.edited" : "change.proposed",
                                    change, ProposedMessage(change, edited ? "edited" : "proposed"));
  if (!status.ok()) return status;
  status = change.record.requirements().empty()
               ? ReleaseChange(transaction, draft, judgement, actor.id(), change)
               : transaction.PutChange(change);
  if (!status.ok()) return status;
  return ChangeName(change.id);
}

// What is left when everything that the edited change wanted is there already.
absl::Status CheckNotEmpty(const Run& run, const Review& review) {
  if (run.edited == 0 || !review.drafts.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("nothing is left to change; withdraw {} instead", ChangeName(run.edited)));
}

// Stores every draft of the review; what a repetition is answered with: names, unchanged, warnings.
absl::StatusOr<std::string> StoreDrafts(Transaction& transaction, const Run& run,
                                        const sluice::internal::v1::Actor& actor) {
  const bool fresh = run.review.ok() && run.review->revision == transaction.state().revision;
  const absl::StatusOr<Review> review =
      fresh ? run.review : ReviewProposal(transaction.state(), run.proposal);
  if (!review.ok()) return review.status();
  if (HasErrors(review->findings)) return RefusedBy(review->findings);
  if (absl::Status status = CheckNotEmpty(run, *review); !status.ok()) return status;
  v1::ProposeChangeResponse answer;
  for (size_t i = 0; i < review->drafts.size(); ++i) {
    const bool judged =
        fresh && i < run.judgements.size() && transaction.state().revision == run.judgements[i].revision;
    const Draft& draft = review->drafts[i];
    absl::StatusOr<std::string> name = StoreDraft(
        transaction, run, actor, draft,
        judged
            ? run.judgements[i]
            : Judge(transaction.state(), draft, {run.context.caller.AsPerson()}, run.context.server.Policy()));
    if (!name.ok()) return name.status();
    answer.add_changes()->set_name(*name);
  }
  for (const std::string& name : review->unchanged) answer.add_unchanged(name);
  for (const core::Finding& finding : review->findings) *answer.add_findings() = wire::ToProto(finding);
  return wire::Serialize(answer);
}

// `repeated` becomes false when the work is done here and now.
absl::StatusOr<std::string> StoreOnce(Transaction& transaction, const Run& run, bool& repeated) {
  absl::StatusOr<sluice::internal::v1::Actor> actor = ActorOf(transaction, run.context.caller);
  if (!actor.ok()) return actor.status();
  return Once(transaction, {actor->id(), kMethod, run.request.request_id(), run.request}, [&] {
    repeated = false;
    return StoreDrafts(transaction, run, *actor);
  });
}

absl::StatusOr<v1::ProposeChangeResponse> Preview(const Context& context, const Review& review,
                                                  const std::vector<Judgement>& judgements) {
  v1::ProposeChangeResponse response;
  for (const core::Finding& finding : review.findings) *response.add_findings() = wire::ToProto(finding);
  for (const std::string& name : review.unchanged) response.add_unchanged(name);
  for (size_t i = 0; i < judgements.size(); ++i) {
    *response.add_changes() = Preview(context, review.drafts[i], judgements[i]);
    for (const core::Finding& finding : judgements[i].findings) {
      if (finding.severity == core::Severity::kError) *response.add_findings() = wire::ToProto(finding);
    }
  }
  return response;
}

// The changes of a stored answer, as they are now.
absl::StatusOr<v1::ProposeChangeResponse> Answer(const Context& context, const std::string& stored) {
  v1::ProposeChangeResponse response;
  if (!response.ParseFromString(stored)) return absl::DataLossError("a remembered answer cannot be read");
  for (v1::Change& change : *response.mutable_changes()) {
    absl::StatusOr<int64_t> id = ParseChangeName(change.name());
    if (!id.ok()) return id.status();
    absl::StatusOr<StoredChange> current = context.server.store.GetChange(*id);
    if (!current.ok()) return current.status();
    absl::StatusOr<v1::Change> view = View(context, *current);
    if (!view.ok()) return view.status();
    change = *std::move(view);
  }
  return response;
}

void Count(const Context& context, const v1::ProposeChangeResponse& response) {
  for (const v1::Change& change : response.changes()) {
    context.server.metrics.Add(metrics::Id::kChangesProposed);
    if (change.state() == v1::Change::STATE_RELEASED)
      context.server.metrics.Add(metrics::Id::kChangesReleased);
  }
}

}  // namespace

absl::StatusOr<v1::ProposeChangeResponse> ProposeChange(const Context& context,
                                                        const v1::ProposeChangeRequest& request) {
  absl::StatusOr<int64_t> edited = request.change().empty() ? 0 : ParseChangeName(request.change());
  if (!edited.ok()) return edited.status();
  absl::StatusOr<Proposal> proposal = ReadProposal(request);
  if (!proposal.ok()) return proposal.status();
  if (absl::Status status = ReadRecreations(context.server.store, request, *proposal); !status.ok()) return status;
  const std::shared_ptr<const State> state = context.server.store.Current();
  const absl::StatusOr<Review> review = ReviewProposal(*state, *proposal);
  if (request.request_id().empty()) {  // else it may be the repetition of what was right at its time
    if (!review.ok()) return review.status();
    if (HasErrors(review->findings) && !request.validate_only()) return RefusedBy(review->findings);
  }
  const std::vector<Judgement> judgements =
      review.ok() ? JudgeAhead(context, *state, *review, request.validate_only()) : std::vector<Judgement>();
  if (request.validate_only()) {
    if (!review.ok()) return review.status();
    return Preview(context, *review, judgements);
  }
  const Run run{context, request, *proposal, review, judgements, *edited};
  std::string stored;
  bool repeated = true;
  absl::Status status = context.server.store.Write([&](Transaction& transaction) {
    absl::StatusOr<std::string> answer = StoreOnce(transaction, run, repeated);
    if (answer.ok()) stored = *std::move(answer);
    return answer.status();
  });
  if (!status.ok()) return status;
  absl::StatusOr<v1::ProposeChangeResponse> response = Answer(context, stored);
  if (response.ok() && !repeated) Count(context, *response);
  return response;
}

}  // namespace sluice::controlplane
