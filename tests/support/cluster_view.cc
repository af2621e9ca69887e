#include "tests/support/cluster_view.h"

#include <memory>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agent/kafka/kafka.h"
#include "agent/registry/http.h"
#include "tests/support/process.h"
#include "tests/support/world.h"

namespace sluice::testing {
namespace {

std::string Key(const std::string& cluster, const std::string& name) {
  return (cluster == "eu-prod" ? "EU_PROD_" : "US_PROD_") + name;
}

// Kept open: a new connection for each look would cost more than the look.
agent::KafkaTarget& Kafka(const std::string& cluster) {
  static std::map<std::string, std::unique_ptr<agent::KafkaTarget>> open;
  std::unique_ptr<agent::KafkaTarget>& target = open[cluster];
  if (target == nullptr) {
    std::map<std::string, std::string> dev = DevEnvironment();
    agent::KafkaOptions options;
    options.bootstrap_servers = dev[Key(cluster, "BOOTSTRAP_MTLS")];
    options.certificate_file = dev["PKI_DIR"] + "/client/admin.crt";
    options.key_file = dev["PKI_DIR"] + "/client/admin.key";
    options.ca_file = dev["CA_FILE"];
    target = agent::OpenKafka(options).value();
  }
  return *target;
}

nlohmann::json Get(agent::registry::Http& registry, const std::string& path) {
  const absl::StatusOr<agent::registry::Response> response = registry.Do({"GET", path, ""});
  EXPECT_TRUE(response.ok()) << response.status();
  if (!response.ok() || response->code != 200) return nullptr;
  return nlohmann::json::parse(response->body, nullptr, false);
}

agent::RegistryOptions RegistryOf(const std::string& cluster) {
  std::map<std::string, std::string> dev = DevEnvironment();
  agent::RegistryOptions options;
  options.url = dev[Key(cluster, "REGISTRY_URL")];
  options.ca_file = dev["CA_FILE"];
  return options;
}

void Take(const std::string& cluster, const core::Step& step) {
  const std::vector<agent::StepResult> results = Kafka(cluster).Apply({step});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_TRUE(results[0].status.ok()) << results[0].status;
}

std::map<std::string, SubjectView> Subjects(const std::string& cluster, const std::string& prefix) {
  agent::registry::Http registry(RegistryOf(cluster));
  std::map<std::string, SubjectView> views;
  for (const nlohmann::json& subject : Get(registry, "/subjects")) {
    const std::string name = subject.get<std::string>();
    if (name.compare(0, prefix.size(), prefix) != 0) continue;
    const std::string path = "/subjects/" + agent::registry::Encode(name) + "/versions";
    const nlohmann::json versions = Get(registry, path);
    if (!versions.is_array() || versions.empty()) continue;
    SubjectView& view = views[name];
    view.versions = static_cast<int>(versions.size());
    view.latest = Get(registry, path + "/latest").value("schema", "");
    const nlohmann::json config = Get(registry, "/config/" + agent::registry::Encode(name));
    if (config.is_object()) view.level = config.value("compatibilityLevel", config.value("compatibility", ""));
  }
  return views;
}

}  // namespace

ClusterView Look(const std::string& cluster, const std::string& prefix) {
  ClusterView view;
  absl::StatusOr<agent::KafkaState> state = Kafka(cluster).Observe({});
  EXPECT_TRUE(state.ok()) << state.status();
  if (!state.ok()) return view;
  for (auto& [name, topic] : state->topics) {
    if (name.compare(0, prefix.size(), prefix) == 0) view.topics.emplace(name, topic);
  }
  EXPECT_TRUE(state->acls.ok()) << state->acls.status();
  if (state->acls.ok()) {
    for (const core::Acl& acl : *state->acls) {
      const std::string line = core::Describe(acl);
      if (line.find(prefix) != std::string::npos) view.acls.insert(line);
    }
  }
  view.subjects = Subjects(cluster, prefix);
  return view;
}

void MakeTopic(const std::string& cluster, const core::Topic& topic) {
  core::Step step;
  step.kind = core::StepKind::kCreateTopic;
  step.resource = topic.name;
  step.topic = topic;
  Take(cluster, step);
}

void SetTopicConfig(const std::string& cluster, const std::string& topic, const std::string& key,
                    const std::string& value) {
  core::Step step;
  step.kind = core::StepKind::kSetConfig;
  step.resource = topic;
  step.topic.name = topic;
  step.key = key;
  step.after = value;
  Take(cluster, step);
}

void AddAcl(const std::string& cluster, const core::Acl& acl) {
  core::Step step;
  step.kind = core::StepKind::kCreateAcl;
  step.resource = core::Describe(acl);
  step.acl = acl;
  Take(cluster, step);
}

void RemoveAcl(const std::string& cluster, const core::Acl& acl) {
  core::Step step;
  step.kind = core::StepKind::kDeleteAcl;
  step.resource = core::Describe(acl);
  step.acl = acl;
  Take(cluster, step);
}

std::string AskRegistry(const std::string& cluster, const std::string& method, const std::string& path,
                        const std::string& body) {
  agent::registry::Http registry(RegistryOf(cluster));
  const absl::StatusOr<agent::registry::Response> response = registry.Do({method, path, body});
  EXPECT_TRUE(response.ok()) << response.status();
  if (!response.ok()) return "";
  EXPECT_LT(response->code, 300) << path << ": " << response->body;
  return response->body;
}

std::string KafkaTool(const std::string& cluster, const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"/bin/bash", std::string(SLUICE_SOURCE_DIR) + "/deploy/dev/cluster.sh", "tool",
                                      DevEnvironment()["DEV_DIR"], cluster};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const Finished done = Run(command, {});
  EXPECT_EQ(done.exit_code, 0) << done.output << done.errors;
  return done.output;
}

}  // namespace sluice::testing
