#include "common/schema/touched.h"

#include <algorithm>
#include <set>

#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

constexpr size_t kMostPlaces = 200;  // that one field leads to

std::vector<std::string> TokensOf(const std::string& pointer) {
  return SplitPointer(pointer).value_or(std::vector<std::string>{});
}

// Whether one is the other, or stands above it.
bool AreInLine(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  const size_t length = std::min(a.size(), b.size());
  for (size_t i = 0; i < length; ++i) {
    if (a[i] != b[i] && a[i] != "*" && b[i] != "*") return false;
  }
  return true;
}

}  // namespace

Touched::Touched(const Edits& edits) : edits_(edits) {
  for (size_t i = 0; i < edits.edits.size(); ++i) {
    places_.push_back(TokensOf(edits.edits[i].field));
    if (!IsDocumentation(edits.edits[i])) all_.push_back(i);
  }
  for (const SharedField& shared : edits.shared)
    shared_.push_back({TokensOf(shared.field), TokensOf(shared.first)});
}

const std::vector<size_t>& Touched::By(const std::string& field) {
  const auto [known, is_new] = known_.try_emplace(field);
  if (is_new) known->second = Find(field);
  return known->second;
}

std::vector<size_t> Touched::Find(const std::string& field) const {
  if (!edits_.complete) return all_;
  // All places whose edits are told for `field` or something below it.
  std::vector<Tokens> places = {TokensOf(field)};
  std::set<Tokens> seen = {places[0]};
  for (size_t i = 0; i < places.size(); ++i) {
    for (const Shared& shared : shared_) {
      const Tokens at = places[i];
      if (!AreInLine(at, shared.field)) continue;
      Tokens there = shared.first;
      if (at.size() > shared.field.size())
        there.insert(there.end(), at.begin() + static_cast<ptrdiff_t>(shared.field.size()), at.end());
      if (seen.insert(there).second) places.push_back(std::move(there));
    }
    if (places.size() > kMostPlaces) return all_;
  }
  std::vector<size_t> touched;
  for (const size_t edit : all_) {
    const bool in_line = std::any_of(places.begin(), places.end(),
                                     [&](const Tokens& place) { return AreInLine(place, places_[edit]); });
    if (in_line) touched.push_back(edit);
  }
  return touched;
}

}  // namespace sluice::schema
