// The composed envelope: testdata/envelope/v1.json is its version 1, to the byte; *.test shows what becomes
// of references.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "common/core/compile.h"
#include "common/core/golden_text.h"

namespace sluice::core {
namespace {

std::string Compose(const std::string& text) {
  return ComposeSubjectSchema({SchemaFormat::kJsonSchema, text, Describes::kData, 1});
}

TEST(Envelope, Version1IsGolden) {
  std::ifstream file(SLUICE_SOURCE_DIR "/common/core/testdata/envelope/v1.json");
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(golden.str(), Compose(R"({"type": "object"})") + "\n")
      << "subjects everywhere hold version 1: never edit it, add a version 2";
}

// The dialect and the data's schema, which is where all differences are.
TEST(Envelope, Golden) {
  const auto run = [](const std::string& text) {
    const nlohmann::json composed = nlohmann::json::parse(Compose(text));
    return Cat(composed.at("$schema").get<std::string>(), "\n", composed.at("properties").at("data").dump(2),
               "\n");
  };
  EXPECT_GE(golden::RunCases("envelope", run), 12u);
}

TEST(Envelope, OutputIsCanonical) {
  EXPECT_EQ(Compose(R"({"type":"object","title":"x"})"),
            Compose("{ \"title\" : \"x\",\n \"type\" : \"object\" }"));
  EXPECT_EQ(Compose("{}").find('\n'), std::string::npos);
}

TEST(Envelope, WholeValuesAndAvroStayAsTheyAre) {
  const std::string text = "{ \"$ref\" : \"#/definitions/x\" }";
  EXPECT_EQ(ComposeSubjectSchema({SchemaFormat::kJsonSchema, text, Describes::kMessage, 1}), text);
  EXPECT_EQ(ComposeSubjectSchema({SchemaFormat::kAvro, text, Describes::kData, 1}), text);
}

TEST(Envelope, HostileTextsDoNotCrash) {
  const std::string deep(1 << 20, '[');
  EXPECT_EQ(Compose(deep), deep);
  EXPECT_EQ(Compose("{"), "{");
  EXPECT_EQ(Compose(""), "");
  EXPECT_EQ(Compose("\xff"), "\xff");
  std::string objects;
  for (int i = 0; i < 100000; ++i) objects += "{\"not\":";
  EXPECT_EQ(Compose(objects), objects);
  // References that name nothing, or each other in a circle, or that are no pointers at all.
  for (const char* text :
       {R"({"$ref":"#/definitions/none"})", R"({"$ref":"#"})", R"({"$ref":"#/a~2b"})", R"({"$ref":"#/-"})",
        R"({"$ref":"#/allOf/99999999999999999999","allOf":[{}]})", R"({"$ref":"#/%"})", R"({"$ref":7})",
        R"({"definitions":{"a":{"$ref":"#/definitions/b"},"b":{"$ref":"#/definitions/a"}}})"}) {
    EXPECT_TRUE(nlohmann::json::accept(Compose(text))) << text;
  }
}

TEST(Envelope, ALongChainOfReferencesIsFollowedWithoutRecursion) {
  nlohmann::json schema = {{"$ref", "#/x/0"}, {"x", nlohmann::json::array()}};
  constexpr int kLinks = 5000;
  for (int i = 0; i < kLinks; ++i) schema["x"].push_back({{"$ref", Cat("#/x/", (i + 1) % kLinks)}});
  const nlohmann::json composed = nlohmann::json::parse(Compose(schema.dump()));
  EXPECT_EQ(composed["properties"]["data"]["x"][kLinks - 1]["$ref"], "#/properties/data/x/0");
}

}  // namespace
}  // namespace sluice::core
