// A control plane's store with a world of any size (catalogs.h), and handlers called as its server calls
// them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/metrics/metrics.h"
#include "controlplane/services/handlers.h"
#include "controlplane/store/store.h"
#include "tests/bench/catalogs.h"
#include "tests/bench/controlplane.h"

namespace sluice::bench {

// Ends the program with what went wrong.
void Must(const absl::Status& status);
template <typename T>
T Must(absl::StatusOr<T> result) {
  Must(result.status());
  return *std::move(result);
}

// Releases edits in one transaction with one audit entry, without asking anybody.
void Release(controlplane::Store& store, const std::vector<core::Edit>& edits);

sluice::v1::ProposeChangeRequest Proposal(const std::vector<core::Edit>& edits);

class World {
 public:
  explicit World(int products);

  controlplane::Store& store() { return *store_; }
  std::string path() const { return directory_ / "store.db"; }
  // As an owner of every product, who needs nobody else for changes of configs.
  controlplane::Context AsOwner() { return {dependencies_, owner_}; }
  // As everybody whom a new product needs.
  controlplane::Context AsBoard() { return {dependencies_, board_}; }

 private:
  const Scratch directory_;
  SystemClock clock_;
  std::unique_ptr<controlplane::Store> store_;
  metrics::Metrics metrics_{metrics::Program::kControlPlane};
  controlplane::OpenStreams streams_;
  controlplane::Dependencies dependencies_;
  controlplane::Caller owner_, board_;
};

}  // namespace sluice::bench
