// Finding: what the doctor says about one thing.
#pragma once

#include <string>
#include <vector>

namespace sluice::agent::doctor {

enum class Verdict {
  kOk,
  kWarn,     // works, but should be otherwise
  kFail,     // does not work, or is dangerous
  kSkipped,  // could not be found out, and the sentence says why
};

struct Finding {
  std::string area;   // `control plane`, `kafka` …
  std::string check;  // `privileges: Create on topics`
  Verdict verdict = Verdict::kOk;
  std::string sentence;  // what was found
  std::string remedy;    // what to do; empty where nothing is
};

using Findings = std::vector<Finding>;

}  // namespace sluice::agent::doctor
