#include "agent/access.h"

namespace sluice::agent {

KafkaOptions KafkaOptionsOf(const sluice::internal::v1::AgentConfig& config) {
  const auto& access = config.kafka();
  KafkaOptions options;
  options.bootstrap_servers = access.bootstrap_servers();
  options.certificate_file = access.tls().certificate();
  options.key_file = access.tls().key();
  options.ca_file = access.tls().ca();
  options.partition_mutation_rate = access.partition_mutation_rate();
  options.properties.insert(access.properties().begin(), access.properties().end());
  options.partition_mutation_rate = access.partition_mutation_rate();
  return options;
}

RegistryOptions RegistryOptionsOf(const sluice::internal::v1::AgentConfig& config) {
  const auto& access = config.registry();
  RegistryOptions options;
  options.url = access.url();
  options.certificate_file = access.tls().certificate();
  options.key_file = access.tls().key();
  options.ca_file = access.tls().ca();
  options.username = access.username();
  options.password_file = access.password_file();
  options.bearer_token_file = access.bearer_token_file();
  return options;
}

}  // namespace sluice::agent
