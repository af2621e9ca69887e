// Metrics: every metric of every program, declared in one table (metrics.cc) and starting at zero, in
// Prometheus' form. Thread safety: all members may be called from any thread.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>

namespace sluice::metrics {

enum class Id {
  // Control plane.
  kRpcRequests,         // counter {method, code}
  kRpcSeconds,          // histogram {method}
  kRpcUnauthenticated,  // counter
  kRpcRefused,          // counter
  kRpcRefusedUnaudited,  // counter
  kRpcUnboundAgents,     // counter
  kStreamsOpen,          // gauge
  kTokenKeysAge,         // gauge
  kServerCertificateEnd,  // gauge
  kChangesProposed,     // counter
  kChangesReleased,     // counter
  kAgentsConnected,     // gauge
  kStoreRevision,       // gauge
  // Agent.
  kControlPlaneConnected,  // gauge
  kReconciliations,        // counter {result}
  kReconcileSeconds,       // histogram
  kSteps,                  // counter {kind, result}
  kDrift,                  // counter {reaction}
  kSlices,                 // gauge {state}
  kDesiredRevision,        // gauge
  kReportsSent,            // counter
  kProblems,               // gauge {type}
  kStateAge,               // gauge
  kStorageErrors,          // counter {file}
  kCertificateExpiry,      // gauge {use}
};

enum class Program { kControlPlane, kAgent };

using Labels = std::initializer_list<std::string>;  // values, in the order of the declaration

class Metrics {
 public:
  explicit Metrics(Program program);
  ~Metrics();

  // Precondition of all: `id` belongs to the program and has that type; wrong use ends a debug build, else is
  // ignored.
  void Touch(Id id, Labels labels);  // makes a labelled metric appear at zero
  void Add(Id id, Labels labels = {}, double by = 1);
  void Set(Id id, double value, Labels labels = {});
  void Observe(Id id, double value, Labels labels = {});

  // Everything, as `/metrics` answers.
  std::string Text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice::metrics
