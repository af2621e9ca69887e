// References between documents (RFC 3986): which URI a `$ref` or `$id` means where it stands.
#pragma once

#include <string>
#include <string_view>

namespace sluice::schema {

// `reference` against `base` (section 5.2), with its fragment. `base` may be empty or itself relative: then
// as much as can be is joined.
std::string ResolveUri(std::string_view base, std::string_view reference);

// The parts before and behind the first `#`; the second is empty when there is none.
struct SplitUri {
  std::string_view resource;
  std::string_view fragment;
};
SplitUri SplitFragment(std::string_view uri);

// With `%41` made `A`; a percent sign without two hexadecimal digits stays.
std::string PercentDecode(std::string_view text);

}  // namespace sluice::schema
