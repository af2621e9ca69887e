#include "common/schema/validate.h"

#include "common/schema/validator.h"

namespace sluice::schema {

Validation Validate(const Schema& schema, const Json& message, const ValidateOptions& options) {
  Validation validation;
  Validator validator(schema, options, &validation.errors);
  validation.validity = validator.Run(message);
  if (validation.validity == Validity::kUnknown) {
    validation.errors = {{"", "", "bound", validator.bound(), Json()}};
  }
  return validation;
}

Validity Check(const Schema& schema, const Json& message, const ValidateOptions& options) {
  return Validator(schema, options, nullptr).Run(message);
}

}  // namespace sluice::schema
