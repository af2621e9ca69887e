// Examples: what a person would put into a field, for messages that are read by people and by strict
// validators of formats.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/schema/schema.h"

namespace sluice::schema {

// `examples` and `default` of a schema, at most five.
std::vector<Json> ExamplesOf(const Node& node);

// Texts of `format`; nothing for an unknown one. `seed` varies them. `many`: enough for lists without
// repetition.
void AddFormatHints(std::string_view format, uint64_t seed, bool many, std::vector<std::string>& hints);
void AddTextHints(uint64_t seed, std::vector<std::string>& hints);
void AddNumberHints(uint64_t seed, bool whole, std::vector<Decimal>& hints);

}  // namespace sluice::schema
