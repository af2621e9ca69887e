// Comparing the schemas of a product version before and after a change: bounded, and remembered from call to
// call.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/core/catalog.h"
#include "common/core/schema_change.h"

namespace sluice::core {

// Two schemas of one format, compared without regard to who uses them.
struct ComparedSchemas {
  std::string problem;            // why they could not be compared; empty: they were
  schema::Comparison comparison;  // when they could
  std::vector<RegistryPrediction> predictions;
};
using Compared = std::shared_ptr<const ComparedSchemas>;

// The latest comparisons, by everything that they depend on. Bounded by number and by the bytes of the
// schemas.
//
// Thread safety: may be used by many threads.
class ComparisonMemo {
 public:
  Compared Find(const std::string& key) const;  // nullptr: not remembered
  void Keep(const std::string& key, Compared compared);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Compared> compared_;
  std::deque<std::map<std::string, Compared>::iterator> order_;  // the oldest first
  size_t bytes_ = 0;                                             // of the keys
};

// What one Assess may spend: all its comparisons together take a bounded time, however many schemas the edits
// change. Each has an equal share of the steps, at most what one takes by itself; what is left without is not
// compared, and says so.
class SchemaWork {
 public:
  SchemaWork(const Catalog& before, const std::vector<Edit>& edits, ComparisonMemo* memo);

  // Precondition: both have a schema, of one format. A higher `meaning` is a semantic break.
  Compared Compare(const ProductVersion& before, const ProductVersion& after);

 private:
  ComparisonMemo* memo_;  // may be nullptr
  schema::InclusionLimits limits_;
  size_t bytes_left_;
  size_t predictions_left_;
};

}  // namespace sluice::core
