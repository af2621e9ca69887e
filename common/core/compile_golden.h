// A catalog as text, for tests only:
//
//   environment NAME [order=1] [partitions=N] [rf=N] [config.K=V …]
//   cluster NAME REGION ENVIRONMENT
//   customer NAME [REGION:ENV,ENV[:retired] …]
//   application NAME [CLUSTER=USER,USER …] [groups=PREFIX] [also=a,b] [txn=PREFIX] [txn-also=a,b]
//   product NAME CATEGORY CUSTOMERS [major-always]          CUSTOMERS: `*` or `a,b`
//     version MAJOR [retired|deprecated] [level=L] [schema=TEXT] [data] [avro]
//     stream SUFFIX [retired] [partitions=N] [dead-letters] [inbox] [config.K=V …]
//     override ENV [partitions=N] [rf=N] [config.K=V …]
//   grant PRODUCT/APPLICATION
//     consumer|producer MAJORS ENVIRONMENTS [streams=a,b] [customers=a,b]
//   unreleased PRODUCT ENVIRONMENT
//
// A version's schema describes the whole value unless the line says `data`.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/core/catalog.h"
#include "common/core/golden_text.h"

namespace sluice::core::golden {

class CatalogReader {
 public:
  Catalog Read(const std::vector<Line>& lines) {
    for (const Line& line : lines) Take(line);
    std::vector<Edit> edits;
    for (auto& definition : definitions_) edits.push_back({EditAction::kPut, std::move(definition)});
    Catalog catalog = Apply(Catalog(), edits, /*revision=*/1);
    for (const std::string& release : unreleased_) catalog.releases.Remove(release);
    return catalog;
  }

 private:
  static TopicSettings Settings(const Line& line) {
    return {line.Number("partitions"), line.Number("rf"), line.Configs()};
  }

  static Life LifeOf(const Line& line) {
    return line.Has("retired") ? Life::kRetired : line.Has("deprecated") ? Life::kDeprecated : Life::kActive;
  }

  template <typename T>
  T& Last() {
    return std::get<T>(definitions_.back());
  }

  void Take(const Line& line) {
    const std::string& word = line.words[0];
    if (word == "environment") {
      Environment environment;
      environment.name = line.At(1);
      environment.order = line.Number("order", 1);
      environment.defaults = Settings(line);
      definitions_.emplace_back(environment);
    } else if (word == "cluster") {
      Cluster cluster;
      cluster.name = line.At(1);
      cluster.region = line.At(2);
      cluster.environment = line.At(3);
      definitions_.emplace_back(cluster);
    } else if (word == "customer") {
      TakeCustomer(line);
    } else if (word == "application") {
      TakeApplication(line);
    } else if (word == "product") {
      DataProduct product;
      product.name = line.At(1);
      product.category = line.At(2);
      product.customers.all = line.Is(3, "*");
      if (!product.customers.all) product.customers.names = Split(line.At(3), ',');
      if (line.Has("major-always")) product.major_in_name = MajorInName::kAlways;
      definitions_.emplace_back(product);
    } else if (word == "version" || word == "stream" || word == "override") {
      TakeProductPart(line);
    } else if (word == "grant") {
      Grant grant;
      grant.name = line.At(1);
      definitions_.emplace_back(grant);
    } else if (word == "consumer" || word == "producer") {
      TakeAccess(line);
    } else if (word == "unreleased") {
      unreleased_.push_back(Cat(line.At(1), "/", line.At(2)));
    } else {
      ADD_FAILURE() << "no such line: " << word;
    }
  }

  void TakeCustomer(const Line& line) {
    Customer customer;
    customer.name = line.At(1);
    for (const std::string& word : After(line, 2)) {
      const std::vector<std::string> parts = Split(word, ':');
      customer.presence.push_back(
          {parts.at(0), Split(parts.at(1), ','), parts.size() > 2 ? Life::kRetired : Life::kActive});
    }
    definitions_.emplace_back(customer);
  }

  void TakeApplication(const Line& line) {
    Application application;
    application.name = line.At(1);
    for (const auto& [key, value] : line.values) {
      if (key == "groups")
        application.groups.prefix = value;
      else if (key == "also")
        application.groups.also = Split(value, ',');
      else if (key == "txn")
        application.transactional_ids.prefix = value;
      else if (key == "txn-also")
        application.transactional_ids.also = Split(value, ',');
      else
        for (const std::string& user : Split(value, ',')) application.principals.push_back({key, user});
    }
    definitions_.emplace_back(application);
  }

  void TakeProductPart(const Line& line) {
    DataProduct& product = Last<DataProduct>();
    if (line.Is(0, "version")) {
      ProductVersion& version = product.versions.emplace_back();
      version.major = std::stoi(line.At(1));
      version.state = LifeOf(line);
      version.compatibility = line.Value("level", version.compatibility);
      if (line.values.contains("schema")) {
        version.schema =
            Schema{line.Has("avro") ? SchemaFormat::kAvro : SchemaFormat::kJsonSchema, line.Value("schema"),
                   line.Has("data") ? Describes::kData : Describes::kMessage, 1};
      }
    } else if (line.Is(0, "stream")) {
      Stream& stream = product.versions.back().streams.emplace_back();
      stream.suffix = line.At(1);
      stream.state = LifeOf(line);
      stream.partitions = line.Number("partitions");
      stream.config = line.Configs();
      if (line.Has("dead-letters")) stream.purpose = Purpose::kDeadLetters;
      if (line.Has("inbox")) stream.purpose = Purpose::kInbox;
    } else {
      product.versions.back().streams.back().overrides[line.At(1)] = Settings(line);
    }
  }

  void TakeAccess(const Line& line) {
    Access access;
    access.role = line.Is(0, "producer") ? AccessRole::kProducer : AccessRole::kConsumer;
    for (const std::string& major : Split(line.At(1), ',')) access.majors.push_back(std::stoi(major));
    access.environments = Split(line.At(2), ',');
    access.streams = line.Items("streams");
    access.customers.names = line.Items("customers");
    Last<Grant>().access.push_back(access);
  }

  std::vector<Definition> definitions_;
  std::vector<std::string> unreleased_;
};

}  // namespace sluice::core::golden
