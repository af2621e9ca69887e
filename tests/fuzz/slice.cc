// Any bytes as a Slice, as an agent receives it: refused, or the same on its way back.
#include "common/wire/wire.h"
#include "tests/fuzz/parse.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sluice::v1::Slice proto;
  if (!sluice::fuzz::Parse(data, size, proto)) return 0;
  const absl::StatusOr<sluice::core::Slice> slice = sluice::wire::FromProto(proto);
  if (!slice.ok()) {
    sluice::fuzz::Require(slice.status().code() == absl::StatusCode::kInvalidArgument, "what is unknown is INVALID_ARGUMENT");
    return 0;
  }
  const absl::StatusOr<sluice::core::Slice> again = sluice::wire::FromProto(sluice::wire::ToProto(*slice));
  sluice::fuzz::Require(again.ok() && *again == *slice, "a slice is the same on its way back");
  return 0;
}
