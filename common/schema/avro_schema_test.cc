// Loading Avro schemas: what every version of the specification allows, what some do, and what none does.
#include "common/schema/avro_schema.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace sluice::schema {
namespace {

Json Parse(const std::string& text) {
  const auto document = ParseJson(text);
  EXPECT_TRUE(document.ok()) << document.status() << text;
  return document.ok() ? *document : Json();
}

AvroSchema Load(const std::string& text) {
  const auto schema = AvroSchema::Load(Parse(text));
  EXPECT_TRUE(schema.ok()) << schema.status() << text;
  return schema.ok() ? *schema : *AvroSchema::Load(Json("null"));
}

std::string Record(const std::string& fields) {
  return R"({"type":"record","name":"A","fields":[)" + fields + "]}";
}

// `text` has one fault, which says `what`, at `pointer`.
void ExpectFault(const std::string& text, const std::string& what, const std::string& pointer,
                 AvroRules rules = AvroRules::kEveryVersion) {
  const std::vector<AvroFault> faults = CheckAvro(Parse(text), rules);
  ASSERT_EQ(faults.size(), 1u) << text << (faults.empty() ? "" : ": " + faults[0].message);
  EXPECT_NE(faults[0].message.find(what), std::string::npos) << faults[0].message;
  EXPECT_EQ(faults[0].pointer, pointer) << text;
}

void ExpectTaken(const std::string& text) {
  const std::vector<AvroFault> faults = CheckAvro(Parse(text), AvroRules::kEveryVersion);
  EXPECT_TRUE(faults.empty()) << text << ": " << faults[0].pointer << ": " << faults[0].message;
}

TEST(AvroSchema, WhatTheSpecificationAllowsIsTaken) {
  for (
      const char* text :
      {R"("string")", R"({"type":"bytes","logicalType":"decimal","precision":4,"scale":2})",
       R"(["null","long"])", R"({"type":"array","items":"int"})",
       R"({"type":"map","values":["null",{"type":"fixed","name":"F","size":16}]})",
       R"({"type":"error","name":"E","fields":[]})", R"({"type":"fixed","name":"F","size":0})",
       R"({"type":{"type":"record","name":"A","doc":null,"aliases":null,"namespace":null,"fields":[]}})",
       R"(["null",{"type":"enum","name":"a.E","symbols":["x"]},{"type":"enum","name":"b.E","symbols":["x"]}])"}) {
    ExpectTaken(text);
  }
}

TEST(AvroSchema, NamesAreResolvedInTheirNamespace) {
  const AvroSchema schema = Load(
      R"({"type":"record","name":"Order","namespace":"acme.s","aliases":["Old","x.Older"],"fields":[
          {"name":"state","type":{"type":"enum","name":"State","symbols":["NEW"]}},
          {"name":"again","type":"State"},{"name":"full","type":["null","acme.s.State"]},
          {"name":"other","type":{"type":"fixed","name":"o.F","namespace":"ignored","size":2}},
          {"name":"none","type":{"type":"record","name":"N","namespace":"","fields":[]}},
          {"name":"free","type":"N"},{"name":"next","type":["null","Order"],"default":null}]})");
  const AvroNode& order = *schema.root().node;
  EXPECT_EQ(order.name, "acme.s.Order");
  EXPECT_EQ(order.aliases, (std::vector<std::string_view>{"acme.s.Old", "x.Older"}));
  EXPECT_EQ(order.fields[0].type.node->name, "acme.s.State");
  EXPECT_EQ(order.FindField("again")->type.node, order.fields[0].type.node);
  EXPECT_EQ(order.FindField("again")->type.place->Pointer(), "/fields/1/type");
  EXPECT_EQ(order.FindField("full")->type.node->parts[1].node, order.fields[0].type.node);
  EXPECT_EQ(order.FindField("other")->type.node->name, "o.F");
  EXPECT_EQ(order.FindField("free")->type.node->name, "N");
  EXPECT_EQ(order.FindField("next")->type.node->parts[1].node, &order);
  EXPECT_EQ(order.FindField("nope"), nullptr);
}

TEST(AvroSchema, WhatIsNoTypeIsNamedWithItsPlace) {
  ExpectFault(R"({"type":"recrd","name":"A","fields":[]})", "'recrd' is no type", "");
  ExpectFault(Record(R"({"name":"a","type":"String"})"), "'String' is no type", "/fields/0/type");
  ExpectFault(R"({"name":"A"})", "without 'type'", "");
  ExpectFault(Record(R"({"name":"a","type":7})"), "a word, an object or a list", "/fields/0/type");
  ExpectFault(Record(R"({"name":"a","type":"B"},{"name":"b","type":{"type":"fixed","name":"B","size":1}})"),
              "not defined before", "/fields/0/type");
  ExpectFault(
      Record(R"({"name":"a","type":{"type":"record","name":"n.B","fields":[]}},{"name":"b","type":"B"})"),
      "'B' is no type", "/fields/1/type");
  ExpectFault("7", "an Avro schema is an object", "");
}

TEST(AvroSchema, RecordsEnumsAndFixedNeedWhatMakesThem) {
  ExpectFault(R"({"type":"record","fields":[]})", "needs a 'name'", "");
  ExpectFault(R"({"type":"record","name":"1A","fields":[]})", "needs a 'name'", "");
  ExpectFault(R"({"type":"record","name":"A","namespace":"a..b","fields":[]})", "namespace", "");
  ExpectFault(R"({"type":"record","name":"A","namespace":7,"fields":[]})", "a namespace is a string",
              "/namespace");
  ExpectFault(R"({"type":"record","name":"x.int","fields":[]})", "'int' is the name of a primitive", "");
  ExpectFault(R"({"type":"record","name":"A","aliases":["b-c"],"fields":[]})", "alias 'b-c'", "/aliases");
  ExpectFault(R"({"type":"record","name":"A","aliases":"b","fields":[]})", "a list of names", "/aliases");
  ExpectFault(R"({"type":"record","name":"A"})", "list of 'fields'", "");
  ExpectFault(Record(R"({"type":"int"})"), "a field needs a 'name'", "/fields/0");
  ExpectFault(Record(R"({"name":"a.b","type":"int"})"), "a field needs a 'name'", "/fields/0");
  ExpectFault(Record(R"({"name":"a"})"), "a field needs a 'type'", "/fields/0");
  ExpectFault(Record(R"({"name":"a","type":"int","order":"up"})"), "an order is", "/fields/0/order");
  ExpectFault(Record(R"({"name":"a","type":"int","aliases":["b.c"]})"), "an alias of a field",
              "/fields/0/aliases");
  ExpectFault(Record(R"({"name":"a","type":"int"},{"name":"a","type":"int"})"), "'a' twice", "/fields/1");
  ExpectFault(R"({"type":"enum","name":"E","symbols":[]})", "list of 'symbols'", "");
  ExpectFault(R"({"type":"enum","name":"E","symbols":["A","A"]})", "'A' twice", "/symbols/1");
  ExpectFault(R"({"type":"enum","name":"E","symbols":["A-B"]})", "a symbol is", "/symbols/0");
  ExpectFault(R"({"type":"enum","name":"E","symbols":["A"],"default":"B"})", "none of its symbols",
              "/default");
  ExpectFault(R"({"type":"fixed","name":"F"})", "'size'", "");
  ExpectFault(R"({"type":"fixed","name":"F","size":-1})", "'size'", "");
  ExpectFault(R"({"type":"fixed","name":"F","size":2147483648})", "'size'", "");
  ExpectFault(R"({"type":"array"})", "without 'items'", "");
  ExpectFault(R"({"type":"map"})", "without 'values'", "");
  ExpectFault(Record(R"({"name":"a","type":{"type":"record","name":"A","fields":[]}})"), "defined twice",
              "/fields/0/type");
}

TEST(AvroSchema, UnionsHoldEachTypeOnceAndNoUnion) {
  ExpectFault("[]", "without types", "");
  EXPECT_TRUE(CheckAvro(Parse("[]"), AvroRules::kAnyVersion).empty());
  ExpectFault(R"(["int","int"])", "int twice", "/1");
  ExpectFault(R"(["int",["null"]])", "inside a union", "/1");
  ExpectFault(R"([{"type":"array","items":"int"},{"type":"array","items":"long"}])", "array twice", "/1");
  ExpectFault(R"(["bytes",{"type":"bytes","logicalType":"decimal","precision":2}])", "bytes twice", "/1");
}

TEST(AvroSchema, DefaultsFitTheirType) {
  for (const char* field :
       {R"("type":"int","default":"1")", R"("type":"string","default":1)",
        R"("type":"boolean","default":null)", R"("type":"int","default":1.5)",
        R"("type":"int","default":2147483648)", R"("type":"long","default":9223372036854775808)",
        R"("type":"double","default":"x")", R"("type":"bytes","default":"\u0100")",
        R"("type":{"type":"array","items":"int"},"default":{})",
        R"("type":{"type":"array","items":"int"},"default":[1,"x"])",
        R"("type":{"type":"map","values":"int"},"default":{"a":null})",
        R"("type":{"type":"fixed","name":"F","size":2},"default":"abc")",
        R"("type":{"type":"enum","name":"E","symbols":["A"]},"default":"B")",
        R"("type":{"type":"record","name":"B","fields":[{"name":"x","type":"int"}]},"default":{})"}) {
    ExpectFault(Record(std::string(R"({"name":"a",)") + field + "}"), "does not fit the type", "/fields/0");
  }
  for (
      const char* field :
      {R"("type":"int","default":-2147483648)", R"("type":"long","default":9223372036854775807)",
       R"("type":"double","default":1)", R"("type":"float","default":"NaN")",
       R"("type":"bytes","default":"\u00ff")",
       R"("type":{"type":"fixed","name":"F","size":2},"default":"\u00ff\u0000")",
       R"("type":"null","default":null)",
       R"("type":{"type":"enum","name":"E","symbols":["A","B"],"default":"A"},"default":"B")",
       R"("type":{"type":"record","name":"B","fields":[{"name":"x","type":"int","default":1}]},"default":{})",
       R"("type":["null","A"],"default":null)", R"("type":["A","null"],"default":{"a":{"a":{}}})"}) {
    ExpectTaken(Record(std::string(R"({"name":"a",)") + field + "}"));
  }
}

TEST(AvroSchema, TheDefaultOfAUnionIsOfTheFirstBranchExceptInNewVersions) {
  const std::string text = Record(R"({"name":"a","type":["null","string"],"default":"x"})");
  ExpectFault(text, "first type of the union", "/fields/0");
  EXPECT_TRUE(CheckAvro(Parse(text), AvroRules::kAnyVersion).empty());
  ExpectFault(Record(R"({"name":"a","type":["null","string"],"default":7})"), "no type of the union",
              "/fields/0", AvroRules::kAnyVersion);
}

TEST(AvroSchema, LogicalTypesAreReadWhereTheyMakeSense) {
  const auto logical = [](const std::string& text) { return Load(text).root().node->logical.ToString(); };
  EXPECT_EQ(logical(R"({"type":"bytes","logicalType":"decimal","precision":4,"scale":2})"), "decimal(4, 2)");
  EXPECT_EQ(logical(R"({"type":"bytes","logicalType":"decimal","precision":4})"), "decimal(4, 0)");
  EXPECT_EQ(logical(R"({"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":4})"),
            "decimal(4, 0)");
  EXPECT_EQ(logical(R"({"type":"fixed","name":"F","size":16,"logicalType":"uuid"})"), "uuid");
  EXPECT_EQ(logical(R"({"type":"long","logicalType":"timestamp-nanos"})"), "timestamp-nanos");
  for (const char* none :
       {R"({"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":5})",
        R"({"type":"bytes","logicalType":"decimal","precision":4,"scale":5})",
        R"({"type":"bytes","logicalType":"decimal"})",
        R"({"type":"string","logicalType":"decimal","precision":4})",
        R"({"type":"fixed","name":"F","size":15,"logicalType":"uuid"})",
        R"({"type":"int","logicalType":"timestamp-millis"})", R"({"type":"string","logicalType":"money"})",
        R"({"type":"string","logicalType":7})"}) {
    EXPECT_EQ(logical(none), "none") << none;
  }
}

TEST(AvroSchema, EveryFaultIsToldUpToABound) {
  const auto two = AvroSchema::Load(Parse(Record(R"({"name":"a","type":"x"},{"name":"b"})")));
  EXPECT_EQ(two.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(two.status().message().find("/fields/0/type: 'x' is no type"), absl::string_view::npos);
  EXPECT_NE(two.status().message().find("\n/fields/1: a field needs a 'type'"), absl::string_view::npos);
  std::string fields;
  for (int i = 0; i < 200; ++i) fields += std::string(i > 0 ? "," : "") + R"({"name":"a-b","type":"int"})";
  EXPECT_EQ(CheckAvro(Parse(Record(fields))).size(), 20u);
}

TEST(AvroSchema, HostileOnesAreRefusedOrRead) {
  std::string deep = R"("int")";
  for (int i = 0; i < 250; ++i) deep = R"({"type":"array","items":)" + deep + "}";
  EXPECT_TRUE(CheckAvro(Parse(deep)).empty());
  ExpectFault(R"({"type":"record","name":")" + std::string(2000, 'a') + R"(","fields":[]})",
              "at most 1024 bytes", "");
  // A long namespace that many names repeat.
  const std::string space(1000, 'n');
  std::string aliases;
  for (int i = 0; i < 20'000; ++i) aliases += (i > 0 ? R"(,"a)" : R"("a)") + std::to_string(i) + '"';
  const auto faults = CheckAvro(Parse(R"({"type":"record","name":"R","namespace":")" + space +
                                      R"(","aliases":[)" + aliases + R"(],"fields":[]})"));
  ASSERT_FALSE(faults.empty());
  EXPECT_NE(faults[0].message.find("all together 16777216"), std::string::npos) << faults[0].message;
}

// Each level of the default can be any of many records, and the last level fits none.
TEST(AvroSchema, ADefaultThatIsTooCostlyToCheckIsRefused) {
  std::string text = R"({"type":"record","name":"Top","fields":[{"name":"u","type":["null")";
  for (int i = 0; i < 9; ++i) {
    text += R"(,{"type":"record","name":"R)" + std::to_string(i) + R"(","fields":[{"name":"f","type":["int")";
    for (int j = 0; j <= i; ++j) text += R"(,"R)" + std::to_string(j) + '"';
    text += "]}]}";
  }
  std::string value = R"("x")";
  for (int i = 0; i < 30; ++i) value = R"({"f":)" + value + "}";
  text += R"(]},{"name":"v","type":["null","R8"],"default":)" + value + "}]}";
  const auto faults = CheckAvro(Parse(text));
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_NE(faults[0].message.find("too large to check"), std::string::npos) << faults[0].message;
}

}  // namespace
}  // namespace sluice::schema
