// What agents report, as rows, audit entries and forgotten absences.
#pragma once

#include <string>
#include <vector>

#include "controlplane/store/store.h"

namespace sluice::controlplane {

// INVALID_ARGUMENT: more than the protocol allows in one message.
absl::Status CheckReport(const sluice::v1::ReportStatusRequest& report);

// What one report leads to beside its rows.
struct ReportEffects {
  bool repeated = false;           // the number was seen before: nothing was done
  std::vector<AuditDraft> audits;  // for each slice generation applied and each drift event
  std::vector<std::pair<std::string, core::Absence>> gone;  // slice and stored absence to forget
};

// Writes the rows of a report. Costs are proportional to the report, also where a full one voids all former
// ones.
absl::StatusOr<ReportEffects> WriteReport(db::Connection& connection, const State& state,
                                          const std::string& cluster,
                                          const sluice::v1::ReportStatusRequest& report, int64_t now_us);

absl::Status WriteStream(db::Connection& connection, const std::string& cluster, const std::string& version,
                         int64_t now_us);
absl::StatusOr<std::optional<AgentRow>> ReadAgent(db::Connection& connection, const std::string& cluster);
absl::StatusOr<std::vector<sluice::v1::OwnedTopic>> ReadOwnedTopics(db::Connection& connection,
                                                                    const std::string& cluster,
                                                                    const std::string& after_name,
                                                                    int64_t limit);
absl::StatusOr<std::vector<std::string>> ReadOwnedSubjects(db::Connection& connection,
                                                           const std::string& cluster,
                                                           const std::string& after_name, int64_t limit);
// Empty: not known.
absl::StatusOr<std::string> ReadOwnedTopicId(db::Connection& connection, const std::string& cluster,
                                             const std::string& topic);

}  // namespace sluice::controlplane
