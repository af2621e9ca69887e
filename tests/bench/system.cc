#include "tests/bench/system.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <thread>
#include <utility>

#include "agent/access.h"
#include "agent/channel.h"
#include "agent/kafka/client.h"
#include "agent/kafka/over_admin.h"
#include "cli/client.h"
#include "cli/manifests.h"
#include "tests/bench/bench.h"
#include "tests/bench/timed_registry.h"
#include "tests/support/dev_cluster.h"

namespace sluice::bench {
namespace {

template <typename T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) Fail(value.status().ToString());
  return *std::move(value);
}

void CheckWorld() {
  if (::testing::UnitTest::GetInstance()->Failed()) Fail("the control plane or a command failed, see above");
}

}  // namespace

System::System(const std::string& cluster, const std::string& prefix, const std::string& environment,
               int customers)
    : cluster_(cluster),
      prefix_(prefix),
      environment_(environment),
      world_(testing::DevEnvironment()["DEV_DIR"]) {
  world_.StartControlPlane();
  CheckWorld();
  DeclarePlatform(customers);
  OpenAgent();
}

System::~System() { agent_->Stop(); }

void System::DeclarePlatform(int customers) {
  std::string text;
  for (const auto& [name, order] : {std::pair(environment_, 1), std::pair(std::string("prod"), 4)}) {
    text += fmt::format(
        "---\nkind: Environment\nname: {}\ntitle: {}\norder: {}\nself_service: {}\ndefaults: "
        "{{replication_factor: 1, "
        "config: {{min.insync.replicas: 1, retention.ms: 7d}}}}\n",
        name, name, order, name == "dev");
  }
  text += "---\nkind: Category\nname: forecast\ntitle: Forecast\n";
  text += "---\nkind: Domain\nname: f-and-r\ntitle: Forecasting\nowners: [\"group:fr-leads\"]\n";
  Sluice(0, "data-products", {"apply", "-f", "-"}, text);
  text = fmt::format(
      "kind: Cluster\nname: {0}\nregion: eu\nenvironment: {1}\nagents: [\"spiffe://sluice/agent/{0}\"]\n"
      "reserved_principals: [sluice-agent-{0}, admin, broker]\nlimits: {{partitions: 20000, acls: 100000}}\n",
      cluster_, environment_);
  for (int i = 0; i < customers; ++i)
    text += fmt::format("---\nkind: Customer\nname: {}{}\npresence:\n- {{region: eu, environments: [{}]}}\n",
                        prefix_, i, environment_);
  for (const std::string application : {"plan", "mobile", "desk"}) {
    text += fmt::format(
        "---\nkind: Application\nname: {0}\ndomain: f-and-r\nowners: [\"group:plan-team\"]\nprincipals:\n"
        "- {{cluster: {1}, user: {2}{0}}}\n",
        application, cluster_, prefix_);
  }
  Sluice(0, "operator", {"apply", "-f", "-"}, text);
}

void System::OpenAgent() {
  world_.WriteAgentConfig(cluster_, "resync_interval: 10m\nlog_level: warn\n");
  CheckWorld();
  const agent::AgentOptions options =
      Must(agent::LoadOptions(world_.dir().File("agent-" + cluster_ + ".yaml")));
  std::unique_ptr<agent::kafka::Admin> client =
      Must(agent::kafka::Client::Open(agent::KafkaOptionsOf(options.config)));
  agent::OwnedTargets targets;
  targets.kafka = agent::kafka::TargetOver(std::make_unique<TimedAdmin>(std::move(client), kafka_), {});
  targets.registry = std::make_unique<TimedRegistry>(
      Must(agent::OpenRegistry(agent::RegistryOptionsOf(options.config))), registry_);
  agent_ = Must(agent::Agent::Open(options, std::move(targets),
                                   agent::MakeChannel(options.config.control_plane(), options.config.tls()),
                                   clock_, metrics_));
  agent_->Start();
  sluice::internal::v1::CliContext context;
  context.set_name("plan-owner");
  context.set_endpoint(world_.endpoint());
  context.set_ca(world_.dev_dir() + "/pki/dev-ca.crt");
  context.set_token_file(world_.dir().File("people/plan-owner.jwt"));
  people_ = Must(cli::OpenChannel(context));
}

std::string System::Manifest(int first, int products, int customers, bool schema) const {
  std::string who = "{all: true}";
  if (customers > 0) {
    who = "{names: [";
    for (int i = 0; i < customers; ++i) who += fmt::format("{}{}{}", i > 0 ? ", " : "", prefix_, i);
    who += "]}";
  }
  std::string text;
  for (int i = first; i < first + products; ++i) {
    text += fmt::format(
        "---\nkind: DataProduct\nname: f-and-r.p{}\ncategory: forecast\nownership: BROADCASTING\nowners: "
        "[\"app:plan\"]\n"
        "customers: {}\nversions:\n- major: 1\n{}  streams:\n  - {{suffix: events, key: {{fields: "
        "[/id]}}}}\n",
        i, who,
        schema
            ? "  schema: {text: '{\"type\": \"object\", \"properties\": {\"id\": {\"type\": \"string\"}}}'}\n"
            : "");
    for (const auto& [application, role] :
         {std::pair("plan", "PRODUCER"), std::pair("mobile", "CONSUMER"), std::pair("desk", "CONSUMER")}) {
      text += fmt::format(
          "---\nkind: Grant\nname: f-and-r.p{}/{}\npurpose: bench\naccess: [{{role: {}, majors: [1], "
          "environments: "
          "[{}]}}]\n",
          i, application, role, environment_);
    }
  }
  return text;
}

std::string System::Sluice(int code, const std::string& person, const std::vector<std::string>& arguments,
                           const std::string& input) {
  std::string output = world_.Expect(code, person, arguments, input);
  CheckWorld();
  return output;
}

sluice::v1::ProposeChangeRequest System::Proposal(const std::string& manifest) const {
  const std::string path = world_.dir().Write("proposal.yaml", manifest);
  std::istringstream none;
  const manifest::Parsed parsed = cli::LoadManifests({path}, none);
  if (!parsed.problems.empty()) Fail(manifest::Format(parsed.problems.front()));
  sluice::v1::ProposeChangeRequest request;
  for (sluice::v1::Edit& edit : cli::EditsOf(parsed.documents, sluice::v1::Edit::ACTION_PUT))
    *request.add_edits() = std::move(edit);
  request.set_request_id(cli::NewRequestId());
  return request;
}

void System::Propose(const sluice::v1::ProposeChangeRequest& request) {
  cli::Client client(people_,
                     {"the control plane", std::chrono::seconds(60), [](std::chrono::milliseconds) {}});
  const auto response = client.Call(&sluice::v1::ChangeService::Stub::ProposeChange, request);
  if (!response.ok()) Fail(response.status().ToString());
}

System::Steady System::WaitForItems(size_t kafka, size_t registry) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (kafka_.ItemsChanged() < kafka || registry_.ItemsChanged() < registry) {
    if (std::chrono::steady_clock::now() > give_up)
      Fail(fmt::format("the agent changed {} items of Kafka and {} of the registry, not {} and {}",
                       kafka_.ItemsChanged(), registry_.ItemsChanged(), kafka, registry));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return std::max(kafka_.LastMutation(), registry_.LastMutation());
}

void System::ClearLogs() {
  const auto still = std::chrono::milliseconds(150);
  for (size_t seen = kafka_.Count();; seen = kafka_.Count()) {
    std::this_thread::sleep_for(still);
    if (kafka_.Count() == seen) break;
  }
  kafka_.Clear();
  registry_.Clear();
}

}  // namespace sluice::bench
