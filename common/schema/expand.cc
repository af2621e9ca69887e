// Taking a state apart: what accepting schemas ask for, and the choices that they leave.
#include <algorithm>

#include "common/schema/node_facts.h"
#include "common/schema/solver.h"

namespace sluice::schema {
namespace {

constexpr int kMostFrames = 350;    // of Expand within each other, over all places
constexpr size_t kMostSubsets = 5;  // branches of which every combination is tried

constexpr char kTooMuch[] = "there are more cases than are looked at";

Atom Part(const Atom& of, const Node* node) { return {node, true, of.side, of.groups & ~kWithoutRests}; }

// Gives the schema's unevaluated… keywords groups of their own. false: there are too many.
bool AddRests(State& state, Atom& atom) {
  const Node& node = *atom.node;
  if ((atom.groups & kWithoutRests) != 0) return true;
  const Groups outer = atom.groups;
  const auto add = [&](Rest::Of of, const Node* rest) {
    if (rest == nullptr) return true;
    if (state.rests.size() >= kMostRests) return false;
    state.rests.push_back({of, {rest, true, atom.side, atom.groups & 1}, true, outer});
    atom.groups |= GroupOf(state.rests.size() - 1);
    return true;
  };
  return add(Rest::Of::kMembers, node.unevaluated_properties) &&
         add(Rest::Of::kItems, node.unevaluated_items);
}

bool IsKnown(const State& state, const Atom& atom) {
  return std::any_of(state.positives.begin(), state.positives.end(), [&](const Atom& known) {
    const bool whole = (known.groups & kWithoutRests) == 0 || (atom.groups & kWithoutRests) != 0;
    return whole && known.node == atom.node && known.side == atom.side &&
           (known.groups & atom.groups & ~kWithoutRests) == (atom.groups & ~kWithoutRests);
  });
}

// The smallest enumeration that the value has to be in; nullptr: none.
const std::vector<Json>* Enumeration(const State& state) {
  const std::vector<Json>* smallest = nullptr;
  for (const Atom& atom : state.positives) {
    const auto& enumeration = atom.node->enumeration;
    if (enumeration && (smallest == nullptr || enumeration->size() < smallest->size()))
      smallest = &*enumeration;
  }
  return smallest;
}

}  // namespace

// false: nothing can fulfil the state.
bool Solver::ExpandPositive(State& state, const Atom& given) {
  Atom atom = given;
  const Node& node = *atom.node;
  state.mask &= MaskOf(node);
  if (node.never || state.mask == 0) return false;
  if (IsKnown(state, atom)) return true;
  if (!AddRests(state, atom)) state.opaque = true;
  state.positives.push_back(atom);
  if (node.ref != nullptr) state.todo.push_back(Part(atom, node.ref));
  if (node.dynamic_ref != nullptr) {
    if (node.dynamic_anchor.empty()) {
      state.todo.push_back(Part(atom, node.dynamic_ref));
    } else {
      state.opaque = true;  // leaving it out leaves more values
    }
  }
  for (const Node* part : node.all_of) state.todo.push_back(Part(atom, part));
  if (node.not_ != nullptr) state.negatives.push_back({node.not_, false, atom.side, 0});
  if (node.any_of.size() == 1) state.todo.push_back(Part(atom, node.any_of.front()));
  if (node.any_of.size() > 1) state.choices.push_back({Choice::Kind::kAnyOf, atom});
  if (!node.one_of.empty()) state.choices.push_back({Choice::Kind::kOneOf, atom});
  if (node.if_ != nullptr && (node.then_ != nullptr || node.else_ != nullptr || atom.groups != 0)) {
    state.choices.push_back({Choice::Kind::kIf, atom});
  }
  const size_t dependencies = node.dependent_required.size() + node.dependent_schemas.size();
  for (size_t i = 0; i < dependencies; ++i) state.choices.push_back({Choice::Kind::kDependency, atom, i});
  return true;
}

void Solver::Expand(State state, Mode mode, Result& result) {
  // Each case is a copy of its own.
  const size_t parts =
      state.choices.size() + state.literals.size() + state.positives.size() + state.negatives.size();
  if (!Spend(1 + parts / 8) || frames_ >= kMostFrames) return Unknown(result, kTooMuch);
  while (!state.todo.empty()) {
    const Atom atom = state.todo.back();
    state.todo.pop_back();
    if (!Spend()) return Unknown(result, kTooMuch);
    if (!atom.positive) {
      state.negatives.push_back(atom);
    } else if (!ExpandPositive(state, atom)) {
      return;
    }
  }
  ++frames_;
  if (const std::vector<Json>* values = Enumeration(state); values != nullptr) {
    FindByValues(state, *values, result);
  } else if (!state.choices.empty() || !state.negatives.empty()) {
    if (Reduce(state, result)) {
      state.choices.empty() ? ExpandNegative(std::move(state), mode, result)
                            : ExpandChoice(std::move(state), mode, result);
    }
  } else {
    Finish(state, mode, result);
  }
  --frames_;
}

void Solver::ExpandChoice(State state, Mode mode, Result& result) {
  const Choice choice = state.choices.back();
  state.choices.pop_back();
  switch (choice.kind) {
    case Choice::Kind::kAnyOf:
      return ExpandAnyOf(state, choice.atom, mode, result);
    case Choice::Kind::kOneOf:
      return ExpandOneOf(state, choice.atom, mode, result);
    case Choice::Kind::kIf:
      return ExpandIf(state, choice.atom, mode, result);
    case Choice::Kind::kDependency:
      return ExpandDependency(state, choice, mode, result);
  }
}

// Whether the closed reading of the goal's schema has `value`, as far as a look at one schema alone can tell.
bool Solver::Writes(const Goal& goal, const Json& value) {
  const Atom* only = nullptr;
  for (const Atom& atom : goal) {
    if (!atom.positive || (atom.groups & 1) == 0) continue;
    if (only != nullptr) return true;
    only = &atom;
  }
  Spend(2);
  return only == nullptr || Check(schema(only->side).At(*only->node), value,
                                  {.reading = Reading::kClosed, .most_steps = 100'000}) != Validity::kInvalid;
}

void Solver::ExpandAnyOf(const State& state, const Atom& atom, Mode mode, Result& result) {
  std::vector<Atom> branches;
  for (const Node* branch : atom.node->any_of) {
    if (!Spend()) return Unknown(result, kTooMuch);
    if (!PlainlyApart(state.positives, state.mask, *branch)) branches.push_back(Part(atom, branch));
  }
  // What several branches declare counts together where it matters what is declared.
  const bool together =
      atom.groups != 0 && !state.open && branches.size() > 1 && (state.mask & (kObject | kArray)) != 0;
  Result singles;
  for (const Atom& branch : branches) {
    State next = state;
    next.todo.push_back(branch);
    Expand(std::move(next), mode, singles);
    if (Enough(mode, singles)) break;
  }
  if (together) {  // another branch may hold as well, and close what this one leaves open
    std::erase_if(singles.models, [&](const Model& model) { return !Writes(*state.goal, model.value); });
    if (singles.models.empty() && singles.found == Found::kSome) singles.found = Found::kNone;
  }
  const bool nothing = singles.models.empty() && singles.found == Found::kNone;
  Merge(result, std::move(singles), options_.most_models);
  if (!together || !nothing) return;
  if (branches.size() <= kMostSubsets) return ExpandSubsets(state, branches, 0, false, mode, result);
  Result all;  // without any rule for what is not declared: more values than there are
  for (const Atom& branch : branches) {
    State next = state;
    next.open = true;
    next.todo.push_back(branch);
    Expand(std::move(next), Mode::kFirst, all);
    if (!all.models.empty() || all.found != Found::kNone) break;
  }
  result.depends = std::min(result.depends, all.depends);
  if (all.found != Found::kNone)
    Unknown(result, "too many branches of anyOf can hold together to try them all");
}

// Every combination of branches, each with what all its branches declare.
void Solver::ExpandSubsets(const State& state, const std::vector<Atom>& branches, size_t from, bool chosen,
                           Mode mode, Result& result) {
  if (!Spend() || frames_ >= kMostFrames) return Unknown(result, kTooMuch);
  if (from == branches.size()) {
    if (chosen) Expand(state, mode, result);
    return;
  }
  ++frames_;
  State with = state;
  with.todo.push_back(branches[from]);
  ExpandSubsets(with, branches, from + 1, true, mode, result);
  if (!Enough(mode, result)) ExpandSubsets(state, branches, from + 1, chosen, mode, result);
  --frames_;
}

void Solver::ExpandOneOf(const State& state, const Atom& atom, Mode mode, Result& result) {
  const auto& branches = atom.node->one_of;
  for (const Node* branch : branches) {
    if (!Spend(branches.size())) return Unknown(result, kTooMuch);
    if (PlainlyApart(state.positives, state.mask, *branch)) continue;
    State next = state;
    next.todo.push_back(Part(atom, branch));
    const std::vector<Atom> only = {Part(atom, &Through(*branch))};
    const Types mask = state.mask & MaskOf(*only.front().node);
    for (const Node* other : branches) {
      if (other != branch && !PlainlyApart(only, mask, *other))
        next.negatives.push_back({other, false, atom.side, 0});
    }
    Expand(std::move(next), mode, result);
    if (Enough(mode, result)) return;
  }
}

void Solver::ExpandIf(const State& state, const Atom& atom, Mode mode, Result& result) {
  const Node& node = *atom.node;
  State holds = state;
  holds.todo.push_back(Part(atom, node.if_));
  if (node.then_ != nullptr) holds.todo.push_back(Part(atom, node.then_));
  Expand(std::move(holds), mode, result);
  if (Enough(mode, result)) return;
  State fails = state;
  fails.negatives.push_back({node.if_, false, atom.side, 0});
  if (node.else_ != nullptr) fails.todo.push_back(Part(atom, node.else_));
  Expand(std::move(fails), mode, result);
}

void Solver::ExpandDependency(const State& state, const Choice& choice, Mode mode, Result& result) {
  const Node& node = *choice.atom.node;
  const size_t lists = node.dependent_required.size();
  const bool is_list = choice.index < lists;
  const std::string& name = is_list ? node.dependent_required[choice.index].first
                                    : node.dependent_schemas[choice.index - lists].first;
  State absent = state;
  absent.literals.push_back({.kind = Literal::Kind::kAbsent, .node = &node, .name = name});
  Expand(std::move(absent), mode, result);
  if (Enough(mode, result)) return;
  State present = state;
  present.mask &= kObject;
  present.literals.push_back({.kind = Literal::Kind::kPresent, .node = &node, .name = name});
  if (is_list) {
    for (const std::string& other : node.dependent_required[choice.index].second) {
      present.literals.push_back({.kind = Literal::Kind::kPresent, .node = &node, .name = other});
    }
  } else {
    present.todo.push_back(Part(choice.atom, node.dependent_schemas[choice.index - lists].second));
  }
  if (present.mask != 0) Expand(std::move(present), mode, result);
}

// Says for what a value is refused when no more is asked for than `left`: what was left out is refused
// anyway.
void Solver::Blame(State& state, const std::vector<Atom>& left) {
  const auto is_reader = [](const Atom& atom) { return atom.side == Side::kReader; };
  if (state.trail.reader != nullptr || std::any_of(left.begin(), left.end(), is_reader)) return;
  const auto dropped = std::find_if(state.negatives.begin(), state.negatives.end(), is_reader);
  if (dropped == state.negatives.end()) return;
  const Node& node = state.union_of != nullptr ? *state.union_of : Through(*dropped->node);
  if (node.never) return;  // what is not allowed says the schema around it
  state.trail.reader = &node;
  if (state.union_of != nullptr) {
    state.trail.rule = node.any_of.empty() ? "oneOf" : "anyOf";
  } else {
    state.trail.rule = (MaskOf(node) & state.mask) == 0 ? "type" : "";
  }
}

// Looks at all that is to be refused together. false: nothing can fulfil the state.
bool Solver::Reduce(State& state, Result& result) {
  std::vector<Atom> left;
  for (const Atom& refused : state.negatives) {
    const Node& node = Through(*refused.node);
    for (const Atom& accepted : state.positives) {
      if ((accepted.groups & kWithoutRests) == 0 && Same(*accepted.node, node)) return false;
    }
    if (!Spend()) {
      Unknown(result, kTooMuch);
      return false;
    }
    if (!PlainlyApart(state.positives, state.mask, node)) left.push_back(refused);
  }
  Blame(state, left);
  state.negatives = std::move(left);
  if (state.reduced || !state.choices.empty()) return true;
  state.reduced = true;
  if (state.negatives.size() < 2) return true;
  for (const Atom& refused : state.negatives) {  // one that cannot be refused alone settles it
    State alone = state;
    alone.negatives = {refused};
    Result single;
    Expand(std::move(alone), Mode::kFirst, single);
    result.depends = std::min(result.depends, single.depends);
    if (single.found == Found::kNone) return false;
  }
  return true;
}

}  // namespace sluice::schema
