// The envelope: testdata/events holds what is legal and what is not, in the words of CloudEvents 1.0.2.
#include "common/schema/cloudevents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <map>

#include "common/schema/attribute.h"
#include "common/schema/event.h"
#include "common/schema/media_type.h"

namespace sluice::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAreArray;

constexpr std::string_view kBase =
    R"("specversion": "1.0", "type": "com.example.a", "source": "/s", "id": "1")";
constexpr std::string_view kHouse =
    R"("specversion": "1.0", "type": "com.example.a", "source": "/s", "id": "1", )"
    R"("time": "2026-11-22T05:16:03Z", "datacontenttype": "application/json")";

void Replace(std::string& text, std::string_view what, std::string_view with) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
}

std::vector<std::string> Lines(const std::string& name) {
  std::ifstream file(std::string(SLUICE_SOURCE_DIR "/common/schema/testdata/events/") + name);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

EventReport Check(std::string_view text, Profile profile) {
  return CheckEvent({.key = std::nullopt, .value = text, .headers = {}}, {}, {.profile = profile});
}

std::vector<std::string> Found(const EventReport& report) {
  std::vector<std::string> found;
  for (const EventError& error : report.errors()) {
    found.push_back((error.pointer.empty() ? "\"\"" : error.pointer) + " " + error.rule);
    EXPECT_FALSE(error.message.empty());
  }
  return found;
}

std::vector<std::string> Wanted(std::string_view text) {
  std::vector<std::string> wanted;
  while (!text.empty() && text != "valid") {
    const size_t end = std::min(text.find(", "), text.size());
    wanted.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return wanted;
}

TEST(Envelope, Cases) {
  std::string title, message;
  int checked = 0;
  for (const std::string& line : Lines("envelopes.txt")) {
    if (line.starts_with("## ")) {
      title = line.substr(3);
      message.clear();
    } else if (line.empty() || line.starts_with("# ") || title.empty()) {
      continue;
    } else if (message.empty()) {
      message = line;
      Replace(message, "BASE", kBase);
      Replace(message, "HOUSE", kHouse);
    } else {
      const size_t colon = line.find(": ");
      const Profile profile = line.substr(0, colon) == "house" ? Profile::kHouse : Profile::kCloudEvents;
      EXPECT_THAT(Found(Check(message, profile)), UnorderedElementsAreArray(Wanted(line.substr(colon + 2))))
          << title << ", " << line.substr(0, colon) << "\n"
          << message;
      ++checked;
    }
  }
  EXPECT_GE(checked, 90);
}

TEST(Attributes, Cases) {
  const std::map<std::string, std::function<bool(std::string_view)>> kinds = {
      {"media-type", [](std::string_view text) { return ParseMediaType(text).has_value(); }},
      {"time", IsTimestamp},
      {"reference", IsUriReference},
      {"absolute", IsAbsoluteUri},
      {"base64", IsBase64},
      {"name", IsAttributeName}};
  int checked = 0;
  for (const std::string& line : Lines("attributes.txt")) {
    if (line.empty() || line.starts_with("# ")) continue;
    const bool negated = line[0] == '!';
    const size_t colon = line.find(": ");
    const auto kind = kinds.find(line.substr(negated, colon - negated));
    ASSERT_NE(kind, kinds.end()) << line;
    EXPECT_EQ(kind->second(line.substr(colon + 2)), !negated) << line;
    ++checked;
  }
  EXPECT_GE(checked, 100);
}

TEST(Attributes, NothingIsAReferenceAndNoName) {
  EXPECT_TRUE(IsUriReference(""));
  EXPECT_FALSE(IsAbsoluteUri(""));
  EXPECT_FALSE(IsAttributeName(""));
  EXPECT_FALSE(IsTimestamp(""));
  EXPECT_FALSE(ParseMediaType("").has_value());
}

TEST(Attributes, IllegalCharactersAreNamed) {
  EXPECT_EQ(IllegalCharacter("straße 😀 \xef\xbf\xbd"), std::nullopt);
  EXPECT_THAT(*IllegalCharacter("a\tb"), HasSubstr("U+0009"));
  EXPECT_THAT(*IllegalCharacter(std::string_view("\0", 1)), HasSubstr("U+0000"));
  EXPECT_THAT(*IllegalCharacter("\xc2\x9f"), HasSubstr("U+009F"));
  EXPECT_THAT(*IllegalCharacter("\xef\xb7\xaf"), HasSubstr("U+FDEF"));
  EXPECT_THAT(*IllegalCharacter("\xf4\x8f\xbf\xbf"), HasSubstr("U+10FFFF"));
  for (const char* no_utf8 :
       {"\xff", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"}) {
    EXPECT_THAT(IllegalCharacter(no_utf8).value_or(""), HasSubstr("UTF-8"));
  }
}

TEST(Attributes, QuotedShowsWhatCannotBeSeen) {
  EXPECT_EQ(Quoted("a\x07é\xff"), "\"a\\x07é\\xff\"");
  EXPECT_EQ(Quoted(std::string(100, 'a')), "\"" + std::string(60, 'a') + "…\"");
}

TEST(Envelope, ALongNameIsWarnedOf) {
  const std::string name(21, 'a');
  const EventReport report =
      Check(R"({)" + std::string(kHouse) + R"(, "data": 1, ")" + name + R"(": "x"})", Profile::kHouse);
  EXPECT_TRUE(report.valid());
  ASSERT_THAT(report.warnings(), SizeIs(1));
  EXPECT_EQ(report.warnings()[0].rule, "name-length");
  EXPECT_EQ(report.warnings()[0].pointer, "/" + name);
}

TEST(Envelope, NullWhereTheRegisteredEnvelopeHasNoneIsWarnedOf) {
  const std::string message =
      "{" + std::string(kHouse) + R"(, "data": 1, "subject": null, "meta": null, "ext": null})";
  EXPECT_THAT(Check(message, Profile::kCloudEvents).warnings(), IsEmpty());
  const EventReport house = Check(message, Profile::kHouse);
  EXPECT_TRUE(house.valid());
  EXPECT_THAT(house.warnings(), SizeIs(2));
}

TEST(Envelope, ProblemsAreBounded) {
  std::string message = "{" + std::string(kHouse);
  for (int i = 0; i < 1000; ++i) message += ", \"A" + std::to_string(i) + "\": 1";
  const EventReport report = Check(message + "}", Profile::kHouse);
  ASSERT_THAT(report.errors(), SizeIs(EventReport::kMost + 1));
  EXPECT_EQ(report.errors().back().rule, "more");
}

TEST(Envelope, HostileInputIsAnswered) {
  const std::string begin = "{" + std::string(kHouse);
  const std::string deep = begin + ", \"data\": " + std::string(10'000, '[') + std::string(10'000, ']') + "}";
  const std::string unclosed(1'000'000, '[');
  const std::string digits = begin + ", \"a\": " + std::string(10'000, '9') + "}";
  const std::string fraction = begin + ", \"a\": 1." + std::string(10'000, '0') + "1}";
  const std::string long_name = begin + ", \"" + std::string(3'000'000, 'A') + "\": 1}";
  const std::string long_value = begin + ", \"subject\": \"" + std::string(3'000'000, 'a') + "\\u0007\"}";
  const std::string huge = begin + ", \"subject\": \"" + std::string(5'000'000, 'a') + "\"}";
  const std::string nul = begin + std::string(", \"a\": \"\0\"}", 11);
  const std::string no_utf8 = begin + ", \"a\": \"\xff\"}";
  const std::string bom = "\xef\xbb\xbf" + begin + "}";
  for (const std::string& text :
       {deep, unclosed, digits, fraction, long_name, long_value, huge, nul, no_utf8, bom, std::string(),
        std::string(" "), std::string(1, '\0'), std::string(5, '\0')}) {
    for (const Profile profile : {Profile::kCloudEvents, Profile::kHouse}) {
      const EventReport report = Check(text, profile);
      EXPECT_FALSE(report.valid()) << text.substr(0, 200);
      for (const EventError& error : report.errors())
        EXPECT_LT(error.message.size(), 1000u) << text.substr(0, 200);
    }
  }
}

}  // namespace
}  // namespace sluice::schema
