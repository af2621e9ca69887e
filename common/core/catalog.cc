#include "common/core/catalog.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "common/core/references.h"
#include "common/core/text.h"

namespace sluice::core {
namespace {

// Edits of one kind, taken together so that a table is copied once.
template <typename T>
struct Batch {
  std::vector<Entry<T>> put;
  std::vector<std::string> removed;

  void Run(Table<T>& table) {
    for (const std::string& name : removed) table.Remove(name);
    if (!put.empty()) table.PutAll(std::move(put));
  }
};

template <typename... T>
using Batches = std::tuple<Batch<T>...>;
using AllBatches = Batches<Environment, Category, Domain, Customer, Application, Cluster, DataProduct, Grant>;

template <typename T>
void Sort(const T& value, const Edit& edit, int64_t revision, AllBatches& batches) {
  auto& batch = std::get<Batch<T>>(batches);
  if (edit.action == EditAction::kDelete) {
    batch.removed.push_back(value.name);
  } else {
    batch.put.push_back({value.name, revision, std::make_shared<const T>(value)});
  }
}

std::string ReleaseName(std::string_view product, std::string_view environment) {
  return Cat(product, "/", environment);
}

// Products that an edit put or took away, and environments that are new or gone.
void UpdateReleases(const Catalog& before, const std::vector<Edit>& edits, Catalog& after) {
  std::vector<Entry<DataProduct>> put;
  const auto release = [&](const Entry<DataProduct>& product, const std::string& environment) {
    put.push_back({ReleaseName(product.name, environment), product.revision, product.value});
  };
  for (const Edit& edit : edits) {
    const std::string& name = NameOf(edit.definition);
    if (KindOf(edit.definition) == Kind::kDataProduct) {
      const Entry<DataProduct>* product = after.products.FindEntry(name);
      for (const auto& environment : (product == nullptr ? before : after).environments.entries()) {
        if (product != nullptr)
          release(*product, environment.name);
        else
          after.releases.Remove(ReleaseName(name, environment.name));
      }
    } else if (KindOf(edit.definition) == Kind::kEnvironment) {
      const bool is = after.environments.Find(name) != nullptr;
      if (is == (before.environments.Find(name) != nullptr)) continue;
      for (const auto& product : (is ? after : before).products.entries()) {
        if (is)
          release(product, name);
        else
          after.releases.Remove(ReleaseName(product.name, name));
      }
    }
  }
  if (!put.empty()) after.releases.PutAll(std::move(put));
}

// Disjoint sets over indexes; the smallest index stands for its set.
class Groups {
 public:
  explicit Groups(size_t size) : parent_(size) { std::iota(parent_.begin(), parent_.end(), size_t{0}); }
  size_t Of(size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void Join(size_t a, size_t b) {
    a = Of(a), b = Of(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<size_t> parent_;
};

}  // namespace

Kind KindOf(const Definition& definition) {
  return std::visit([](const auto& value) { return value.kKind; }, definition);
}

const std::string& NameOf(const Definition& definition) {
  return std::visit([](const auto& value) -> const std::string& { return value.name; }, definition);
}

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kEnvironment:
      return "Environment";
    case Kind::kCategory:
      return "Category";
    case Kind::kDomain:
      return "Domain";
    case Kind::kCustomer:
      return "Customer";
    case Kind::kApplication:
      return "Application";
    case Kind::kCluster:
      return "Cluster";
    case Kind::kDataProduct:
      return "DataProduct";
    case Kind::kGrant:
      return "Grant";
  }
  return "";
}

std::string ResourceName(Kind kind, std::string_view name) {
  std::string text(KindName(kind));
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  return text.append("/").append(name);
}

std::string ResourceName(const Definition& definition) {
  return ResourceName(KindOf(definition), NameOf(definition));
}

Catalog Apply(const Catalog& before, const std::vector<Edit>& edits, int64_t revision) {
  AllBatches batches;
  for (const Edit& edit : edits) {
    std::visit([&](const auto& value) { Sort(value, edit, revision, batches); }, edit.definition);
  }
  Catalog after = before;
  const auto run = [&after]<typename T>(Batch<T>& batch) { batch.Run(after.Of<T>()); };
  std::apply([&run](auto&... batch) { (run(batch), ...); }, batches);
  UpdateReleases(before, edits, after);
  return after;
}

std::vector<std::vector<size_t>> ConnectedGroups(const std::vector<Edit>& edits) {
  std::map<std::string, size_t> first;  // by resource
  Groups groups(edits.size());
  size_t environment = edits.size();
  for (size_t i = 0; i < edits.size(); ++i) {
    const auto [at, added] = first.emplace(ResourceName(edits[i].definition), i);
    if (!added) groups.Join(at->second, i);
    // Orders of environments are compared with each other, so that two may swap theirs.
    if (KindOf(edits[i].definition) != Kind::kEnvironment) continue;
    if (environment < edits.size()) groups.Join(environment, i);
    environment = i;
  }
  for (size_t i = 0; i < edits.size(); ++i) {
    for (const Reference& reference : ReferencesOf(edits[i].definition)) {
      const auto at = first.find(ResourceName(reference.kind, reference.name));
      if (at != first.end()) groups.Join(at->second, i);
    }
  }
  std::vector<std::vector<size_t>> result;
  std::map<size_t, size_t> place;  // of a group's first edit in `result`
  for (size_t i = 0; i < edits.size(); ++i) {
    const auto [at, added] = place.emplace(groups.Of(i), result.size());
    if (added) result.emplace_back();
    result[at->second].push_back(i);
  }
  return result;
}

}  // namespace sluice::core
