#include "common/metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <cassert>
#include <map>
#include <vector>

namespace sluice::metrics {
namespace {

enum class Type { kCounter, kGauge, kHistogram };

struct Declaration {
  Id id;
  Program program;
  Type type;
  const char* name;
  const char* help;
  std::vector<std::string> labels;
};

const std::vector<Declaration>& Declarations() {
  static const auto& table = *new std::vector<Declaration>{
      {Id::kRpcRequests,
       Program::kControlPlane,
       Type::kCounter,
       "sluice_rpc_requests_total",
       "Calls by method and canonical code.",
       {"method", "code"}},
      {Id::kRpcSeconds,
       Program::kControlPlane,
       Type::kHistogram,
       "sluice_rpc_seconds",
       "Time from admission to answer.",
       {"method"}},
      {Id::kRpcUnauthenticated,
       Program::kControlPlane,
       Type::kCounter,
       "sluice_rpc_unauthenticated_total",
       "Calls without valid credentials.",
       {}},
      {Id::kRpcRefused,
       Program::kControlPlane,
       Type::kCounter,
       "sluice_rpc_refused_total",
       "Authenticated calls that were not allowed.",
       {}},
      {Id::kRpcRefusedUnaudited,
       Program::kControlPlane,
       Type::kCounter,
       "sluice_rpc_refused_unaudited_total",
       "Refusals without an audit entry of their own, because the caller had so many.",
       {}},
      {Id::kRpcUnboundAgents,
       Program::kControlPlane,
       Type::kCounter,
       "sluice_rpc_unbound_agents_total",
       "Calls with a certificate of the agents' CA that is bound to no cluster.",
       {}},
      {Id::kStreamsOpen,
       Program::kControlPlane,
       Type::kGauge,
       "sluice_streams_open",
       "Streams of people that are open.",
       {}},
      {Id::kTokenKeysAge,
       Program::kControlPlane,
       Type::kGauge,
       "sluice_token_keys_age_seconds",
       "Time since the keys of tokens were last fetched from tokens.jwks_url; -1: never, 0: they are a file.",
       {}},
      {Id::kServerCertificateEnd,
       Program::kControlPlane,
       Type::kGauge,
       "sluice_server_certificate_end_timestamp_seconds",
       "When the certificate that is served ends, seconds since 1970.",
       {}},
      {Id::kChangesProposed,
       Program::kControlPlane,
       Type::kCounter,
       "sluice_changes_proposed_total",
       "Changes stored.",
       {}},
      {Id::kChangesReleased,
       Program::kControlPlane,
       Type::kCounter,
       "sluice_changes_released_total",
       "Changes released.",
       {}},
      {Id::kAgentsConnected,
       Program::kControlPlane,
       Type::kGauge,
       "sluice_agents_connected",
       "Agents whose stream is open.",
       {}},
      {Id::kStoreRevision,
       Program::kControlPlane,
       Type::kGauge,
       "sluice_store_revision",
       "Revision of the store.",
       {}},
      {Id::kControlPlaneConnected,
       Program::kAgent,
       Type::kGauge,
       "sluice_agent_connected",
       "1 while the stream to the control plane is open.",
       {}},
      {Id::kReconciliations,
       Program::kAgent,
       Type::kCounter,
       "sluice_agent_reconciliations_total",
       "Comparisons of desired and observed state.",
       {"result"}},
      {Id::kReconcileSeconds,
       Program::kAgent,
       Type::kHistogram,
       "sluice_agent_reconcile_seconds",
       "Time of one comparison with what it applied.",
       {}},
      {Id::kSteps,
       Program::kAgent,
       Type::kCounter,
       "sluice_agent_steps_total",
       "Steps taken.",
       {"kind", "result"}},
      {Id::kDrift,
       Program::kAgent,
       Type::kCounter,
       "sluice_agent_drift_total",
       "Drift noticed.",
       {"reaction"}},
      {Id::kSlices, Program::kAgent, Type::kGauge, "sluice_agent_slices", "Slices by state.", {"state"}},
      {Id::kDesiredRevision,
       Program::kAgent,
       Type::kGauge,
       "sluice_agent_desired_revision",
       "Revision of the desired state held.",
       {}},
      {Id::kReportsSent,
       Program::kAgent,
       Type::kCounter,
       "sluice_agent_reports_total",
       "Reports acknowledged.",
       {}},
      {Id::kProblems,
       Program::kAgent,
       Type::kGauge,
       "sluice_agent_problems",
       "1 while a condition of the cluster asks for somebody, by its type.",
       {"type"}},
      {Id::kStateAge,
       Program::kAgent,
       Type::kGauge,
       "sluice_agent_state_age_seconds",
       "Time since the control plane last confirmed the approved state.",
       {}},
      {Id::kStorageErrors,
       Program::kAgent,
       Type::kCounter,
       "sluice_agent_storage_errors_total",
       "Writes to the data directory that failed.",
       {"file"}},
      {Id::kCertificateExpiry,
       Program::kAgent,
       Type::kGauge,
       "sluice_agent_certificate_expiry_timestamp_seconds",
       "When a certificate of the agent expires, by its use.",
       {"use"}},
  };
  return table;
}

const prometheus::Histogram::BucketBoundaries& Buckets() {
  static const auto& buckets = *new prometheus::Histogram::BucketBoundaries{
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
  return buckets;
}

std::map<std::string, std::string> Named(const Declaration& declaration, Labels values) {
  assert(values.size() == declaration.labels.size());
  std::map<std::string, std::string> named;
  auto value = values.begin();
  for (const std::string& label : declaration.labels) {
    if (value == values.end()) break;
    named.emplace(label, *value++);
  }
  return named;
}

}  // namespace

struct Metrics::State {
  // One family of the declared type; the other two are null.
  struct Family {
    const Declaration* declaration = nullptr;
    prometheus::Family<prometheus::Counter>* counters = nullptr;
    prometheus::Family<prometheus::Gauge>* gauges = nullptr;
    prometheus::Family<prometheus::Histogram>* histograms = nullptr;
  };
  prometheus::Registry registry;
  std::map<Id, Family> families;

  void Build(const Declaration& d) {
    Family& family = families[d.id];
    family.declaration = &d;
    switch (d.type) {
      case Type::kCounter:
        family.counters = &prometheus::BuildCounter().Name(d.name).Help(d.help).Register(registry);
        break;
      case Type::kGauge:
        family.gauges = &prometheus::BuildGauge().Name(d.name).Help(d.help).Register(registry);
        break;
      case Type::kHistogram:
        family.histograms = &prometheus::BuildHistogram().Name(d.name).Help(d.help).Register(registry);
        break;
    }
  }

  const Family* Find(Id id) const {
    auto it = families.find(id);
    assert(it != families.end());
    return it == families.end() ? nullptr : &it->second;
  }
};

Metrics::Metrics(Program program) : state_(std::make_unique<State>()) {
  for (const Declaration& declaration : Declarations()) {
    if (declaration.program != program) continue;
    state_->Build(declaration);
    if (declaration.labels.empty()) Touch(declaration.id, {});
  }
}

Metrics::~Metrics() = default;

void Metrics::Touch(Id id, Labels labels) {
  const State::Family* family = state_->Find(id);
  if (family == nullptr) return;
  const auto named = Named(*family->declaration, labels);
  if (family->counters != nullptr) family->counters->Add(named);
  if (family->gauges != nullptr) family->gauges->Add(named);
  if (family->histograms != nullptr) family->histograms->Add(named, Buckets());
}

void Metrics::Add(Id id, Labels labels, double by) {
  const State::Family* family = state_->Find(id);
  if (family == nullptr || family->counters == nullptr) return;
  family->counters->Add(Named(*family->declaration, labels)).Increment(by);
}

void Metrics::Set(Id id, double value, Labels labels) {
  const State::Family* family = state_->Find(id);
  if (family == nullptr || family->gauges == nullptr) return;
  family->gauges->Add(Named(*family->declaration, labels)).Set(value);
}

void Metrics::Observe(Id id, double value, Labels labels) {
  const State::Family* family = state_->Find(id);
  if (family == nullptr || family->histograms == nullptr) return;
  family->histograms->Add(Named(*family->declaration, labels), Buckets()).Observe(value);
}

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace sluice::metrics
