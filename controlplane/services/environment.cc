// Reads environments.
#include "controlplane/services/handlers.h"
#include "controlplane/services/read.h"

namespace sluice::controlplane {

absl::StatusOr<v1::Environment> GetEnvironment(const Context& context,
                                               const v1::GetEnvironmentRequest& request) {
  return Get<core::Environment>(context, request.name());
}

absl::StatusOr<v1::ListEnvironmentsResponse> ListEnvironments(const Context& context,
                                                              const v1::ListEnvironmentsRequest& request) {
  return List<core::Environment, v1::ListEnvironmentsResponse>(
      context, request, [](auto& response, v1::Environment&& found) {
        *response.add_environments() = std::move(found);
        return absl::OkStatus();
      });
}

}  // namespace sluice::controlplane
