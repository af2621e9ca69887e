// Catalogs of any size for benchmarks: products with one version of two streams on one cluster `eu-prod`,
// each for a hundred customers, with one producer and two consumers; so 100,000 topics and 300,000 ACLs are
// 500 products. Names, overrides and principals are as long as real ones.
#pragma once

#include <string>
#include <vector>

#include "common/core/catalog.h"

namespace sluice::bench {

inline constexpr int kCustomersOfWorld = 100;
inline constexpr int kTopicsOfProduct = 2 * kCustomersOfWorld;
inline constexpr int kAclsOfProduct = 3 * kTopicsOfProduct;

struct WorldOptions {
  int products = 500;
  bool schemas = false;  // else no subjects
};

// `f-and-r.forecast-00042`.
std::string ProductName(int index);
core::DataProduct MakeProduct(int index, bool schema);
core::Grant MakeGrant(int product, const std::string& application, core::AccessRole role);

// Environment prod, category, domain, customers, applications and the cluster: what products stand on.
std::vector<core::Edit> Ground();
// Product `index` and its three grants.
std::vector<core::Edit> ProductEdits(int index, bool schema);
core::Catalog MakeCatalog(const WorldOptions& options);

// A JSON Schema of about 1 kB.
std::string SchemaText();

}  // namespace sluice::bench
