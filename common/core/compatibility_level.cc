#include "common/core/compatibility_level.h"

namespace sluice::core {
namespace {

// Which checks a level makes, as bits; -1: not a level that we know.
int ChecksOf(std::string_view level) {
  constexpr int kBackward = 1, kForward = 2, kAllBackward = 4, kAllForward = 8;
  if (level == "NONE") return 0;
  if (level == "BACKWARD") return kBackward;
  if (level == "FORWARD") return kForward;
  if (level == "BACKWARD_TRANSITIVE") return kBackward | kAllBackward;
  if (level == "FORWARD_TRANSITIVE") return kForward | kAllForward;
  if (level == "FULL") return kBackward | kForward;
  if (level == "FULL_TRANSITIVE") return kBackward | kForward | kAllBackward | kAllForward;
  return -1;
}

}  // namespace

bool IsTightened(std::string_view from, std::string_view to) {
  const int before = ChecksOf(from);
  const int after = ChecksOf(to);
  return before >= 0 && after >= 0 && before != after && (before & after) == before;
}

}  // namespace sluice::core
