// Scalars: a node's text as the value that a field wants.
#pragma once

#include <google/protobuf/message.h>

#include <optional>
#include <string>

#include "common/manifest/yaml.h"

namespace sluice::manifest {

// Why a scalar was not taken.
struct Refusal {
  std::string message;
  std::string remedy;
};

// Sets (or, of a repeated field, appends) the scalar `node` as the value of `field`. nullopt: done.
std::optional<Refusal> PutScalar(const Node& node, const google::protobuf::FieldDescriptor* field,
                                 google::protobuf::Message& message);

// Sets a google.protobuf.Duration.
std::optional<Refusal> PutDuration(const Node& node, google::protobuf::Message& duration);

// Whether the message of `field` is google.protobuf.Duration.
bool IsDuration(const google::protobuf::FieldDescriptor* field);

}  // namespace sluice::manifest
