// A comparison as JSON, with stable names: what `sluice schema diff` prints.
#pragma once

#include <string>
#include <string_view>

#include "common/schema/compare.h"

namespace sluice::schema {

// What registries would answer: `compatible`, `incompatible`, `refused`, `unknown`.
struct Predictions {
  std::string confluent_strict = "unknown";
  std::string apicurio = "unknown";
};

// Members of a JSON object, without its braces, on one line: `"class": …, "backward": {"strict": …, "closed":
// …}, "forward": …, "findings": […], "predicted": {…}, "reasons": […], "undecided": […], "edits": […]`.
//
// `findings` has one entry for each break, with its witness; a direction and reading without one is not
// incompatible. Beyond 1 MiB of them only the first of each direction and reading is told. `edits` has every
// difference, those that hurt nobody too, with its gravity; `before` and `after` are left out where they are
// absent or longer than 4 KiB.
std::string ComparisonMembers(const Comparison& comparison, const Predictions& predictions);

// The same text of JSON with line breaks and indentation.
std::string Indented(std::string_view json);

// `value` as YAML in block style, with a line break at the end. Strings are written as in JSON.
std::string ToYaml(const Json& value);

}  // namespace sluice::schema
