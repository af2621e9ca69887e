// Avro schemas, good ones and broken ones, through CheckSchemaText as Validate calls it.
#include <gtest/gtest.h>

#include "common/core/schema_text.h"

namespace sluice::core {
namespace {

std::vector<SchemaProblem> Problems(const std::string& text) {
  return CheckSchemaText(SchemaFormat::kAvro, text);
}

// The one problem that `text` has says `what`.
void ExpectProblem(const std::string& text, const std::string& what) {
  const auto problems = Problems(text);
  ASSERT_EQ(problems.size(), 1u) << text << (problems.empty() ? "" : ": " + problems[0].message);
  EXPECT_NE(problems[0].message.find(what), std::string::npos) << problems[0].message;
  EXPECT_FALSE(problems[0].remedy.empty());
}

std::string Record(const std::string& fields) {
  return R"({"type":"record","name":"A","fields":[)" + fields + "]}";
}

TEST(AvroText, WhatTheSpecificationAllowsIsTaken) {
  for (const std::string text :
       {R"("string")", R"({"type":"bytes","logicalType":"decimal","precision":4,"scale":2})",
        R"(["null","long"])", R"({"type":"array","items":"int"})",
        R"({"type":"map","values":["null",{"type":"fixed","name":"F","size":16}]})",
        R"({"type":"record","name":"a.b.List","fields":[{"name":"value","type":"long"},
            {"name":"next","type":["null","List"],"default":null}]})",
        R"({"type":"record","name":"Order","namespace":"acme.s","doc":"d","fields":[
            {"name":"id","type":{"type":"string","avro.java.string":"String"}},
            {"name":"state","type":{"type":"enum","name":"State","symbols":["NEW","GONE"],"default":"NEW"},"default":"GONE"},
            {"name":"again","type":"State"},{"name":"price","type":"double","default":1.5},
            {"name":"count","type":"int","default":0},{"name":"tags","type":{"type":"array","items":"string"},"default":[]},
            {"name":"labels","type":{"type":"map","values":"string"},"default":{}},
            {"name":"full","type":["null","acme.s.State"],"default":null}]})"}) {
    const auto problems = Problems(text);
    EXPECT_TRUE(problems.empty()) << text << ": " << problems[0].message;
  }
}

TEST(AvroText, WhatIsNoTypeIsNamedWithItsPlace) {
  ExpectProblem(R"({"type":"recrd","name":"A","fields":[]})", "'recrd' is no type");
  ExpectProblem(Record(R"({"name":"a","type":"String"})"), "'String' is no type");
  ExpectProblem(Record(R"({"name":"a","type":"String"})"), "/fields/0/type");
  ExpectProblem(R"({"name":"A"})", "without 'type'");
  ExpectProblem(Record(R"({"name":"a","type":7})"), "a word, an object or a list");
  ExpectProblem(Record(R"({"name":"a","type":"B"},{"name":"b","type":{"type":"fixed","name":"B","size":1}})"),
                "not defined before");
  ExpectProblem("7", "an Avro schema is an object");
}

TEST(AvroText, RecordsEnumsAndFixedNeedWhatMakesThem) {
  ExpectProblem(R"({"type":"record","fields":[]})", "needs a 'name'");
  ExpectProblem(R"({"type":"record","name":"1A","fields":[]})", "needs a 'name'");
  ExpectProblem(R"({"type":"record","name":"A","namespace":"a..b","fields":[]})", "namespace");
  ExpectProblem(R"({"type":"record","name":"A"})", "list of 'fields'");
  ExpectProblem(Record(R"({"type":"int"})"), "a field needs a 'name'");
  ExpectProblem(Record(R"({"name":"a-b","type":"int"})"), "a field needs a 'name'");
  ExpectProblem(Record(R"({"name":"a"})"), "a field needs a 'type'");
  ExpectProblem(Record(R"({"name":"a","type":"int"},{"name":"a","type":"int"})"), "'a' twice");
  ExpectProblem(R"({"type":"enum","name":"E","symbols":[]})", "list of 'symbols'");
  ExpectProblem(R"({"type":"enum","name":"E","symbols":["A","A"]})", "'A' twice");
  ExpectProblem(R"({"type":"enum","name":"E","symbols":["A-B"]})", "a symbol is");
  ExpectProblem(R"({"type":"enum","name":"E","symbols":["A"],"default":"B"})", "none of its symbols");
  ExpectProblem(R"({"type":"fixed","name":"F"})", "'size'");
  ExpectProblem(R"({"type":"array"})", "without 'items'");
  ExpectProblem(R"({"type":"map"})", "without 'values'");
  ExpectProblem(Record(R"({"name":"a","type":{"type":"record","name":"A","fields":[]}})"), "defined twice");
}

TEST(AvroText, UnionsHoldEachTypeOnceAndNoUnion) {
  ExpectProblem("[]", "without types");
  ExpectProblem(R"(["int","int"])", "int twice");
  ExpectProblem(R"(["int",["null"]])", "inside a union");
  ExpectProblem(R"([{"type":"array","items":"int"},{"type":"array","items":"long"}])", "array twice");
}

TEST(AvroText, DefaultsFitTheirTypeAndTheFirstOneOfAUnion) {
  for (const char* field :
       {R"({"name":"a","type":"int","default":"1"})", R"({"name":"a","type":"string","default":1})",
        R"({"name":"a","type":"boolean","default":null})", R"({"name":"a","type":"int","default":1.5})",
        R"({"name":"a","type":{"type":"array","items":"int"},"default":{}})"}) {
    ExpectProblem(Record(field), "does not fit the type");
  }
  ExpectProblem(Record(R"({"name":"a","type":["null","string"],"default":"x"})"), "first type of the union");
}

TEST(AvroText, ProblemsAreBounded) {
  std::string fields;
  for (int i = 0; i < 200; ++i) fields += std::string(i > 0 ? "," : "") + R"({"name":"a-b","type":"int"})";
  EXPECT_EQ(Problems(Record(fields)).size(), 20u);
}

}  // namespace
}  // namespace sluice::core
