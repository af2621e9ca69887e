// Mount: the gRPC services of the public API over the handlers, each method through the Gate. AgentService is
// mounted by controlplane/sync.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <vector>

#include "controlplane/rpc/deadlines.h"
#include "controlplane/rpc/gate.h"
#include "controlplane/services/context.h"

namespace sluice::controlplane {

// What they refer to outlives them.
std::vector<std::unique_ptr<grpc::Service>> PublicServices(const Dependencies& server, Gate& gate,
                                                           Deadlines& deadlines);

// Writes `access.refused` entries for the Gate.
RefusalAuditor AuditRefusalsIn(Store& store);

}  // namespace sluice::controlplane
