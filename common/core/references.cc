#include "common/core/references.h"

#include "common/core/names.h"
#include "common/core/text.h"

namespace sluice::core {
namespace {

constexpr std::string_view kAppPrefix = "app:";

void AddAll(Kind kind, const std::vector<std::string>& names, std::string_view field,
            std::vector<Reference>& out) {
  for (size_t i = 0; i < names.size(); ++i) out.push_back({kind, names[i], Item(field, i)});
}

}  // namespace

std::vector<Reference> ReferencesOf(const Environment&) { return {}; }
std::vector<Reference> ReferencesOf(const Category&) { return {}; }
std::vector<Reference> ReferencesOf(const Domain&) { return {}; }

std::vector<Reference> ReferencesOf(const Customer& customer) {
  std::vector<Reference> out;
  for (size_t i = 0; i < customer.presence.size(); ++i) {
    AddAll(Kind::kEnvironment, customer.presence[i].environments, Cat(Item("presence", i), ".environments"),
           out);
  }
  return out;
}

std::vector<Reference> ReferencesOf(const Application& application) {
  std::vector<Reference> out;
  out.push_back({Kind::kDomain, application.domain, "domain"});
  for (size_t i = 0; i < application.principals.size(); ++i) {
    out.push_back(
        {Kind::kCluster, application.principals[i].cluster, Cat(Item("principals", i), ".cluster")});
  }
  return out;
}

std::vector<Reference> ReferencesOf(const Cluster& cluster) {
  std::vector<Reference> out;
  out.push_back({Kind::kEnvironment, cluster.environment, "environment"});
  return out;
}

std::vector<Reference> ReferencesOf(const DataProduct& product) {
  std::vector<Reference> out;
  if (const auto name = ParseProductName(product.name))
    out.push_back({Kind::kDomain, std::string(name->domain), "name"});
  out.push_back({Kind::kCategory, product.category, "category"});
  for (size_t i = 0; i < product.owners.size(); ++i) {
    const std::string_view owner = product.owners[i];
    if (owner.substr(0, kAppPrefix.size()) != kAppPrefix) continue;
    out.push_back({Kind::kApplication, std::string(owner.substr(kAppPrefix.size())), Item("owners", i)});
  }
  AddAll(Kind::kCustomer, product.customers.names, "customers.names", out);
  for (size_t v = 0; v < product.versions.size(); ++v) {
    const std::vector<Stream>& streams = product.versions[v].streams;
    for (size_t s = 0; s < streams.size(); ++s) {
      for (const auto& [environment, settings] : streams[s].overrides) {
        out.push_back({Kind::kEnvironment, environment,
                       Cat(Item("versions", v), ".", Item("streams", s), ".overrides.", environment)});
      }
    }
  }
  return out;
}

std::vector<Reference> ReferencesOf(const Grant& grant) {
  std::vector<Reference> out;
  if (const auto name = ParseGrantName(grant.name)) {
    out.push_back({Kind::kDataProduct, std::string(name->product), "name"});
    out.push_back({Kind::kApplication, std::string(name->application), "name"});
  }
  for (size_t i = 0; i < grant.access.size(); ++i) {
    const std::string access = Item("access", i);
    AddAll(Kind::kCustomer, grant.access[i].customers.names, Cat(access, ".customers.names"), out);
    AddAll(Kind::kEnvironment, grant.access[i].environments, Cat(access, ".environments"), out);
  }
  return out;
}

std::vector<Reference> ReferencesOf(const Definition& definition) {
  return std::visit([](const auto& value) { return ReferencesOf(value); }, definition);
}

}  // namespace sluice::core
