#include "common/schema/members.h"

#include <algorithm>

#include "common/schema/node_facts.h"

namespace sluice::schema {
namespace {

using Kind = Literal::Kind;

Atom MemberAtom(const Atom& of, const Node* node) { return {node, true, of.side, of.groups & 1}; }

// The closed reading (see Reading): some schema declares properties, and none says what else there may be.
bool IsClosed(const State& state) {
  bool declares = false;
  for (const Atom& atom : state.positives) {
    if ((atom.groups & 1) == 0) continue;
    const Node& node = *atom.node;
    if (!node.pattern_properties.empty() || node.additional_properties != nullptr ||
        node.unevaluated_properties != nullptr) {
      return false;
    }
    declares = declares || !node.properties.empty();
  }
  return declares && !state.open;
}

}  // namespace

Members::Members(Solver& solver, const State& state)
    : solver_(solver), state_(state), closed_(IsClosed(state)) {
  for (const Atom& atom : state.positives) {
    const Node& node = *atom.node;
    for (const PatternProperty& property : node.pattern_properties) AddPattern(property.pattern.get());
    required_.insert(node.required.begin(), node.required.end());
    if (node.property_names != nullptr) {
      names_.push_back({node.property_names, true, atom.side, 0});
    }
  }
  for (const Literal& literal : state.literals) {
    if (literal.kind == Kind::kAbsent) absent_.insert(std::string(literal.name));
    if (literal.kind == Kind::kPresent || literal.kind == Kind::kMember)
      required_.insert(std::string(literal.name));
  }
}

const std::set<std::string>& Members::mentioned() {
  if (all_mentioned_) return mentioned_;
  all_mentioned_ = true;
  mentioned_.insert(required_.begin(), required_.end());
  for (const Atom& atom : state_.positives) {
    for (const auto& [name, schema] : atom.node->properties) mentioned_.insert(name);
    if (atom.node->property_names == nullptr) continue;
    const Node& names = Through(*atom.node->property_names);
    if (!names.enumeration) continue;
    for (const Json& value : *names.enumeration) {
      if (value.is_string()) mentioned_.insert(value.string());
    }
  }
  return mentioned_;
}

void Members::AddPattern(const Pattern* pattern) {
  solver_.Spend();
  if (pattern_index_.emplace(pattern->text(), patterns_.size()).second) patterns_.push_back(pattern);
}

bool Members::Sign(const std::vector<bool>& signs, const Pattern& pattern) const {
  const auto at = pattern_index_.find(pattern.text());
  return at != pattern_index_.end() && signs[at->second];
}

Members::Matches Members::Matching(const std::string& name) {
  return [this, &name](const Pattern& pattern) {
    const std::optional<bool> matches = pattern.Matches(name);
    unsure_ = unsure_ || !matches;
    return matches.value_or(false);
  };
}

Members::Matches Members::Matching(const std::vector<bool>& signs) const {
  return [this, &signs](const Pattern& pattern) { return Sign(signs, pattern); };
}

Groups Members::Collect(const std::string* name, const Matches& matches, Goal& goal) const {
  Groups evaluated = 0;
  for (const Atom& atom : state_.positives) {
    const Node& node = *atom.node;
    bool found = false;
    if (const Node* property = name != nullptr ? Property(node, *name) : nullptr; property != nullptr) {
      goal.push_back(MemberAtom(atom, property));
      found = true;
    }
    for (const PatternProperty& property : node.pattern_properties) {
      if (!matches(*property.pattern)) continue;
      goal.push_back(MemberAtom(atom, property.schema));
      found = true;
    }
    if (!found && node.additional_properties != nullptr) {
      goal.push_back(MemberAtom(atom, node.additional_properties));
      found = true;
    }
    if (found) evaluated |= atom.groups;
  }
  return evaluated;
}

std::optional<Goal> Members::Complete(Goal goal, Groups evaluated) const {
  for (size_t i = state_.rests.size(); i-- > 0;) {  // inner rules come after outer ones
    const Rest& rest = state_.rests[i];
    if (rest.of != Rest::Of::kMembers || !rest.kept || (evaluated & GroupOf(i)) != 0) continue;
    goal.push_back(rest.atom);
    evaluated |= rest.outer;
  }
  if (closed_ && (evaluated & 1) == 0) return std::nullopt;
  for (const Atom& atom : goal) {
    if (atom.positive && atom.node->never) return std::nullopt;
  }
  return goal;
}

std::optional<Goal> Members::Of(const std::string& name) {
  if (absent_.contains(name)) return std::nullopt;
  if (!names_.empty()) {
    const Found fits = solver_.Confirm(names_, Json(name));
    if (fits == Found::kUnknown) unsure_ = true;
    if (fits != Found::kSome) return std::nullopt;
  }
  solver_.Spend(patterns_.size() / 2);
  Goal goal;
  const Groups evaluated = Collect(&name, Matching(name), goal);
  for (const Literal& literal : state_.literals) {
    if (literal.kind == Kind::kMember && literal.name == name) goal.push_back(literal.atom);
  }
  return Complete(std::move(goal), evaluated);
}

std::optional<Goal> Members::OfOthers(const std::vector<bool>& signs) {
  solver_.Spend(patterns_.size() / 2);
  Goal goal;
  const Groups evaluated = Collect(nullptr, Matching(signs), goal);
  return Complete(std::move(goal), evaluated);
}

bool Members::IsRest(size_t rest, const std::string& name) {
  Goal ignored;
  return (Collect(&name, Matching(name), ignored) & GroupOf(rest)) == 0;
}

bool Members::IsRest(size_t rest, const std::vector<bool>& signs) {
  Goal ignored;
  return (Collect(nullptr, Matching(signs), ignored) & GroupOf(rest)) == 0;
}

}  // namespace sluice::schema
