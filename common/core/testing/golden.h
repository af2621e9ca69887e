// Golden: cases for tests of the core as text that a person can write. A file is a list of cases:
//
//   # A comment.
//   case an unknown customer is refused
//   given customer/acme                         the world before, changed: fields that follow are set on top
//   of what is there
//     presence[0].environments = prod
//   put dataproduct/f-and-r.demand-forecast     an edit: what is there (or nothing), with the fields that
//   follow
//     customers.names = acme, acmee
//     remove versions[0].streams[1]
//   delete grant/f-and-r.demand-forecast/mobile
//   error unknown-customer customers.names[1]   every other line is an expectation, for the test to read
//
// Paths are those of findings and manifests. Lists of names are separated by commas; `none` empties an
// optional field or a list; `LONG(300)` makes a text of 300 letters.
#pragma once

#include <string>
#include <vector>

#include "common/core/catalog.h"

namespace sluice::core {

struct GoldenCase {
  std::string name;
  std::string place;  // `file:line`
  Catalog before;
  std::vector<Edit> edits;
  std::vector<std::string> expected;  // lines, without indentation
};

// The world of testdata/world.test: what every case begins with.
Catalog GoldenWorld();

// The cases of a file under testdata. Ends the process with file and line where a file is wrong.
std::vector<GoldenCase> ReadGoldenCases(const std::string& file);

}  // namespace sluice::core
