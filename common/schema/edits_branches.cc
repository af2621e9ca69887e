// Edits of anyOf and oneOf, of conditions, and of what cannot be compared part by part.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "common/schema/edits_walk.h"
#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

constexpr size_t kMostTrials = 100;  // pairs of branches that are compared to find out which belong together
constexpr int kMostTrialDepth = 2;   // such trials in each other

std::string GroupPointer(const Group& group) {
  return KeywordPointer(*group.node, {group.exclusive ? "oneOf" : "anyOf"});
}

Operand Alone(const Node* node) { return {.nodes = {node}, .without = {}}; }

// `whole` with one of its groups replaced by one of that group's branches.
Operand With(const Operand& whole, const Group& group, const Node* branch) {
  Operand operand = whole;
  operand.without.push_back(group.branches);
  operand.nodes.push_back(branch);
  return operand;
}

// The text of a branch that refers to nothing; else empty.
std::string TextOf(const Node& node) {
  return node.source != nullptr && EqualWithoutReferences(*node.source, *node.source)
             ? node.source->ToString()
             : "";
}

// The name that people gave a branch: its title, or what it refers to.
std::string NameOf(const Node& node) {
  if (node.source == nullptr) return "";
  for (const std::string_view keyword : {"$ref", "title"}) {
    const Json* name = node.source->Find(keyword);
    if (name != nullptr && name->is_string()) return name->string();
  }
  return "";
}

bool SharesMember(const View& a, const View& b) {
  bool any = false;
  for (const Node* x : a.nodes) {
    for (const Node* y : b.nodes) {
      any |= !x->properties.empty() && !y->properties.empty();
      for (const auto& [name, schema] : x->properties) {
        const auto found =
            std::lower_bound(y->properties.begin(), y->properties.end(), name,
                             [](const auto& member, const std::string& key) { return member.first < key; });
        if (found != y->properties.end() && found->first == name) return true;
      }
    }
  }
  return !any;  // nothing declared on one side: nothing that tells them apart
}

// Whether two sets of tags say the same where they speak of the same member: 1, contradict: -1, or neither:
// 0.
int Agreement(const std::map<std::string, std::string>& a, const std::map<std::string, std::string>& b) {
  int agreement = 0;
  for (const auto& [name, value] : a) {
    const auto other = b.find(name);
    if (other == b.end()) continue;
    if (other->second != value) return -1;
    agreement = 1;
  }
  return agreement;
}

}  // namespace

std::vector<const Node*> Gather(const View& view, const Node* Node::* keyword) {
  std::vector<const Node*> found;
  for (const Node* node : view.nodes) {
    if (node->*keyword != nullptr) found.push_back(node->*keyword);
  }
  return found;
}

std::optional<Json> FirstSource(const std::vector<const Node*>& nodes) {
  return nodes.empty() || nodes[0]->source == nullptr ? std::nullopt : std::optional<Json>(*nodes[0]->source);
}

void Walk::CompareOpaque(const Pair& pair, std::string_view keyword, const std::vector<const Node*>& before,
                         const std::vector<const Node*>& after) {
  if (before.empty() && after.empty()) return;
  if (!before.empty() && !after.empty() &&
      Same({.nodes = before, .without = {}}, {.nodes = after, .without = {}}, pair.place.depth))
    return;
  const std::string verb = before.empty() ? "added" : after.empty() ? "removed" : "changed";
  const Weight& weight = before.empty() ? kTightens : kLoosens;
  Add(fmt::format("{}-{}", Kebab(keyword), verb), weight, pair,
      before.empty() ? OldPointer(pair) : PointerOf(*before[0]),
      after.empty() ? NewPointer(pair) : PointerOf(*after[0]), FirstSource(before), FirstSource(after),
      fmt::format("{}: what `{}` says {}", Subject(pair.place.field), keyword,
                  before.empty()  ? "is new; producers promise more than before"
                  : after.empty() ? "is gone; values may come that could not before"
                                  : "changed; values may come that could not before"));
}

bool Walk::CompareWholeWithBranches(const Pair& pair) {
  const bool wraps = pair.a.groups.empty() && pair.b.groups.size() == 1;
  const bool unwraps = pair.b.groups.empty() && pair.a.groups.size() == 1;
  if (!wraps && !unwraps) return false;
  const Group& group = wraps ? pair.b.groups[0] : pair.a.groups[0];
  const Operand& whole = wraps ? pair.old_operand : pair.new_operand;
  const View& whole_view = wraps ? pair.a : pair.b;
  if (!Spend(group.branches->size())) return true;
  const Node* best = BestBranch(whole, whole_view, group, wraps, pair.place.depth);
  if (best == nullptr) return false;
  for (const Node* branch : *group.branches) {
    if (branch == best) continue;
    if (wraps) {
      AddBranch(pair, *branch, OldPointer(pair));
    } else {
      RemoveBranch(pair, *branch, NewPointer(pair));
    }
  }
  Place place = pair.place;
  ++place.depth;
  if (wraps) {
    Compare(whole, With(pair.new_operand, group, best), place);
  } else {
    Compare(With(pair.old_operand, group, best), whole, place);
  }
  return true;
}

const Node* Walk::BestBranch(const Operand& whole, const View& view, const Group& group, bool wraps,
                             int depth) {
  const bool few = group.branches->size() <= kMostTrials && trials_ < kMostTrialDepth;
  const Node* best = nullptr;
  int least = 0;
  for (const Node* branch : *group.branches) {
    const int likeness = Likeness(whole, view, *branch);
    if (likeness == 0) continue;
    int cost = -likeness;
    if (few) cost = wraps ? CostOf(whole, Alone(branch), depth) : CostOf(Alone(branch), whole, depth);
    if (best != nullptr && cost >= least) continue;
    least = cost;
    best = branch;
  }
  return best;
}

int Walk::Likeness(const Operand& whole, const View& view, const Node& branch) {
  if (whole.nodes.size() == 1 && whole.nodes[0]->source != nullptr && branch.source != nullptr &&
      *whole.nodes[0]->source == *branch.source)
    return 5;
  const Operand alone = Alone(&branch);
  const int agreement = Agreement(TagsOf(whole), TagsOf(alone));
  if (agreement < 0) return 0;
  if (agreement > 0) return 4;
  const View other = views_.Of(alone);
  if ((view.types & other.types) == 0) return 0;
  if (view.types != other.types) return 1;
  return SharesMember(view, other) ? 3 : 2;
}

std::map<std::string, std::string> Walk::TagsOf(const Operand& operand) {
  std::map<std::string, std::string> tags;
  for (const Node* node : views_.Of(operand).nodes) {
    for (const auto& [name, schema] : node->properties) {
      const Node* target = Follow(schema);
      if (target->enumeration && target->enumeration->size() == 1)
        tags.emplace(name, target->enumeration->front().ToString());
    }
  }
  return tags;
}

void Walk::CompareGroups(const Pair& pair) {
  const size_t both = std::min(pair.a.groups.size(), pair.b.groups.size());
  for (size_t i = 0; i < both; ++i) CompareGroup(pair, pair.a.groups[i], pair.b.groups[i]);
  const std::string subject = Subject(pair.place.field);
  for (size_t i = both; i < pair.a.groups.size(); ++i) {
    Add("branches-removed", kLoosens, pair, GroupPointer(pair.a.groups[i]), NewPointer(pair), std::nullopt,
        std::nullopt, fmt::format("{}: alternatives that it had to be one of are gone", subject));
  }
  for (size_t i = both; i < pair.b.groups.size(); ++i) {
    Add("branches-added", kTightens, pair, OldPointer(pair), GroupPointer(pair.b.groups[i]), std::nullopt,
        std::nullopt,
        fmt::format("{}: it must be one of several alternatives now; producers promise more than before",
                    subject));
  }
}

void Walk::CompareGroup(const Pair& pair, const Group& before, const Group& after) {
  if (!Spend(before.branches->size() + after.branches->size())) return;
  if (before.exclusive != after.exclusive) {
    Add(after.exclusive ? "any-of-made-one-of" : "one-of-made-any-of", after.exclusive ? kTightens : kLoosens,
        pair, GroupPointer(before), GroupPointer(after), std::nullopt, std::nullopt,
        fmt::format("{}: {}", Subject(pair.place.field),
                    after.exclusive ? "exactly one alternative must hold now"
                                    : "more than one alternative may hold now"));
  }
  std::vector<bool> old_done(before.branches->size()), new_done(after.branches->size());
  Place place = pair.place;
  ++place.depth;
  for (const auto& [i, j] : MatchBranches(*before.branches, *after.branches, pair.place.depth)) {
    old_done[i] = new_done[j] = true;
    Compare(Alone((*before.branches)[i]), Alone((*after.branches)[j]), place);
  }
  for (size_t i = 0; i < old_done.size(); ++i) {
    if (!old_done[i]) RemoveBranch(pair, *(*before.branches)[i], GroupPointer(after));
  }
  for (size_t j = 0; j < new_done.size(); ++j) {
    if (!new_done[j]) AddBranch(pair, *(*after.branches)[j], GroupPointer(before));
  }
}

Walk::Matches Walk::MatchBranches(const Branches& before, const Branches& after, int depth) {
  Matches matches;
  std::vector<bool> old_done(before.size()), new_done(after.size());
  const auto match_by = [&](const auto& name_of) {
    std::multimap<std::string, size_t> by_name;
    for (size_t j = 0; j < after.size(); ++j) {
      if (new_done[j]) continue;
      if (std::string name = name_of(*after[j]); !name.empty()) by_name.emplace(std::move(name), j);
    }
    for (size_t i = 0; i < before.size(); ++i) {
      if (old_done[i]) continue;
      const auto found = by_name.find(name_of(*before[i]));
      if (found == by_name.end()) continue;
      old_done[i] = new_done[found->second] = true;
      matches.emplace_back(i, found->second);
      by_name.erase(found);
    }
  };
  const auto left = [](const std::vector<bool>& done) {
    std::vector<size_t> indices;
    for (size_t i = 0; i < done.size(); ++i) {
      if (!done[i]) indices.push_back(i);
    }
    return indices;
  };
  const auto few = [&] {
    return left(old_done).size() * left(new_done).size() <= kMostTrials && trials_ < kMostTrialDepth;
  };
  match_by(TextOf);
  match_by([this](const Node& node) {
    std::string text;
    for (const auto& [name, value] : TagsOf(Alone(&node))) text += name + "=" + value + ";";
    return text;
  });
  if (!few()) match_by(NameOf);
  const Matches rest = few() ? MatchByCost(before, after, left(old_done), left(new_done), depth)
                             : MatchInOrder(before, after, left(old_done), left(new_done));
  matches.insert(matches.end(), rest.begin(), rest.end());
  return matches;
}

Walk::Matches Walk::MatchByCost(const Branches& before, const Branches& after,
                                const std::vector<size_t>& old_left, const std::vector<size_t>& new_left,
                                int depth) {
  constexpr int kSameName = 50;  // what an equal name makes up for
  std::vector<std::tuple<int, size_t, size_t>> candidates;
  for (const size_t i : old_left) {
    const View view = views_.Of(Alone(before[i]));
    for (const size_t j : new_left) {
      if (!Spend(20)) return {};
      const int likeness = Likeness(Alone(before[i]), view, *after[j]);
      const bool both_never = view.never && views_.Of(Alone(after[j])).never;
      if (likeness == 0 && !both_never) continue;
      const int cost = CostOf(Alone(before[i]), Alone(after[j]), depth);
      if (cost > 0 && likeness < 3) continue;
      const bool same_name = !NameOf(*before[i]).empty() && NameOf(*before[i]) == NameOf(*after[j]);
      candidates.emplace_back(same_name && cost > 0 ? std::max(1, cost - kSameName) : cost, i, j);
    }
  }
  std::sort(candidates.begin(), candidates.end());
  Matches matches;
  for (const auto& [cost, i, j] : candidates) {
    const bool taken = std::any_of(matches.begin(), matches.end(), [i = i, j = j](const auto& match) {
      return match.first == i || match.second == j;
    });
    if (!taken) matches.emplace_back(i, j);
  }
  return matches;
}

Walk::Matches Walk::MatchInOrder(const Branches& before, const Branches& after,
                                 const std::vector<size_t>& old_left, const std::vector<size_t>& new_left) {
  Matches matches;
  std::vector<size_t> open = new_left;
  for (const size_t i : old_left) {
    const View view = views_.Of(Alone(before[i]));
    for (auto j = open.begin(); j != open.end(); ++j) {
      if (!Spend(20)) return matches;  // what a look costs
      if (Likeness(Alone(before[i]), view, *after[*j]) < 3) continue;
      matches.emplace_back(i, *j);
      open.erase(j);
      break;
    }
  }
  return matches;
}

int Walk::CostOf(const Operand& before, const Operand& after, int depth) {
  constexpr int kWeights[] = {1, 10, 100};  // by SchemaClass
  const PairKey key = KeyOf(before, after);
  const auto [known, is_new] = state_.costs.try_emplace(key, 0);
  if (!is_new) return known->second;
  Walk walk(state_, trials_ + 1);
  walk.Compare(before, after, {.field = "", .old_pointer = "", .new_pointer = "", .depth = depth + 1});
  const Edits found = walk.Take();
  if (!found.complete) result_.complete = false;
  int cost = 0;
  for (const SchemaEdit& edit : found.edits) {
    if (!IsDocumentation(edit)) cost += kWeights[static_cast<size_t>(edit.gravity)];
  }
  state_.costs[key] = cost;
  return cost;
}

void Walk::AddBranch(const Pair& pair, const Node& branch, std::string old_pointer) {
  const Types types = views_.TypesOf(branch);
  if (IsPlainType(*Follow(&branch)) && (types & ~pair.a.types) != 0) return;  // told as the type
  Add("branch-added", kLoosens, pair, std::move(old_pointer), PointerOf(branch), std::nullopt, *branch.source,
      fmt::format("{}: there is one more alternative, {}", Subject(pair.place.field), TypesText(types)));
}

void Walk::RemoveBranch(const Pair& pair, const Node& branch, std::string new_pointer) {
  const Types types = views_.TypesOf(branch);
  if (IsPlainType(*Follow(&branch)) && (types & ~pair.b.types) != 0) return;  // told as the type
  Add("branch-removed", (types & kObject) != 0 ? kTakesAway : kTightens, pair, PointerOf(branch),
      std::move(new_pointer), *branch.source, std::nullopt,
      fmt::format("{}: there is one alternative less, {}", Subject(pair.place.field), TypesText(types)));
}

void Walk::CompareConditions(const Pair& pair) {
  CompareOpaque(pair, "not", Gather(pair.a, &Node::not_), Gather(pair.b, &Node::not_));
  const std::vector<const Node*> before = Gather(pair.a, &Node::if_);
  const std::vector<const Node*> after = Gather(pair.b, &Node::if_);
  if (before.empty() && after.empty()) return;
  if (before.size() != after.size() ||
      !Same({.nodes = before, .without = {}}, {.nodes = after, .without = {}}, pair.place.depth))
    return CompareOpaque(pair, "if", before, after);
  Place place = pair.place;
  ++place.depth;
  for (const auto keyword : {&Node::then_, &Node::else_}) {
    const std::vector<const Node*> was = Gather(pair.a, keyword);
    const std::vector<const Node*> now = Gather(pair.b, keyword);
    const char* name = keyword == &Node::then_ ? "then" : "else";
    if (was.size() == 1 && now.size() == 1) {
      Compare(Alone(was[0]), Alone(now[0]), place);
    } else {
      CompareOpaque(pair, name, was, now);
    }
  }
}

}  // namespace sluice::schema
