// Probes: what the doctor finds out. They change nothing: they read, ask brokers only to validate, and make
// calls that are refused. Each ends within some ten seconds, whatever does not answer.
#pragma once

#include "agent/doctor/facts.h"
#include "agent/kafka/kafka.h"
#include "agent/registry/registry.h"
#include "sluice/internal/v1/config.pb.h"

namespace sluice::agent::doctor {

DirectoryFacts ProbeDirectory(const std::string& path);
std::vector<CertificateFacts> ProbeCertificates(const sluice::internal::v1::AgentConfig& config);
ControlPlaneFacts ProbeControlPlane(const sluice::internal::v1::AgentConfig& config);
// `names`: what this user may be called, `User:…`.
KafkaFacts ProbeKafka(KafkaOptions options, std::vector<std::string> names);
RegistryFacts ProbeRegistry(RegistryOptions options);

// Names that the configuration's Kafka user may have: from its certificate or `sasl.username`.
std::vector<std::string> KafkaNamesOf(const sluice::internal::v1::AgentConfig& config);

// A time as HTTP says it; nullopt: it is none.
std::optional<Time> ParseHttpDate(const std::string& text);

}  // namespace sluice::agent::doctor
