// The regular expressions of ECMA-262 (21.2.1, with the `u` flag), written for PCRE2.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

namespace sluice::schema {

struct TranslatedPattern {
  std::string text;       // for PCRE2 with UTF, DOLLAR_ENDONLY, MATCH_UNSET_BACKREF and without UCP
  bool captures = false;  // it refers back to groups
};

// INVALID_ARGUMENT with the place (in bytes) when `text` is no expression of ECMA-262. Read as engines
// without the `u` flag do, because schemas in use depend on it: punctuation behind a backslash, and a `{`,
// `}` or `]` that stands for itself.
absl::StatusOr<TranslatedPattern> TranslatePattern(std::string_view text);

}  // namespace sluice::schema
