// ExplainProduct: every value that acts on a product's topics and subjects, from the latest approved
// definition.
#include "common/core/explain.h"

#include <algorithm>
#include <tuple>

#include "controlplane/services/handlers.h"
#include "controlplane/services/page.h"

namespace sluice::controlplane {

absl::StatusOr<v1::ExplainProductResponse> ExplainProduct(const Context& context,
                                                          const v1::ExplainProductRequest& request) {
  if (absl::Status status = CheckName(request.name()); !status.ok()) return status;
  const std::shared_ptr<const State> state = context.server.store.Current();
  const core::DataProduct* product = state->catalog.products.Find(request.name());
  if (product == nullptr) {
    return absl::NotFoundError(
        fmt::format("there is no DataProduct '{}'; sluice get products lists them", request.name()));
  }
  std::vector<const core::Environment*> environments;
  for (const auto& entry : state->catalog.environments.entries()) environments.push_back(entry.value.get());
  std::sort(environments.begin(), environments.end(), [](const auto* a, const auto* b) {
    return std::tie(a->order, a->name) < std::tie(b->order, b->name);
  });
  v1::ExplainProductResponse response;
  for (core::ExplainedValue& value : core::ExplainProduct(*product, environments)) {
    v1::ExplainedValue& said = *response.add_values();
    said.set_field(std::move(value.field));
    said.set_environment(std::move(value.environment));
    said.set_value(std::move(value.value));
    said.set_origin(std::move(value.origin));
    said.set_reason(std::move(value.reason));
  }
  return response;
}

}  // namespace sluice::controlplane
