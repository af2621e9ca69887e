// ChangeClass: how grave a change is.
#pragma once

namespace sluice::core {

// In the order of gravity; the gravest edit decides (proto ChangeClass documents each).
enum class ChangeClass {
  kConfig,
  kOperation,
  kOnboarding,
  kAccess,
  kCompatible,
  kNewProduct,
  kCoordinated,
  kDeletion,
  kBreaking,
};

}  // namespace sluice::core
