// Reads domains.
#include "controlplane/services/handlers.h"
#include "controlplane/services/read.h"

namespace sluice::controlplane {

absl::StatusOr<v1::Domain> GetDomain(const Context& context, const v1::GetDomainRequest& request) {
  return Get<core::Domain>(context, request.name());
}

absl::StatusOr<v1::ListDomainsResponse> ListDomains(const Context& context,
                                                    const v1::ListDomainsRequest& request) {
  return List<core::Domain, v1::ListDomainsResponse>(context, request,
                                                     [](auto& response, v1::Domain&& found) {
                                                       *response.add_domains() = std::move(found);
                                                       return absl::OkStatus();
                                                     });
}

}  // namespace sluice::controlplane
