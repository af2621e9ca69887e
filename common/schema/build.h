// Build: makes values of one type for a state of which everything compound has been decided.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "common/schema/solver.h"

namespace sluice::schema {

Result BuildScalar(Solver& solver, const State& state,
                   Types type);  // null, boolean, integer, other number, string
Result BuildArray(Solver& solver, const State& state, Mode mode);
Result BuildObject(Solver& solver, const State& state, Mode mode);

// A result with one model that has the state's trail.
Result One(const State& state, Json value);
// The trail of a model that holds a part found with `trail` at `token`.
Trail Around(const State& state, Trail trail, std::string_view token);

// Whether the state allows `value`, as far as enumerations and excluded values say.
bool IsExcluded(const State& state, const Json& value);
// How many values may be excluded.
size_t CountExcluded(const State& state);

// The bounds of a count (of items, members): `least` and `most` grow tighter.
struct Bounds {
  uint64_t least = 0;
  std::optional<uint64_t> most;
  bool impossible = false;

  void AtLeast(uint64_t n) { least = std::max(least, n); }
  void AtMost(uint64_t n) { most = most ? std::min(*most, n) : n; }
  void Below(const Decimal& n);  // fewer than n
  void Above(const Decimal& n);  // more than n
  void AtLeast(const Decimal& n);
  void AtMost(const Decimal& n);
  bool empty() const { return impossible || (most && least > *most); }
};

}  // namespace sluice::schema
