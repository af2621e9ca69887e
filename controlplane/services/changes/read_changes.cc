// GetChange and ListChanges, the inbox included.
#include <fmt/format.h>

#include <charconv>

#include "controlplane/services/changes/approvals.h"
#include "controlplane/services/changes/view.h"
#include "controlplane/services/handlers.h"
#include "controlplane/services/limits.h"
#include "controlplane/services/page.h"

namespace sluice::controlplane {
namespace {

// Waiting changes that one call looks through for those that need the caller; the page token goes on from
// there.
constexpr int kMaxScanned = 2000;
constexpr int kScanBatch = 200;

absl::StatusOr<int64_t> BeforeId(const std::string& token) {
  int64_t id = 0;
  if (token.empty()) return id;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), id);
  if (error == std::errc() && end == token.data() + token.size() && id > 0) return id;
  return absl::InvalidArgumentError("page_token is the next_page_token of an answer");
}

struct Query {
  ChangeFilter filter;
  bool needs_me = false;
  int size = 0;
  int64_t before_id = 0;
};

// Whether the caller may approve it now; its requirements become those of today.
absl::StatusOr<bool> NeedsCaller(const Context& context, const State& state, StoredChange& change) {
  if (IsAuthor(context, change)) return false;
  if (absl::Status status = RequireToday(context, state, change); !status.ok()) return status;
  return !MayApproveAs(context.caller.AsPerson(), change.record.requirements(), change.record.approvals(),
                       state.catalog)
              .empty();
}

absl::StatusOr<v1::ListChangesResponse> Run(const Context& context, Query query) {
  v1::ListChangesResponse response;
  const std::shared_ptr<const State> state = context.server.store.Current();
  for (int scanned = 0; scanned < kMaxScanned;) {
    const int wanted = query.needs_me ? kScanBatch : query.size;
    auto page = context.server.store.ListChanges(query.filter, query.before_id, wanted);
    if (!page.ok()) return page.status();
    for (size_t i = 0; i < page->changes.size(); ++i) {
      StoredChange& stored = page->changes[i];
      absl::StatusOr<bool> shown = query.needs_me ? NeedsCaller(context, *state, stored) : true;
      if (!shown.ok()) return shown.status();
      if (!*shown) continue;
      absl::StatusOr<v1::Change> change = Summary(context, *state, stored);
      if (!change.ok()) return change.status();
      *response.add_changes() = *std::move(change);
      if (response.changes_size() < query.size) continue;
      const bool last = i + 1 == page->changes.size() && page->next_before_id == 0;
      if (!last) response.set_next_page_token(fmt::format("{}", stored.id));
      return response;
    }
    if (page->next_before_id == 0) return response;
    query.before_id = page->next_before_id;
    scanned += wanted;
  }
  response.set_next_page_token(fmt::format("{}", query.before_id));
  return response;
}

}  // namespace

absl::StatusOr<v1::Change> GetChange(const Context& context, const v1::GetChangeRequest& request) {
  absl::StatusOr<int64_t> id = ParseChangeName(request.name());
  if (!id.ok()) return id.status();
  absl::StatusOr<StoredChange> change = context.server.store.GetChange(*id);
  if (absl::IsNotFound(change.status()))
    return absl::NotFoundError(fmt::format("there is no change {}", request.name()));
  if (!change.ok()) return change.status();
  return View(context, *change);
}

absl::StatusOr<v1::ListChangesResponse> ListChanges(const Context& context,
                                                    const v1::ListChangesRequest& request) {
  absl::StatusOr<int> size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  absl::StatusOr<int64_t> before = BeforeId(request.page_token());
  if (!before.ok()) return before.status();
  if (!v1::Change::State_IsValid(request.state())) return absl::InvalidArgumentError("state is not known");
  if (absl::Status status = CheckLength("resource", request.resource(), kMaxResource); !status.ok()) return status;
  Query query{.filter = {.state = std::nullopt, .author = "", .resource = request.resource()},
              .needs_me = request.needs_me(),
              .size = *size,
              .before_id = *before};
  std::optional<v1::Change::State>& state = query.filter.state;
  if (request.state() != v1::Change::STATE_UNSPECIFIED) state = request.state();
  if (request.needs_me() || !request.resource().empty()) {
    if (state && *state != v1::Change::STATE_WAITING) return v1::ListChangesResponse();
    state = v1::Change::STATE_WAITING;
  }
  if (request.mine()) {
    absl::StatusOr<std::string> actor =
        context.server.store.FindActor(context.caller.issuer, context.caller.subject);
    if (!actor.ok()) return actor.status();
    if (actor->empty()) return v1::ListChangesResponse();
    query.filter.author = *actor;
  }
  return Run(context, query);
}

}  // namespace sluice::controlplane
