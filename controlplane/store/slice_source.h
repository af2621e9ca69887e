// SliceSource: the slices of one cluster one after the other, as they are sent to an agent. What the slices
// of a product share (its schemas, its grants) is worked out once for a run of them.
//
// Thread safety: one thread at a time.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "controlplane/store/store.h"

namespace sluice::controlplane {

class SliceSource {
 public:
  // As Store::SliceBytes. `state` may be another one each time.
  absl::StatusOr<std::string> Bytes(const State& state, const std::string& cluster, const std::string& key);

 private:
  bool Holds(const State& state, const std::string& cluster, std::string_view product) const;

  int64_t revision_ = -1;
  std::string cluster_, product_;    // of the last slice that was asked for; product: empty for other slices
  bool compiled_ = false;            // `slices_` are those of `product_`
  std::vector<core::Slice> slices_;  // by key
};

}  // namespace sluice::controlplane
