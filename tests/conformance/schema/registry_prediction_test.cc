// What Predict says of Apicurio, against the running server: every disagreement is printed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "agent/registry/http.h"
#include "agent/registry/messages.h"
#include "common/core/compile.h"
#include "common/schema/predict.h"
#include "common/schema/predict_cases.h"
#include "tests/conformance/schema/product_edits.h"
#include "tests/support/dev_cluster.h"

namespace sluice::testing {
namespace {

using agent::registry::Request;
using agent::registry::Response;
using schema::Json;
using schema::Level;
using schema::Predicted;
using schema::RegistryKind;

constexpr const char* kDraft7 = "http://json-schema.org/draft-07/schema#";

// A subject for one question, gone afterwards.
class Subject {
 public:
  Subject(agent::registry::Http& http, std::string name) : http_(http), name_(std::move(name)) {}

  ~Subject() {
    for (const char* how : {"", "?permanent=true"}) (void)Do({"DELETE", "/subjects/" + name_ + how, ""});
    (void)Do({"DELETE", "/config/" + name_, ""});
  }
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  Response Register(const Json& schema) {
    return Do({"POST", "/subjects/" + name_ + "/versions",
               agent::registry::SchemaBody({name_, "JSON", schema.ToString(), ""})});
  }

  void SetLevel(Level level) {
    const Response set =
        Do({"PUT", "/config/" + name_, agent::registry::LevelBody(std::string(LevelName(level)))});
    EXPECT_EQ(set.code, 200) << set.body;
  }

 private:
  Response Do(const Request& request) {
    // Once: an answer of 500 is what we ask for.
    const absl::StatusOr<Response> response = http_.Do(request, agent::registry::Effort::kOnce);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : Response{};
  }

  agent::registry::Http& http_;
  const std::string name_;
};

class RegistryPrediction : public ::testing::Test {
 protected:
  // What the server does with `proposed` after `retained`.
  Response Truth(Level level, const std::vector<Json>& retained, const Json& proposed) {
    Subject subject(http_, UniqueName("prediction-"));
    for (const Json& version : retained) {
      if (Response refused = subject.Register(version); refused.code != 200) return refused;
    }
    subject.SetLevel(level);
    return subject.Register(proposed);
  }

  static Predicted Meaning(const Response& response) {
    return response.code == 200   ? Predicted::kCompatible
           : response.code == 409 ? Predicted::kIncompatible
                                  : Predicted::kRefused;
  }

  // Whether they agree; prints it when they do not.
  bool Agrees(const std::string& name, Level level, const std::vector<Json>& retained, const Json& proposed) {
    ++asked_;
    const schema::Prediction said = Predict(RegistryKind::kApicurio, level, retained, proposed);
    const Response truth = Truth(level, retained, proposed);
    if (Meaning(truth) == said.answer) return true;
    std::printf("%s at %s\n  predicted %s\n  answered %d %s\n", name.c_str(),
                std::string(LevelName(level)).c_str(), (InWords(said) + ": " + said.reason).c_str(),
                truth.code, truth.body.c_str());
    for (const Json& version : retained) std::printf("  old %s\n", version.ToString().c_str());
    std::printf("  new %s\n", proposed.ToString().c_str());
    ++disagreed_;
    return false;
  }

  void ExpectAgreement() {
    std::printf("%d of %d answers as predicted\n", asked_ - disagreed_, asked_);
    EXPECT_GT(asked_, 0);
    EXPECT_GE((asked_ - disagreed_) * 100, asked_ * 95);
  }

 private:
  static agent::RegistryOptions Options() {
    const DevCluster cluster = UseDevCluster();
    agent::RegistryOptions options;
    options.url = cluster.registry_url;
    options.ca_file = cluster.ca_file;
    options.request_timeout = std::chrono::seconds(30);
    return options;
  }

  agent::registry::Http http_{Options()};
  int asked_ = 0;
  int disagreed_ = 0;
};

Json Composed(const Json& data) {
  core::Schema product;
  product.text = data.ToString();
  const absl::StatusOr<Json> composed = schema::ParseJson(core::ComposeSubjectSchema(product));
  EXPECT_TRUE(composed.ok()) << composed.status();
  return composed.ok() ? *composed : Json();
}

Json AddedTitle(const Json& schema) {
  Json::Object members = schema.object();
  members.emplace_back("title", "another title");
  return Json(std::move(members));
}

TEST_F(RegistryPrediction, TheGoldenCasesAreWhatTheServerSays) {
  for (const schema::PredictCase& each : schema::ReadPredictCases()) {
    if (each.registry != RegistryKind::kApicurio) continue;
    EXPECT_TRUE(Agrees(each.name, each.level, each.retained, each.proposed));
  }
}

TEST_F(RegistryPrediction, EditsOfProductSchemas) {
  for (const ProductEdit& edit : MakeProductEdits(kDraft7, 60, 1)) {
    for (Level level : {Level::kBackward, Level::kForward})
      Agrees(edit.name, level, {edit.before}, edit.after);
  }
  ExpectAgreement();
}

// What is registered: the envelope around the data.
TEST_F(RegistryPrediction, EditsOfComposedSubjects) {
  const std::vector<ProductEdit> edits = MakeProductEdits(kDraft7, 40, 2);
  for (const ProductEdit& edit : edits) {
    for (Level level : {Level::kBackward, Level::kForward, Level::kFull}) {
      Agrees(edit.name, level, {Composed(edit.before)}, Composed(edit.after));
    }
  }
  ExpectAgreement();
}

// Three versions of one product, then a fourth: the newest alone counts, or all do.
TEST_F(RegistryPrediction, SeveralRetainedVersions) {
  for (uint64_t seed = 10; seed < 18; ++seed) {
    const std::vector<ProductEdit> edits = MakeProductEdits(kDraft7, 1, seed);
    const std::vector<Json> retained = {edits[0].before, AddedTitle(edits[0].before), edits[0].after};
    const Json proposed = AddedTitle(edits[0].after);
    for (Level level :
         {Level::kForward, Level::kForwardTransitive, Level::kBackward, Level::kBackwardTransitive}) {
      Agrees(edits[0].name, level, retained, proposed);
    }
  }
  ExpectAgreement();
}

TEST_F(RegistryPrediction, Draft2020IsRefusedOnceThereIsAVersion) {
  for (const ProductEdit& edit : MakeProductEdits("https://json-schema.org/draft/2020-12/schema", 5, 4)) {
    EXPECT_TRUE(Agrees(edit.name, Level::kForward, {Composed(edit.before)}, Composed(edit.after)));
    EXPECT_TRUE(Agrees(edit.name, Level::kNone, {Composed(edit.before)}, Composed(edit.after)));
  }
}

}  // namespace
}  // namespace sluice::testing
