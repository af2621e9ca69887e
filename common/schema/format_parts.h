// The formats of format.h one by one, where they need more than a line.
#pragma once

#include <string_view>

namespace sluice::schema {

// format_time.cc: RFC 3339, section 5.6 and appendix A (durations). A second 60 only at 23:59 UTC.
bool IsDate(std::string_view text);
bool IsTime(std::string_view text);
bool IsDateTime(std::string_view text);
bool IsDuration(std::string_view text);

enum class Alphabet { kAscii, kUnicode };

// format_host.cc: RFC 2673 section 3.2, RFC 4291 section 2.2, RFC 1123 section 2.1, RFC 5890, RFC 5321
// section 4.1.2. Of an internationalised name only the alphabet, the lengths and the place of hyphens are
// looked at, not all tables of RFC 5892.
bool IsIpv4(std::string_view text);
bool IsIpv6(std::string_view text);
bool IsHostname(std::string_view text, Alphabet alphabet);
bool IsEmail(std::string_view text, Alphabet alphabet);

// format_uri.cc: RFC 3986, RFC 3987, RFC 6570.
bool IsUriReferenceText(std::string_view text, Alphabet alphabet);
bool IsUriText(std::string_view text, Alphabet alphabet);
bool IsUriTemplate(std::string_view text);

}  // namespace sluice::schema
