// Early return of errors in the store.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace sluice::controlplane {
inline absl::Status StatusOf(absl::Status status) { return status; }
template <typename T>
absl::Status StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}
}  // namespace sluice::controlplane

// Returns the status of `expression` from the function unless it is OK.
#define SLUICE_TRY(expression)                                                                      \
  do {                                                                                              \
    if (absl::Status try_status = ::sluice::controlplane::StatusOf(expression); !try_status.ok()) { \
      return try_status;                                                                            \
    }                                                                                               \
  } while (false)

// Declares `name` with the value of the StatusOr `expression`, or returns its status.
#define SLUICE_VALUE(name, expression)                       \
  auto name##_or = (expression);                             \
  if (!name##_or.ok()) return std::move(name##_or).status(); \
  auto& name = *name##_or
