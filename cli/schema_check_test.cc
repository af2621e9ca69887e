// schema check, and what plans show of schemas.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/testing.h"

namespace sluice::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kManifest[] =
    "kind: DataProduct\nname: a.b\nversions:\n- major: 1\n  streams: [{suffix: events}]\n";
constexpr char kGrant[] = "a.b/mobile";

v1::SchemaImpact* AddImpact(const std::string& application, v1::SchemaImpact::Effect effect,
                            v1::SchemaChange& change) {
  v1::SchemaImpact* impact = change.add_impacts();
  impact->set_grant("a.b/" + application);
  impact->set_application(application);
  impact->set_effect(effect);
  return impact;
}

// The field `quantity` goes away: mobile breaks, plan goes on.
v1::SchemaChange Breaking() {
  v1::SchemaChange change;
  change.set_resource("dataproduct/a.b");
  change.set_major(1);
  change.set_class_(v1::CHANGE_CLASS_BREAKING);
  change.add_reasons("the required field quantity is removed");
  v1::SchemaImpact* impact = AddImpact("mobile", v1::SchemaImpact::EFFECT_BREAKS, change);
  impact->set_reason("quantity is missing");
  impact->set_witness(R"({"unit":"kg"})");
  AddImpact("plan", v1::SchemaImpact::EFFECT_NONE, change);
  change.set_consumers_broken(1);
  change.set_consumers_total(41);
  v1::SchemaVerdict* verdict = change.add_verdicts();
  verdict->set_direction(v1::SCHEMA_DIRECTION_FORWARD);
  verdict->set_reading(v1::SCHEMA_READING_CLOSED);
  verdict->set_answer(v1::SCHEMA_ANSWER_INCOMPATIBLE);
  v1::SchemaEdit* edit = change.add_edits();
  edit->set_kind("required-field-removed");
  edit->set_field("/data/quantity");
  edit->set_class_(v1::CHANGE_CLASS_BREAKING);
  edit->set_reason("consumers that use it find nothing");
  change.set_edit_count(1);
  v1::SchemaBreak* found = change.add_breaks();
  found->set_kind("required-field-removed");
  found->set_direction(v1::SCHEMA_DIRECTION_FORWARD);
  found->set_reading(v1::SCHEMA_READING_CLOSED);
  found->set_reason("quantity is missing");
  found->set_witness(R"({"unit":"kg"})");
  v1::RegistryPrediction* prediction = change.add_predictions();
  prediction->set_registry("confluent-strict");
  prediction->set_level("FORWARD_TRANSITIVE");
  prediction->set_answer(v1::SCHEMA_ANSWER_INCOMPATIBLE);
  prediction->set_reason("not readable with version 1");
  prediction->add_ways_out("declare a new major version");
  return change;
}

class SchemaCheck : public ::testing::Test {
 protected:
  SchemaCheck() {
    bench.server.propose = [this](grpc::ServerContext*, const v1::ProposeChangeRequest& request,
                                  v1::ProposeChangeResponse* response) {
      EXPECT_TRUE(request.validate_only());
      EXPECT_FALSE(request.justification().empty()) << "breaking changes ask for one";
      if (!proposed.resource().empty()) *response->add_changes()->add_schema_changes() = proposed;
      return grpc::Status::OK;
    };
    bench.grants.get = [](grpc::ServerContext*, const v1::GetGrantRequest& request, v1::Grant* grant) {
      if (request.name() != kGrant)
        return grpc::Status(grpc::StatusCode::NOT_FOUND, "there is no grant " + request.name());
      grant->set_name(request.name());
      return grpc::Status::OK;
    };
    bench.server.list_changes = [this](grpc::ServerContext*, const v1::ListChangesRequest& request,
                                       v1::ListChangesResponse* response) {
      EXPECT_EQ(request.resource(), "dataproduct/a.b");
      if (!waiting.name().empty()) response->add_changes()->set_name(waiting.name());
      return grpc::Status::OK;
    };
    bench.server.get_change = [this](grpc::ServerContext*, const v1::GetChangeRequest& request,
                                     v1::Change* change) {
      EXPECT_EQ(request.name(), waiting.name());
      *change = waiting;
      return grpc::Status::OK;
    };
  }
  Ran CheckFile(const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"schema", "check", "-f", "-"};
    words.insert(words.end(), more.begin(), more.end());
    return bench.Run(words, kManifest);
  }
  Ran CheckGrant(const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"schema", "check", "--grant", kGrant};
    words.insert(words.end(), more.begin(), more.end());
    return bench.Run(words);
  }
  void Wait(const v1::SchemaChange& schema) {
    waiting = Waiting();
    waiting.set_author("Pia");
    *waiting.add_schema_changes() = schema;
  }

  Bench bench;
  v1::SchemaChange proposed;
  v1::Change waiting;
};

TEST_F(SchemaCheck, TheVerdictDecidesTheExitCode) {
  Ran ran = CheckFile();
  EXPECT_EQ(ran.code, kDone) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("no schema of a released version changes"));
  proposed = Breaking();
  ran = CheckFile();
  EXPECT_EQ(ran.code, kFailed);
  EXPECT_THAT(ran.out, HasSubstr("schema of a.b v1  BREAKING: 1 of 41 consumers breaks\n"));
  EXPECT_THAT(ran.out, HasSubstr("mobile breaks: quantity is missing\n      message {\"unit\":\"kg\"}\n"));
  EXPECT_THAT(ran.out, HasSubstr("as before: plan\n"));
  EXPECT_THAT(
      ran.out,
      HasSubstr("BREAKING required-field-removed /data/quantity: consumers that use it find nothing"));
  EXPECT_THAT(ran.out, HasSubstr("proof, forward: quantity is missing\n      message {\"unit\":\"kg\"}\n"));
  EXPECT_THAT(ran.out,
              HasSubstr("registry confluent-strict at FORWARD_TRANSITIVE: will refuse it: not readable"));
  EXPECT_THAT(ran.out, HasSubstr("way out: declare a new major version"));
  proposed.set_class_(v1::CHANGE_CLASS_COORDINATED);
  EXPECT_EQ(CheckFile().code, kHasChanges);
  proposed.set_class_(v1::CHANGE_CLASS_COMPATIBLE);
  EXPECT_EQ(CheckFile().code, kDone);
}

TEST_F(SchemaCheck, JsonHasEverything) {
  proposed = Breaking();
  const Ran ran = CheckFile({"-o", "json"});
  EXPECT_EQ(ran.code, kFailed);
  EXPECT_EQ(ran.out.find('['), 0u);
  EXPECT_THAT(ran.out, HasSubstr("\"consumers_broken\": 1"));
  EXPECT_THAT(ran.out, HasSubstr("\"effect\": \"BREAKS\""));
  EXPECT_EQ(CheckFile({"-o", "name"}).out, "dataproduct/a.b v1\n");
}

TEST_F(SchemaCheck, AnInvalidManifestIsNoVerdict) {
  EXPECT_EQ(bench.Run({"schema", "check", "-f", "-"}, "kind: DataProduct\nnmae: x\n").code, kInvalid);
  EXPECT_EQ(bench.Run({"schema", "check"}).code, kInvalid);
  EXPECT_EQ(bench.Run({"schema", "check", "-f", "-", "--grant", kGrant}, kManifest).code, kInvalid);
}

TEST_F(SchemaCheck, AConsumerFailsWhileAChangeWouldBreakIt) {
  Ran ran = CheckGrant();
  EXPECT_EQ(ran.code, kDone) << ran.err;
  EXPECT_EQ(ran.out, "no waiting change breaks a.b/mobile\n");
  Wait(Breaking());
  ran = CheckGrant();
  EXPECT_EQ(ran.code, kFailed);
  EXPECT_THAT(ran.out, HasSubstr("C-41 by Pia would break a.b/mobile, version 1: quantity is missing\n"));
  EXPECT_THAT(ran.out, HasSubstr("message {\"unit\":\"kg\"}"));
  EXPECT_THAT(CheckGrant({"-o", "json"}).out, HasSubstr("\"name\": \"C-41\""));
  EXPECT_EQ(CheckGrant({"-o", "json"}).code, kFailed);
}

TEST_F(SchemaCheck, WhatBreaksOthersIsNoReasonToFail) {
  v1::SchemaChange change = Breaking();
  change.mutable_impacts(0)->set_effect(v1::SchemaImpact::EFFECT_NONE);
  change.mutable_impacts(1)->set_effect(v1::SchemaImpact::EFFECT_BREAKS);
  Wait(change);
  EXPECT_EQ(CheckGrant().code, kDone);
}

TEST_F(SchemaCheck, WhoMustLookIsToldAndDoesNotFail) {
  v1::SchemaChange change = Breaking();
  change.mutable_impacts(0)->set_effect(v1::SchemaImpact::EFFECT_UNDECIDED);
  Wait(change);
  const Ran ran = CheckGrant();
  EXPECT_EQ(ran.code, kDone);
  EXPECT_THAT(ran.out, HasSubstr("concerns a.b/mobile"));
  EXPECT_THAT(ran.out, HasSubstr("no waiting change breaks a.b/mobile"));
}

TEST_F(SchemaCheck, AChangeOfMeaningBreaksWithoutAMessage) {
  v1::SchemaChange change = Breaking();
  change.mutable_impacts(0)->set_effect(v1::SchemaImpact::EFFECT_CONCERNED);
  Wait(change);
  EXPECT_EQ(CheckGrant().code, kFailed);
  waiting.mutable_schema_changes(0)->set_class_(v1::CHANGE_CLASS_COORDINATED);
  EXPECT_EQ(CheckGrant().code, kDone);
}

TEST_F(SchemaCheck, AnUnknownGrantDoesNotPass) {
  const Ran ran = bench.Run({"schema", "check", "--grant", "a.b/mobil"});
  EXPECT_EQ(ran.code, kFailed);
  EXPECT_THAT(ran.err, HasSubstr("there is no grant a.b/mobil"));
}

TEST_F(SchemaCheck, PlansShowTheVerdictInShortAndChangesInFull) {
  Wait(Breaking());
  const Ran described = bench.Run({"describe", "change", "C-41"});
  EXPECT_THAT(described.out, HasSubstr("proof, forward"));
  const Ran explained = bench.Run({"explain", "change", "C-41"});
  EXPECT_THAT(explained.out, HasSubstr("schema of version 1: BREAKING: 1 of 41 consumers breaks"));
  EXPECT_THAT(explained.out, HasSubstr("mobile: quantity is missing; proof: {\"unit\":\"kg\"}"));
  EXPECT_THAT(explained.out, HasSubstr("registry confluent-strict will refuse it"));
  bench.server.propose = [this](grpc::ServerContext*, const v1::ProposeChangeRequest&,
                                v1::ProposeChangeResponse* response) {
    *response->add_changes() = waiting;
    return grpc::Status::OK;
  };
  const Ran applied = bench.Run({"apply", "-f", "-"}, kManifest);
  EXPECT_THAT(applied.out, HasSubstr("BREAKING: 1 of 41 consumers breaks"));
  EXPECT_THAT(applied.out, HasSubstr("mobile breaks: quantity is missing"));
  EXPECT_THAT(applied.out, HasSubstr("will refuse it"));
  EXPECT_THAT(applied.out, Not(HasSubstr("proof, forward")));
}

}  // namespace
}  // namespace sluice::cli
