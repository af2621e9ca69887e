// Number search: whether there is a number within bounds, on some grids and off others, and one such number.
#pragma once

#include <optional>
#include <vector>

#include "common/schema/decimal.h"
#include "common/schema/found.h"

namespace sluice::schema {

struct NumberQuery {
  std::optional<Decimal> least = {}, most = {};
  bool least_open = false, most_open = false;  // the bound itself is out
  bool whole = false;                          // integers only
  bool fraction = false;                       // no integers
  std::vector<Decimal> multiple_of = {};            // of each
  std::vector<Decimal> not_multiple_of = {};        // of none
  std::vector<Decimal> excluded = {};
  std::vector<Decimal> hints = {};  // tried first
};

struct NumberAnswer {
  Found found = Found::kUnknown;
  Decimal number;  // at kSome
};

NumberAnswer FindNumber(const NumberQuery& query);

}  // namespace sluice::schema
