#include "agent/deferred.h"

#include <fmt/format.h>

namespace sluice::agent {
namespace {

constexpr std::chrono::seconds kSoon{1};

}  // namespace

void Deferred::Take(const std::set<std::string>& slices, const std::vector<core::Step>& steps,
                    const std::vector<StepResult>& results, Steady now) {
  for (const std::string& slice : slices) waiting_.erase(slice);
  for (size_t i = 0; i < steps.size(); ++i) {
    if (results[i].outcome != Outcome::kLater) continue;
    ++waiting_[steps[i].slice];
    why_ = std::string(results[i].status.message());
    due_ = now + kSoon;
  }
}

std::optional<Deferred::Steady> Deferred::NextDue() const {
  if (waiting_.empty()) return std::nullopt;
  return due_;
}

std::set<std::string> Deferred::DueSlices(Steady now) const {
  std::set<std::string> slices;
  if (waiting_.empty() || now < due_) return slices;
  for (const auto& [slice, count] : waiting_) slices.insert(slice);
  return slices;
}

std::string Deferred::Message() const {
  if (waiting_.empty()) return "";
  int steps = 0;
  for (const auto& [slice, count] : waiting_) steps += count;
  return fmt::format("{} creations of {} slices wait for Kafka's quota: {}", steps, waiting_.size(), why_);
}

}  // namespace sluice::agent
