// JSON Pointer (RFC 6901): `/a/0/b~1c`; the empty pointer is the whole document.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/schema/json.h"

namespace sluice::schema {

// `pointer` with one more token, escaped.
std::string Child(std::string_view pointer, std::string_view token);
std::string Child(std::string_view pointer, size_t index);

// The unescaped tokens; nullopt when `pointer` is none (no leading `/`, a bad `~`).
std::optional<std::vector<std::string>> SplitPointer(std::string_view pointer);

// What `pointer` names in `document`; nullptr when there is nothing.
const Json* Resolve(const Json& document, std::string_view pointer);

}  // namespace sluice::schema
