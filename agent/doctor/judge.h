// Judge: from facts to findings. Pure.
#pragma once

#include "agent/doctor/facts.h"
#include "agent/doctor/finding.h"

namespace sluice::agent::doctor {

Findings JudgeConfig(const ConfigFacts& facts);
Findings JudgeDirectory(const DirectoryFacts& facts);
Findings JudgeCertificates(const std::vector<CertificateFacts>& facts, Time now);
Findings JudgeControlPlane(const ControlPlaneFacts& facts);
Findings JudgeRegistry(const RegistryFacts& facts);
// Connection, and the settings of the brokers that are dangerous.
Findings JudgeKafka(const KafkaFacts& facts);
// What this user may not and should, and what it may and should not.
Findings JudgePrivileges(const KafkaFacts& facts, bool has_guard);
Findings JudgeClock(const Facts& facts);

// All of them, in the order in which one would mend things.
Findings Judge(const Facts& facts);

}  // namespace sluice::agent::doctor
