// Context: what a handler gets beside its request. Handlers are free functions, one file per resource; they
// run on the executor's threads and may block. Everything that Dependencies refers to outlives the server.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/clock/clock.h"
#include "common/core/assess.h"
#include "common/metrics/metrics.h"
#include "controlplane/rpc/caller.h"
#include "controlplane/services/open_streams.h"
#include "controlplane/store/store.h"

namespace sluice::controlplane {

struct Dependencies {
  Store& store;
  const Clock& clock;
  metrics::Metrics& metrics;
  OpenStreams& streams;
  core::RoleHolders roles;
  std::function<bool(const std::string& cluster)> agent_connected;  // whether an agent's stream is open now
  std::string version;
  std::shared_ptr<core::SchemaMemo> schemas = core::NewSchemaMemo();

  core::Policy Policy() const { return {.roles = roles, .memo = schemas.get()}; }
};

struct Context {
  const Dependencies& server;
  const Caller& caller;
};

}  // namespace sluice::controlplane
