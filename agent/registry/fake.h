// FakeRegistry: a registry in memory, with errors on demand. Held against the real one by
// tests/conformance/targets.
//
// Compatibility is checked for one thing only, enough for tests of what comes after a refusal: at any level
// but NONE a JSON schema whose property changes its type is refused.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "agent/target.h"

namespace sluice::agent {

// Thread safety: all members may be called from any thread.
class FakeRegistry final : public RegistryTarget {
 public:
  struct Stored {
    std::string level;                  // empty: none of its own
    std::vector<std::string> versions;  // canonical text, oldest first
  };
  using World = std::map<std::string, Stored>;

  World Look() const;
  void Change(const std::function<void(World&)>& change);  // behind the agent's back; seen at once

  // Errors on demand; each holds until it is called again or has run out.
  void SetReachable(bool reachable);  // false: nothing is answered, and nothing is done
  void Refuse(const std::string& subject, absl::Status status);    // every step for it; OK: no more
  void HideSubject(const std::string& subject, absl::Status why);  // cannot be looked at; OK: no more
  void LoseAnswers(int steps);  // the next steps are done, but no answer comes

  int mutations() const;  // steps that reached it, so far
  int looks() const;      // calls of Observe, so far

  absl::StatusOr<RegistryState> Observe(const std::vector<core::Subject>& desired) override;
  std::vector<StepResult> Apply(const std::vector<core::Step>& steps) override;
  void Stop() override;

 private:
  StepResult Carry(const core::Step& step);  // callers hold mutex_

  mutable std::mutex mutex_;
  World world_;
  bool reachable_ = true;
  bool stopped_ = false;
  std::map<std::string, absl::Status> refused_;
  std::map<std::string, absl::Status> unreadable_;
  int lose_ = 0;
  int mutations_ = 0;
  int looks_ = 0;
};

}  // namespace sluice::agent
