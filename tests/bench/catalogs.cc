#include "tests/bench/catalogs.h"

#include <fmt/format.h>

namespace sluice::bench {
namespace {

using core::Edit;
using core::EditAction;

const std::vector<std::string>& Consumers() {
  static const std::vector<std::string> consumers = {"store-replenishment", "mobile-shopping"};
  return consumers;
}

constexpr char kProducer[] = "demand-planning";

core::Customer MakeCustomer(int index) {
  core::Customer customer;
  customer.name = fmt::format("customer-{:03}", index);
  customer.title = customer.name;
  customer.presence = {{.region = "eu", .environments = {"prod"}}};
  return customer;
}

core::Application MakeApplication(const std::string& name, int user) {
  core::Application application;
  application.name = name;
  application.title = name;
  application.domain = "f-and-r";
  application.owners = {"group:planning"};
  application.principals = {{"eu-prod", fmt::format("sa-{:06}", user)}};
  return application;
}

}  // namespace

std::string SchemaText() {
  std::string text = R"({"type":"object","required":["id"],"properties":{"id":{"type":"string"})";
  for (int i = 0; i < 20; ++i) {
    text += fmt::format(R"(,"quantity{}":{{"type":"number","minimum":0,"title":"Quantity {}"}})", i, i);
  }
  return text + "}}";
}

std::string ProductName(int index) { return fmt::format("f-and-r.forecast-{:05}", index); }

core::DataProduct MakeProduct(int index, bool schema) {
  core::DataProduct product;
  product.name = ProductName(index);
  product.title = "Forecasts";
  product.description = "What will be sold";
  product.category = "inference";
  product.stage = core::Stage::kGeneral;
  product.ownership = core::Ownership::kBroadcasting;
  product.owners = {"group:planning", "app:demand-planning"};
  product.email = "planning@example.com";
  product.customers.all = true;
  core::ProductVersion& version = product.versions.emplace_back();
  version.major = 1;
  if (schema) version.schema = core::Schema{.text = SchemaText()};
  for (const char* suffix : {"events", "state"}) {
    core::Stream& stream = version.streams.emplace_back();
    stream.suffix = suffix;
    stream.config = {
        {"cleanup.policy", "compact"}, {"retention.ms", "604800000"}, {"min.insync.replicas", "2"}};
  }
  return product;
}

core::Grant MakeGrant(int product, const std::string& application, core::AccessRole role) {
  core::Grant grant;
  grant.name = fmt::format("{}/{}", ProductName(product), application);
  grant.purpose = "orders";
  core::Access& access = grant.access.emplace_back();
  access.role = role;
  access.majors = {1};
  access.environments = {"prod"};
  return grant;
}

std::vector<Edit> Ground() {
  core::Environment environment;
  environment.name = "dev";  // the last one of the path is another, so that topics need no schema
  environment.order = 1;
  core::Environment prod = environment;
  prod.name = "prod";
  prod.order = 4;
  core::Environment last = environment;
  last.name = "zone";
  last.order = 5;
  for (core::Environment* each : {&environment, &prod, &last}) {
    each->title = each->name;
    each->defaults.partitions = 1;
    each->defaults.replication_factor = 3;
  }
  core::Category category;
  category.name = category.title = "inference";
  core::Domain domain;
  domain.name = "f-and-r";
  domain.title = "Forecasting";
  domain.owners = {"group:fr-leads"};
  core::Cluster cluster;
  cluster.name = cluster.title = "eu-prod";
  cluster.region = "eu";
  cluster.environment = "prod";
  cluster.agents = {"spiffe://sluice/agent/eu-prod"};
  std::vector<Edit> edits;
  const auto put = [&](core::Definition definition) {
    edits.push_back({EditAction::kPut, std::move(definition)});
  };
  put(environment);
  put(prod);
  put(last);
  put(category);
  put(domain);
  put(cluster);
  for (int i = 0; i < kCustomersOfWorld; ++i) put(MakeCustomer(i));
  put(MakeApplication(kProducer, 100));
  for (size_t i = 0; i < Consumers().size(); ++i)
    put(MakeApplication(Consumers()[i], 200 + static_cast<int>(i)));
  return edits;
}

std::vector<Edit> ProductEdits(int index, bool schema) {
  std::vector<Edit> edits = {{EditAction::kPut, MakeProduct(index, schema)},
                             {EditAction::kPut, MakeGrant(index, kProducer, core::AccessRole::kProducer)}};
  for (const std::string& consumer : Consumers()) {
    edits.push_back({EditAction::kPut, MakeGrant(index, consumer, core::AccessRole::kConsumer)});
  }
  return edits;
}

core::Catalog MakeCatalog(const WorldOptions& options) {
  std::vector<Edit> edits = Ground();
  for (int i = 0; i < options.products; ++i) {
    for (Edit& edit : ProductEdits(i, options.schemas)) edits.push_back(std::move(edit));
  }
  return core::Apply(core::Catalog(), edits, /*revision=*/1);
}

}  // namespace sluice::bench
