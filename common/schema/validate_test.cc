#include "common/schema/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice::schema {
namespace {

Json J(const std::string& text) {
  const absl::StatusOr<Json> json = ParseJson(text);
  EXPECT_TRUE(json.ok()) << text << ": " << json.status();
  return json.ok() ? *json : Json();
}

Schema S(const std::string& text, const LoadOptions& options = {}) {
  absl::StatusOr<Schema> schema = Schema::Load(J(text), options);
  EXPECT_TRUE(schema.ok()) << schema.status();
  return schema.ok() ? *std::move(schema) : *Schema::Load(Json(true));
}

// `instance schema rule: message` a line, or `valid`; Check has to give the same answer.
std::string Say(const Schema& schema, const std::string& message, const ValidateOptions& options = {}) {
  const Validation validation = Validate(schema, J(message), options);
  EXPECT_EQ(Check(schema, J(message), options), validation.validity);
  std::string said = validation.valid() ? "valid" : "";
  for (const ValidationError& error : validation.errors) {
    said += (said.empty() ? "" : "\n") + error.instance + " " + error.schema + " " + error.rule + ": " +
            error.message;
  }
  return said;
}

TEST(Validate, ErrorsSayWhereAndWhy) {
  const Schema schema = S(R"({"type":"object","required":["id","n"],"additionalProperties":false,
    "properties":{"id":{"type":"string","minLength":3,"pattern":"^x"},"n":{"type":"integer","minimum":5},
                  "e":{"enum":["a","b"]},"l":{"items":{"const":1},"uniqueItems":true},"d":{"$ref":"#/definitions/d"}},
    "definitions":{"d":{"maximum":2.5,"multipleOf":0.5}}})");
  EXPECT_EQ(Say(schema, R"({"id":"xyz","n":5,"e":"a","l":[1],"d":2.5})"), "valid");
  EXPECT_EQ(Say(schema, R"({"id":"ab","n":3,"e":"c","l":[1,1,2],"d":2.75,"z/":0})"),
            "/d /definitions/d/maximum maximum: 2.75 is greater than 2.5\n"
            "/d /definitions/d/multipleOf multipleOf: 2.75 is no multiple of 0.5\n"
            "/e /properties/e/enum enum: \"c\" is none of the 2 allowed values\n"
            "/id /properties/id/minLength minLength: \"ab\" has 2 characters, fewer than 3\n"
            "/id /properties/id/pattern pattern: \"ab\" does not match \"^x\"\n"
            "/l/2 /properties/l/items/const const: 2 is not 1\n"
            "/l /properties/l/uniqueItems uniqueItems: items 0 and 1 are equal\n"
            "/n /properties/n/minimum minimum: 3 is less than 5\n"
            "/z~1 /additionalProperties additionalProperties: \"z/\" is not allowed here");
  EXPECT_EQ(Say(schema, "{}"),
            " /required required: \"id\" is missing\n /required required: \"n\" is missing");
  EXPECT_EQ(Say(schema, R"([])"), " /type type: an array is no object");
  EXPECT_EQ(Validate(schema, J("{}")).errors[0].value, J(R"(["id","n"])"));
  EXPECT_EQ(Validate(schema, J("{}"), {.most_errors = 1}).errors.size(), 1);
}

TEST(Validate, NumbersAreExact) {
  EXPECT_EQ(Say(S(R"({"multipleOf":0.01})"), "19.99"), "valid");
  EXPECT_EQ(Say(S(R"({"maximum":9007199254740992})"), "9007199254740993"),
            " /maximum maximum: 9007199254740993 is greater than 9007199254740992");
  EXPECT_EQ(Say(S(R"({"const":1.0})"), "1"), "valid");
  EXPECT_EQ(Say(S(R"({"type":"integer"})"), "1e300"), "valid");
  EXPECT_EQ(Say(S(R"({"exclusiveMinimum":0.1})"), "0.1"),
            " /exclusiveMinimum exclusiveMinimum: 0.1 is not greater than 0.1");
}

TEST(Validate, LargeEnumerationsCompareValues) {
  const std::string many = "[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17.0,[1]]";
  EXPECT_EQ(Say(S("{\"enum\":" + many + "}"), "17"), "valid");
  EXPECT_EQ(Say(S("{\"enum\":" + many + "}"), "[1.0]"), "valid");
  EXPECT_EQ(Say(S("{\"enum\":" + many + "}"), "18"), " /enum enum: 18 is none of the 19 allowed values");
  EXPECT_EQ(Say(S("{\"const\":99,\"enum\":" + many + "}"), "99"),
            " /enum enum: 99 is none of the 0 allowed values");
}

TEST(Validate, BranchesAndConditions) {
  const Schema schema = S(R"({"oneOf":[{"type":"string"},{"minLength":2}],"not":{"const":"no"},
    "if":{"const":7},"then":{"type":"null"}})");
  EXPECT_EQ(Say(schema, R"("a")"), "valid");
  EXPECT_EQ(Say(schema, R"("ab")"), " /oneOf oneOf: both /oneOf/0 and /oneOf/1 accept it");
  EXPECT_EQ(Say(schema, "7"), " /then/type type: 7 is no null");
  EXPECT_EQ(Say(S(R"({"anyOf":[{"type":"string"},{"type":"null"}]})"), "1"),
            " /anyOf anyOf: none of 2 schemas accepts it");
}

TEST(Validate, FormatsAreAssertedOnRequest) {
  const Schema schema = S(R"({"format":"date-time"})");
  EXPECT_EQ(Say(schema, R"("yesterday")"), "valid");
  EXPECT_EQ(Say(schema, R"("yesterday")", {.formats = Formats::kAsserted}),
            " /format format: \"yesterday\" is no date-time");
  EXPECT_EQ(Say(S(R"({"format":"unheard-of"})"), R"("x")", {.formats = Formats::kAsserted}), "valid");
}

struct ClosedCase {
  std::string schema;
  std::string message;
  std::string said;
};

TEST(Validate, ClosedWritersEmitWhatTheyDeclare) {
  const std::string extra = "/x /properties closed: \"x\" is not declared";
  const ClosedCase cases[] = {
      {R"({"properties":{"a":{}}})", R"({"a":1})", "valid"},
      {R"({"properties":{"a":{}}})", R"({"a":1,"x":1})", extra},
      {R"({})", R"({"x":1})", "valid"},
      {R"({"type":"object","required":["x"]})", R"({"x":1})", "valid"},
      {R"({"properties":{"a":{}},"additionalProperties":true})", R"({"x":1})", "valid"},
      {R"({"properties":{"a":{}},"patternProperties":{"^y":{}}})", R"({"x":1})", "valid"},
      {R"({"properties":{"a":{}},"allOf":[{"properties":{"x":{}}}]})", R"({"a":1,"x":1})", "valid"},
      {R"({"properties":{"a":{}},"allOf":[{"additionalProperties":{}}]})", R"({"x":1})", "valid"},
      {R"({"properties":{"a":{}},"anyOf":[{"properties":{"x":{"type":"null"}}},{"required":["a"]}]})",
       R"({"a":1,"x":1})", extra},
      {R"({"properties":{"a":{}},"anyOf":[{"properties":{"x":{}}},{"required":["a"]}]})", R"({"a":1,"x":1})",
       "valid"},
      {R"({"properties":{"a":{}},"not":{"properties":{"x":{"type":"null"}},"required":["x"]}})", R"({"x":1})",
       extra},
      {R"({"properties":{"a":{}},"if":{"required":["a"]},"then":{"properties":{"x":{}}}})",
       R"({"a":1,"x":1})", "valid"},
      {R"({"properties":{"a":{}},"if":{"required":["a"]},"then":{"properties":{"x":{}}}})", R"({"x":1})",
       extra},
      {R"({"items":{"properties":{"a":{}}}})", R"([{"a":1},{"x":1}])",
       "/1/x /items/properties closed: \"x\" is not declared"},
      {R"({"properties":{"o":{"$ref":"#"}}})", R"({"o":{"o":{"x":1}}})",
       "/o/o/x /properties closed: \"x\" is not declared"},
  };
  for (const ClosedCase& c : cases) {
    EXPECT_EQ(Say(S(c.schema), c.message, {.reading = Reading::kClosed}), c.said) << c.schema;
    EXPECT_EQ(Say(S(c.schema), c.message), "valid") << c.schema;
  }
}

TEST(Validate, ClosedReadingMergesEachPlaceByItself) {
  const Json shared = J(R"({"x":{"p":1}})");
  const Json message = JsonObject().Set("a", shared).Set("b", shared).Done();
  const Schema schema = S(
      R"({"properties":{"a":{"properties":{"x":{"properties":{"p":{}}}}},"b":{"properties":{"x":{"properties":{"q":{}}}}}}})");
  const Validation validation = Validate(schema, message, {.reading = Reading::kClosed});
  ASSERT_EQ(validation.errors.size(), 1);
  EXPECT_EQ(validation.errors[0].instance, "/b/x/p");
}

// Each would take minutes, or the stack, without a bound.
TEST(Validate, HostileSchemasEnd) {
  std::string doubled = R"({"$defs":{"d0":{"type":"number"})";
  for (int i = 1; i < 100; ++i) {
    const std::string before = "{\"$ref\":\"#/$defs/d" + std::to_string(i - 1) + "\"}";
    doubled += ",\"d" + std::to_string(i) + "\":{\"allOf\":[" + before + "," + before + "]}";
  }
  const Schema exponential = S(doubled + R"(},"$ref":"#/$defs/d99"})", {Dialect::kDraft2020, {}});
  EXPECT_EQ(Check(exponential, Json(1)), Validity::kUnknown);
  EXPECT_EQ(Validate(exponential, Json(1), {.most_steps = 1000}).errors[0].message,
            "validation takes more than 1000 steps");

  std::string many = "{\"oneOf\":[{\"const\":0}";
  for (int i = 1; i < 10'000; ++i) many += ",{\"const\":" + std::to_string(i) + "}";
  EXPECT_EQ(Check(S(many + "]}"), Json(9'999)), Validity::kValid);
  EXPECT_EQ(Check(S(many + "]}"), Json(10'000)), Validity::kInvalid);

  const Schema pattern = S(R"({"items":{"pattern":"^(a+)+$"}})");
  EXPECT_EQ(Check(pattern, Json(Json::Array{Json(std::string(40, 'a') + "!")})), Validity::kUnknown);

  const Schema recursive = S(R"({"anyOf":[{"items":{"allOf":[{"$ref":"#"}]}}]})");
  EXPECT_EQ(Check(recursive, J(std::string(256, '[') + std::string(256, ']'))), Validity::kValid);
}

TEST(Validate, DeepChainsEndBeforeTheStackDoes) {
  std::string chain = R"({"$defs":{"d0":{"items":{"$ref":"#/$defs/d200"}})";
  for (int i = 1; i <= 200; ++i) {
    chain +=
        ",\"d" + std::to_string(i) + "\":{\"allOf\":[{\"$ref\":\"#/$defs/d" + std::to_string(i - 1) + "\"}]}";
  }
  chain += R"(},"$ref":"#/$defs/d100"})";
  const absl::StatusOr<Schema> schema = Schema::Load(J(chain), {Dialect::kDraft2020, {}});
  EXPECT_FALSE(schema.ok());  // 400 in a chain
  std::string shorter = R"({"$defs":{"d0":{"items":{"$ref":"#/$defs/d100"}})";
  for (int i = 1; i <= 100; ++i) {
    shorter +=
        ",\"d" + std::to_string(i) + "\":{\"allOf\":[{\"$ref\":\"#/$defs/d" + std::to_string(i - 1) + "\"}]}";
  }
  shorter += R"(},"$ref":"#/$defs/d100"})";
  const Schema deep = S(shorter, {Dialect::kDraft2020, {}});
  EXPECT_EQ(Check(deep, J(std::string(256, '[') + std::string(256, ']'))), Validity::kUnknown);
}

TEST(Validate, UniqueItemsOfManyItems) {
  Json::Array items;
  for (int i = 0; i < 100'000; ++i) items.push_back(JsonObject().Set("a", i).Done());
  const Schema schema = S(R"({"uniqueItems":true})");
  EXPECT_EQ(Check(schema, Json(items)), Validity::kValid);
  items.push_back(J(R"({"a":99999.0})"));
  EXPECT_EQ(Check(schema, Json(items)), Validity::kInvalid);
}

TEST(Validate, UnevaluatedLooksThroughBranches) {
  const Schema schema = S(R"({"$schema":"https://json-schema.org/draft/2020-12/schema","properties":{"a":{}},
    "anyOf":[{"properties":{"b":{"type":"string"}}},{"required":["c"],"properties":{"c":{}}}],"unevaluatedProperties":false})");
  EXPECT_EQ(Say(schema, R"({"a":1,"b":"x"})"), "valid");
  EXPECT_EQ(Say(schema, R"({"c":1,"b":1})"),
            "/b /unevaluatedProperties unevaluatedProperties: \"b\" is not allowed here");
}

}  // namespace
}  // namespace sluice::schema
