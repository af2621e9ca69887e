// Decoder: a tree of nodes as a proto message, by the message's descriptor. The one place that knows the
// mapping's rules.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "common/manifest/manifest.h"
#include "common/manifest/yaml.h"

namespace sluice::manifest {

struct DecodeTarget {
  const ReadFile& read_file;  // for text that comes from files; may be empty: such keys are then unknown
  Locations& locations;
  std::vector<Problem>& problems;
};

// Decodes the mapping `node` into `message`; `extra_key` may stand beside the fields (`kind`). Everything
// wrong becomes a problem, the rest is set all the same.
void Decode(const Node& node, const std::string& extra_key, google::protobuf::Message& message,
            const DecodeTarget& target);

// Adds a problem for each required field that is missing from `message` or from what is set in it.
void RequireFields(const google::protobuf::Message& message, const std::string& path,
                   const Locations& locations, std::vector<Problem>& problems);

}  // namespace sluice::manifest
