#include "common/schema/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice::schema {
namespace {

using ::testing::HasSubstr;

// What is printed of what was read, or the error.
std::string Read(std::string_view text, const ParseLimits& limits = {}) {
  const absl::StatusOr<Json> json = ParseJson(text, limits);
  return json.ok() ? json->ToString() : std::string(json.status().message());
}

TEST(Json, PrintsCompactWithSortedKeys) {
  EXPECT_EQ(Read(R"( { "b" : [ 1 , true , null , {} , [] ] , "a" : "x" } )"),
            R"({"a":"x","b":[1,true,null,{},[]]})");
  EXPECT_EQ(Read("\"\\u0000\\u001f\\n\\\"\\\\\\/é\""), "\"\\u0000\\u001f\\n\\\"\\\\/é\"");
  EXPECT_EQ(Read(R"("\uD83D\uDE00 \u00e9 \u20AC")"), "\"😀 é €\"");
}

TEST(Json, NumbersStayExact) {
  EXPECT_EQ(Read("[0.1,1e400,12345678901234567890123,1.0,-0,100e-2]"),
            "[0.1,1e+400,1.2345678901234567890123e+22,1,0,1]");
  EXPECT_THAT(Read(std::string(10'000, '7')), HasSubstr("more than 1000 digits"));
  EXPECT_THAT(Read("1e100001"), HasSubstr("exponent beyond 100000"));
  for (const char* text : {"01", "-", "1.", ".5", "+1", "1e", "1e+", "0x1", "1.e1", "NaN", "--1"}) {
    EXPECT_THAT(Read(text), HasSubstr("line 1, column")) << text;
  }
}

TEST(Json, EqualityIsOfValues) {
  EXPECT_EQ(*ParseJson(R"({"a":1.0,"b":[1,2]})"), *ParseJson(R"({"b":[1e0,2],"a":1})"));
  EXPECT_FALSE(*ParseJson("[1]") == *ParseJson("[true]"));
  EXPECT_FALSE(*ParseJson("[[],{}]") == *ParseJson("[{},[]]"));
  EXPECT_EQ(ParseJson("[1.0,{\"a\":null}]")->Hash(), ParseJson("[1,{\"a\":null}]")->Hash());
}

TEST(Json, ErrorsSayWhere) {
  EXPECT_EQ(Read("{\n  \"é\": x}"), "line 2, column 8: expected a value");
  EXPECT_EQ(Read("[1,2"), "line 1, column 5: expected , or ] (the text ends here)");
  EXPECT_EQ(Read("{\"a\":1}\n]"), "line 2, column 1: something follows the document");
  EXPECT_EQ(Read("{\"a\":\n{\"b\":1,\"c\":2,\"b\":3}}"),
            "line 2, column 1: the object that begins here has the key \"b\" twice");
  EXPECT_EQ(Read(""), "line 1, column 1: expected a value");
  for (const char* text : {"{a:1}", "{\"a\"}", "{\"a\":}", "{,}", "[,]", "[1,]", "{\"a\":1,}", "\"", "\"\n\"",
                           "nul", "truex", "'a'"}) {
    EXPECT_FALSE(ParseJson(text).ok()) << text;
  }
}

TEST(Json, OnlyUtf8WithoutSurrogates) {
  for (const char* text :
       {R"("\uD800")", R"("\uDC00")", R"("\uD800\u0041")", R"("\uD800\n")", R"("\u12")", R"("\x")"}) {
    EXPECT_FALSE(ParseJson(text).ok()) << text;
  }
  EXPECT_THAT(Read("[\"\\uD800\"]"), HasSubstr("line 1, column 3: half of a surrogate pair"));
  for (const char* bytes :
       {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xe2\x82", "\xf4\x90\x80\x80", "\xf0\x80\x80\x80", "\x80"}) {
    EXPECT_THAT(Read("\"" + std::string(bytes) + "\""), HasSubstr("not UTF-8"));
  }
}

TEST(Json, LimitsHold) {
  EXPECT_TRUE(ParseJson(std::string(256, '[') + std::string(256, ']')).ok());
  EXPECT_EQ(Read(std::string(10'000, '[')), "line 1, column 257: values are nested deeper than 256");
  EXPECT_THAT(Read("[1,2,3]", {.values = 3}), HasSubstr("more than 3 values"));
  EXPECT_THAT(Read("[1,2,3]", {.bytes = 6}), HasSubstr("the document has 7 bytes, more than 6"));
}

TEST(Json, FindsMembers) {
  const Json object = JsonObject().Set("b", 1).Set("a", "x").Set("b", true).Done();
  EXPECT_EQ(object.ToString(), R"({"a":"x","b":true})");
  EXPECT_EQ(*object.Find("a"), Json("x"));
  EXPECT_EQ(object.Find("c"), nullptr);
  EXPECT_EQ(Json(1).Find("a"), nullptr);
}

}  // namespace
}  // namespace sluice::schema
