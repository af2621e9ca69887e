// Words: how names of the protos read in manifests and in problems.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/manifest/yaml.h"

namespace sluice::manifest {

// `STATE_` of an enum whose zero is STATE_UNSPECIFIED; empty where the zero is named otherwise.
std::string EnumPrefix(const google::protobuf::EnumDescriptor* type);
// Every word but UNSPECIFIED.
std::vector<std::string> EnumWords(const google::protobuf::EnumDescriptor* type);

// `did you mean 'owners'?`, or else what is known here.
std::string Suggest(std::string_view word, const std::vector<std::string>& known);

// `the text 'me'`, `a list`, `nothing`: what stands at a node.
std::string Got(const Node& node);

// The field of Resource whose message is called `kind`; nullptr: none.
const google::protobuf::FieldDescriptor* KindField(std::string_view kind);
std::vector<std::string> KnownKinds();
// Kinds that a later version brings.
bool IsPlannedKind(std::string_view kind);

}  // namespace sluice::manifest
