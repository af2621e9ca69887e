#include "common/schema/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<Schema> Load(const std::string& text, const LoadOptions& options = {}) {
  const absl::StatusOr<Json> json = ParseJson(text);
  EXPECT_TRUE(json.ok()) << json.status();
  return Schema::Load(*json, options);
}

std::string Error(const std::string& text, const LoadOptions& options = {}) {
  const absl::StatusOr<Schema> schema = Load(text, options);
  return schema.ok() ? "ok" : std::string(schema.status().message());
}

TEST(Schema, ReadsKeywordsIntoOneVocabulary) {
  const auto schema = Load(R"({"type":["integer","null"],"const":5,"items":[{},{}],"additionalItems":false,
    "dependencies":{"b":["c","a"],"a":{"type":"object"}},"required":["z","a","z"],"exclusiveMinimum":1})");
  ASSERT_TRUE(schema.ok()) << schema.status();
  const Node& root = schema->root();
  EXPECT_EQ(root.types, kInteger | kNull);
  EXPECT_TRUE(root.is_const);
  EXPECT_EQ(root.prefix_items.size(), 2);
  EXPECT_EQ(root.prefix_items[1]->pointer, "/items/1");
  EXPECT_TRUE(root.items->never);
  EXPECT_EQ(root.items->pointer, "/additionalItems");
  EXPECT_EQ(root.required, (std::vector<std::string>{"a", "z"}));
  EXPECT_EQ(root.dependent_required[0].second, (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(root.dependent_schemas[0].second->pointer, "/dependencies/a");
  EXPECT_EQ(root.exclusive_minimum, Decimal(1));
  EXPECT_EQ(schema->dialect(), Dialect::kDraft7);
}

TEST(Schema, Draft4SaysExclusiveByBooleans) {
  const auto schema =
      Load(R"({"$schema":"http://json-schema.org/draft-04/schema#","id":"http://x/","minimum":5,
    "exclusiveMinimum":true,"maximum":9,"exclusiveMaximum":false,"const":1})");
  ASSERT_TRUE(schema.ok()) << schema.status();
  EXPECT_EQ(schema->root().exclusive_minimum, Decimal(5));
  EXPECT_EQ(schema->root().minimum, std::nullopt);
  EXPECT_EQ(schema->root().maximum, Decimal(9));
  EXPECT_EQ(schema->root().enumeration, std::nullopt);  // const came with draft-06
}

TEST(Schema, RefStandsAloneUpToDraft7) {
  const char* text = R"({"$ref":"#/definitions/a","type":"null","definitions":{"a":{"type":"string"}}})";
  EXPECT_EQ(Load(text)->root().types, std::nullopt);
  EXPECT_EQ(Load(text)->root().ref->types, kString);
  EXPECT_EQ(Load(text, {Dialect::kDraft2020, {}})->root().types, kNull);
}

TEST(Schema, FollowsReferences) {
  LoadOptions options;
  options.references["other.json"] = *ParseJson(R"({"definitions":{"a b":{"$id":"#here","type":"null"}}})");
  options.references["http://x/y"] = *ParseJson(R"({"$id":"http://x/z","type":"array"})");
  const auto schema = Load(R"({"$id":"http://host/dir/main.json","properties":{
    "name":{"$ref":"other.json#/definitions/a%20b"},"anchor":{"$ref":"other.json#here"},"id":{"$ref":"http://x/z"},
    "self":{"$ref":"#"},"unknown":{"$ref":"#/x-own/0"},"meta":{"$ref":"http://json-schema.org/draft-07/schema#"},
    "relative":{"$ref":"main.json#/properties/name"}},"x-own":[{"type":"boolean"}]})",
                           options);
  ASSERT_TRUE(schema.ok()) << schema.status();
  const auto target = [&](std::string_view name) {
    for (const auto& [property, node] : schema->root().properties) {
      if (property == name) return node->ref;
    }
    return static_cast<const Node*>(nullptr);
  };
  EXPECT_EQ(target("name")->types, kNull);
  EXPECT_EQ(target("name")->document, "other.json");
  EXPECT_EQ(target("name"), target("anchor"));
  EXPECT_EQ(target("id")->types, kArray);
  EXPECT_EQ(target("self"), &schema->root());
  EXPECT_EQ(target("unknown")->pointer, "/x-own/0");
  EXPECT_EQ(target("meta")->document, "http://json-schema.org/draft-07/schema");
  EXPECT_EQ(target("relative")->ref, target("name"));
}

TEST(Schema, ADocumentMayNameItselfBesideAReference) {
  const auto schema =
      Load(R"({"$id":"urn:x","$ref":"urn:x#/definitions/a","definitions":{"a":{"type":"null"}}})");
  ASSERT_TRUE(schema.ok()) << schema.status();
  EXPECT_EQ(schema->root().ref->types, kNull);
}

TEST(Schema, ProblemsSayWhere) {
  EXPECT_EQ(Error(R"({"properties":{"a":{"type":"text"}}})"),
            "/properties/a/type: \"text\" is none of null, boolean, integer, number, string, array, object");
  EXPECT_EQ(Error(R"({"minLength":-1,"required":"a"})"),
            "/minLength: must be an integer that is not negative; /required: must be an array of strings");
  EXPECT_EQ(Error("3"), "#: a schema is an object or a boolean");
  EXPECT_THAT(Error(R"({"$schema":"urn:mine"})"), HasSubstr("unknown dialect \"urn:mine\""));
  EXPECT_EQ(Error(R"({"$ref":"#/definitions/a"})"),
            "/$ref: \"#/definitions/a\" leads nowhere; nothing is fetched");
  EXPECT_THAT(Error(R"({"$ref":"http://example.com/a.json"})"), HasSubstr("leads nowhere"));
  EXPECT_THAT(Error(R"({"pattern":"("})"), HasSubstr("/pattern: \"(\" is no regular expression"));
  EXPECT_THAT(Error(R"({"patternProperties":{"[":{}}})"), HasSubstr("/patternProperties: "));
  for (const char* text :
       {R"({"type":[]})", R"({"type":5})", R"({"enum":5})", R"({"multipleOf":0})", R"({"minimum":"1"})",
        R"({"exclusiveMinimum":true})", R"({"items":5})", R"({"properties":[]})", R"({"properties":{"a":1}})",
        R"({"allOf":[]})", R"({"allOf":{}})", R"({"not":null})", R"({"required":[1]})",
        R"({"uniqueItems":1})", R"({"dependencies":{"a":"b"}})", R"({"format":1})", R"({"$ref":1})",
        R"({"definitions":{"a":1}})", R"({"maxItems":1.5})"}) {
    EXPECT_THAT(Error(text), ::testing::MatchesRegex("/.*: .*(must|a schema is an object|is none of).*"))
        << text;
  }
}

TEST(Schema, ManyProblemsAreCounted) {
  std::string text = "{\"allOf\":[";
  for (int i = 0; i < 30; ++i) text += std::string(i == 0 ? "" : ",") + "{\"type\":0}";
  EXPECT_THAT(Error(text + "]}"), HasSubstr("; and 10 more"));
}

TEST(Schema, ReferencesThatGoInCirclesAreRefused) {
  for (const char* text :
       {R"({"$ref":"#"})",
        R"({"definitions":{"a":{"$ref":"#/definitions/b"},"b":{"$ref":"#/definitions/a"}}})",
        R"({"allOf":[{"anyOf":[{"$ref":"#"}]}]})", R"({"not":{"$ref":"#"}})",
        R"({"if":true,"then":{"$ref":"#"}})"}) {
    EXPECT_THAT(Error(text), HasSubstr("a reference that is its own target")) << text;
  }
  EXPECT_EQ(Error(R"({"properties":{"a":{"$ref":"#"}},"items":{"$ref":"#"}})"), "ok");
}

TEST(Schema, BoundsHold) {
  std::string chain = "{\"definitions\":{";
  for (int i = 0; i < 300; ++i)
    chain += "\"d" + std::to_string(i) + "\":{\"$ref\":\"#/definitions/d" + std::to_string(i + 1) + "\"},";
  EXPECT_THAT(Error(chain + "\"d300\":{}}}"), HasSubstr("more than 256 schemas apply to one value"));
  std::string wide = "{\"anyOf\":[true";
  for (int i = 0; i < 70'000; ++i) wide += ",true";
  EXPECT_THAT(Error(wide + "]}"), HasSubstr("more than 60000 subschemas"));
  std::string keys = "{\"properties\":{\"" + std::string(100'000, 'k') + "\":{\"anyOf\":[true";
  for (int i = 0; i < 1'000; ++i) keys += ",true";
  EXPECT_THAT(Error(keys + "]}}}"), HasSubstr("the pointers of all subschemas together"));
}

TEST(Schema, AtMovesTheRoot) {
  const auto schema = Load(R"({"properties":{"a":{"type":"string"}}})");
  const Schema inner = schema->At(*schema->root().properties[0].second);
  EXPECT_EQ(inner.root().types, kString);
  EXPECT_EQ(&inner.document(), &schema->document());
}

TEST(Schema, VocabulariesOfAMetaSchemaCount) {
  LoadOptions options;
  options.references["http://x/meta"] = *ParseJson(
      R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"http://x/meta",
          "$vocabulary":{"https://json-schema.org/draft/2020-12/vocab/applicator":true}})");
  const auto schema = Load(R"({"$schema":"http://x/meta","properties":{"a":false},"minimum":3})", options);
  ASSERT_TRUE(schema.ok()) << schema.status();
  EXPECT_EQ(schema->dialect(), Dialect::kDraft2020);
  EXPECT_EQ(schema->root().minimum, std::nullopt);
  EXPECT_EQ(schema->root().properties.size(), 1);
}

}  // namespace
}  // namespace sluice::schema
