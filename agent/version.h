// Version of this program, from the build.
#pragma once

namespace sluice::agent {

inline constexpr char kVersion[] = SLUICE_VERSION;

}  // namespace sluice::agent
