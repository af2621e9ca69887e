// Records: the control plane's own books, read over its public API and held against each other: changes,
// audit log, definitions. What does not fit is read once more before it is called wrong, because the books go
// on meanwhile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/client.h"
#include "cli/verify/findings.h"

namespace sluice::cli::verify {

struct RecordCounts {
  int64_t changes = 0, audit_entries = 0, definitions = 0;
};

// `acknowledged`: names of changes that somebody was told of, which therefore must exist. A status: the
// control plane could not be read.
absl::StatusOr<RecordCounts> CheckRecords(Client& client, const std::vector<std::string>& acknowledged,
                                          Findings& findings);

}  // namespace sluice::cli::verify
