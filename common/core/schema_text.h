// Schema text: what can be said about the text of a schema before a schema engine looks at it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/core/definitions.h"

namespace sluice::core {

struct SchemaProblem {
  std::string rule;  // `schema-json`, `schema-shape`, `schema-ref`, `schema-dialect`, `schema-avro`
  std::string message;
  std::string remedy;
};

// Everything wrong with `text` as a schema of `format`: JSON with bounded depth and unique keys; for JSON
// Schema an object or a boolean of a supported dialect, whose references stay inside it and lead somewhere.
// Bounded: at most 20 problems.
std::vector<SchemaProblem> CheckSchemaText(SchemaFormat format, std::string_view text);

// What is wrong with the keywords of a JSON Schema without such problems: values that they cannot have, expressions that are none. At most
// one problem, which names the first of them. Registries refuse such a schema, and nothing could be compared with it.
std::vector<SchemaProblem> CheckSchemaKeywords(std::string_view text);

// Whether both are the same JSON but for the order of keys and white space. Numbers are compared as written.
bool SameJson(std::string_view a, std::string_view b);

}  // namespace sluice::core
