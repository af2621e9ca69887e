#include "common/core/schema_comparison.h"

#include <algorithm>

#include "common/core/text.h"

namespace sluice::core {
namespace {

constexpr size_t kMostRemembered = 4096;
constexpr size_t kMostRememberedBytes = size_t{32} << 20;

constexpr size_t kMostSteps = 2'000'000;         // of all comparisons of one Assess
constexpr size_t kMostBytes = size_t{32} << 20;  // of schemas that one Assess reads
constexpr size_t kMostPredictions = 50;          // versions of which one Assess predicts what registries say
constexpr size_t kMostPredictedBytes = size_t{1} << 19;  // of a schema of which anything is predicted

const ProductVersion* FindVersion(const DataProduct& product, int32_t major) {
  const auto at = std::find_if(product.versions.begin(), product.versions.end(),
                               [&](const ProductVersion& version) { return version.major == major; });
  return at == product.versions.end() ? nullptr : &*at;
}

size_t CountChangedSchemas(const Catalog& before, const std::vector<Edit>& edits) {
  size_t changed = 0;
  for (const Edit& edit : edits) {
    const auto* product = std::get_if<DataProduct>(&edit.definition);
    const DataProduct* old = product == nullptr ? nullptr : before.products.Find(product->name);
    if (old == nullptr) continue;
    for (const ProductVersion& version : product->versions) {
      const ProductVersion* was = FindVersion(*old, version.major);
      if (was != nullptr && was->schema && version.schema && was->schema != version.schema) ++changed;
    }
  }
  return changed;
}

// Everything that a comparison depends on.
std::string KeyOf(const ProductVersion& before, const ProductVersion& after, size_t most_steps) {
  const Schema &old = *before.schema, &now = *after.schema;
  return Cat(static_cast<int>(now.format), " ", static_cast<int>(now.describes), " ", old.envelope, " ",
             now.envelope, " ", now.meaning > old.meaning ? 1 : 0, " ", before.compatibility, " ",
             after.compatibility, " ", most_steps, " ", old.text.size(), " ", old.text, now.text);
}

}  // namespace

Compared ComparisonMemo::Find(const std::string& key) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto at = compared_.find(key);
  return at == compared_.end() ? nullptr : at->second;
}

void ComparisonMemo::Keep(const std::string& key, Compared compared) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto [at, is_new] = compared_.emplace(key, std::move(compared));
  if (!is_new) return;
  order_.push_back(at);
  bytes_ += key.size();
  while (order_.size() > kMostRemembered || bytes_ > kMostRememberedBytes) {
    bytes_ -= order_.front()->first.size();
    compared_.erase(order_.front());
    order_.pop_front();
  }
}

SchemaWork::SchemaWork(const Catalog& before, const std::vector<Edit>& edits, ComparisonMemo* memo)
    : memo_(memo), bytes_left_(kMostBytes), predictions_left_(kMostPredictions) {
  const size_t share = kMostSteps / std::max<size_t>(1, CountChangedSchemas(before, edits));
  limits_.most_steps = std::min(limits_.most_steps, share);
}

Compared SchemaWork::Compare(const ProductVersion& before, const ProductVersion& after) {
  const std::string key = KeyOf(before, after, limits_.most_steps);
  if (memo_ != nullptr) {
    if (Compared found = memo_->Find(key)) return found;
  }
  ComparedSchemas compared;
  compared.problem = "schemas are not compared yet";
  const Compared result = std::make_shared<const ComparedSchemas>(std::move(compared));
  if (memo_ != nullptr) memo_->Keep(key, result);
  return result;
}

}  // namespace sluice::core
