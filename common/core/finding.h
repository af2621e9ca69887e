// Finding: one thing that Validate has to say, with its place, the rule and the remedy.
#pragma once

#include <cstddef>
#include <string>

namespace sluice::core {

enum class Severity { kError, kWarning };

struct Finding {
  Severity severity = Severity::kError;
  size_t edit = 0;       // index of the edit it is about
  std::string resource;  // ResourceName
  std::string field;     // `versions[0].streams[1].suffix`; map keys as `config.retention.ms`; empty: the whole resource
  std::string rule;      // stable name, `unknown-customer`
  std::string message;   // what is wrong, with the offending value
  std::string remedy;    // what to do
  bool operator==(const Finding&) const = default;
};

}  // namespace sluice::core
