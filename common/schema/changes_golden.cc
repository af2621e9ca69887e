#include "common/schema/changes_golden.h"

#include <cstdlib>
#include <fstream>
#include <iostream>

namespace sluice::schema {

std::vector<ChangeCase> ReadChangeCases() {
  std::ifstream in(SLUICE_SOURCE_DIR "/common/schema/testdata/changes.txt");
  if (!in) {
    std::cerr << "common/schema/testdata/changes.txt cannot be read\n";
    std::abort();
  }
  std::vector<ChangeCase> cases;
  std::string line;
  while (std::getline(in, line)) {
    if (line.empty() || line[0] == '#' || line == "same") continue;
    const size_t colon = line.find(": ");
    const std::string key = line.substr(0, colon);
    const std::string value = line.substr(colon + 2);
    if (key == "case")
      cases.emplace_back().name = value;
    else if (key == "old")
      cases.back().before = value;
    else if (key == "new")
      cases.back().after = value;
    else if (key == "edit")
      cases.back().edits.push_back(value);
    else if (key == "class")
      cases.back().change_class = value;
    else if (key == "backward")
      cases.back().backward = value;
    else if (key == "forward")
      cases.back().forward = value;
    else
      std::cerr << "unknown: " << line << "\n", std::abort();
  }
  return cases;
}

}  // namespace sluice::schema
