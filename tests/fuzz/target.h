// A fuzz target: one function that takes any bytes, and ends the process when a rule is broken. The same function runs under libFuzzer
// (SLUICE_FUZZ=ON) and in quick tests (replay.cc). It keeps no state between calls but what it prepares once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace sluice::fuzz {

inline std::string_view TextOf(const uint8_t* data, size_t size) {
  return size == 0 ? std::string_view() : std::string_view(reinterpret_cast<const char*>(data), size);
}

// Ends the process, naming the rule, unless it holds.
inline void Require(bool holds, const char* rule) {
  if (holds) return;
  std::fprintf(stderr, "broken rule: %s\n", rule);
  std::abort();
}

}  // namespace sluice::fuzz
