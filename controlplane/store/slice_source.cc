#include "controlplane/store/slice_source.h"

#include <algorithm>

#include "common/core/compile.h"
#include "common/wire/wire.h"
#include "controlplane/store/slice_changes.h"

namespace sluice::controlplane {

bool SliceSource::Holds(const State& state, const std::string& cluster, std::string_view product) const {
  return !product.empty() && revision_ == state.revision && cluster_ == cluster && product_ == product;
}

absl::StatusOr<std::string> SliceSource::Bytes(const State& state, const std::string& cluster,
                                               const std::string& key) {
  const std::string product(ProductOf(key));
  std::optional<core::Slice> slice;
  if (!Holds(state, cluster, product)) {
    // The first one of a product is compiled alone: it may stay the only one.
    revision_ = state.revision, cluster_ = cluster, product_ = product;
    compiled_ = false;
    slices_.clear();
    slice = SliceOf(state, {cluster, key});
  } else {
    const core::Cluster* on = state.catalog.clusters.Find(cluster);
    if (!compiled_ && on != nullptr) slices_ = core::CompileProduct(state.catalog, product, *on);
    compiled_ = true;
    const auto at = std::lower_bound(
        slices_.begin(), slices_.end(), key,
        [](const core::Slice& each, const std::string& wanted) { return each.key < wanted; });
    const bool found = at != slices_.end() && at->key == key;
    slice = WithAbsences(found ? std::optional(*at) : std::nullopt, key, AbsencesOf(state, {cluster, key}));
  }
  if (slice) return wire::Serialize(wire::ToProto(*slice));
  return absl::NotFoundError("there is no slice " + key + " on " + cluster + "; it is no longer managed");
}

}  // namespace sluice::controlplane
