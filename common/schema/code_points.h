// Code points: UTF-8 (RFC 3629) taken apart and put together. Input is valid UTF-8, as ParseJson ensures.
#pragma once

#include <string>
#include <string_view>

namespace sluice::schema {

std::u32string ToCodePoints(std::string_view utf8);
void AppendCodePoint(std::string& utf8, char32_t c);
size_t CountCodePoints(std::string_view utf8);

}  // namespace sluice::schema
