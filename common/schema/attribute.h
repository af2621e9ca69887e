// What names and values of CloudEvents' context attributes may be (CloudEvents 1.0.2, "Naming Conventions"
// and "Type System").
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::schema {

inline constexpr size_t kLongAttributeName = 20;  // names SHOULD NOT be longer

// `[a-z0-9]+`. The reserved name `data` is one too.
bool IsAttributeName(std::string_view name);

// What a String must not have: control characters (U+0000-001F, U+007F-009F), noncharacters, surrogates,
// bytes that are no UTF-8. nullopt: nothing of it; else the first such thing: `the control character U+0007`.
std::optional<std::string> IllegalCharacter(std::string_view text);

// RFC 3339, section 5.6, `t` and `z` included. A second 60 only where a leap second can be: 23:59:60 UTC at
// the end of a month (5.7).
bool IsTimestamp(std::string_view text);
// RFC 3986, section 4.1. The empty text is one.
bool IsUriReference(std::string_view text);
// RFC 3986, section 4.3: with a scheme, without a fragment.
bool IsAbsoluteUri(std::string_view text);
// RFC 4648, section 4: padded, without white space.
bool IsBase64(std::string_view text);

// `text` as messages show it: in quotes, at most some 60 bytes, what is illegal in attributes as `\x07`.
std::string Quoted(std::string_view text);

}  // namespace sluice::schema
