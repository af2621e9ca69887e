#include "common/schema/automaton.h"

#include <algorithm>
#include <optional>

#include "common/schema/expression.h"

namespace sluice::schema {

// Thompson's construction, with edges that only the start or the end of the text lets pass.
class AutomatonMaker {
 public:
  explicit AutomatonMaker(Automaton& automaton) : automaton_(automaton) {}

  bool Make(const Expression& expression) {
    // An expression matches anywhere in the text: both ends are loops over every character.
    automaton_.start_ = Add();
    automaton_.accept_ = Add();
    Loop(automaton_.start_);
    Loop(automaton_.accept_);
    const int first = Add();
    Jump(automaton_.start_, first);
    const std::optional<int> last = Append(expression, first);
    if (!last) return false;
    Jump(*last, automaton_.accept_);
    return true;
  }

 private:
  using Edge = Automaton::Edge;

  int Add() {
    automaton_.states_.emplace_back();
    return static_cast<int>(automaton_.states_.size()) - 1;
  }
  Automaton::State& At(int state) { return automaton_.states_[static_cast<size_t>(state)]; }
  void Jump(int from, int to, Edge edge = Edge::kAlways) { At(from).jumps.emplace_back(edge, to); }
  void Loop(int state) {
    At(state).ranges = {{0, kLastCodePoint}};
    At(state).next = state;
  }

  // The state after `expression` when it begins in `from`; nullopt when it gets too big.
  std::optional<int> Append(const Expression& expression, int from) {
    if (automaton_.states_.size() > Automaton::kMostStates || ++steps_ > 4 * Automaton::kMostStates)
      return std::nullopt;
    switch (expression.kind) {
      case Expression::Kind::kCharacters: {
        const int inner = Add(), to = Add();
        Jump(from, inner);
        At(inner).ranges = expression.ranges;
        At(inner).next = to;
        return to;
      }
      case Expression::Kind::kStart:
      case Expression::Kind::kEnd: {
        const int to = Add();
        Jump(from, to, expression.kind == Expression::Kind::kStart ? Edge::kAtStart : Edge::kAtEnd);
        return to;
      }
      case Expression::Kind::kSequence:
        return AppendSequence(expression, from);
      case Expression::Kind::kChoice:
        return AppendChoice(expression, from);
      case Expression::Kind::kRepeat:
        return AppendRepeat(expression, from);
    }
    return std::nullopt;
  }

  std::optional<int> AppendSequence(const Expression& expression, int from) {
    for (const Expression& part : expression.parts) {
      const auto to = Append(part, from);
      if (!to) return std::nullopt;
      from = *to;
    }
    return from;
  }

  std::optional<int> AppendChoice(const Expression& expression, int from) {
    const int end = Add();
    for (const Expression& part : expression.parts) {
      const int first = Add();
      Jump(from, first);
      const auto to = Append(part, first);
      if (!to) return std::nullopt;
      Jump(*to, end);
    }
    return end;
  }

  std::optional<int> AppendRepeat(const Expression& expression, int from) {
    const Expression& part = expression.parts.front();
    for (uint32_t i = 0; i < expression.least; ++i) {
      const auto to = Append(part, from);
      if (!to) return std::nullopt;
      from = *to;
    }
    const int end = Add();
    if (!expression.most) {
      const int loop = Add();
      Jump(from, loop);
      const auto to = Append(part, loop);
      if (!to) return std::nullopt;
      Jump(*to, loop);
      Jump(loop, end);
      return end;
    }
    for (uint32_t i = expression.least; i < *expression.most; ++i) {
      Jump(from, end);
      const auto to = Append(part, from);
      if (!to) return std::nullopt;
      from = *to;
    }
    Jump(from, end);
    return end;
  }

  Automaton& automaton_;
  int steps_ = 0;
};

std::shared_ptr<const Automaton> Automaton::Make(std::string_view pattern) {
  const auto expression = ParseExpression(pattern);
  if (!expression) return nullptr;
  auto automaton = std::make_shared<Automaton>();
  if (!AutomatonMaker(*automaton).Make(*expression)) return nullptr;
  return automaton;
}

void Automaton::Close(States& states, bool at_start, bool at_end) const {
  std::vector<bool> seen(states_.size());
  for (const int state : states) seen[static_cast<size_t>(state)] = true;
  for (size_t i = 0; i < states.size(); ++i) {
    for (const auto& [edge, to] : states_[static_cast<size_t>(states[i])].jumps) {
      const bool open =
          edge == Edge::kAlways || (edge == Edge::kAtStart && at_start) || (edge == Edge::kAtEnd && at_end);
      if (!open || seen[static_cast<size_t>(to)]) continue;
      seen[static_cast<size_t>(to)] = true;
      states.push_back(to);
    }
  }
  std::sort(states.begin(), states.end());
  // Once it has matched, it matches whatever comes.
  if (seen[static_cast<size_t>(accept_)]) states = {accept_};
}

Automaton::States Automaton::Start() const {
  States states = {start_};
  Close(states, true, false);
  return states;
}

Automaton::States Automaton::Step(const States& states, char32_t c) const {
  States next;
  for (const int at : states) {
    const State& state = states_[static_cast<size_t>(at)];
    for (const auto& [first, last] : state.ranges) {
      if (c < first || c > last) continue;
      next.push_back(state.next);
      break;
    }
  }
  std::sort(next.begin(), next.end());
  next.erase(std::unique(next.begin(), next.end()), next.end());
  Close(next, false, false);
  return next;
}

bool Automaton::Accepts(const States& states, bool empty) const {
  States end = states;
  Close(end, empty, true);
  return end.size() == 1 && end[0] == accept_;
}

void Automaton::AddBoundaries(std::set<char32_t>& boundaries) const {
  for (const State& state : states_) {
    for (const auto& [first, last] : state.ranges) {
      boundaries.insert(first);
      if (last < kLastCodePoint) boundaries.insert(last + 1);
    }
  }
}

}  // namespace sluice::schema
