// Messages with which a claim about two schemas is attacked: samples of both, what their schemas mention, and
// these with one thing changed.
#pragma once

#include <optional>
#include <vector>

#include "common/schema/validate.h"

namespace sluice::schema {

// In a fixed order, each once, at most `most`.
std::vector<Json> CandidateMessages(const Schema& a, const Schema& b, size_t most = 400);

// The first of `candidates` that `writer` accepts under `reading` and `reader` refuses.
std::optional<Json> FindRefutation(const Schema& writer, const Schema& reader, Reading reading,
                                   const std::vector<Json>& candidates);

}  // namespace sluice::schema
