// Page sizes and small checks that several handlers share.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "controlplane/services/limits.h"

namespace sluice::controlplane {

inline absl::StatusOr<int> PageSize(int wanted) {
  if (wanted < 0) return absl::InvalidArgumentError(fmt::format("page_size is 0 or more (got {})", wanted));
  return wanted == 0 ? kDefaultPage : std::min(wanted, kMaxPage);
}

inline absl::Status CheckLength(std::string_view what, std::string_view text, size_t limit) {
  if (text.size() <= limit) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{} has at most {} bytes (got {})", what, limit, text.size()));
}

inline absl::Status CheckName(std::string_view name) {
  if (name.empty()) return absl::InvalidArgumentError("name is required");
  return CheckLength("name", name, kMaxName);
}

}  // namespace sluice::controlplane
