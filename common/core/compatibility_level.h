// Compatibility levels of subjects, by the names that registries have for them.
#pragma once

#include <string_view>

namespace sluice::core {

// Whether `to` makes every check of `from`, and more: such a level is set after the schema that comes with it
// is registered.
bool IsTightened(std::string_view from, std::string_view to);

}  // namespace sluice::core
