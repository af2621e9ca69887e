// World: a control plane with its people, and agents, as real processes in a directory of their own.
// Thread safety: one thread at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace sluice::testing {

// Tries until it holds; false when it still does not after `seconds`. For what another process does in its own time.
bool Eventually(const std::function<bool()>& holds, int seconds = 60);

// Path of a program under test: `sluice-agent`.
std::string Binary(const std::string& name);

// People of every world: context name -> groups of the token.
inline const std::map<std::string, std::string> kPeople = {
    {"plan-owner", "plan-team"},       {"mobile-owner", "mobile-team"}, {"domain-owner", "fr-leads"},
    {"dpo", "order-dpo"},              {"review-board", "ii-sig"},      {"data-products", "data-products"},
    {"operator", "platform"},          {"auditor", "audit"},            {"stranger", "nobody"},
};

class World {
 public:
  // Makes certificates, tokens and contexts; starts nothing. With `dev_env` (DEV_DIR of running dev clusters) their
  // certificate authorities are used, else new ones are made.
  explicit World(const std::string& dev_dir = "");
  ~World();

  // Starts it (again) on the same data and port, and waits until it serves.
  void StartControlPlane();
  void StopControlPlane(int signal);  // SIGTERM waits for the drain, SIGKILL does not ask
  // How the agent of `cluster`, once it is started (again), reaches its servers: addresses of TcpProxies; empty: directly.
  struct Ways {
    std::string kafka, registry, control_plane;  // `127.0.0.1:9093`
  };
  void Lead(const std::string& cluster, const Ways& ways) { ways_[cluster] = ways; }
  // Agent of `cluster` (eu-prod, us-prod) against the dev cluster of that name.
  void StartAgent(const std::string& cluster, const std::string& extra_config = "");
  // Its configuration alone, `agent-{cluster}.yaml`, and its certificate.
  void WriteAgentConfig(const std::string& cluster, const std::string& extra_config = "");
  void StopAgent(const std::string& cluster, int signal);
  bool AgentRunning(const std::string& cluster);

  // The sluice command as one of the people.
  Finished Sluice(const std::string& person, const std::vector<std::string>& arguments, const std::string& input = "");
  // The same, and the test fails unless it exits with `code`. Returns standard output.
  std::string Expect(int code, const std::string& person, const std::vector<std::string>& arguments,
                     const std::string& input = "");
  // Approves everything that waits for `person`.
  void ApproveAll(const std::string& person);
  // Registers what the examples' conventions need (environment prod with one replica, categories, domains), the dev clusters,
  // customers `{prefix}eu` (EU), `{prefix}us` (US), `{prefix}both`, applications plan, mobile, desk with Kafka users `{prefix}plan` ….
  void RegisterPlatform(const std::string& prefix);

  const TempDir& dir() const { return dir_; }
  std::string endpoint() const { return endpoint_; }
  pid_t control_plane_pid() const { return control_plane_->pid(); }
  std::string dev_dir() const { return dev_dir_; }
  // A new token of the world's issuer, by deploy/dev/token.sh.
  std::string Token(const std::vector<std::string>& options);
  // Adds or replaces a context with this token.
  void SetContext(const std::string& person, const std::string& token);

 private:
  void WriteContexts();
  void WriteControlPlaneConfig();
  std::string pki() const { return dev_dir_ + "/pki"; }

  TempDir dir_;
  std::string dev_dir_;
  std::string endpoint_;
  std::map<std::string, std::string> tokens_;  // context -> file
  std::unique_ptr<Process> control_plane_;
  std::map<std::string, std::unique_ptr<Process>> agents_;
  std::map<std::string, Ways> ways_;
};

// KEY=VALUE lines of the dev clusters' env file; empty when there are none.
std::map<std::string, std::string> DevEnvironment();
// A random lower-case prefix for names on shared brokers, such as `t4f2a1`.
std::string RandomPrefix();

}  // namespace sluice::testing
