// Kinds: what ties a kind of the core to its proto, for code that is the same for every kind.
#pragma once

#include "common/core/catalog.h"
#include "sluice/v1/resource.pb.h"

namespace sluice::controlplane {

// `Proto`: message of the public API. `Of(resource)`: the definition in a Resource of that kind.
template <typename Definition>
struct KindTraits;

template <>
struct KindTraits<core::Environment> {
  using Proto = sluice::v1::Environment;
  static Proto& Of(sluice::v1::Resource& resource) { return *resource.mutable_environment(); }
};
template <>
struct KindTraits<core::Category> {
  using Proto = sluice::v1::Category;
  static Proto& Of(sluice::v1::Resource& resource) { return *resource.mutable_category(); }
};
template <>
struct KindTraits<core::Domain> {
  using Proto = sluice::v1::Domain;
  static Proto& Of(sluice::v1::Resource& resource) { return *resource.mutable_domain(); }
};
template <>
struct KindTraits<core::Customer> {
  using Proto = sluice::v1::Customer;
  static Proto& Of(sluice::v1::Resource& resource) { return *resource.mutable_customer(); }
};
template <>
struct KindTraits<core::Application> {
  using Proto = sluice::v1::Application;
  static Proto& Of(sluice::v1::Resource& resource) { return *resource.mutable_application(); }
};
template <>
struct KindTraits<core::Cluster> {
  using Proto = sluice::v1::Cluster;
  static Proto& Of(sluice::v1::Resource& resource) { return *resource.mutable_cluster(); }
};
template <>
struct KindTraits<core::DataProduct> {
  using Proto = sluice::v1::DataProduct;
  static Proto& Of(sluice::v1::Resource& resource) { return *resource.mutable_data_product(); }
};
template <>
struct KindTraits<core::Grant> {
  using Proto = sluice::v1::Grant;
  static Proto& Of(sluice::v1::Resource& resource) { return *resource.mutable_grant(); }
};

}  // namespace sluice::controlplane
