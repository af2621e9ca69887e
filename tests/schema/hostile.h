// Input that somebody wrote to make a schema engine crash, hang or eat memory.
#pragma once

#include <string>
#include <vector>

namespace sluice::schema {

struct Hostile {
  std::string name;
  std::string before, after;  // texts of two schemas
  std::string message;        // text of a message for both
};

std::vector<Hostile> HostileInputs();

}  // namespace sluice::schema
