#include "controlplane/services/audit.h"

#include "controlplane/services/handlers.h"
#include "controlplane/services/page.h"

namespace sluice::controlplane {

absl::StatusOr<std::optional<v1::AuditFilter>> Visible(const Context& context, v1::AuditFilter wanted) {
  for (const std::string* text :
       {&wanted.change(), &wanted.resource(), &wanted.actor(), &wanted.action(), &wanted.cluster()}) {
    if (absl::Status status = CheckLength("a filter", *text, kMaxName); !status.ok()) return status;
  }
  if (!context.caller.roles.empty()) return wanted;
  absl::StatusOr<std::string> own =
      context.server.store.FindActor(context.caller.issuer, context.caller.subject);
  if (!own.ok()) return own.status();
  const bool others =
      !wanted.actor().empty() && wanted.actor() != *own && wanted.actor() != context.caller.display_name;
  if (own->empty() || others) return std::nullopt;
  wanted.set_actor(*own);
  return wanted;
}

absl::StatusOr<v1::ListAuditEntriesResponse> ListAuditEntries(const Context& context,
                                                              const v1::ListAuditEntriesRequest& request) {
  absl::StatusOr<int> size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  if (absl::Status status = CheckLength("page_token", request.page_token(), kMaxToken); !status.ok())
    return status;
  absl::StatusOr<std::optional<v1::AuditFilter>> filter = Visible(context, request.filter());
  if (!filter.ok()) return filter.status();
  v1::ListAuditEntriesResponse response;
  if (!filter->has_value()) return response;
  absl::StatusOr<AuditPage> page = context.server.store.ListAudit(**filter, request.page_token(), *size);
  if (!page.ok()) return page.status();
  for (v1::AuditEntry& entry : page->entries) *response.add_entries() = std::move(entry);
  response.set_next_page_token(page->next_page_token);
  return response;
}

}  // namespace sluice::controlplane
