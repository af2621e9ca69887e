// Status: the one conversion of absl::Status to what callers see. Findings of a refused proposal travel as a
// payload of the status inside and as trailing metadata `sluice-findings-bin` (serialized FindingList, at
// most 32 KiB) on the wire.
#pragma once

#include <absl/status/status.h>
#include <grpcpp/grpcpp.h>

#include <string>
#include <vector>

#include "common/core/finding.h"

namespace sluice::controlplane {

inline constexpr char kFindingsTrailer[] = "sluice-findings-bin";
inline constexpr size_t kFindingsLimit = 32 * 1024;

// INVALID_ARGUMENT that carries `findings`, errors first.
absl::Status RefusedBy(const std::vector<core::Finding>& findings);

// The first whole UTF-8 characters of `text` that fit into `limit` bytes, and ` …` if that is not all.
std::string Cut(std::string text, size_t limit);

// Adds the findings to the trailing metadata of `context`; the code is kept, the message cut to 4 KiB.
grpc::Status ToGrpc(const absl::Status& status, grpc::ServerContextBase& context);

}  // namespace sluice::controlplane
