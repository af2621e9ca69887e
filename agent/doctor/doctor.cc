#include "agent/doctor/doctor.h"

#include <future>

#include "agent/access.h"
#include "agent/config.h"
#include "agent/doctor/probe.h"
#include "common/manifest/manifest.h"

namespace sluice::agent::doctor {
namespace {

int RulesOf(const sluice::internal::v1::Guard& guard) {
  return guard.allowed_domains_size() + guard.allowed_customers_size() + guard.denied_prefixes_size() +
         guard.forbidden_principals_size() + (guard.destructive_budget() > 0 ? 1 : 0);
}

ConfigFacts LookAtConfig(const std::string& file, const sluice::internal::v1::AgentConfig& config) {
  ConfigFacts facts;
  facts.file = file;
  facts.status = LoadOptions(file).status();
  facts.guard_file = config.guard_file();
  if (facts.guard_file.empty()) return facts;
  sluice::internal::v1::Guard guard;
  facts.guard = manifest::LoadConfig(facts.guard_file, guard);
  facts.guard_rules = RulesOf(guard);
  return facts;
}

}  // namespace

absl::StatusOr<Facts> Examine(const std::string& config_file) {
  sluice::internal::v1::AgentConfig config;
  if (absl::Status status = manifest::LoadConfig(config_file, config); !status.ok()) return status;
  auto control_plane = std::async(std::launch::async, [&] { return ProbeControlPlane(config); });
  auto kafka = std::async(std::launch::async,
                          [&] { return ProbeKafka(KafkaOptionsOf(config), KafkaNamesOf(config)); });
  auto registry = std::async(std::launch::async, [&] { return ProbeRegistry(RegistryOptionsOf(config)); });
  Facts facts;
  facts.config = LookAtConfig(config_file, config);
  facts.directory = ProbeDirectory(config.data_directory());
  facts.certificates = ProbeCertificates(config);
  facts.control_plane = control_plane.get();
  facts.kafka = kafka.get();
  facts.registry = registry.get();
  facts.now = SystemClock().Now();
  return facts;
}

}  // namespace sluice::agent::doctor
