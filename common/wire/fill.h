// Fill: messages for tests with every input field set to something else than its default.
#pragma once

#include <google/protobuf/message.h>

#include "sluice/v1/resource.pb.h"

namespace sluice::wire {

// Sets every field that people may write (not output only, not planned), lists and maps with `elements`
// entries each; texts are all different. Units and canonical forms are respected, so that the result survives
// every conversion.
void FillInput(google::protobuf::Message& message, int elements, int& counter);

// One filled resource of each kind.
std::vector<sluice::v1::Resource> FilledResources(int elements);

}  // namespace sluice::wire
