// StateAge: how long ago the control plane last confirmed the approved state, by what a wall clock that jumps
// cannot change.
//
// While the machine runs only its monotonic clock counts, over restarts of the agent too (`boot` tells one
// run of the machine from another). The time that the machine was off is taken from the wall clock, once, and
// only if that did not go back: else the age is not known, which is as good as too old, until the wall clock
// is past the last contact again or the control plane is heard. So a wall clock that is set back makes no old
// state young, one that is set forward makes no young state old, and after a restart of the machine with a
// clock that stands too far ahead the state is too old until the control plane is heard. Time asleep (a
// suspended laptop) does not count while the agent runs. Thread safety: belongs to one thread.
#pragma once

#include <chrono>
#include <string>

#include "common/clock/clock.h"

namespace sluice::agent {

class StateAge {
 public:
  struct Moment {
    Time wall;
    std::chrono::steady_clock::time_point steady;
  };
  static constexpr std::chrono::microseconds kUnknown = std::chrono::microseconds::max();

  // Goes on from `record` (of Record); where that says nothing, from `received`, the wall clock's time of the
  // last contact (Time{}: there was none).
  StateAge(std::string boot, const std::string& record, Time received);

  void Heard(Moment when);  // the control plane confirmed the state; never moves back
  // kUnknown: there was no contact, or nobody can say how long ago.
  std::chrono::microseconds At(Moment now);
  // What another run of the agent goes on from; empty: nothing is known.
  std::string Record(Moment now);

 private:
  enum class By { kNothing, kMonotonic, kWall };

  const std::string boot_;
  By by_ = By::kNothing;
  std::chrono::microseconds base_{};  // the age at `at_`
  Moment at_{};
};

inline StateAge::Moment MomentOf(const Clock& clock) { return {clock.Now(), clock.Steady()}; }

// Names this run of the machine.
std::string BootId();

}  // namespace sluice::agent
