// Audit: who may read which entries, and the stream that follows the log.
#pragma once

#include <absl/status/statusor.h>
#include <grpcpp/grpcpp.h>

#include "controlplane/rpc/deadlines.h"
#include "controlplane/rpc/executor.h"
#include "controlplane/rpc/gate.h"
#include "controlplane/services/context.h"
#include "sluice/v1/audit.pb.h"

namespace sluice::controlplane {

// `wanted`, narrowed to what the caller may see: holders of any role see everything, others what they did
// themselves. nullopt: nothing at all.
absl::StatusOr<std::optional<sluice::v1::AuditFilter>> Visible(const Context& context,
                                                               sluice::v1::AuditFilter wanted);

// What streams share; outlives them.
struct StreamParts {
  Deadlines& deadlines;  // of tokens
  Executor& pumps;       // where they read
};

// Serves one TailAuditEntries call; deletes itself at its end. It is woken by commits, reads bounded batches
// on the pumps, and holds no thread between them.
grpc::ServerWriteReactor<sluice::v1::TailAuditEntriesResponse>* TailAuditEntries(
    const Dependencies& server, Gate& gate, const StreamParts& parts, grpc::CallbackServerContext* context,
    const sluice::v1::TailAuditEntriesRequest& request);

}  // namespace sluice::controlplane
