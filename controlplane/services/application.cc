// Reads applications, with their slices on each cluster.
#include "controlplane/services/handlers.h"
#include "controlplane/services/read.h"
#include "controlplane/services/slice_status.h"

namespace sluice::controlplane {
namespace {

absl::Status AddStatus(const Context& context, const State& state, v1::Application& application) {
  const std::string key = core::ApplicationSliceKey(application.name());
  auto slices = context.server.store.ListSlices("", key);
  if (!slices.ok()) return slices.status();
  for (const SliceObservation& observation : *slices) {
    if (observation.slice.key != key || observation.slice.gone)
      continue;  // the prefix finds longer names too
    *application.add_status() = StatusOf(observation, state.catalog);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::Application> GetApplication(const Context& context,
                                               const v1::GetApplicationRequest& request) {
  auto application = Get<core::Application>(context, request.name());
  if (!application.ok()) return application;
  const auto state = context.server.store.Current();
  if (absl::Status status = AddStatus(context, *state, *application); !status.ok()) return status;
  return application;
}

absl::StatusOr<v1::ListApplicationsResponse> ListApplications(const Context& context,
                                                              const v1::ListApplicationsRequest& request) {
  const auto state = context.server.store.Current();
  return List<core::Application, v1::ListApplicationsResponse>(
      context, request, [&](auto& response, v1::Application&& found) {
        v1::Application& application = *response.add_applications();
        application = std::move(found);
        return AddStatus(context, *state, application);
      });
}

}  // namespace sluice::controlplane
