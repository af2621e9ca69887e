// The schema of the store, as numbered changes. A released migration never changes; the next one is appended.
#pragma once

#include <string_view>
#include <vector>

namespace sluice::controlplane {

const std::vector<std::string_view>& Migrations();

}  // namespace sluice::controlplane
