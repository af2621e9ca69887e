// Solver: looks for a value that fulfils a goal, a set of "this schema accepts" and "that schema refuses":
// for W ⊆ R, one that the writer's schema accepts and the reader's refuses. That none exists is proved by
// taking every case apart; recursion ends because a smallest value never holds, in one of its parts, a value
// for the same goal.
//
// Bounded by steps and depth; beyond, the answer is kUnknown with a sentence. Not thread-safe; the schemas
// outlive it.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/schema/sameness.h"
#include "common/schema/state.h"
#include "common/schema/validate.h"

namespace sluice::schema {

struct Refusal;

struct SolverOptions {
  Reading reading = Reading::kStrict;  // of the writer's schema
  bool optional_members = false;       // put optional members into models too
  uint64_t seed = 0;                   // varies the values chosen
  size_t most_models = 50;
  size_t most_steps = 100'000;
};

class Solver {
 public:
  Solver(const Schema& writer, const Schema& reader, const SolverOptions& options)
      : writer_(writer), reader_(reader), options_(options) {}

  Result Solve(Goal goal, Mode mode);
  // Whether `goal` is known to have models, all for reasons that `state` has been told.
  bool IsOldNews(const State& state, const Goal& goal, Mode mode) const;
  // The same for values other than `excluded`, or strings that also fulfil `text`; either may be nullptr.
  Result SolveWith(const Goal& goal, Mode mode, const TextQuery* text, const std::vector<Json>* excluded);

  // Whether `value` fulfils all atoms; kUnknown: a bound.
  Found Confirm(const Goal& goal, const Json& value);

  // Counts work; false: no more is allowed.
  bool Spend(size_t steps = 1);
  bool exhausted() const { return steps_ >= options_.most_steps; }

  const SolverOptions& options() const { return options_; }
  const Schema& schema(Side side) const { return side == Side::kWriter ? writer_ : reader_; }
  PatternCache& patterns() { return patterns_; }
  bool Same(const Node& a, const Node& b) { return sameness_.Same(a, b); }

  // Takes one state apart and adds what it finds to `result`.
  void Expand(State state, Mode mode, Result& result);

 private:
  using Key = std::vector<uintptr_t>;
  static Key KeyOf(const Goal& goal, Mode mode);
  bool Contradicts(const Goal& goal);
  Result Begin(const Goal& goal, Mode mode, const TextQuery* text, const std::vector<Json>* excluded);
  void Remember(const Key& key, const Result& result, int depth, size_t provisional_before);

  bool ExpandPositive(State& state, const Atom& atom);
  void ExpandChoice(State state, Mode mode, Result& result);
  bool Writes(const Goal& goal, const Json& value);
  void ExpandAnyOf(const State& state, const Atom& atom, Mode mode, Result& result);
  void ExpandSubsets(const State& state, const std::vector<Atom>& branches, size_t from, bool chosen,
                     Mode mode, Result& result);
  void ExpandOneOf(const State& state, const Atom& atom, Mode mode, Result& result);
  void ExpandIf(const State& state, const Atom& atom, Mode mode, Result& result);
  void ExpandDependency(const State& state, const Choice& choice, Mode mode, Result& result);
  static void Blame(State& state, const std::vector<Atom>& left);
  bool Reduce(State& state, Result& result);
  bool IsFutile(const State& state, const Refusal& refusal, Mode mode, Result& result);
  void ExpandNegative(State state, Mode mode, Result& result);
  void FindByValues(const State& state, const std::vector<Json>& values, Result& result);
  void Finish(const State& state, Mode mode, Result& result);
  bool Enough(Mode mode, const Result& result) const;

  const Schema& writer_;
  const Schema& reader_;
  const SolverOptions options_;
  size_t steps_ = 0;
  int frames_ = 0;  // of Expand
  int depth_ = 0;   // of goals in progress
  PatternCache patterns_;
  Sameness sameness_;
  absl::flat_hash_map<Key, Result> known_;
  absl::flat_hash_map<Key, int> in_progress_;
  std::vector<Key> provisional_;  // in known_, resting on goals in progress
};

// Whether two models are refused for one reason: the same keyword, wherever in the message (a shared
// definition is used in many places).
bool SameReason(const Trail& a, const Trail& b);
// Whether a model for that reason has been found already, so that another is of no use.
bool IsTold(const State& state, const Trail& trail);

// Adds `part` to `result`: models of other reasons, and what is unknown.
void Merge(Result& result, Result part, size_t most);
// Notes that there may be models that were not found.
void Unknown(Result& result, std::string why);

}  // namespace sluice::schema
