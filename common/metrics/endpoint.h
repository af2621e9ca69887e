// Endpoint: the plain HTTP address of a program for monitoring: `/metrics` (Prometheus) and `/healthz` (200
// `ok`, or 503 with the reason). No secrets pass it; bind it to where the monitoring is.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <functional>
#include <memory>
#include <string>

#include "common/metrics/metrics.h"

namespace sluice::metrics {

class Endpoint {
 public:
  virtual ~Endpoint() = default;  // stops serving
  virtual int port() const = 0;
};

// Serves on `listen` (`127.0.0.1:9464`, port 0 takes a free one) from threads of its own. INVALID_ARGUMENT:
// not an address; UNAVAILABLE: it cannot be bound. `refresh` is called before each answer, to set gauges.
// `metrics` and what the functions use outlive the endpoint.
absl::StatusOr<std::unique_ptr<Endpoint>> Serve(const std::string& listen, const Metrics& metrics,
                                                std::function<absl::Status()> health,
                                                std::function<void()> refresh = {});

}  // namespace sluice::metrics
