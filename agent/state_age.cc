#include "agent/state_age.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "common/crypto/sha256.h"

namespace sluice::agent {
namespace {

using std::chrono::microseconds;
using Steady = std::chrono::steady_clock::time_point;

int64_t Micros(Steady time) {
  return std::chrono::duration_cast<microseconds>(time.time_since_epoch()).count();
}

}  // namespace

StateAge::StateAge(std::string boot, const std::string& record, Time received) : boot_(std::move(boot)) {
  std::istringstream words(record);
  int64_t age = 0, wall = 0, steady = 0;
  std::string boot_then;
  if (words >> age >> wall >> steady && age >= 0) {
    words >> boot_then;
    by_ = boot_then == boot_ ? By::kMonotonic : By::kWall;
    base_ = microseconds(age);
    at_ = {Time(microseconds(wall)), Steady(microseconds(steady))};
  } else if (received > Time{}) {
    by_ = By::kWall;
    at_.wall = received;
  }
}

void StateAge::Heard(Moment when) {
  if (by_ == By::kMonotonic && base_ == microseconds(0) && when.steady < at_.steady) return;
  by_ = By::kMonotonic;
  base_ = microseconds(0);
  at_ = when;
}

microseconds StateAge::At(Moment now) {
  if (by_ == By::kMonotonic) {
    const auto passed = std::chrono::duration_cast<microseconds>(now.steady - at_.steady);
    if (passed >= microseconds(0)) return base_ + passed;
    by_ = By::kWall;  // another run of the machine after all
  }
  if (by_ == By::kNothing || now.wall < at_.wall) return kUnknown;
  base_ += now.wall - at_.wall;
  at_ = now;
  by_ = By::kMonotonic;
  return base_;
}

std::string StateAge::Record(Moment now) {
  const microseconds age = At(now);
  if (age == kUnknown) return "";
  return fmt::format("{} {} {} {}", age.count(), now.wall.time_since_epoch().count(), Micros(now.steady),
                     boot_);
}

std::string BootId() {
  std::string id;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
  return id.empty() ? RandomHex(16) : id;
}

}  // namespace sluice::agent
