// Report: what a check of a data directory found.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sluice::controlplane {

struct Problem {
  std::string what;    // what is wrong, with the place
  std::string remedy;  // what to do
};

// One kind of thing that was looked at.
struct CheckedPart {
  std::string name;               // `audit`
  int64_t examined = 0;           // entries, changes, slices …
  std::vector<Problem> problems;  // the first kMaxProblems of them
  int64_t problem_count = 0;

  static constexpr size_t kMaxProblems = 100;
  void Add(std::string what, std::string remedy);
};

struct CheckReport {
  std::string directory;
  int64_t revision = 0;  // of the store
  std::vector<CheckedPart> parts;

  bool ok() const;
};

// For people and for scripts (`-o json`: directory, ok, revision, parts[]{name, examined, problem_count,
// problems[]{what, remedy}}).
std::string ToText(const CheckReport& report);
std::string ToJson(const CheckReport& report);

}  // namespace sluice::controlplane
