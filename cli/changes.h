// Changes as lists and in full, for several commands.
#pragma once

#include <string>
#include <vector>

#include "cli/output.h"
#include "sluice/v1/change.pb.h"

namespace sluice::cli {

// Every page.
absl::StatusOr<std::vector<sluice::v1::Change>> ListAllChanges(Client& client,
                                                               sluice::v1::ListChangesRequest request);

// As the format asks for it; false: as a table, which is the caller's.
bool PrintChangesAsData(Session& session, const std::vector<sluice::v1::Change>& changes, Amount amount);

// `create DataProduct f-and-r.demand-forecast`: a line for each edit or recreation.
std::vector<std::string> EditLines(const sluice::v1::Change& change);

// Everything that an approver should read: what, why, who, its plan step by step, its digest.
std::string DescribeChange(const sluice::v1::Change& change, const Session& session);

// `get changes`, `get change C-1 C-2`, `describe change C-1`.
struct GetOptions;
ExitCode GetChanges(Session& session, const GetOptions& options);
ExitCode DescribeChanges(Session& session, const GetOptions& options);

}  // namespace sluice::cli
