#include "common/schema/project.h"

#include <gtest/gtest.h>

#include "common/schema/validate.h"

namespace sluice::schema {
namespace {

Json Parsed(const std::string& text) {
  const absl::StatusOr<Json> json = ParseJson(text);
  EXPECT_TRUE(json.ok()) << json.status() << text;
  return *json;
}

Schema Projected(const std::string& schema, const std::vector<std::string>& fields,
                 const ConsumerTraits& traits = {}) {
  const absl::StatusOr<Schema> loaded = Schema::Load(Parsed(schema));
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  const absl::StatusOr<Schema> projected = Project(*loaded, fields, traits);
  EXPECT_TRUE(projected.ok()) << projected.status();
  return *projected;
}

bool Accepts(const Schema& schema, const std::string& message) {
  return Validate(schema, Parsed(message)).valid();
}

constexpr char kOrder[] = R"({
  "type": "object", "additionalProperties": false, "required": ["id", "lines", "state"],
  "properties": {
    "id": {"type": "string", "minLength": 1},
    "state": {"type": "string", "enum": ["NEW", "DONE"]},
    "customer": {"$ref": "#/definitions/Party"},
    "lines": {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["sku", "price"],
      "properties": {"sku": {"type": "string"}, "price": {"type": "number"}}}},
    "labels": {"type": "object", "additionalProperties": {"type": "string"}}
  },
  "definitions": {"Party": {"type": "object", "required": ["name"],
    "properties": {"name": {"type": "string"}, "parent": {"$ref": "#/definitions/Party"}}}}
})";

TEST(Project, AcceptsAnythingWhereNothingIsUsed) {
  const Schema schema = Projected(kOrder, {"/id"});
  EXPECT_TRUE(Accepts(schema, R"({"id": "1"})"));
  EXPECT_TRUE(Accepts(schema, R"({"id": "1", "lines": 5, "state": null, "unknown": true})"));
  EXPECT_FALSE(Accepts(schema, R"({"id": ""})"));
  EXPECT_FALSE(Accepts(schema, R"({"lines": []})"));
  EXPECT_FALSE(Accepts(schema, R"([])"));
}

TEST(Project, FollowsItemsAndNames) {
  const Schema prices = Projected(kOrder, {"/lines/*/price"});
  EXPECT_TRUE(Accepts(prices, R"({"lines": [{"price": 1}, {"price": 2, "sku": 5}]})"));
  EXPECT_FALSE(Accepts(prices, R"({"lines": [{"price": "1"}]})"));
  EXPECT_FALSE(Accepts(prices, R"({"lines": [{}]})"));
  EXPECT_FALSE(Accepts(prices, R"({"lines": []})"));
  EXPECT_FALSE(Accepts(prices, R"({})"));
  const Schema label = Projected(kOrder, {"/labels/colour"});
  EXPECT_TRUE(Accepts(label, R"({"labels": {"size": 3}})"));
  EXPECT_FALSE(Accepts(label, R"({"labels": {"colour": 3}})"));
  const Schema labels = Projected(kOrder, {"/labels/*"});
  EXPECT_FALSE(Accepts(labels, R"({"labels": {"size": 3}})"));
}

TEST(Project, FollowsReferencesAndRecursion) {
  const Schema schema = Projected(kOrder, {"/customer/parent/parent/name"});
  EXPECT_TRUE(Accepts(schema, R"({"customer": {}})"));
  EXPECT_TRUE(Accepts(schema, R"({"customer": {"parent": {"parent": {"name": "x", "parent": 3}}}})"));
  EXPECT_FALSE(Accepts(schema, R"({"customer": {"parent": {"parent": {}}}})"));
  const Schema whole = Projected(kOrder, {"/customer"});
  EXPECT_FALSE(Accepts(whole, R"({"customer": {"name": "x", "parent": {}}})"));
}

TEST(Project, EverythingIsReadWithoutValidation) {
  const Schema schema = Projected(kOrder, {""});
  EXPECT_TRUE(
      Accepts(schema, R"({"id": "1", "state": "LATER", "lines": [{"sku": "s", "price": 1}], "unknown": 1})"));
  EXPECT_FALSE(Accepts(schema, R"({"id": "1", "state": 5, "lines": [{"sku": "s", "price": 1}]})"));
  EXPECT_FALSE(Accepts(schema, R"({"id": "1", "lines": [{"sku": "s", "price": 1}]})"));
}

TEST(Project, UnknownValuesAreIgnoredOrNot) {
  const ConsumerTraits exhaustive{.validates = false, .ignores_unknown_values = false};
  EXPECT_TRUE(Accepts(Projected(kOrder, {"/state"}), R"({"state": "LATER"})"));
  EXPECT_FALSE(Accepts(Projected(kOrder, {"/state"}, exhaustive), R"({"state": "LATER"})"));
}

TEST(Project, WhoValidatesAcceptsWhatTheSchemaAccepts) {
  const Schema schema = Projected(kOrder, {"/id"}, {.validates = true, .ignores_unknown_values = true});
  EXPECT_FALSE(Accepts(schema, R"({"id": "1"})"));
  EXPECT_FALSE(
      Accepts(schema, R"({"id": "1", "state": "NEW", "lines": [{"sku": "s", "price": 1}], "unknown": 1})"));
}

TEST(Project, BranchesNeedNotExcludeEachOther) {
  const Schema schema = Projected(R"({"oneOf": [
      {"properties": {"kind": {"const": "a"}, "x": {"type": "string"}}, "required": ["kind", "x"]},
      {"properties": {"kind": {"const": "b"}, "x": {"type": "integer"}}, "required": ["kind", "x"]}]})",
                                  {"/x"});
  EXPECT_TRUE(Accepts(schema, R"({"x": "s"})"));
  EXPECT_TRUE(Accepts(schema, R"({"x": 1})"));
  EXPECT_FALSE(Accepts(schema, R"({"x": null})"));
  EXPECT_FALSE(Accepts(schema, R"({"kind": "a"})"));
}

TEST(Project, RefusesWhatIsNoPointer) {
  const absl::StatusOr<Schema> schema = Schema::Load(Parsed("true"));
  EXPECT_EQ(Project(*schema, {"id"}, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace sluice::schema
