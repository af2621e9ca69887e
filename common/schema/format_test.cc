#include "common/schema/format.h"

#include <gtest/gtest.h>

namespace sluice::schema {
namespace {

struct Case {
  const char* format;
  const char* text;
  bool ok;
};

TEST(Format, KnowsWhatIsOfAFormat) {
  const Case cases[] = {{"date-time", "2026-02-28T23:59:59.5Z", true},
                        {"date-time", "2026-02-29T00:00:00Z", false},
                        {"date-time", "2024-02-29t01:02:03+05:30", true},
                        {"date-time", "1998-12-31T23:59:60Z", true},
                        {"date-time", "1998-12-31T15:59:60-08:00", true},
                        {"date-time", "1998-12-31T22:59:60Z", false},
                        {"date-time", "2026-01-01 00:00:00Z", false},
                        {"date-time", "2026-01-01T00:00:00", false},
                        {"date", "2026-13-01", false},
                        {"time", "24:00:00Z", false},
                        {"time", "10:00:00+24:00", false},
                        {"duration", "P1Y2M3DT4H5M6S", true},
                        {"duration", "P1W", true},
                        {"duration", "P", false},
                        {"duration", "PT", false},
                        {"duration", "P1Y2D", false},
                        {"duration", "P1D1W", false},
                        {"email", "a.b+c@example.org", true},
                        {"email", "\"a b\"@[127.0.0.1]", true},
                        {"email", "a..b@x", false},
                        {"email", "a@", false},
                        {"hostname", "a-b.example", true},
                        {"hostname", "-a", false},
                        {"hostname", "a_b", false},
                        {"hostname", "", false},
                        {"idn-hostname", "bücher.example", true},
                        {"idn-hostname", "〮bad", false},
                        {"ipv4", "10.0.0.255", true},
                        {"ipv4", "10.0.0.256", false},
                        {"ipv4", "10.0.0.01", false},
                        {"ipv4", "1.2.3", false},
                        {"ipv6", "::1", true},
                        {"ipv6", "1:2:3:4:5:6:7:8", true},
                        {"ipv6", "::ffff:1.2.3.4", true},
                        {"ipv6", "1::2::3", false},
                        {"ipv6", "fe80::1%eth0", false},
                        {"ipv6", "12345::", false},
                        {"uri", "https://user@host:8080/p?q#f", true},
                        {"uri", "urn:x:y", true},
                        {"uri", "//host", false},
                        {"uri", "http:// x", false},
                        {"uri", "http://[::1]/", true},
                        {"uri", "a:%zz", false},
                        {"uri", "http://é/", false},
                        {"uri-reference", "/a/b?c", true},
                        {"uri-reference", "", true},
                        {"uri-reference", "a\\b", false},
                        {"iri", "http://é/", true},
                        {"iri-reference", "é", true},
                        {"uri-template", "/a/{b}{?c*,d:3}", true},
                        {"uri-template", "/a/{b", false},
                        {"uri-template", "{}", false},
                        {"uuid", "2eb8aa08-aa98-11ea-b4aa-73b441d16380", true},
                        {"uuid", "2eb8aa08aa9811eab4aa73b441d16380", false},
                        {"json-pointer", "/a~1b", true},
                        {"json-pointer", "/a~2", false},
                        {"relative-json-pointer", "1/a", true},
                        {"relative-json-pointer", "0#", true},
                        {"relative-json-pointer", "01/a", false},
                        {"regex", "^a+$", true},
                        {"regex", "(", false}};
  for (const Case& c : cases) EXPECT_EQ(IsOfFormat(c.format, c.text), c.ok) << c.format << " " << c.text;
}

TEST(Format, DoesNotKnowOthers) { EXPECT_EQ(IsOfFormat("colour", "red"), std::nullopt); }

}  // namespace
}  // namespace sluice::schema
