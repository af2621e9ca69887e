// Taking apart what has to be refused: one keyword after the other as the reason.
#include <algorithm>

#include "common/schema/node_facts.h"
#include "common/schema/refusals.h"
#include "common/schema/solver.h"

namespace sluice::schema {
namespace {

// false: no more groups.
bool AddGroup(State& state, Literal& literal, Atom& atom) {
  if (state.rests.size() >= kMostRests) return false;
  const bool members = literal.kind == Literal::Kind::kRestMember;
  state.rests.push_back({members ? Rest::Of::kMembers : Rest::Of::kItems, literal.atom, false, 0});
  literal.index = state.rests.size() - 1;
  atom.groups |= GroupOf(literal.index);
  return true;
}

void Apply(State& state, Refusal refusal, const Node& node, Side side) {
  state.mask &= refusal.mask;
  if (refusal.rest && !AddGroup(state, refusal.literals.front(), refusal.atoms.front())) state.opaque = true;
  const bool many = refusal.rule == "anyOf" || (refusal.rule == "oneOf" && !refusal.decides);
  if (many) state.reduced = false;
  if (many && side == Side::kReader && state.union_of == nullptr) state.union_of = &node;
  for (const Atom& atom : refusal.atoms) state.todo.push_back(atom);
  for (Literal& literal : refusal.literals) state.literals.push_back(std::move(literal));
  state.opaque = state.opaque || refusal.opaque;
  if (side == Side::kReader && refusal.decides && state.trail.rule.empty()) {
    state.trail.rule = std::move(refusal.rule);
    state.trail.detail = std::move(refusal.detail);
    state.trail.reader = &node;
  }
}

size_t CountReaders(const State& state) {
  return static_cast<size_t>(std::count_if(state.negatives.begin(), state.negatives.end(),
                                           [](const Atom& atom) { return atom.side == Side::kReader; }));
}

}  // namespace

// Whether a member cannot be refused, or only for reasons that are known: a look at what `properties` say of
// it saves the work on the whole object.
bool Solver::IsFutile(const State& state, const Refusal& refusal, Mode mode, Result& result) {
  if (refusal.literals.size() != 1 || refusal.literals.front().kind != Literal::Kind::kMember) return false;
  const Literal& literal = refusal.literals.front();
  Goal goal;
  for (const Atom& atom : state.positives) {
    const Node* property = Property(*atom.node, literal.name);
    if (property != nullptr) goal.push_back({property, true, atom.side, atom.groups & 1});
  }
  if (goal.empty()) return false;
  goal.push_back(literal.atom);
  if (IsOldNews(state, goal, mode)) return true;
  const Result member = Solve(std::move(goal), mode);
  result.depends = std::min(result.depends, member.depends);
  return member.found == Found::kNone;
}

void Solver::ExpandNegative(State state, Mode mode, Result& result) {
  if (state.negatives.empty()) return Expand(std::move(state), mode, result);
  const auto reader = std::find_if(state.negatives.begin(), state.negatives.end(),
                                   [](const Atom& atom) { return atom.side == Side::kReader; });
  const auto at = reader != state.negatives.end() ? reader : state.negatives.begin();
  if (state.trail.rule.empty() && state.union_of != nullptr && CountReaders(state) > 1) {
    state.whole_blame = true;
    state.trail.rule = state.union_of->any_of.empty() ? "oneOf" : "anyOf";
    state.trail.reader = state.union_of;
  }
  Atom refused = *at;
  refused.node = &Through(*refused.node);
  state.negatives.erase(at);
  if (std::find(state.refused.begin(), state.refused.end(), refused.node) != state.refused.end()) {
    state.opaque = true;
    return Expand(std::move(state), mode, result);
  }
  state.refused.push_back(refused.node);
  if (state.whole_blame) mode = Mode::kFirst;
  if (mode == Mode::kReasons && refused.side == Side::kReader) state.told = &result.models;
  for (Refusal& refusal : Refusals(state, refused, sameness_)) {
    if (IsFutile(state, refusal, mode, result)) continue;
    State next = state;
    Apply(next, std::move(refusal), *refused.node, refused.side);
    Result part;
    Expand(std::move(next), mode, part);
    const bool found = !part.models.empty();
    Merge(result, std::move(part), options_.most_models);
    // Of the writer's own refusals one is enough: the reasons are the reader's.
    if (Enough(mode, result) || (found && refused.side == Side::kWriter)) return;
    if (exhausted()) return Unknown(result, "there are more cases than are looked at");
  }
}

}  // namespace sluice::schema
