// Deadlines: calls back when a moment of the wall clock has passed, for streams that outlive their
// credentials. The clock is looked at again every few seconds at least, so that a clock that is set wakes
// nobody late. Thread safety: all members may be called from any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "common/clock/clock.h"

namespace sluice::controlplane {

class Deadlines {
 public:
  explicit Deadlines(Clock& clock);  // outlives it
  ~Deadlines();

  // Calls `passed` once when it is later than `when`, in a thread of its own, unless the handle is destroyed
  // first. It may be running while the handle is destroyed. The handle may outlive the Deadlines.
  std::shared_ptr<void> Add(Time when, std::function<void()> passed);

 private:
  struct Waiting;  // what handles share
  void Loop();

  Clock& clock_;
  const std::shared_ptr<Waiting> waiting_;
  std::thread thread_;
};

}  // namespace sluice::controlplane
