// What the comparison says about labelled pairs, beside what their sources say.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/schema/json_pairs.h"

namespace sluice::schema {

// How a verdict stands to the label of its pair and direction. A direction without a label has that of the
// corpus's own search: incompatible where it has a message that refutes, else compatible.
enum class Standing {
  kAgreed,
  kBetter,    // a message refutes the label `compatible`
  kUnproved,  // the label is `incompatible`, and no message that anybody found proves it
  kUndecided,
  kWrong,  // a message refutes our verdict, or ours is no witness
};

struct Tally {
  std::map<std::string, std::map<Standing, int>> by_source;  // under the strict reading
  std::map<Reading, int> verdicts, undecided;
  std::vector<std::string> wrong;  // a sentence each
};

Tally CountEvidence(const std::vector<LabelledPair>& pairs);

// As Markdown.
std::string EvidenceTable(const Tally& tally);

}  // namespace sluice::schema
