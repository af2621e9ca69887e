// Validate: whether a message is an instance of a schema, and if not, where and why.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "common/schema/schema.h"

namespace sluice::schema {

// What a writer of a schema is taken to emit. kStrict: everything that the schema accepts. kClosed: only
// members that it declares: an object at which some schema that applies and accepts declares `properties`,
// and none says anything by additionalProperties, unevaluatedProperties or patternProperties, has no other
// members. All schemas that apply to one object (allOf, $ref, accepted branches) count together.
enum class Reading { kStrict, kClosed };

enum class Formats { kAnnotation, kAsserted };

struct ValidateOptions {
  Reading reading = Reading::kStrict;
  Formats formats = Formats::kAnnotation;
  size_t most_errors = 100;
  size_t most_steps = 10'000'000;  // nodes visited
};

struct ValidationError {
  std::string instance;  // JSON Pointer in the message
  std::string schema;    // JSON Pointer in the schema, to the keyword
  std::string rule;  // the keyword: `required`, `minLength`; `false` for the schema false; `closed` for the
                     // closed reading
  std::string message;  // `"id" is missing`, `3 is less than 5`
  Json value;           // of the keyword
};

enum class Validity { kValid, kInvalid, kUnknown };  // kUnknown: a bound was reached (a pattern, the steps)

struct Validation {
  Validity validity = Validity::kValid;
  std::vector<ValidationError> errors;  // at kUnknown one that says which bound
  bool valid() const { return validity == Validity::kValid; }
};

Validation Validate(const Schema& schema, const Json& message, const ValidateOptions& options = {});

// The same answer without errors, several times as fast.
Validity Check(const Schema& schema, const Json& message, const ValidateOptions& options = {});

}  // namespace sluice::schema
