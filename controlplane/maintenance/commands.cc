#include "controlplane/maintenance/commands.h"

#include <fmt/format.h>

#include <iostream>

#include "controlplane/maintenance/backup.h"
#include "controlplane/maintenance/check.h"

namespace sluice::controlplane {
namespace {

int Fail(const absl::Status& status) {
  std::cerr << "sluice-controlplane: " << status.message() << "\n";
  return 1;
}

void Print(const CheckReport& report, Output output, std::ostream& to) {
  to << (output == Output::kJson ? ToJson(report) : ToText(report));
}

std::string Holds(const BackupFacts& facts) {
  return fmt::format("revision {}, {} changes, {} audit entries, {:.1f} MiB", facts.revision, facts.changes,
                     facts.audit_entries, static_cast<double>(facts.bytes) / (1 << 20));
}

}  // namespace

int RunCheck(const std::string& directory, Output output) {
  auto report = CheckDirectory(directory);
  if (!report.ok()) return Fail(report.status());
  Print(*report, output, std::cout);
  return report->ok() ? 0 : 1;
}

int RunBackup(const std::string& data_directory, const std::string& target, Output output) {
  auto facts = TakeBackup(data_directory, target, SystemClock());
  if (!facts.ok()) return Fail(facts.status());
  if (output == Output::kJson) {
    std::cout << ToJson(*facts);
  } else {
    std::cout << fmt::format("{} holds {}\nsha256 {}\n", target, Holds(*facts), facts->sha256);
  }
  return 0;
}

int RunRestore(const std::string& backup, const std::string& data_directory, Output output) {
  CheckReport report;
  auto facts = RestoreBackup(backup, data_directory, SystemClock(), report);
  if (!facts.ok()) {
    if (!report.ok()) Print(report, output, std::cerr);
    return Fail(facts.status());
  }
  if (output == Output::kJson) {
    std::cout << ToJson(*facts);
  } else {
    std::cout << fmt::format(
        "{} holds the store of {}: {}\n"
        "Agents that know more than it keep what they have and change nothing until they are told to accept "
        "it:\n"
        "  sluice-agent accept-history --config FILE\n",
        data_directory, facts->time, Holds(*facts));
  }
  return 0;
}

}  // namespace sluice::controlplane
