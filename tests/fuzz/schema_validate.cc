// Loader, validator and samples: a schema in the first line, a message after it. The fast answer is the
// thorough one, the closed reading is a part of the strict one, samples are what they are said to be.
#include "common/schema/sample.h"
#include "common/schema/validate.h"
#include "tests/fuzz/schema_pair.h"
#include "tests/fuzz/target.h"

namespace schema = sluice::schema;
using sluice::fuzz::Require;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto [first, rest] = sluice::fuzz::SplitAtLine(sluice::fuzz::TextOf(data, size));
  const std::optional<schema::Schema> loaded = sluice::fuzz::SchemaFrom(first);
  if (!loaded) return 0;
  if (const std::optional<schema::Json> message = sluice::fuzz::JsonFrom(rest)) {
    schema::Validity by_reading[2];
    for (const schema::Reading reading : {schema::Reading::kStrict, schema::Reading::kClosed}) {
      const schema::ValidateOptions options{.reading = reading, .most_steps = 100'000};
      const schema::Validation whole = schema::Validate(*loaded, *message, options);
      const schema::Validity fast = schema::Check(*loaded, *message, options);
      const bool known = fast != schema::Validity::kUnknown && whole.validity != schema::Validity::kUnknown;
      Require(!known || fast == whole.validity, "Check answers as Validate does");
      Require(whole.valid() == whole.errors.empty(), "whoever refuses says why");
      by_reading[static_cast<size_t>(reading)] = fast;
    }
    Require(by_reading[1] != schema::Validity::kValid || by_reading[0] != schema::Validity::kInvalid,
            "the closed reading lets out only what the schema accepts");
    schema::Check(*loaded, *message, {.formats = schema::Formats::kAsserted, .most_steps = 100'000});
  }
  if (const std::optional<schema::Json> sample = schema::MakeValid(*loaded)) {
    Require(schema::Check(*loaded, *sample) == schema::Validity::kValid, "a valid sample is valid");
  }
  for (const schema::InvalidSample& sample : schema::MakeInvalid(*loaded, 5)) {
    Require(schema::Check(*loaded, sample.message, {.reading = schema::Reading::kClosed}) ==
                schema::Validity::kInvalid,
            "an invalid sample is invalid");
  }
  return 0;
}
