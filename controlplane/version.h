// Version of this program, from the build.
#pragma once

namespace sluice::controlplane {

inline constexpr char kVersion[] = SLUICE_VERSION;

}  // namespace sluice::controlplane
