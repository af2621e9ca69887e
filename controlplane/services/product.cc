// Reads data products, desired against observed on each cluster.
#include "common/core/compile.h"

#include <algorithm>
#include "controlplane/services/handlers.h"
#include "controlplane/services/read.h"
#include "controlplane/services/slice_status.h"

namespace sluice::controlplane {
namespace {

absl::Status CheckView(v1::ProductView view) {
  if (v1::ProductView_IsValid(view)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("view {} is not known; use BASIC or FULL", static_cast<int>(view)));
}

void AddCounts(const core::Slice& slice, v1::ProductStatus& status) {
  status.set_slice_count(status.slice_count() + 1);
  status.set_topic_count(status.topic_count() + static_cast<int32_t>(slice.topics.size()));
  status.set_subject_count(status.subject_count() + static_cast<int32_t>(slice.subjects.size()));
  status.set_acl_count(status.acl_count() + static_cast<int32_t>(slice.acls.size()));
}

// `first`, `last`: the product's slices on one cluster.
template <typename Iterator>
v1::ProductStatus ClusterStatusOf(const State& state, const std::string& product, v1::ProductView view,
                                  Iterator first, Iterator last) {
  v1::ProductStatus status;
  status.set_cluster(first->slice.cluster);
  status.set_state(v1::SYNC_STATE_IN_SYNC);
  int64_t oldest = first->observed_us;
  for (Iterator it = first; it != last; ++it) {
    const v1::SyncState slice_state = StateOf(*it);
    if (slice_state > status.state()) {
      status.set_state(slice_state);
      status.set_attention(AttentionOf(*it));
    }
    oldest = std::min(oldest, it->observed_us);
    if (view == v1::PRODUCT_VIEW_FULL) *status.add_slices() = StatusOf(*it, state.catalog);
  }
  if (oldest > 0) *status.mutable_observed_time() = ToTimestamp(oldest);
  const core::Cluster* cluster = state.catalog.clusters.Find(status.cluster());
  if (cluster == nullptr) return status;
  status.set_region(cluster->region);
  status.set_environment(cluster->environment);
  for (const core::Slice& slice : core::CompileProduct(state.catalog, product, *cluster))
    AddCounts(slice, status);
  return status;
}

absl::Status AddStatus(const Context& context, const State& state, v1::ProductView view,
                       v1::DataProduct& product) {
  auto slices = context.server.store.ListSlices("", core::ProductSliceKey(product.name(), ""));
  if (!slices.ok()) return slices.status();
  std::erase_if(*slices, [](const SliceObservation& observation) { return observation.slice.gone; });
  for (auto first = slices->begin(); first != slices->end();) {
    const std::string& cluster = first->slice.cluster;
    auto last =
        std::find_if(first, slices->end(), [&](const auto& other) { return other.slice.cluster != cluster; });
    *product.add_status() = ClusterStatusOf(state, product.name(), view, first, last);
    first = last;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::DataProduct> GetDataProduct(const Context& context,
                                               const v1::GetDataProductRequest& request) {
  if (absl::Status status = CheckView(request.view()); !status.ok()) return status;
  auto product = Get<core::DataProduct>(context, request.name());
  if (!product.ok()) return product;
  const auto state = context.server.store.Current();
  if (absl::Status status = AddStatus(context, *state, request.view(), *product); !status.ok()) return status;
  return product;
}

absl::StatusOr<v1::ListDataProductsResponse> ListDataProducts(const Context& context,
                                                              const v1::ListDataProductsRequest& request) {
  if (absl::Status status = CheckView(request.view()); !status.ok()) return status;
  const auto state = context.server.store.Current();
  return List<core::DataProduct, v1::ListDataProductsResponse>(
      context, request, [&](auto& response, v1::DataProduct&& found) {
        v1::DataProduct& product = *response.add_data_products();
        product = std::move(found);
        return AddStatus(context, *state, request.view(), product);
      });
}

}  // namespace sluice::controlplane
