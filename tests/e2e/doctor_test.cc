// `sluice-agent doctor` on real servers: a good configuration, and one where much is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "tests/support/cluster_view.h"
#include "tests/support/dev_cluster.h"
#include "tests/support/world.h"

namespace sluice::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kCluster[] = "eu-prod";

class Doctor : public ::testing::Test {
 protected:
  Doctor() : cluster_(UseDevCluster(kCluster)), world_(cluster_.directory) {
    world_.StartControlPlane();
    world_.RegisterPlatform(prefix_);
  }

  // Runs it, and keeps its findings.
  int Examine(const std::string& config) {
    const Finished done = ::sluice::testing::Run({kAgent, "doctor", "--config", config, "-o", "json"}, {});
    findings_ = nlohmann::json::parse(done.output, nullptr, false);
    EXPECT_TRUE(findings_.is_object()) << done.output << done.errors;
    return done.exit_code;
  }
  // `VERDICT sentence` of a check.
  std::string Says(const std::string& area, const std::string& check) const {
    for (const auto& one : findings_.value("findings", nlohmann::json::array())) {
      if (one["area"] == area && one["check"] == check)
        return one["verdict"].get<std::string>() + " " + one["sentence"].get<std::string>();
    }
    return "no such check";
  }
  std::vector<std::string> With(const std::string& verdict) const {
    std::vector<std::string> checks;
    for (const auto& one : findings_["findings"]) {
      if (one["verdict"] == verdict)
        checks.push_back(one["area"].get<std::string>() + ": " + one["check"].get<std::string>());
    }
    return checks;
  }
  std::string Config(const std::string& tls, const ClientCertificate& kafka, const std::string& rest) {
    return world_.dir().Write(
        "bad.yaml", "cluster: eu-prod\ndata_directory: " + world_.dir().File("data") + "\ncontrol_plane: \"" +
                        world_.endpoint() + "\"\ntls: " + tls + "\nkafka:\n  bootstrap_servers: \"" +
                        cluster_.bootstrap_mtls + "\"\n  tls: {certificate: " + kafka.certificate_file +
                        ", key: " + kafka.key_file + ", ca: " + cluster_.ca_file + "}\n" + rest);
  }
  std::string Pki(const std::vector<std::string>& arguments) {
    std::vector<std::string> command = {"/bin/bash", std::string(SLUICE_SOURCE_DIR) + "/deploy/dev/pki.sh"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const Finished made = ::sluice::testing::Run(command, {});
    EXPECT_EQ(made.exit_code, 0) << made.errors;
    return made.output.substr(0, made.output.find('\n'));
  }
  static std::string Tls(const std::string& base, const std::string& ca) {
    return "{certificate: " + base + ".crt, key: " + base + ".key, ca: " + ca + "}";
  }

  const std::string kAgent = std::string(SLUICE_BINARY_DIR) + "/bin/sluice-agent";
  const DevCluster cluster_;
  const std::string prefix_ = RandomPrefix();
  World world_;
  nlohmann::json findings_;
};

// The ACLs that the doctor could have touched: other tests change theirs at the same time.
std::vector<std::string> AgentsOwn(const std::set<std::string>& acls) {
  std::vector<std::string> own;
  for (const std::string& acl : acls) {
    if (acl.find("sluice-agent") != std::string::npos || acl.find("sluice-doctor") != std::string::npos)
      own.push_back(acl);
  }
  return own;
}

TEST_F(Doctor, FindsNothingWrongWithAnAgentThatWorksAndChangesNothing) {
  const std::string guard = world_.dir().Write("guard.yaml", "denied_prefixes: [legacy.]\n");
  world_.StartAgent(kCluster, "guard_file: " + guard + "\n");
  const ClusterView before = Look(kCluster, "");
  const std::string config = world_.dir().File("agent-eu-prod.yaml");
  EXPECT_TRUE(Eventually([&] {
    Examine(config);
    return Says("data directory", "directory").find("an agent works in it") != std::string::npos;
  }));
  EXPECT_EQ(Examine(config), 0) << findings_.dump(2);
  EXPECT_THAT(With("FAIL"), IsEmpty()) << findings_.dump(2);
  EXPECT_THAT(Says("control plane", "certificate"), HasSubstr("OK bound to eu-prod"));
  EXPECT_THAT(Says("control plane", "protocol"), HasSubstr("OK"));
  EXPECT_THAT(Says("clock", "control plane"), HasSubstr("OK agrees"));
  EXPECT_THAT(Says("clock", "registry"), HasSubstr("OK agrees"));
  EXPECT_THAT(Says("privileges", "super user"), HasSubstr("OK no: User:sluice-agent-eu-prod"));
  for (const char* check : {"topics DESCRIBE", "topics DESCRIBE_CONFIGS", "topics CREATE", "topics ALTER",
                            "topics ALTER_CONFIGS", "topics READ", "topics WRITE", "topics DELETE",
                            "cluster DESCRIBE", "cluster ALTER", "cluster DESCRIBE_CONFIGS"}) {
    EXPECT_THAT(Says("privileges", check), HasSubstr("OK")) << check;
  }
  EXPECT_THAT(Says("kafka", "allow.everyone.if.no.acl.found"), HasSubstr("OK"));
  EXPECT_THAT(Says("kafka", "authorizer"),
              HasSubstr("OK org.apache.kafka.metadata.authorizer.StandardAuthorizer"));
  EXPECT_THAT(Says("kafka", "connections.max.reauth.ms"), HasSubstr("OK"));
  EXPECT_THAT(Says("registry", "credentials"), HasSubstr("WARN")) << "the dev registry knows nobody";
  EXPECT_THAT(Says("configuration", "guard file"), HasSubstr("OK"));
  // A second agent on the same directory is refused and says whose fault it is.
  const Finished second = ::sluice::testing::Run({kAgent, "--config", config}, {});
  EXPECT_EQ(second.exit_code, 3);
  EXPECT_THAT(second.errors, HasSubstr("one process at a time uses a store"));
  EXPECT_TRUE(world_.AgentRunning(kCluster));
  const ClusterView after = Look(kCluster, "");
  EXPECT_EQ(AgentsOwn(after.acls), AgentsOwn(before.acls));
  for (const auto& [topic, seen] : after.topics)
    EXPECT_EQ(topic.find("sluice-doctor"), std::string::npos) << topic;
  world_.StopAgent(kCluster, SIGTERM);
}

TEST_F(Doctor, NamesEverythingThatIsWrongAtOnce) {
  const ClientCertificate user = IssueClientCertificate(cluster_, prefix_ + "bad");
  const std::string who = "User:" + prefix_ + "bad";
  KafkaTool(kCluster, {"AclCommand", "--add", "--allow-principal", who, "--cluster", "--operation",
                       "Describe", "--operation", "DescribeConfigs"});
  KafkaTool(kCluster, {"AclCommand", "--add", "--allow-principal", who, "--topic", "*", "--operation",
                       "Create", "--operation", "Read"});
  const std::string expired =
      Pki({"agent", cluster_.directory, "eu-prod", "--days", "-3", "--out", prefix_ + "old"});
  const std::string config =
      Config(Tls(expired, cluster_.ca_file), user,
             "registry: {url: \"" + cluster_.registry_url + "\", tls: {ca: " + cluster_.directory +
                 "/pki/agents-ca.crt}}\n" +
                 "guard_file: " + world_.dir().Write("guard.yaml", "denied_prefixs: [x]\n") + "\n");
  EXPECT_EQ(Examine(config), 1);
  EXPECT_THAT(Says("configuration", "guard file"), HasSubstr("FAIL"));
  EXPECT_THAT(Says("certificates", "tls.certificate"), HasSubstr("FAIL CN=eu-prod expired on"));
  EXPECT_THAT(Says("control plane", "connection"), HasSubstr("FAIL"));
  EXPECT_THAT(Says("registry", "connection"), HasSubstr("certificate"));
  EXPECT_THAT(Says("kafka", "connection"), HasSubstr("OK"));
  EXPECT_THAT(Says("privileges", "cluster ALTER"), HasSubstr("FAIL may not: it is needed to grant"));
  EXPECT_THAT(Says("privileges", "topics CREATE"), HasSubstr("OK may"));
  EXPECT_THAT(Says("privileges", "topics DESCRIBE"), HasSubstr("OK")) << "Read implies it";
  EXPECT_THAT(Says("privileges", "topics ALTER_CONFIGS"), HasSubstr("FAIL may not"));
  EXPECT_THAT(Says("privileges", "topics DESCRIBE_CONFIGS"), HasSubstr("FAIL may not"));
  EXPECT_THAT(Says("privileges", "topics READ"), HasSubstr("FAIL may on *"));
  KafkaTool(kCluster, {"AclCommand", "--remove", "--force", "--allow-principal", who, "--cluster",
                       "--operation", "Describe", "--operation", "DescribeConfigs"});
  KafkaTool(kCluster, {"AclCommand", "--remove", "--force", "--allow-principal", who, "--topic", "*",
                       "--operation", "Create", "--operation", "Read"});
}

TEST_F(Doctor, NamesASuperUserAndAnAgentThatIsBoundElsewhere) {
  const std::string elsewhere = Pki({"agent", cluster_.directory, "us-prod"});
  const std::string config = Config(Tls(elsewhere, cluster_.ca_file), cluster_.admin, "");
  EXPECT_EQ(Examine(config), 1);
  EXPECT_THAT(Says("control plane", "connection"), HasSubstr("OK"));
  EXPECT_THAT(Says("control plane", "certificate"), HasSubstr("FAIL an agent sees its own cluster only"));
  EXPECT_THAT(Says("privileges", "super user"), HasSubstr("FAIL"));
  EXPECT_THAT(Says("registry", "connection"), HasSubstr("SKIPPED"));
}

TEST_F(Doctor, EndsWhenNothingAnswersAndStillSaysAllItKnows) {
  const std::string agent = Pki({"agent", cluster_.directory, "eu-prod"});
  const std::string config = world_.dir().Write(
      "away.yaml", "cluster: eu-prod\ndata_directory: " + world_.dir().File("data") +
                       "\ncontrol_plane: \"127.0.0.1:1\"\ntls: " + Tls(agent, cluster_.ca_file) +
                       "\nkafka: {bootstrap_servers: \"127.0.0.1:1\", tls: {ca: " + cluster_.ca_file +
                       "}}\nregistry: {url: \"https://127.0.0.1:1\"}\n");
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(Examine(config), 1);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(30));
  for (const char* area : {"control plane", "kafka", "registry"})
    EXPECT_THAT(Says(area, "connection"), HasSubstr("FAIL"));
  EXPECT_THAT(Says("certificates", "tls.certificate"), HasSubstr("spiffe://sluice/agent/eu-prod"));
  EXPECT_THAT(Says("privileges", "all"), HasSubstr("SKIPPED"));
  const Finished table = ::sluice::testing::Run({kAgent, "doctor", "--config", config}, {});
  EXPECT_EQ(table.exit_code, 1);
  EXPECT_THAT(table.output, HasSubstr("FAIL"));
  EXPECT_THAT(table.output, HasSubstr("→ check control_plane"));
  EXPECT_EQ(::sluice::testing::Run({kAgent, "doctor", "--config", "/no/such.yaml"}, {}).exit_code, 2);
  const Finished help = ::sluice::testing::Run({kAgent, "--help"}, {});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.output, HasSubstr("doctor"));
  EXPECT_THAT(help.output, HasSubstr("Exit codes"));
}

}  // namespace
}  // namespace sluice::testing
