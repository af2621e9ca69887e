// The golden cases of predictions (testdata/predict.txt says how they are written), for the tests that read
// them.
#pragma once

#include <string>
#include <vector>

#include "common/schema/predict.h"

namespace sluice::schema {

struct PredictCase {
  std::string name;
  std::vector<Json> retained;  // the newest last
  Json proposed;
  RegistryKind registry = RegistryKind::kOther;
  Level level = Level::kNone;
  std::string expected;  // `incompatible 409 /properties/b`
};

// Ends the process with the line when the file cannot be read as such.
std::vector<PredictCase> ReadPredictCases();

// A prediction in the words of the file.
std::string InWords(const Prediction& prediction);

}  // namespace sluice::schema
