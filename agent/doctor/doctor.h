// Doctor: `sluice-agent doctor`: looks at everything that an agent needs and says what to mend. Changes
// nothing.
#pragma once

#include <string>

#include "agent/doctor/facts.h"
#include "agent/doctor/finding.h"

namespace sluice::agent::doctor {

// Everything about the agent that `config_file` configures, asked for at once. Ends within half a minute
// whatever does not answer. INVALID_ARGUMENT: the file cannot be read at all.
absl::StatusOr<Facts> Examine(const std::string& config_file);

std::string PrintTable(const Findings& findings, bool color);
// `{"findings": [{"area", "check", "verdict", "sentence", "remedy"} …], "ok": 12, "warn": 1, "fail": 0,
// "skipped": 2}`
std::string PrintJson(const Findings& findings);

int CountOf(const Findings& findings, Verdict verdict);

}  // namespace sluice::agent::doctor
