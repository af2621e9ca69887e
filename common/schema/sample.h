// Sample: messages made from a schema: one that it accepts, and ones that it just refuses.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/schema/validate.h"

namespace sluice::schema {

struct SampleOptions {
  Reading reading = Reading::kClosed;
  bool optional_members = true;  // with members that are not required
  uint64_t seed = 0;             // the same seed makes the same message
  size_t most_steps = 50'000;    // nodes looked at
};

// A message that `schema` accepts, confirmed by Validate; nullopt when none was found within bounds (a schema
// may accept nothing).
std::optional<Json> MakeValid(const Schema& schema, const SampleOptions& options = {});

struct InvalidSample {
  Json message;
  ValidationError why;  // the first error of Validate
};

// Messages that differ from a valid one in one place each and are refused, confirmed by Validate: each for
// another keyword.
std::vector<InvalidSample> MakeInvalid(const Schema& schema, size_t most = 20,
                                       const SampleOptions& options = {});

}  // namespace sluice::schema
