// RejectChange and WithdrawChange: the two ways to end a waiting change without releasing it.
#include <fmt/format.h>

#include <algorithm>

#include "controlplane/services/changes/approvals.h"
#include "controlplane/services/changes/once.h"
#include "controlplane/services/changes/record.h"
#include "controlplane/services/changes/view.h"
#include "controlplane/services/handlers.h"
#include "controlplane/services/page.h"

namespace sluice::controlplane {
namespace {

struct Closing {
  std::string_view method;
  v1::Change::State state;
  std::string_view action;  // of the audit entry
  std::string_view verb;
};
constexpr Closing kReject{"RejectChange", v1::Change::STATE_REJECTED, "change.rejected", "rejected"};
constexpr Closing kWithdraw{"WithdrawChange", v1::Change::STATE_WITHDRAWN, "change.withdrawn", "withdrew"};

// Whoever may approve it may say no, also to what somebody else approved already.
absl::Status CheckMayReject(const Context& context, const State& state, const std::string& actor,
                            StoredChange change) {
  if (change.record.author().id() == actor) {
    return absl::PermissionDeniedError(fmt::format("{} is your own; withdraw it", ChangeName(change.id)));
  }
  if (absl::Status status = RequireToday(context, state, change); !status.ok()) return status;
  const auto& wanted = change.record.requirements();
  const bool may = std::any_of(wanted.begin(), wanted.end(), [&](const v1::Requirement& requirement) {
    return MaySatisfy(context.caller.AsPerson(), requirement, state.catalog);
  });
  if (may) return absl::OkStatus();
  return absl::PermissionDeniedError(
      fmt::format("only who may approve {} may reject it; 'needs' names who", ChangeName(change.id)));
}

absl::Status CheckMayWithdraw(const std::string& actor, const StoredChange& change) {
  if (change.record.author().id() == actor) return absl::OkStatus();
  return absl::PermissionDeniedError(fmt::format(
      "only its author withdraws {}; reject it if it needs your approval", ChangeName(change.id)));
}

absl::Status Close(Transaction& transaction, const Context& context, const Closing& closing, int64_t id,
                   const std::string& reason, const std::string& actor) {
  absl::StatusOr<StoredChange> change = LoadChange(transaction, id);
  if (!change.ok()) return change.status();
  absl::Status allowed = closing.state == v1::Change::STATE_REJECTED
                             ? CheckMayReject(context, transaction.state(), actor, *change)
                             : CheckMayWithdraw(actor, *change);
  if (!allowed.ok()) return allowed;
  if (absl::Status status = CheckWaiting(*change); !status.ok()) return status;
  change->state = closing.state;
  change->record.set_closing_reason(reason);
  change->update_time_us = transaction.now_us();
  if (absl::Status status = transaction.PutChange(*change); !status.ok()) return status;
  const std::string message =
      fmt::format("{} {}{}{}", closing.verb, ChangeName(id), reason.empty() ? "" : ": ", reason);
  return AuditChange(transaction, actor, closing.action, *change, message);
}

template <typename Request>
absl::StatusOr<v1::Change> Close(const Context& context, const Closing& closing, const Request& request) {
  if (absl::Status status = CheckLength("reason", request.reason(), kMaxComment); !status.ok()) return status;
  if (absl::Status status = CheckLength("request_id", request.request_id(), kMaxRequestId); !status.ok())
    return status;
  absl::StatusOr<int64_t> id = ParseChangeName(request.name());
  if (!id.ok()) return id.status();
  absl::Status status = context.server.store.Write([&](Transaction& transaction) -> absl::Status {
    absl::StatusOr<sluice::internal::v1::Actor> actor = ActorOf(transaction, context.caller);
    if (!actor.ok()) return actor.status();
    return Once(transaction, {actor->id(), closing.method, request.request_id(), request},
                [&]() -> absl::StatusOr<std::string> {
                  absl::Status done =
                      Close(transaction, context, closing, *id, request.reason(), actor->id());
                  if (!done.ok()) return done;
                  return request.name();
                })
        .status();
  });
  if (!status.ok()) return status;
  absl::StatusOr<StoredChange> change = context.server.store.GetChange(*id);
  if (!change.ok()) return change.status();
  return View(context, *change);
}

}  // namespace

absl::StatusOr<v1::Change> RejectChange(const Context& context, const v1::RejectChangeRequest& request) {
  if (request.reason().empty())
    return absl::InvalidArgumentError("reason is required: the author wants to know why");
  return Close(context, kReject, request);
}

absl::StatusOr<v1::Change> WithdrawChange(const Context& context, const v1::WithdrawChangeRequest& request) {
  return Close(context, kWithdraw, request);
}

}  // namespace sluice::controlplane
