// Pattern: a regular expression of a schema (`pattern`, `patternProperties`): ECMA-262 with the `u` flag,
// unanchored, as JSON Schema asks (Core, 6.4), on PCRE2 with bounds on matching and depth, so that no pattern
// and no string can take long.
//
// Thread safety: Matches may be called from any thread.
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::schema {

class Pattern {
 public:
  // INVALID_ARGUMENT when `text` (UTF-8) is no such expression, longer than 4,096 bytes, or uses what PCRE2
  // cannot follow.
  static absl::StatusOr<std::shared_ptr<const Pattern>> Make(std::string_view text);
  ~Pattern();

  const std::string& text() const { return text_; }
  // nullopt: not known, because the search ran into its bound (some 10 ms), or `subject` is not UTF-8.
  std::optional<bool> Matches(std::string_view subject) const;

  bool operator==(const Pattern& other) const { return text_ == other.text_; }

 private:
  struct Compiled;
  Pattern(std::string text, std::unique_ptr<Compiled> compiled);

  std::string text_;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace sluice::schema
