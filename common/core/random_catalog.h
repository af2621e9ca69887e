// Random catalogs and clusters for property tests. Names are few and alike, so that mix-ups show.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "common/core/catalog.h"
#include "common/core/text.h"

namespace sluice::core::testing_random {

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}

  int Below(int limit) { return static_cast<int>(engine_() % static_cast<uint32_t>(limit)); }
  bool Chance(int percent) { return Below(100) < percent; }
  template <typename T>
  const T& Pick(const std::vector<T>& items) {
    return items[static_cast<size_t>(Below(static_cast<int>(items.size())))];
  }
  std::vector<std::string> Some(const std::vector<std::string>& items, int percent) {
    std::vector<std::string> some;
    for (const std::string& item : items) {
      if (Chance(percent)) some.push_back(item);
    }
    return some;
  }

 private:
  std::mt19937 engine_;
};

inline const std::vector<std::string> kEnvironments = {"dev", "prod"};
inline const std::vector<std::string> kRegions = {"eu", "us"};
inline const std::vector<std::string> kClusters = {"eu-dev", "eu-prod", "us-prod"};
inline const std::vector<std::string> kCustomers = {"a", "a-b", "b", "v2"};
inline const std::vector<std::string> kApplications = {"app", "app-x", "a", "b"};
inline const std::vector<std::string> kProducts = {"a.b", "a.b-c", "a-b.c", "a.v2", "v2.b"};
inline const std::vector<std::string> kSuffixes = {"a", "b", "a-b", "events", "dlq"};
inline const std::vector<std::string> kKeys = {"retention.ms", "segment.ms", "min.insync.replicas"};

inline Config RandomConfig(Random& random) {
  Config config;
  for (const std::string& key : random.Some(kKeys, 30)) config[key] = TextOf(random.Below(3) + 1);
  return config;
}

inline Environment RandomEnvironment(Random& random, const std::string& name) {
  Environment environment;
  environment.name = name;
  environment.order = name == "prod" || random.Chance(20) ? 4 + random.Below(2) : 1;
  environment.defaults = {random.Below(3), random.Below(3), RandomConfig(random)};
  return environment;
}

inline Cluster RandomCluster(Random&, const std::string& name) {
  Cluster cluster;
  cluster.name = name;
  cluster.region = name.substr(0, 2);
  cluster.environment = name.substr(3);
  return cluster;
}

inline Customer RandomCustomer(Random& random, const std::string& name) {
  Customer customer;
  customer.name = name;
  for (const std::string& region : random.Some(kRegions, 70)) {
    customer.presence.push_back(
        {region, random.Some(kEnvironments, 70), random.Chance(20) ? Life::kRetired : Life::kActive});
  }
  return customer;
}

inline Application RandomApplication(Random& random, const std::string& name) {
  Application application;
  application.name = name;
  for (const std::string& cluster : random.Some(kClusters, 70)) {
    application.principals.push_back({cluster, "sa-" + name});
    if (random.Chance(30)) application.principals.push_back({cluster, "sb-" + name});
  }
  if (random.Chance(30)) application.groups.also = {"legacy-" + name};
  if (random.Chance(20)) application.transactional_ids.prefix = "tx-" + name + ".";
  return application;
}

inline Stream RandomStream(Random& random, const std::string& suffix) {
  Stream stream;
  stream.suffix = suffix;
  stream.state = random.Chance(15) ? Life::kRetired : Life::kActive;
  stream.purpose = suffix == "dlq" ? Purpose::kDeadLetters : Purpose::kRecords;
  stream.partitions = random.Below(3);
  stream.config = RandomConfig(random);
  if (random.Chance(30))
    stream.overrides[random.Pick(kEnvironments)] = {random.Below(4), random.Below(3), RandomConfig(random)};
  return stream;
}

inline CustomerSelection RandomSelection(Random& random) {
  CustomerSelection selection;
  selection.all = random.Chance(50);
  if (!selection.all) selection.names = random.Some(kCustomers, 60);
  return selection;
}

inline DataProduct RandomProduct(Random& random, const std::string& name) {
  static const std::vector<std::string> kLevels = {"NONE", "BACKWARD", "FORWARD", "FORWARD_TRANSITIVE",
                                                   "FULL_TRANSITIVE"};
  DataProduct product;
  product.name = name;
  product.category = random.Chance(80) ? "c" : "b";
  product.customers = RandomSelection(random);
  product.major_in_name = random.Chance(20) ? MajorInName::kAlways : MajorInName::kFromV2;
  for (int major = 1; major <= 2; ++major) {
    if (major == 2 && random.Chance(50)) break;
    ProductVersion& version = product.versions.emplace_back();
    version.major = major;
    version.state = random.Chance(20) ? Life::kRetired : Life::kActive;
    version.compatibility = random.Pick(kLevels);
    if (random.Chance(80)) {
      version.schema = Schema{SchemaFormat::kJsonSchema, Cat("{\"maximum\":", random.Below(3), "}"),
                              Describes::kMessage, 1};
    }
    for (const std::string& suffix : random.Some(kSuffixes, 50))
      version.streams.push_back(RandomStream(random, suffix));
  }
  return product;
}

inline Grant RandomGrant(Random& random, const std::string& product, const std::string& application) {
  Grant grant;
  grant.name = Cat(product, "/", application);
  for (int i = 0; i <= random.Below(2); ++i) {
    Access& access = grant.access.emplace_back();
    access.role = random.Chance(50) ? AccessRole::kConsumer : AccessRole::kProducer;
    access.majors = {1 + random.Below(2)};
    access.streams = random.Chance(60) ? std::vector<std::string>() : random.Some(kSuffixes, 50);
    if (random.Chance(40)) access.customers = RandomSelection(random);
    access.environments = random.Some(kEnvironments, 70);
  }
  return grant;
}

// One definition of a random kind and name.
inline Definition RandomDefinition(Random& random) {
  switch (random.Below(12)) {
    case 0:
      return RandomEnvironment(random, random.Pick(kEnvironments));
    case 1:
      return RandomCluster(random, random.Pick(kClusters));
    case 2:
    case 3:
      return RandomCustomer(random, random.Pick(kCustomers));
    case 4:
    case 5:
      return RandomApplication(random, random.Pick(kApplications));
    case 6:
    case 7:
    case 8:
      return RandomProduct(random, random.Pick(kProducts));
    default:
      return RandomGrant(random, random.Pick(kProducts), random.Pick(kApplications));
  }
}

inline std::vector<Edit> RandomEdits(Random& random, int count) {
  std::vector<Edit> edits;
  for (int i = 0; i < count; ++i) {
    edits.push_back({random.Chance(85) ? EditAction::kPut : EditAction::kDelete, RandomDefinition(random)});
  }
  return edits;
}

inline Catalog RandomCatalog(Random& random) {
  std::vector<Edit> edits;
  const auto put = [&](Definition definition) { edits.push_back({EditAction::kPut, std::move(definition)}); };
  for (const std::string& name : kEnvironments) put(RandomEnvironment(random, name));
  for (const std::string& name : kClusters) put(RandomCluster(random, name));
  for (const std::string& name : kCustomers) put(RandomCustomer(random, name));
  for (const std::string& name : kApplications) put(RandomApplication(random, name));
  for (const std::string& name : random.Some(kProducts, 70)) {
    put(RandomProduct(random, name));
    for (const std::string& application : random.Some(kApplications, 60))
      put(RandomGrant(random, name, application));
  }
  return Apply(Catalog(), edits, 1);
}

}  // namespace sluice::core::testing_random
