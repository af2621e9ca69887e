// Members: what a state says about the members of an object, name by name.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/schema/solver.h"

namespace sluice::schema {

class Members {
 public:
  Members(Solver& solver, const State& state);

  // What the member `name` has to fulfil; nullopt: there cannot be one.
  std::optional<Goal> Of(const std::string& name);
  // The same for any name that no schema mentions and that matches of `patterns` just those with `signs`.
  std::optional<Goal> OfOthers(const std::vector<bool>& signs);

  // The distinct patterns that tell names apart.
  const std::vector<const Pattern*>& patterns() const { return patterns_; }
  void AddPattern(const Pattern* pattern);
  // Whether a name with `signs` matches `pattern`; one that was not added tells nothing apart.
  bool Sign(const std::vector<bool>& signs, const Pattern& pattern) const;

  // Names that accepting schemas or demands mention.
  const std::set<std::string>& mentioned();
  void Mention(const std::string& name) { mentioned_.insert(name); }
  const std::set<std::string>& required() const { return required_; }
  const std::set<std::string>& absent() const { return absent_; }
  const Goal& names() const { return names_; }  // what names have to fulfil

  // Whether no schema of rule `rest`'s group evaluates `name`.
  bool IsRest(size_t rest, const std::string& name);
  bool IsRest(size_t rest, const std::vector<bool>& signs);
  // A match ran into its bound: what is said to be impossible may not be.
  bool unsure() const { return unsure_; }

 private:
  using Matches = std::function<bool(const Pattern&)>;
  Matches Matching(const std::string& name);
  Matches Matching(const std::vector<bool>& signs) const;
  // The atoms that apply to `name` (nullptr: to a name without properties of its own), and the groups that
  // evaluate it.
  Groups Collect(const std::string* name, const Matches& matches, Goal& goal) const;
  std::optional<Goal> Complete(Goal goal, Groups evaluated) const;

  Solver& solver_;
  const State& state_;
  std::vector<const Pattern*> patterns_;
  std::unordered_map<std::string_view, size_t> pattern_index_;  // in patterns_, by text
  std::set<std::string> mentioned_, required_, absent_;
  bool all_mentioned_ = false;  // mentioned_ is complete
  Goal names_;
  bool closed_ = false;
  bool unsure_ = false;
};

}  // namespace sluice::schema
