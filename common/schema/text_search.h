// Text search: whether there is a string of a given length that matches some expressions and not others, and
// one such string.
//
// Thread safety: free functions; PatternCache is for one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/schema/automaton.h"
#include "common/schema/found.h"
#include "common/schema/pattern.h"

namespace sluice::schema {

// Automata of patterns by their text.
class PatternCache {
 public:
  // nullptr for an expression that has none (see Automaton::Make).
  const Automaton* Find(const Pattern& pattern);

 private:
  std::unordered_map<std::string, std::shared_ptr<const Automaton>> automata_;
};

struct TextQuery {
  std::vector<const Pattern*> matching;
  std::vector<const Pattern*> not_matching;
  uint64_t least = 0;  // code points
  std::optional<uint64_t> most;
  std::set<std::string> excluded;
  std::vector<std::string> hints;  // tried first, in order
};

struct TextAnswer {
  Found found = Found::kUnknown;
  std::string text;  // at kSome
  size_t steps = 0;  // of work, for the caller's bound
};

// Whether `text` is known to fulfil the query.
bool Fits(const TextQuery& query, const std::string& text);

TextAnswer FindText(const TextQuery& query, PatternCache& cache);

}  // namespace sluice::schema
