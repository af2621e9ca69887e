// The cases of testdata/changes.txt. For tests.
#pragma once

#include <string>
#include <vector>

namespace sluice::schema {

struct ChangeCase {
  std::string name, before, after;
  std::vector<std::string> edits;  // `kind CLASS field`
  std::string change_class, backward, forward;
};

// The cases of the repository's golden file; ends the test program when it cannot be read.
std::vector<ChangeCase> ReadChangeCases();

}  // namespace sluice::schema
