#include "common/schema/predict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include "common/schema/predict_cases.h"

namespace sluice::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kDialect = R"("$schema":"http://json-schema.org/draft-07/schema#")";

Json Parsed(const std::string& text) {
  absl::StatusOr<Json> json = ParseJson(text);
  EXPECT_TRUE(json.ok()) << json.status();
  return json.ok() ? *std::move(json) : Json();
}

Json Draft7(const std::string& members) { return Parsed("{" + std::string(kDialect) + "," + members + "}"); }

Prediction Ask(RegistryKind registry, Level level, const Json& old, const Json& proposed) {
  return Predict(registry, level, std::array{old}, proposed);
}

TEST(Predict, GoldenCases) {
  const std::vector<PredictCase> cases = ReadPredictCases();
  EXPECT_GT(cases.size(), 80u);
  for (const PredictCase& each : cases) {
    const Prediction prediction = Predict(each.registry, each.level, each.retained, each.proposed);
    EXPECT_EQ(InWords(prediction), each.expected)
        << each.name << ", " << (each.registry == RegistryKind::kApicurio ? "apicurio " : "confluent ")
        << LevelName(each.level) << ": " << prediction.reason;
    EXPECT_EQ(prediction.reason.empty(), prediction.answer == Predicted::kCompatible) << each.name;
  }
}

TEST(Predict, LevelsHaveNames) {
  for (const char* name : {"NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL",
                           "FULL_TRANSITIVE"}) {
    ASSERT_TRUE(ParseLevel(name)) << name;
    EXPECT_EQ(LevelName(*ParseLevel(name)), name);
  }
  EXPECT_FALSE(ParseLevel("forward"));
}

TEST(Predict, AFirstVersionHasNothingToBeCompatibleWith) {
  for (RegistryKind registry : {RegistryKind::kConfluentStrict, RegistryKind::kApicurio}) {
    const Prediction prediction = Predict(registry, Level::kFullTransitive, {}, Draft7(R"("type":"object")"));
    EXPECT_EQ(prediction.answer, Predicted::kCompatible) << prediction.reason;
  }
}

TEST(Predict, OtherRegistriesAreUnknown) {
  const Json schema = Draft7(R"("type":"object")");
  EXPECT_EQ(Ask(RegistryKind::kOther, Level::kNone, schema, schema).answer, Predicted::kUnknown);
}

TEST(Predict, ReasonsSayWhoCannotReadWhat) {
  const Json old = Draft7(R"("properties":{"n":{"maximum":9}})"),
             proposed = Draft7(R"("properties":{"n":{"maximum":5}})");
  EXPECT_EQ(Ask(RegistryKind::kConfluentStrict, Level::kBackward, old, proposed).reason,
            "messages of version 1 of 1 retained would not all be readable with this schema: "
            "/properties/n/maximum allows less");
  EXPECT_THAT(Ask(RegistryKind::kApicurio, Level::kForward, proposed, old).reason,
              HasSubstr("messages of this schema would not all be readable with version 1 of 1 retained"));
}

TEST(Predict, WaysOutOfARefusal) {
  const Json old = Draft7(R"("properties":{"a":{"type":"string"},"b":{"type":"string"}})");
  const Json proposed = Draft7(R"("properties":{"a":{"type":"string"}})");
  for (RegistryKind registry : {RegistryKind::kConfluentStrict, RegistryKind::kApicurio}) {
    EXPECT_THAT(AcceptingLevels(registry, Level::kForwardTransitive, std::array{old}, proposed),
                ElementsAre(Level::kBackwardTransitive, Level::kBackward, Level::kNone));
    EXPECT_THAT(WaysOut(registry, Level::kForwardTransitive, std::array{old}, proposed),
                ElementsAre(HasSubstr("BACKWARD_TRANSITIVE instead of FORWARD_TRANSITIVE"),
                            HasSubstr("BACKWARD instead"), HasSubstr("new major version")));
    EXPECT_THAT(WaysOut(registry, Level::kBackward, std::array{old}, proposed), IsEmpty());
  }
}

TEST(Predict, NoneIsAWayOutOnlyWhenNothingElseIs) {
  const Json old = Draft7(R"("properties":{"a":{"type":"string"}})");
  const Json proposed = Draft7(R"("properties":{"a":{"type":"integer"}})");
  EXPECT_THAT(WaysOut(RegistryKind::kConfluentStrict, Level::kFull, std::array{old}, proposed),
              ElementsAre(HasSubstr("NONE instead of FULL"), HasSubstr("new major version")));
}

TEST(Predict, NoWayLeadsOutOfASchemaThatTheRegistryDoesNotTake) {
  const Json old = Draft7(R"("properties":{})"), proposed = Parsed(R"({"type":"object"})");
  EXPECT_EQ(Ask(RegistryKind::kApicurio, Level::kBackward, old, proposed).registry_code, 42201);
  EXPECT_THAT(WaysOut(RegistryKind::kApicurio, Level::kBackward, std::array{old}, proposed), IsEmpty());
}

TEST(Predict, AReferenceElsewhereIsUnknown) {
  const Json old = Draft7(R"("properties":{})");
  const Json proposed = Draft7(R"("properties":{"a":{"$ref":"https://example.com/a.json"}})");
  for (RegistryKind registry : {RegistryKind::kConfluentStrict, RegistryKind::kApicurio}) {
    const Prediction prediction = Ask(registry, Level::kBackward, old, proposed);
    EXPECT_EQ(prediction.answer, Predicted::kUnknown);
    EXPECT_THAT(prediction.reason, HasSubstr("https://example.com/a.json"));
  }
}

std::string Repeated(const std::string& item, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += (i == 0 ? "" : ",") + item;
  return text;
}

// Neither a crash nor a long wait: an answer, if only that it is too much.
void ExpectAnAnswer(const Json& old, const Json& proposed) {
  for (RegistryKind registry : {RegistryKind::kConfluentStrict, RegistryKind::kApicurio}) {
    const Prediction prediction = Ask(registry, Level::kFull, old, proposed);
    EXPECT_EQ(prediction.reason.empty(), prediction.answer == Predicted::kCompatible);
  }
}

TEST(PredictHostile, TenThousandBranches) {
  std::string old, proposed;
  for (int i = 0; i < 10'000; ++i) {
    const std::string comma = i == 0 ? "" : ",";
    old += comma + R"({"const":)" + std::to_string(i) + "}";
    proposed += comma + R"({"minimum":)" + std::to_string(i) + "}";
  }
  ExpectAnAnswer(Draft7(R"("oneOf":[)" + old + "]"), Draft7(R"("oneOf":[)" + proposed + "]"));
}

TEST(PredictHostile, EqualBranchesAreManyTimesTheSame) {
  const std::string branches = Repeated(R"({"type":"string"})", 10'000);
  ExpectAnAnswer(Draft7(R"("anyOf":[)" + branches + "]"),
                 Draft7(R"("anyOf":[)" + branches + R"(,{"type":"null"}])"));
}

TEST(PredictHostile, AsDeepAsDocumentsAre) {
  for (const char* keyword : {"not", "if", "items", "additionalProperties"}) {
    std::string old = R"({"type":"string"})", proposed = R"({"type":"integer"})";
    for (int i = 0; i < 250; ++i) {
      old = std::string(R"({")") + keyword + "\":" + old + "}";
      proposed = std::string(R"({")") + keyword + "\":" + proposed + "}";
    }
    ExpectAnAnswer(Draft7(R"("not":)" + old), Draft7(R"("not":)" + proposed));
  }
}

TEST(PredictHostile, CyclesOfReferencesOfDifferentLength) {
  const auto cycle = [](int length) {
    std::string definitions;
    for (int i = 0; i < length; ++i) {
      definitions += (i == 0 ? "\"d" : ",\"d") + std::to_string(i) +
                     R"(":{"items":{"$ref":"#/definitions/d)" + std::to_string((i + 1) % length) + "\"}}";
    }
    return Draft7(R"("items":{"$ref":"#/definitions/d0"},"definitions":{)" + definitions + "}");
  };
  ExpectAnAnswer(cycle(97), cycle(101));
}

TEST(PredictHostile, ReferencesToThemselves) {
  const Json self = Draft7(R"("$ref":"#")"),
             pair = Draft7(R"("allOf":[{"$ref":"#/allOf/1"},{"$ref":"#/allOf/0"}])");
  ExpectAnAnswer(self, pair);
  ExpectAnAnswer(pair, self);
}

TEST(PredictHostile, EveryBranchLeadsBackToAll) {
  const auto tangle = [](const std::string& last) {
    return Draft7(R"("definitions":{"n":{"anyOf":[)" +
                  Repeated(R"({"items":{"$ref":"#/definitions/n"}})", 1) + "," +
                  R"({"not":{"$ref":"#/definitions/n"}},{"if":{"$ref":"#/definitions/n"}},)" + last +
                  R"(]}},"properties":{"a":{"$ref":"#/definitions/n"}})");
  };
  ExpectAnAnswer(tangle(R"({"type":"string"})"), tangle(R"({"type":"integer"})"));
}

TEST(PredictHostile, ExpressionsThatBacktrack) {
  std::string patterns, names;
  for (int i = 0; i < 500; ++i) {
    const std::string comma = i == 0 ? "" : ",";
    patterns += comma + R"("(a+)+b)" + std::to_string(i) + R"(":{"type":"string"})";
    names += comma + '"' + std::string(60, 'a') + std::to_string(i) + R"(":{"type":"string"})";
  }
  ExpectAnAnswer(Draft7(R"("patternProperties":{)" + patterns + "}"),
                 Draft7(R"("properties":{)" + names + R"(},"patternProperties":{)" + patterns + "}"));
}

TEST(PredictHostile, BigEnumerationsAndManyVersions) {
  std::string values;
  for (int i = 0; i < 10'000; ++i) values += (i == 0 ? "" : ",") + std::to_string(i);
  const Json big = Draft7(R"("properties":{"a":{"enum":[)" + values + "]}}");
  const std::vector<Json> retained(40, big);
  const Json proposed = Draft7(R"("properties":{"a":{"enum":[)" + values + R"(,"x"]}})");
  const Prediction prediction =
      Predict(RegistryKind::kApicurio, Level::kBackwardTransitive, retained, proposed);
  EXPECT_NE(prediction.answer, Predicted::kIncompatible) << prediction.reason;
}

// What the engines of Confluent answered (../shared/corpora beside the repository).
TEST(PredictCorpus, AgreesWithConfluent) {
  const std::filesystem::path path =
      std::filesystem::path(SLUICE_SOURCE_DIR) / "../shared/corpora/json-compat/pairs.jsonl";
  std::ifstream file(path);
  if (!file) GTEST_SKIP() << "no corpus beside the repository";
  std::array<int, 2> agreed = {0, 0};
  int pairs = 0;
  for (std::string line; std::getline(file, line); ++pairs) {
    const Json pair = Parsed(line);
    const Json& recorded = *pair.Find("engines")->Find("confluent_strict");
    for (size_t i = 0; i < 2; ++i) {
      const Prediction said = Ask(RegistryKind::kConfluentStrict, i == 0 ? Level::kBackward : Level::kForward,
                                  *pair.Find("old"), *pair.Find("new"));
      const Json& truth = *recorded.Find(i == 0 ? "backward" : "forward");  // null: the engine failed
      const Predicted expected = truth.is_null()   ? Predicted::kRefused
                                 : truth.boolean() ? Predicted::kCompatible
                                                   : Predicted::kIncompatible;
      agreed[i] += said.answer == expected ? 1 : 0;
      if (said.answer != expected) {
        std::printf("%s %s: recorded %s, predicted %s %s\n", i == 0 ? "backward" : "forward",
                    pair.Find("id")->string().c_str(), truth.ToString().c_str(),
                    std::string(PredictedName(said.answer)).c_str(), said.reason.c_str());
      }
    }
  }
  EXPECT_GT(pairs, 500);
  EXPECT_GE(agreed[0] * 100, pairs * 95) << "backward";
  EXPECT_GE(agreed[1] * 100, pairs * 95) << "forward";
  std::printf("agreement with Confluent: backward %d, forward %d of %d\n", agreed[0], agreed[1], pairs);
}

}  // namespace
}  // namespace sluice::schema
