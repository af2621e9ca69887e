#include <map>

#include "common/schema/avro_edits_walk.h"
#include "common/schema/avro_resolve.h"

namespace sluice::schema {
namespace {

// Takes pairs out of both lists: each branch with the first one of the other that `key` gives the same key.
// No key: not by this one.
template <typename Key>
void TakeByKey(MatchedBranches& matched, Key key) {
  std::map<std::string_view, size_t> where;
  for (size_t i = 0; i < matched.added.size(); ++i) {
    for (const std::string_view name : key(*matched.added[i].node)) where.emplace(name, i);
  }
  std::vector<bool> taken(matched.added.size());
  std::vector<AvroUse> gone;
  for (const AvroUse& before : matched.gone) {
    std::optional<size_t> partner;
    for (const std::string_view name : key(*before.node)) {
      const auto found = where.find(name);
      if (found == where.end() || taken[found->second]) continue;
      if (matched.added[found->second].node->type == before.node->type) partner = found->second;
    }
    if (!partner) {
      gone.push_back(before);
      continue;
    }
    taken[*partner] = true;
    matched.both.emplace_back(before, matched.added[*partner]);
  }
  std::vector<AvroUse> added;
  for (size_t i = 0; i < taken.size(); ++i) {
    if (!taken[i]) added.push_back(matched.added[i]);
  }
  matched.gone = std::move(gone);
  matched.added = std::move(added);
}

using Names = std::vector<std::string_view>;

// An int that became a long. Only primitives are left to be promoted, and a union holds each once.
void TakePromoted(MatchedBranches& matched) {
  for (size_t i = 0; i < matched.gone.size();) {
    const AvroType before = matched.gone[i].node->type;
    size_t j = 0;
    if (!IsPrimitive(before)) j = matched.added.size();
    while (j < matched.added.size() && !Promotes(before, matched.added[j].node->type) &&
           !Promotes(matched.added[j].node->type, before)) {
      ++j;
    }
    if (j == matched.added.size()) {
      ++i;
      continue;
    }
    matched.both.emplace_back(matched.gone[i], matched.added[j]);
    matched.gone.erase(matched.gone.begin() + static_cast<std::ptrdiff_t>(i));
    matched.added.erase(matched.added.begin() + static_cast<std::ptrdiff_t>(j));
  }
}

bool IsNull(const AvroUse& use) { return use.node->type == AvroType::kNull; }

}  // namespace

std::vector<AvroUse> BranchesOf(const AvroUse& use) {
  return use.node->type == AvroType::kUnion ? use.node->parts : std::vector<AvroUse>{use};
}

MatchedBranches MatchBranches(std::vector<AvroUse> before, std::vector<AvroUse> after) {
  MatchedBranches matched;
  matched.gone = std::move(before);
  matched.added = std::move(after);
  TakeByKey(matched, [](const AvroNode& node) { return Names{BranchName(node)}; });
  TakeByKey(matched, [](const AvroNode& node) {
    Names names = node.aliases;
    if (IsNamed(node.type)) names.push_back(node.name);
    return names;
  });
  TakeByKey(matched,
            [](const AvroNode& node) { return IsNamed(node.type) ? Names{node.ShortName()} : Names{}; });
  TakePromoted(matched);
  const bool one_each = matched.gone.size() == 1 && matched.added.size() == 1;
  if (one_each && !IsNull(matched.gone[0]) && !IsNull(matched.added[0])) {
    matched.both.emplace_back(matched.gone[0], matched.added[0]);
    matched.gone.clear();
    matched.added.clear();
  }
  return matched;
}

}  // namespace sluice::schema
