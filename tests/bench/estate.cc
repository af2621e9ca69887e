#include "tests/bench/estate.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/cache.h"
#include "common/clock/clock.h"
#include "common/crypto/sha256.h"
#include "common/wire/wire.h"
#include "sluice/v1/slice.pb.h"
#include "tests/bench/bench.h"
#include "tests/support/dev_cluster.h"

namespace sluice::bench {
namespace {

// About 700 bytes, as a small event's schema has; every subject's differs.
std::string Schema(const std::string& title) {
  std::string text = fmt::format(
      R"({{"$schema":"http://json-schema.org/draft-07/schema#","title":"{}","type":"object","required":["id","time"],"properties":{{)",
      title);
  for (int i = 0; i < 12; ++i)
    text += fmt::format(R"("field{}":{{"type":"string","description":"field {} of the event"}},)", i, i);
  return text + R"("id":{"type":"string"},"time":{"type":"string","format":"date-time"}}})";
}

core::Acl Grant(const std::string& topic, const std::string& user, core::Operation operation) {
  core::Acl acl;
  acl.resource = topic;
  acl.principal = "User:" + user;
  acl.operation = operation;
  return acl;
}

agent::KafkaOptions KafkaAs(const testing::DevCluster& cluster, const testing::ClientCertificate& user) {
  agent::KafkaOptions options;
  options.bootstrap_servers = cluster.bootstrap_mtls;
  options.ca_file = cluster.ca_file;
  options.certificate_file = user.certificate_file;
  options.key_file = user.key_file;
  return options;
}

}  // namespace

std::vector<core::Topic> Estate::Topics() const {
  std::vector<core::Topic> all;
  for (const core::Slice& slice : slices) all.insert(all.end(), slice.topics.begin(), slice.topics.end());
  return all;
}

std::vector<core::Acl> Estate::Acls() const {
  std::vector<core::Acl> all;
  for (const core::Slice& slice : slices) all.insert(all.end(), slice.acls.begin(), slice.acls.end());
  return all;
}

std::vector<core::Subject> Estate::Subjects() const {
  std::vector<core::Subject> all;
  for (const core::Slice& slice : slices) all.insert(all.end(), slice.subjects.begin(), slice.subjects.end());
  return all;
}

std::vector<std::string> Estate::TopicNames() const {
  std::vector<std::string> names;
  for (const core::Topic& topic : Topics()) names.push_back(topic.name);
  return names;
}

Estate MakeEstate(const std::string& prefix, int topics, WithSubjects subjects) {
  Estate estate;
  for (int i = 0; i < topics; ++i) {
    const std::string customer = fmt::format("{}{}", prefix, i % 10), product = fmt::format("p{}", i / 10);
    core::Slice slice;
    slice.key = core::ProductSliceKey("f-and-r." + product, customer);
    core::Topic topic;
    topic.name = fmt::format("{}.f-and-r.forecast.{}.events", customer, product);
    topic.replication_factor = 1;
    topic.configs = {
        {"cleanup.policy", "compact"}, {"min.insync.replicas", "1"}, {"retention.ms", "604800000"}};
    if (subjects == WithSubjects::kYes) {
      topic.gate_subject = topic.name + "-value";
      slice.subjects.push_back({topic.gate_subject, "JSON", Schema(topic.name), "FORWARD_TRANSITIVE"});
    }
    slice.acls = {Grant(topic.name, kEstateUsers[0], core::Operation::kWrite),
                  Grant(topic.name, kEstateUsers[1], core::Operation::kRead),
                  Grant(topic.name, kEstateUsers[2], core::Operation::kRead)};
    std::sort(slice.acls.begin(), slice.acls.end());
    slice.topics.push_back(std::move(topic));
    estate.slices.push_back(std::move(slice));
  }
  return estate;
}

void WriteCache(const Estate& estate, const std::string& directory) {
  SystemClock clock;
  auto must = [](const absl::Status& status) {
    if (!status.ok()) Fail("the cache cannot be written: " + status.ToString());
  };
  must(agent::PrepareDirectory(directory));
  auto cache = agent::Cache::Open(directory + "/cache.db", clock);
  must(cache.status());
  agent::Cache::Header header;
  header.full = true;
  header.may_apply = true;
  header.reserved_principals = {"admin", "broker", "sluice-agent-eu-prod"};
  must((*cache)->Begin(header));
  for (const core::Slice& slice : estate.slices) {
    const std::string body = wire::ToProto(slice).SerializeAsString();
    must((*cache)->Put(slice.key, 1, Sha256Hex(body), body));
  }
  must((*cache)->Commit(1, Sha256Hex("history")).status());
}

agent::KafkaOptions AgentKafka() {
  const testing::DevCluster cluster = testing::UseDevCluster();
  return KafkaAs(cluster, cluster.agent);
}

agent::KafkaOptions AdminKafka(const std::string& name) {
  const testing::DevCluster cluster = testing::UseDevCluster(name);
  return KafkaAs(cluster, cluster.admin);
}

agent::RegistryOptions Registry() {
  const testing::DevCluster cluster = testing::UseDevCluster();
  agent::RegistryOptions options;
  options.url = cluster.registry_url;
  options.ca_file = cluster.ca_file;
  return options;
}

}  // namespace sluice::bench
