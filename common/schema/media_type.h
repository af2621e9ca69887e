// MediaType: `application/json; charset=utf-8`, by the grammar of RFC 2045, section 5.1, which RFC 2046 uses.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::schema {

struct MediaType {
  std::string type;     // lower case
  std::string subtype;  // lower case

  // `*/json` or `*/*+json` (CloudEvents JSON format, 3.1.1).
  bool IsJson() const;
};

// nullopt: no media type. White space stands around `;` alone, comments nowhere; a wildcard (`text/*`) names
// a range of types and is none. Parameters are checked and left out.
std::optional<MediaType> ParseMediaType(std::string_view text);

}  // namespace sluice::schema
