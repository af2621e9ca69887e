// Kafka as a target of the agent, over librdkafka.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "agent/target.h"

namespace sluice::agent {

// Of an answer with ACLs. librdkafka takes the process down at more than 100,000 resource patterns in one: of those here each
// takes 40 bytes at the least, a name of 17 letters with one ACL.
inline constexpr int32_t kMostAclBytes = 4'000'000;

struct KafkaOptions {
  std::string bootstrap_servers;  // `host:port,…`
  // PEM files. With any of them the connection is TLS unless `properties` name another security.protocol.
  std::string certificate_file;
  std::string key_file;
  std::string ca_file;
  // Further librdkafka properties by their names. May hold secrets: never logged, never in a status.
  std::map<std::string, std::string> properties;
  std::chrono::milliseconds request_timeout{15000};  // of each request, 1 s to 5 min
  // How long Apply pauses in all, while the cluster asks to come again or a quota is full.
  std::chrono::milliseconds retry_time{30000};
  double partition_mutation_rate = 0;  // partitions created a second at most; 0: no limit
  int32_t most_acl_bytes = kMostAclBytes;  // what is more is read in parts
};

// Opens three clients: for reads, for creations of topics and partitions, which a broker may throttle, and for other
// mutations. Connects on first use, and anew when a PEM file has changed on disk. INVALID_ARGUMENT: the options cannot
// be used, with the name of the property that is wrong and not its value.
absl::StatusOr<std::unique_ptr<KafkaTarget>> OpenKafka(const KafkaOptions& options);

}  // namespace sluice::agent
