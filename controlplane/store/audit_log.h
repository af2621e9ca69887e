// The audit log as rows: append-only, positions without gaps, times that never go back (a clock that jumps
// back repeats the last time), so that a time range is a range of positions and every filter is answered
// along one index.
#pragma once

#include <string>
#include <vector>

#include "controlplane/store/store.h"

namespace sluice::controlplane {

// Where the log ends.
struct AuditHead {
  int64_t seq = 0;
  int64_t time_us = 0;
};

absl::StatusOr<AuditHead> ReadAuditHead(db::Connection& connection);
// Appends after `head` and moves it.
absl::Status AppendAudit(db::Connection& connection, const AuditDraft& draft, int64_t time_us,
                         AuditHead& head);

// Latest first. Looks at a bounded number of rows, so a page may be short though more follow.
// INVALID_ARGUMENT: foreign token.
absl::StatusOr<AuditPage> ReadAuditPage(db::Connection& connection, const sluice::v1::AuditFilter& filter,
                                        const std::string& page_token, int limit);
// Positions >= start_seq, oldest first.
absl::StatusOr<std::vector<sluice::v1::AuditEntry>> ReadAuditFrom(db::Connection& connection,
                                                                  int64_t start_seq,
                                                                  const sluice::v1::AuditFilter& filter,
                                                                  int limit);

}  // namespace sluice::controlplane
