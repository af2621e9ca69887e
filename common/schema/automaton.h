// Automaton: a regular expression of a schema (see Pattern) as a finite automaton over code points, so that
// questions about all strings can be answered: is there one that matches these expressions and not those
// (text_search.h)?
//
// Thread safety: immutable after construction.
#pragma once

#include <memory>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::schema {

class Automaton {
 public:
  using States = std::vector<int>;              // sorted, unique
  using Range = std::pair<char32_t, char32_t>;  // both ends included
  static constexpr int kMostStates = 4'000;

  // nullptr for what is no regular language or not read here (look-around, back references, `\b`, `\p`), and
  // for what needs more than kMostStates.
  static std::shared_ptr<const Automaton> Make(std::string_view pattern);

  States Start() const;
  States Step(const States& states, char32_t c) const;
  // Whether the text read so far matches; `empty`: nothing has been read.
  bool Accepts(const States& states, bool empty) const;

  // Adds the first code point of every run of code points that the automaton treats alike.
  void AddBoundaries(std::set<char32_t>& boundaries) const;

 private:
  friend class AutomatonMaker;
  enum class Edge { kNone, kAlways, kAtStart, kAtEnd };  // what an edge without a character asks for
  struct State {
    std::vector<Range> ranges;  // a character of these leads to `next`
    int next = -1;
    std::vector<std::pair<Edge, int>> jumps;
  };
  void Close(States& states, bool at_start, bool at_end) const;

  std::vector<State> states_;
  int start_ = 0;
  int accept_ = 0;
};

}  // namespace sluice::schema
