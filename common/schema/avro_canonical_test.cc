#include "common/schema/avro_canonical.h"

#include <gtest/gtest.h>

namespace sluice::schema {
namespace {

std::string Canonical(const std::string& text) {
  const auto schema = AvroSchema::Load(*ParseJson(text));
  EXPECT_TRUE(schema.ok()) << schema.status();
  return *CanonicalForm(*schema);
}

TEST(CanonicalForm, HasFullNamesAndOnlyWhatParsingNeeds) {
  EXPECT_EQ(
      Canonical(
          R"({"fields":[{"doc":"d","default":null,"type":["null","R",{"type":"long","logicalType":"date"}],
                          "name":"a"},{"name":"e","type":{"symbols":["X"],"type":"enum","name":"E","default":"X"}},
                          {"name":"f","type":"E"},{"name":"m","type":{"type":"map","values":{"type":"int"}}},
                          {"name":"x","type":{"name":"F","size":3,"type":"fixed","namespace":""}}],
                          "namespace":"n","type":"error","name":"R","aliases":["S"]})"),
      R"({"name":"n.R","type":"record","fields":[{"name":"a","type":["null","n.R","long"]},)"
      R"({"name":"e","type":{"name":"n.E","type":"enum","symbols":["X"]}},{"name":"f","type":"n.E"},)"
      R"({"name":"m","type":{"type":"map","values":"int"}},)"
      R"({"name":"x","type":{"name":"F","type":"fixed","size":3}}]})");
}

TEST(CanonicalForm, OfAFormIsTheForm) {
  for (const char* text :
       {R"("int")", R"({"name":"a.R","type":"record","fields":[{"name":"n","type":["null","a.R"]}]})",
        R"({"type":"array","items":{"name":"F","type":"fixed","size":2}})"}) {
    EXPECT_EQ(Canonical(text), text);
  }
}

// The values of the specification's own implementation.
TEST(Fingerprint, IsCrc64Avro) {
  EXPECT_EQ(Fingerprint(""), 0xc15d213aa4d7a795u);
  EXPECT_EQ(static_cast<int64_t>(Fingerprint(R"("null")")), 7195948357588979594);
  EXPECT_EQ(static_cast<int64_t>(Fingerprint(R"({"name":"foo","type":"fixed","size":15})")),
            1756455273707447556);
}

TEST(CanonicalForm, ThatIsTooLongIsRefused) {
  const std::string name(1000, 'n');
  std::string fields;
  for (int i = 0; i < 40'000; ++i) {
    fields += R"(,{"name":"f)" + std::to_string(i) + R"(","type":"R"})";
  }
  const auto schema = AvroSchema::Load(*ParseJson(R"({"type":"record","name":"R","namespace":")" + name +
                                                  R"(","fields":[)" + fields.substr(1) + "]}"));
  ASSERT_TRUE(schema.ok());
  EXPECT_EQ(CanonicalForm(*schema).status().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace sluice::schema
