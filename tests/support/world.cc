#include "tests/support/world.h"

#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

#include "common/crypto/sha256.h"

namespace sluice::testing {
namespace {

const std::string kSource = SLUICE_SOURCE_DIR;
// The programs of this build, unless SLUICE_BIN_DIR names others (those of a release, say).
const std::string kBin = (getenv("SLUICE_BIN_DIR") != nullptr ? std::string(getenv("SLUICE_BIN_DIR"))
                                                              : std::string(SLUICE_BINARY_DIR) + "/bin") + "/";

std::string Trim(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

Finished Script(std::vector<std::string> arguments) {
  arguments[0] = kSource + "/deploy/dev/" + arguments[0];
  arguments.insert(arguments.begin(), "/bin/bash");
  Finished done = Run(arguments, {});
  EXPECT_EQ(done.exit_code, 0) << arguments[1] << ": " << done.errors;
  return done;
}

std::vector<std::string> Words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

}  // namespace

std::string Binary(const std::string& name) { return kBin + name; }

bool Eventually(const std::function<bool()>& holds, int seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}

std::map<std::string, std::string> DevEnvironment() {
  const char* given = getenv("SLUICE_DEV_ENV");
  std::ifstream file(given != nullptr ? given : std::string(SLUICE_BINARY_DIR) + "/dev/env");
  std::map<std::string, std::string> values;
  for (std::string line; std::getline(file, line);) {
    const size_t equals = line.find('=');
    if (equals != std::string::npos) values[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return values;
}

std::string RandomPrefix() { return "t" + RandomHex(3); }

World::World(const std::string& dev_dir) : dev_dir_(dev_dir.empty() ? dir_.File("dev") : dev_dir) {
  if (dev_dir.empty()) Script({"pki.sh", "init", dev_dir_});
  for (const auto& [person, groups] : kPeople) {
    SetContext(person, Token({"--sub", person, "--name", "Person " + person, "--groups", groups}));
  }
}

World::~World() {
  for (auto& [cluster, agent] : agents_) agent->Signal(SIGKILL);
  if (control_plane_) control_plane_->Signal(SIGKILL);
  if (!::testing::UnitTest::GetInstance()->Failed()) return;
  for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
    if (entry.path().extension() != ".log") continue;
    const std::string log = ReadFile(entry.path().string());
    std::fprintf(stderr, "--- %s\n%s\n", entry.path().c_str(), log.substr(log.size() - std::min<size_t>(log.size(), 6000)).c_str());
  }
}

std::string World::Token(const std::vector<std::string>& options) {
  std::vector<std::string> command = {"token.sh", dev_dir_};
  command.insert(command.end(), options.begin(), options.end());
  return Script(command).output;
}

void World::SetContext(const std::string& person, const std::string& token) {
  tokens_[person] = dir_.Write("people/" + person + ".jwt", token);
  WriteContexts();
}

void World::WriteContexts() {
  std::string text = "current: operator\ncontexts:\n";
  for (const auto& [person, file] : tokens_) {
    text += "- {name: " + person + ", endpoint: \"" + (endpoint_.empty() ? "127.0.0.1:1" : endpoint_) + "\", ca: " + pki() +
            "/dev-ca.crt, token_file: " + file + "}\n";
  }
  // A restart keeps the address: nobody may meet a half-written file.
  if (text != ReadFile(dir_.File("contexts.yaml"))) dir_.Write("contexts.yaml", text);
}

void World::WriteControlPlaneConfig() {
  std::string text;
  text += "data_directory: " + dir_.File("controlplane") + "\n";
  text += "listen: \"" + (endpoint_.empty() ? "127.0.0.1:0" : endpoint_) + "\"\n";
  text += "address_file: " + dir_.File("address") + "\n";
  text += "tls: {certificate: " + pki() + "/server/controlplane.crt, key: " + pki() + "/server/controlplane.key}\n";
  text += "agents_ca: " + pki() + "/agents-ca.crt\n";
  text += "tokens: {issuer: \"https://issuer.sluice.test\", audience: sluice, jwks_file: " + pki() + "/issuer/jwks.json}\n";
  text += "roles:\n  review_board: [\"group:ii-sig\"]\n  data_products_team: [\"group:data-products\"]\n";
  text += "  platform_operator: [\"group:platform\"]\n  auditor: [\"group:audit\"]\n";
  dir_.Write("controlplane.yaml", text);
}

void World::StartControlPlane() {
  WriteControlPlaneConfig();
  std::filesystem::remove(dir_.File("address"));
  control_plane_ = std::make_unique<Process>(
      std::vector<std::string>{kBin + "sluice-controlplane", "--config", dir_.File("controlplane.yaml")},
      std::map<std::string, std::string>{}, dir_.File("controlplane.log"));
  ASSERT_TRUE(Eventually([&] { return !ReadFile(dir_.File("address")).empty() || !control_plane_->Running(); }));
  ASSERT_TRUE(control_plane_->Running());
  endpoint_ = Trim(ReadFile(dir_.File("address")));
  WriteContexts();
}

void World::StopControlPlane(int signal) {
  control_plane_->Signal(signal);
  const int code = control_plane_->Wait();
  if (signal == SIGTERM) EXPECT_EQ(code, 0) << "the control plane did not stop cleanly";
}

void World::WriteAgentConfig(const std::string& cluster, const std::string& extra_config) {
  Script({"pki.sh", "agent", dev_dir_, cluster});
  std::map<std::string, std::string> dev = DevEnvironment();
  std::string key = cluster == "eu-prod" ? "EU_PROD_" : "US_PROD_";
  const Ways ways = ways_[cluster];
  std::string registry = dev[key + "REGISTRY_URL"];  // https://HOST:PORT/PATH
  if (!ways.registry.empty()) registry = "https://" + ways.registry + registry.substr(registry.find('/', 8));
  std::string text = "cluster: " + cluster + "\ndata_directory: " + dir_.File("agent-" + cluster) + "\n";
  text += "control_plane: \"" + (ways.control_plane.empty() ? endpoint_ : ways.control_plane) + "\"\n";
  text += "tls: {certificate: " + pki() + "/agent/" + cluster + ".crt, key: " + pki() + "/agent/" + cluster +
          ".key, ca: " + pki() + "/dev-ca.crt}\n";
  text += "kafka:\n  bootstrap_servers: \"" + (ways.kafka.empty() ? dev[key + "BOOTSTRAP_MTLS"] : ways.kafka) + "\"\n  tls: {certificate: " +
          dev[key + "AGENT_KAFKA_CERT"] + ", key: " + dev[key + "AGENT_KAFKA_KEY"] + ", ca: " + dev["CA_FILE"] + "}\n";
  text += "registry: {url: \"" + registry + "\", tls: {ca: " + dev["CA_FILE"] + "}}\n";
  if (extra_config.find("resync_interval") == std::string::npos) text += "resync_interval: 2s\n";
  dir_.Write("agent-" + cluster + ".yaml", text + extra_config);
}

void World::StartAgent(const std::string& cluster, const std::string& extra_config) {
  WriteAgentConfig(cluster, extra_config);
  agents_[cluster] = std::make_unique<Process>(
      std::vector<std::string>{kBin + "sluice-agent", "--config", dir_.File("agent-" + cluster + ".yaml")},
      std::map<std::string, std::string>{}, dir_.File("agent-" + cluster + ".log"));
}

void World::StopAgent(const std::string& cluster, int signal) {
  agents_.at(cluster)->Signal(signal);
  const int code = agents_.at(cluster)->Wait();
  if (signal == SIGTERM) EXPECT_EQ(code, 0) << "the agent did not stop cleanly";
}

bool World::AgentRunning(const std::string& cluster) { return agents_.at(cluster)->Running(); }

Finished World::Sluice(const std::string& person, const std::vector<std::string>& arguments, const std::string& input) {
  std::vector<std::string> command = {kBin + "sluice", "--context", person};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return Run(command, {{"SLUICE_CONFIG", dir_.File("contexts.yaml")}}, input);
}

std::string World::Expect(int code, const std::string& person, const std::vector<std::string>& arguments,
                          const std::string& input) {
  const Finished done = Sluice(person, arguments, input);
  EXPECT_EQ(done.exit_code, code) << person << ": sluice " << (arguments.empty() ? "" : arguments[0]) << "\n"
                                  << done.output << done.errors;
  return done.output;
}

void World::ApproveAll(const std::string& person) {
  for (const std::string& change : Words(Expect(0, person, {"inbox", "-o", "name"}))) {
    const std::string json = Expect(0, person, {"get", "change", change, "-o", "json"});
    const size_t at = json.find("\"digest\"");
    ASSERT_NE(at, std::string::npos) << json;
    const size_t start = json.find('"', json.find(':', at)) + 1;
    Expect(0, person, {"approve", change, "--digest", json.substr(start, 64)});
  }
}

void World::RegisterPlatform(const std::string& prefix) {
  Expect(0, "data-products", {"apply", "-f", kSource + "/examples/platform/conventions.yaml"});
  std::string text;
  for (const std::string region : {"eu", "us"}) {
    const std::string cluster = region + "-prod";
    text += "---\nkind: Cluster\nname: " + cluster + "\nregion: " + region + "\nenvironment: prod\nagents: [\"spiffe://sluice/agent/" +
            cluster + "\"]\nreserved_principals: [sluice-agent-" + cluster + ", admin, broker]\nlimits: {partitions: 4000, acls: 10000}\n";
  }
  const std::map<std::string, std::string> presence = {
      {"eu", "- {region: eu, environments: [prod]}\n"},
      {"us", "- {region: us, environments: [prod]}\n"},
      {"both", "- {region: eu, environments: [prod]}\n- {region: us, environments: [prod]}\n"}};
  for (const auto& [name, where] : presence) {
    text += "---\nkind: Customer\nname: " + prefix + name + "\npresence:\n" + where;
  }
  for (const std::string application : {"plan", "mobile", "desk"}) {
    text += "---\nkind: Application\nname: " + application + "\ndomain: f-and-r\nowners: [\"group:" + application + "-team\"]\nprincipals:\n";
    for (const std::string cluster : {"eu-prod", "us-prod"}) {
      text += "- {cluster: " + cluster + ", user: " + prefix + application + "}\n";
    }
    text += "groups: {prefix: " + prefix + application + ".}\ntransactional_ids: {prefix: " + prefix + application + ".}\n";
  }
  Expect(0, "operator", {"apply", "-f", "-"}, text);
}

}  // namespace sluice::testing
