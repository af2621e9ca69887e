#include "common/schema/number_search.h"

#include <algorithm>

namespace sluice::schema {
namespace {

constexpr int kMostTries = 2'000;

bool Within(const NumberQuery& query, const Decimal& x) {
  if (query.least && (x < *query.least || (query.least_open && x == *query.least))) return false;
  return !query.most || !(x > *query.most || (query.most_open && x == *query.most));
}

bool Fits(const NumberQuery& query, const Decimal& x) {
  if (!Within(query, x) || (query.whole && !x.IsInteger()) || (query.fraction && x.IsInteger())) return false;
  for (const Decimal& m : query.multiple_of) {
    if (!x.IsMultipleOf(m)) return false;
  }
  for (const Decimal& m : query.not_multiple_of) {
    if (x.IsMultipleOf(m)) return false;
  }
  return std::find(query.excluded.begin(), query.excluded.end(), x) == query.excluded.end();
}

// The numbers that are multiples of all: of the one returned. nullopt: not found within bounds.
std::optional<Decimal> CommonGrid(const std::vector<Decimal>& steps) {
  Decimal grid = steps.front();
  for (const Decimal& step : steps) {
    Decimal multiple = grid;
    int tries = 0;
    while (!multiple.IsMultipleOf(step)) {
      const auto next = multiple.Plus(grid);
      if (!next || ++tries > kMostTries) return std::nullopt;
      multiple = *next;
    }
    grid = multiple;
  }
  return grid;
}

NumberAnswer FindOnGrid(const NumberQuery& query, const Decimal& grid) {
  if (query.fraction && grid.IsInteger()) return {Found::kNone, {}};
  for (const Decimal& m : query.not_multiple_of) {
    if (grid.IsMultipleOf(m)) return {Found::kNone, {}};
  }
  // Upwards from the lower bound, or from zero where there is none; downwards from an upper bound below zero.
  const bool down = !query.least && query.most && query.most->IsNegative();
  std::optional<Decimal> x;
  if (down) {
    x = query.most->Negated().CeilToMultiple(grid);
    if (x) x = x->Negated();
  } else {
    x = (query.least ? *query.least : Decimal(0)).CeilToMultiple(grid);
  }
  const Decimal step = down ? grid.Negated() : grid;
  for (int i = 0; x && i < kMostTries; ++i) {
    if (Fits(query, *x)) return {Found::kSome, *x};
    if (!down && query.most && *x > *query.most) {
      if (query.least) return {Found::kNone, {}};
      break;
    }
    x = x->Plus(step);
  }
  if (!query.least && !down) {  // the other way as well
    x = Decimal(0);
    for (int i = 0; x && i < kMostTries; ++i, x = x->Plus(grid.Negated())) {
      if (Fits(query, *x)) return {Found::kSome, *x};
    }
  }
  return {};
}

NumberAnswer FindAnywhere(const NumberQuery& query) {
  if (query.least && query.most && *query.least == *query.most) {
    return Fits(query, *query.least) ? NumberAnswer{Found::kSome, *query.least}
                                     : NumberAnswer{Found::kNone, {}};
  }
  std::vector<Decimal> froms;
  if (query.least) froms.push_back(*query.least);
  if (query.most) froms.push_back(*query.most);
  if (froms.empty()) froms.push_back(Decimal(0));
  for (const char* away : {"0", "1", "0.5", "0.1", "2", "0.25", "3", "0.7", "10", "0.01", "0.001", "0.0003",
                           "100", "1e-6", "1e-9", "7e-13", "1e-20", "1e-50", "1e-300"}) {
    const Decimal distance = *Decimal::Parse(away);
    for (const Decimal& from : froms) {
      for (const auto& x : {from.Plus(distance), from.Plus(distance.Negated())}) {
        if (x && Fits(query, *x)) return {Found::kSome, *x};
      }
    }
  }
  return {};
}

}  // namespace

NumberAnswer FindNumber(const NumberQuery& query) {
  if (query.whole && query.fraction) return {Found::kNone, {}};
  if (query.least && query.most) {
    if (*query.least > *query.most) return {Found::kNone, {}};
    if (*query.least == *query.most && (query.least_open || query.most_open)) return {Found::kNone, {}};
  }
  for (const Decimal& hint : query.hints) {
    if (Fits(query, hint)) return {Found::kSome, hint};
  }
  std::vector<Decimal> steps = query.multiple_of;
  if (query.whole) steps.insert(steps.begin(), Decimal(1));
  if (steps.empty()) return FindAnywhere(query);
  const auto grid = CommonGrid(steps);
  return grid ? FindOnGrid(query, *grid) : NumberAnswer{};
}

}  // namespace sluice::schema
