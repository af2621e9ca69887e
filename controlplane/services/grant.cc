// Reads grants, all or those of one product or application.
#include "common/core/names.h"
#include "controlplane/services/handlers.h"
#include "controlplane/services/read.h"

namespace sluice::controlplane {
namespace {

bool Wanted(const std::string& name, const v1::ListGrantsRequest& request) {
  const std::optional<core::GrantName> parts = core::ParseGrantName(name);
  return parts && (request.product().empty() || parts->product == request.product()) &&
         (request.application().empty() || parts->application == request.application());
}

// Names after the page token that the filter wants, at most `limit`. Grants of a product are neighbours in
// the catalog.
std::vector<std::string> NamesOf(const State& state, const v1::ListGrantsRequest& request, size_t limit) {
  const core::Table<core::Grant>& grants = state.catalog.grants;
  const auto [first, last] = grants.PrefixRange(request.product().empty() ? "" : request.product() + "/");
  std::vector<std::string> names;
  for (size_t i = first; i < last && names.size() < limit; ++i) {
    const std::string& name = grants.entries()[i].name;
    if (name > request.page_token() && Wanted(name, request)) names.push_back(name);
  }
  return names;
}

}  // namespace

absl::StatusOr<v1::Grant> GetGrant(const Context& context, const v1::GetGrantRequest& request) {
  return Get<core::Grant>(context, request.name());
}

absl::StatusOr<v1::ListGrantsResponse> ListGrants(const Context& context,
                                                  const v1::ListGrantsRequest& request) {
  if (request.product().empty() && request.application().empty()) {
    return List<core::Grant, v1::ListGrantsResponse>(context, request, [](auto& response, v1::Grant&& found) {
      *response.add_grants() = std::move(found);
      return absl::OkStatus();
    });
  }
  absl::StatusOr<int> size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  for (const std::string* text : {&request.page_token(), &request.product(), &request.application()}) {
    if (absl::Status status = CheckLength("a filter", *text, kMaxToken); !status.ok()) return status;
  }
  const auto state = context.server.store.Current();
  std::vector<std::string> names = NamesOf(*state, request, static_cast<size_t>(*size) + 1);
  v1::ListGrantsResponse response;
  if (names.size() > static_cast<size_t>(*size)) {
    names.pop_back();
    response.set_next_page_token(names.back());
  }
  for (const std::string& name : names) {
    auto grant = Get<core::Grant>(context, name);
    if (absl::IsNotFound(grant.status())) continue;  // deleted since the catalog was read
    if (!grant.ok()) return grant.status();
    *response.add_grants() = *std::move(grant);
  }
  return response;
}

}  // namespace sluice::controlplane
