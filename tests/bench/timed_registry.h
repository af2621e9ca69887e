// TimedRegistry: a RegistryTarget that also writes down when each look and each step was under way.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "agent/target.h"
#include "tests/bench/timed_admin.h"

namespace sluice::bench {

class TimedRegistry final : public agent::RegistryTarget {
 public:
  TimedRegistry(std::unique_ptr<agent::RegistryTarget> registry, RequestLog& log)
      : registry_(std::move(registry)), log_(log) {}

  absl::StatusOr<agent::RegistryState> Observe(const std::vector<core::Subject>& desired) override {
    const auto began = std::chrono::steady_clock::now();
    auto state = registry_->Observe(desired);
    log_.Add({began, std::chrono::steady_clock::now(), 0});
    return state;
  }
  std::vector<agent::StepResult> Apply(const std::vector<core::Step>& steps) override {
    const auto began = std::chrono::steady_clock::now();
    auto results = registry_->Apply(steps);
    log_.Add({began, std::chrono::steady_clock::now(), steps.size()});
    return results;
  }
  void Stop() override { registry_->Stop(); }

 private:
  const std::unique_ptr<agent::RegistryTarget> registry_;
  RequestLog& log_;
};

}  // namespace sluice::bench
