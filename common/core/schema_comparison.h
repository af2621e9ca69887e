// Comparing the schemas of a product version before and after a change: bounded, and remembered from call to
// call.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/core/assess.h"
#include "common/core/catalog.h"
#include "common/core/schema_change.h"
#include "common/schema/compare.h"

namespace sluice::core {

// Two schemas of one format, compared without regard to who uses them.
struct ComparedSchemas {
  std::string problem;            // why they could not be compared; empty: they were
  schema::Comparison comparison;  // when they could
  std::vector<RegistryPrediction> predictions;
  std::optional<schema::Schema> before, after;  // JSON Schemas, when they could
};
using Compared = std::shared_ptr<const ComparedSchemas>;
using Impacts = std::shared_ptr<const std::vector<SchemaImpact>>;

// The latest results by everything that they depend on. Bounded by number and by the bytes of the keys.
//
// Thread safety: may be used by many threads.
template <typename Result>
class Remembered {
 public:
  std::shared_ptr<const Result> Find(const std::string& key) const;  // nullptr: not remembered
  void Keep(const std::string& key, std::shared_ptr<const Result> result);

 private:
  static constexpr size_t kMostResults = 4096;
  static constexpr size_t kMostBytes = size_t{32} << 20;

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Result>> results_;
  std::deque<typename std::map<std::string, std::shared_ptr<const Result>>::iterator>
      order_;         // the oldest first
  size_t bytes_ = 0;  // of the keys
};

struct SchemaMemo {
  Remembered<ComparedSchemas> comparisons;
  Remembered<std::vector<SchemaImpact>> impacts;
};

// What one Assess may spend: all its comparisons together take a bounded time and give a bounded text,
// however many schemas the edits change. Each has an equal share of the steps, at most what one takes by
// itself; what is left without is not compared, and says so.
class SchemaWork {
 public:
  SchemaWork(const Catalog& before, const std::vector<Edit>& edits, SchemaMemo* memo);

  // Precondition: both have a schema, of one format. A higher `meaning` is a semantic break.
  Compared Compare(const ProductVersion& before, const ProductVersion& after);

  // What Compare depends on.
  std::string KeyOf(const ProductVersion& before, const ProductVersion& after) const;
  SchemaMemo* memo() const { return memo_; }

  // Whether `bytes` more of text are left to describe changes with; then they are taken.
  bool TakeText(size_t bytes);

 private:
  SchemaMemo* memo_;  // may be nullptr
  schema::InclusionLimits limits_;
  size_t bytes_left_;
  size_t predictions_left_;
  size_t text_left_;
};

template <typename Result>
std::shared_ptr<const Result> Remembered<Result>::Find(const std::string& key) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto at = results_.find(key);
  return at == results_.end() ? nullptr : at->second;
}

template <typename Result>
void Remembered<Result>::Keep(const std::string& key, std::shared_ptr<const Result> result) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto [at, is_new] = results_.emplace(key, std::move(result));
  if (!is_new) return;
  order_.push_back(at);
  bytes_ += key.size();
  while (order_.size() > kMostResults || bytes_ > kMostBytes) {
    bytes_ -= order_.front()->first.size();
    results_.erase(order_.front());
    order_.pop_front();
  }
}

}  // namespace sluice::core
