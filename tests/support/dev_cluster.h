// DevCluster: one of the development clusters (deploy/dev/cluster.sh) that tests labelled `servers` run on.
// Tests share it: each keeps to names of its own and takes them away again.
#pragma once

#include <map>
#include <string>

namespace sluice::testing {

// Where a client certificate and its key are (PEM).
struct ClientCertificate {
  std::string certificate_file;
  std::string key_file;
};

struct DevCluster {
  std::string name;       // `eu-prod`
  std::string directory;  // of all clusters
  std::string bootstrap_mtls;
  std::string bootstrap_oauth;
  std::string bootstrap_proxied;  // what a TcpProxy on `proxy_port` leads to, as if it were the broker
  int proxy_port = 0;
  std::string registry_url;
  std::string ca_file;
  ClientCertificate agent;  // the agent's Kafka user: least privileges
  ClientCertificate admin;  // a super user
};

// Reads the file that SLUICE_DEV_ENV names, else `dev/env` of the build directory. Ends the test program when
// there is no such cluster, and says how to start one.
DevCluster UseDevCluster(const std::string& name = "eu-prod");

// A certificate of the Kafka user `User:name`.
ClientCertificate IssueClientCertificate(const DevCluster& cluster, const std::string& name);

// `prefix` and random letters, so that tests that share a cluster do not meet.
std::string UniqueName(const std::string& prefix);

}  // namespace sluice::testing
