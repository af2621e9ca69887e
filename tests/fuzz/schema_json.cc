// The JSON parser: what is read is written so that it is read back as the same value, in the same words;
// nothing outside of the limits is taken.
#include "common/schema/json.h"
#include "tests/fuzz/target.h"

using sluice::fuzz::Require;
using sluice::schema::Json;
using sluice::schema::ParseJson;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = sluice::fuzz::TextOf(data, size);
  const absl::StatusOr<Json> json = ParseJson(text);
  if (!json.ok()) {
    Require(!json.status().message().empty(), "a refusal has a reason");
    return 0;
  }
  const std::string written = json->ToString();
  const absl::StatusOr<Json> again = ParseJson(written);
  Require(again.ok(), "what is written is JSON");
  Require(*again == *json, "what is written is the same value");
  Require(again->ToString() == written, "the same value has the same words");
  return 0;
}
