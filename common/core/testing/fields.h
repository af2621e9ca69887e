// Fields: sets a field of a definition by its path, for golden cases.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "common/core/definitions.h"

namespace sluice::core::golden {

// What is left of a path, and what to put there.
struct Assignment {
  std::string_view path;
  std::string_view value;
  bool remove = false;
};

// Throw std::invalid_argument where path or value do not fit.
void Set(Environment& target, const Assignment& assignment);
void Set(Category& target, const Assignment& assignment);
void Set(Domain& target, const Assignment& assignment);
void Set(Customer& target, const Assignment& assignment);
void Set(Application& target, const Assignment& assignment);
void Set(Cluster& target, const Assignment& assignment);
void Set(DataProduct& target, const Assignment& assignment);
void Set(Grant& target, const Assignment& assignment);

}  // namespace sluice::core::golden
