// Pairs: many comparisons as JSON Lines, one line out for each line in, in order. A line is an object `{"id":
// …, "format": "JSON_SCHEMA" or "AVRO", "old": …, "new": …}`, `"level"` beside them where it is another; its
// answer the comparison, or `{"id": …, "error": "…"}`.
#pragma once

#include <absl/status/statusor.h>

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

#include "common/schema/comparison_json.h"
#include "common/schema/predict.h"

namespace sluice::schema {

enum class SchemaFormat { kJsonSchema, kAvro };

// `JSON_SCHEMA`, `AVRO`; in lower case and with `-` as well. nullopt: another word.
std::optional<SchemaFormat> ParseSchemaFormat(std::string_view word);

struct PairOptions {
  SchemaFormat format = SchemaFormat::kJsonSchema;  // of a line that does not say it
  Level level = Level::kForwardTransitive;          // at which registries are predicted
  CompareOptions compare;
};

// Documents of one format compared, with what registries would say.
struct ComparedDocuments {
  Comparison comparison;
  Predictions predictions;
};
// INVALID_ARGUMENT with what is wrong with which of the two.
absl::StatusOr<ComparedDocuments> CompareDocuments(const Json& before, const Json& after, SchemaFormat format,
                                                   const PairOptions& options = {});

// The answer to one line, without a line break.
std::string AnswerPair(std::string_view line, const PairOptions& options = {});

inline constexpr size_t kLongestPair =
    10 * 1024 * 1024;  // bytes of a line; a longer one is answered with an error

// Answers `in` line by line and flushes `out` after each. Holds one line at a time.
void AnswerPairs(std::istream& in, std::ostream& out, const PairOptions& options = {});

}  // namespace sluice::schema
