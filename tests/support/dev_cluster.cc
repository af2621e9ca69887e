#include "tests/support/dev_cluster.h"

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <sstream>

#include "tests/support/process.h"

namespace sluice::testing {
namespace {

[[noreturn]] void Die(const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  std::abort();
}

std::string EnvFile() {
  const char* named = std::getenv("SLUICE_DEV_ENV");
  return named != nullptr && *named != '\0' ? named : std::string(SLUICE_BINARY_DIR) + "/dev/env";
}

std::map<std::string, std::string> ReadEnv(const std::string& path) {
  std::map<std::string, std::string> values;
  std::istringstream lines(ReadFile(path));
  for (std::string line; std::getline(lines, line);) {
    const size_t equals = line.find('=');
    if (equals != std::string::npos) values[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return values;
}

std::string Prefix(const std::string& name) {
  std::string prefix;
  for (const char c : name) prefix.push_back(c == '-' ? '_' : static_cast<char>(std::toupper(c)));
  return prefix + "_";
}

}  // namespace

DevCluster UseDevCluster(const std::string& name) {
  const std::string path = EnvFile();
  const std::map<std::string, std::string> values = ReadEnv(path);
  const auto value = [&](const std::string& key) {
    const auto found = values.find(key);
    if (found == values.end()) {
      Die("no " + key + " in " + path + ": start the clusters with deploy/dev/cluster.sh up DIR " + name +
          " and set SLUICE_DEV_ENV to DIR/env, or run this test through ctest");
    }
    return found->second;
  };
  const std::string prefix = Prefix(name);
  const std::string clients = value("PKI_DIR") + "/client/";
  return DevCluster{name,
                    value("DEV_DIR"),
                    value(prefix + "BOOTSTRAP_MTLS"),
                    value(prefix + "BOOTSTRAP_OAUTH"),
                    value(prefix + "BOOTSTRAP_PROXIED"),
                    std::stoi(value(prefix + "PROXY_PORT")),
                    value(prefix + "REGISTRY_URL"),
                    value(prefix + "CA_FILE"),
                    {value(prefix + "AGENT_KAFKA_CERT"), value(prefix + "AGENT_KAFKA_KEY")},
                    {clients + "admin.crt", clients + "admin.key"}};
}

ClientCertificate IssueClientCertificate(const DevCluster& cluster, const std::string& name) {
  const Finished made = Run(
      {"/bin/bash", std::string(SLUICE_SOURCE_DIR) + "/deploy/dev/pki.sh", "client", cluster.directory, name},
      {});
  if (made.exit_code != 0) Die("no certificate for " + name + ": " + made.errors);
  const std::string base = made.output.substr(0, made.output.find('\n'));
  return {base + ".crt", base + ".key"};
}

std::string UniqueName(const std::string& prefix) {
  std::random_device random;
  std::string name = prefix;
  for (int i = 0; i < 8; ++i) name.push_back("abcdefghijklmnopqrstuvwxyz0123456789"[random() % 36]);
  return name;
}

}  // namespace sluice::testing
