// apply, diff, delete, wait against a control plane that answers as the test says: what is printed, what is
// sent, how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/testing.h"

namespace sluice::cli {
namespace {

using ::testing::HasSubstr;

constexpr char kProduct[] = R"(kind: DataProduct
name: f-and-r.demand-forecast
category: forcast
owners: [app:plan]
versions:
- major: 1
  streams:
  - {suffix: v2}
)";

v1::Finding Error(int edit, const std::string& field, const std::string& message, const std::string& remedy) {
  v1::Finding finding;
  finding.set_severity(v1::SEVERITY_ERROR);
  finding.set_edit(edit);
  finding.set_field(field);
  finding.set_message(message);
  finding.set_remedy(remedy);
  return finding;
}

grpc::Status Refuse(grpc::ServerContext* context, const v1::FindingList& list) {
  context->AddTrailingMetadata("sluice-findings-bin", list.SerializeAsString());
  return {grpc::StatusCode::INVALID_ARGUMENT, "refused"};
}

TEST(Apply, PrintsEveryFindingWithItsPlaceAndTheServersWordsOnWhatParsed) {
  Bench bench;
  bench.server.propose = [](grpc::ServerContext* context, const v1::ProposeChangeRequest& request,
                            v1::ProposeChangeResponse*) {
    v1::FindingList list;
    *list.add_findings() = Error(0, "versions[0].streams[0].suffix",
                                 "a suffix never looks like a version (v2)", "choose another");
    *list.add_findings() = Error(0, "category", "unknown category 'forcast'", "did you mean 'forecast'?");
    list.set_total(2);
    return Refuse(context, list);
  };
  Ran ran = bench.Run({"apply", "-f", "-"}, kProduct);
  EXPECT_EQ(ran.code, kInvalid);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(
      ran.err,
      "<stdin>:3:1: category: unknown category 'forcast'; did you mean 'forecast'?\n"
      "<stdin>:8:6: versions[0].streams[0].suffix: a suffix never looks like a version (v2); choose another\n"
      "error: 2 problems; nothing was changed\n");
}

TEST(Apply, ProblemsOfSomeDocumentsAndFindingsOfTheOthersComeTogether) {
  Bench bench;
  bool stored = false;
  bench.server.propose = [&](grpc::ServerContext*, const v1::ProposeChangeRequest& request,
                             v1::ProposeChangeResponse* response) {
    stored = stored || !request.validate_only();
    *response->add_findings() = Error(0, "owners", "'owners' is missing", "say 'owners'");
    response->mutable_findings(0)->set_rule("required");
    *response->add_findings() =
        Error(1, "category", "unknown category 'forcast'", "did you mean 'forecast'?");
    return grpc::Status::OK;
  };
  Ran ran = bench.Run({"apply", "-f", "-"},
                      std::string("kind: Domain\nname: f-and-r\nowner: [group:a]\n---\n") + kProduct);
  EXPECT_EQ(ran.code, kInvalid);
  EXPECT_FALSE(stored);
  EXPECT_EQ(ran.err,
            "<stdin>:3:1: unknown key 'owner'; did you mean 'owners'?\n"
            "<stdin>:7:1: category: unknown category 'forcast'; did you mean 'forecast'?\n"
            "error: 2 problems; nothing was changed\n");
}

TEST(Apply, FindingsThatWereCutAreAskedForAgain) {
  Bench bench;
  bench.server.propose = [](grpc::ServerContext* context, const v1::ProposeChangeRequest& request,
                            v1::ProposeChangeResponse* response) {
    v1::FindingList list;
    for (int i = 0; i < 300; ++i)
      *list.add_findings() = Error(0, "", "problem " + std::to_string(i), "mend it");
    if (request.validate_only()) {
      *response->mutable_findings() = list.findings();
      return grpc::Status::OK;
    }
    list.set_total(300);
    list.mutable_findings()->DeleteSubrange(3, 297);
    return Refuse(context, list);
  };
  Ran ran = bench.Run({"apply", "-f", "-"}, kProduct);
  EXPECT_EQ(ran.code, kInvalid);
  EXPECT_THAT(ran.err, HasSubstr("problem 299"));
  EXPECT_THAT(ran.err, HasSubstr("error: 300 problems; nothing was changed\n"));
}

TEST(Apply, PrintsPlanNeedsAndWhatComesNext) {
  Bench bench;
  v1::ProposeChangeRequest sent;
  bench.server.propose = [&](grpc::ServerContext*, const v1::ProposeChangeRequest& request,
                             v1::ProposeChangeResponse* response) {
    sent = request;
    *response->add_changes() = Waiting();
    response->add_unchanged("domain/f-and-r");
    return grpc::Status::OK;
  };
  Ran ran = bench.Run({"apply", "-f", "-", "--justification", "because"}, kProduct);
  EXPECT_EQ(ran.code, kWaiting) << ran.err;
  EXPECT_EQ(ran.out,
            "C-41  f-and-r.demand-forecast new                                          NEW_PRODUCT\n"
            "  eu-prod  2 topics   2 subjects   5 ACLs   ACLs 9,572 → 9,577 of 10,000\n"
            "  us-prod  1 topic                          last seen 3 h ago: an old observation\n"
            "  needs    group:ii-sig and group:fr-leads  rule new-product\n"
            "           not you: you are the author\n"
            "1 unchanged · C-41 waits\n"
            "Next: sluice wait C-41          an approver runs: sluice approve C-41\n");
  EXPECT_EQ(sent.edits_size(), 1);
  EXPECT_EQ(sent.edits(0).resource().data_product().name(), "f-and-r.demand-forecast");
  EXPECT_EQ(sent.justification(), "because");
  EXPECT_EQ(sent.request_id().size(), 32u);
  EXPECT_FALSE(sent.validate_only());
  EXPECT_EQ(bench.Run({"apply", "-f", "-", "--pending-ok"}, kProduct).code, kDone);
}

TEST(Apply, RepeatsWithTheSameRequestIdWhenTheServerIsAway) {
  Bench bench;
  std::vector<std::string> ids;
  bench.server.propose = [&](grpc::ServerContext*, const v1::ProposeChangeRequest& request,
                             v1::ProposeChangeResponse*) {
    ids.push_back(request.request_id());
    return ids.size() < 3 ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "restarting") : grpc::Status::OK;
  };
  Ran ran = bench.Run({"apply", "-f", "-"}, kProduct);
  EXPECT_EQ(ran.code, kDone) << ran.err;
  ASSERT_EQ(ids.size(), 3u);
  EXPECT_EQ(ids[0], ids[2]);
  EXPECT_EQ(ran.out, "nothing to do\n");
}

TEST(Apply, AServerThatStaysAwayIsExitCode6) {
  Bench bench;
  bench.server.propose = [](grpc::ServerContext*, const v1::ProposeChangeRequest&,
                            v1::ProposeChangeResponse*) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "connection refused");
  };
  Ran ran = bench.Run({"apply", "-f", "-"}, kProduct);
  EXPECT_EQ(ran.code, kUnreachable);
  EXPECT_THAT(ran.err, HasSubstr("error: cannot reach test: connection refused\n"));
}

TEST(Apply, OtherRefusalsKeepTheirCode) {
  Bench bench;
  grpc::Status answer;
  bench.server.propose = [&](grpc::ServerContext*, const v1::ProposeChangeRequest&,
                             v1::ProposeChangeResponse*) { return answer; };
  answer = {grpc::StatusCode::ABORTED, "the etag is stale"};
  EXPECT_EQ(bench.Run({"apply", "-f", "-"}, kProduct).code, kFailed);
  answer = {grpc::StatusCode::PERMISSION_DENIED, "not yours"};
  EXPECT_EQ(bench.Run({"apply", "-f", "-"}, kProduct).code, kDenied);
  answer = {grpc::StatusCode::INVALID_ARGUMENT, "a resource occurs once"};
  Ran ran = bench.Run({"apply", "-f", "-"}, kProduct);
  EXPECT_EQ(ran.code, kInvalid);
  EXPECT_THAT(ran.err, HasSubstr("error: a resource occurs once\n"));
}

TEST(Apply, ManyEditsGoInRequestsOf5000) {
  Bench bench;
  std::vector<int> sizes;
  bench.server.propose = [&](grpc::ServerContext*, const v1::ProposeChangeRequest& request,
                             v1::ProposeChangeResponse*) {
    sizes.push_back(request.edits_size());
    return grpc::Status::OK;
  };
  std::string text;
  for (int i = 0; i < 5001; ++i) text += "---\nkind: Category\nname: c" + std::to_string(i) + "\n";
  EXPECT_EQ(bench.Run({"apply", "-f", "-"}, text).code, kDone);
  EXPECT_THAT(sizes, testing::ElementsAre(5000, 1));
  EXPECT_EQ(bench.Run({"apply", "-f", "-", "--together"}, text).code, kInvalid);
}

TEST(Apply, WaitsUntilApplied) {
  Bench bench;
  bench.server.propose = [](grpc::ServerContext*, const v1::ProposeChangeRequest&,
                            v1::ProposeChangeResponse* response) {
    *response->add_changes() = Waiting();
    return grpc::Status::OK;
  };
  int calls = 0;
  bench.server.get_change = [&](grpc::ServerContext*, const v1::GetChangeRequest&, v1::Change* change) {
    *change = Waiting();
    if (++calls < 3) return grpc::Status::OK;
    change->set_state(v1::Change::STATE_RELEASED);
    v1::ChangeProgress* progress = change->add_progress();
    progress->set_cluster("eu-prod");
    progress->set_slices(2);
    progress->set_applied(calls < 5 ? 1 : 2);
    return grpc::Status::OK;
  };
  Ran ran = bench.Run({"apply", "-f", "-", "--wait=applied"}, kProduct);
  EXPECT_EQ(ran.code, kDone) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("C-41 applied\n"));
  EXPECT_EQ(calls, 5);
}

TEST(Wait, SaysWhoIsBehindWhenTheTimeIsUp) {
  Bench bench;
  v1::Change answer = Waiting();
  bench.server.get_change = [&](grpc::ServerContext*, const v1::GetChangeRequest&, v1::Change* change) {
    *change = answer;
    return grpc::Status::OK;
  };
  Ran ran = bench.Run({"wait", "C-41", "--timeout", "15s"});
  EXPECT_EQ(ran.code, kWaiting);
  EXPECT_EQ(ran.err, "C-41 waits for group:ii-sig and group:fr-leads\n");
  answer.set_state(v1::Change::STATE_RELEASED);
  v1::ChangeProgress* progress = answer.add_progress();
  progress->set_cluster("eu-prod");
  progress->set_slices(2);
  progress->set_applied(1);
  progress->set_state(v1::SYNC_STATE_BLOCKED);
  progress->set_attention("topic exists");
  ran = bench.Run({"wait", "C-41", "--timeout", "15s"});
  EXPECT_EQ(ran.code, kBehind);
  EXPECT_EQ(ran.err, "C-41 is released; behind: eu-prod 1/2 blocked (topic exists)\n");
  EXPECT_EQ(bench.Run({"wait", "C-41", "--for=approved"}).code, kDone);
  answer.set_state(v1::Change::STATE_REJECTED);
  answer.set_closing_reason("too wide");
  ran = bench.Run({"wait", "C-41"});
  EXPECT_EQ(ran.code, kFailed);
  EXPECT_EQ(ran.err, "error: C-41 is rejected: too wide\n");
}

TEST(Wait, AControlPlaneThatRestartsMeanwhileIsWaitedFor) {
  Bench bench;
  int calls = 0;
  bench.server.get_change = [&](grpc::ServerContext*, const v1::GetChangeRequest&, v1::Change* change) {
    ++calls;
    *change = Waiting();
    if (calls > 1 && calls < 40) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "restarting");
    if (calls >= 40) change->set_state(v1::Change::STATE_RELEASED);
    return grpc::Status::OK;
  };
  Ran ran = bench.Run({"wait", "C-41"});
  EXPECT_EQ(ran.code, kDone) << ran.err;
  calls = 1;
  EXPECT_EQ(bench.Run({"wait", "C-41"}).code, kUnreachable) << "one that never answered is not waited for";
}

TEST(Diff, ShowsStepsAndExitsWith3) {
  Bench bench;
  bool stored = false;
  bench.server.propose = [&](grpc::ServerContext*, const v1::ProposeChangeRequest& request,
                             v1::ProposeChangeResponse* response) {
    stored = stored || !request.validate_only();
    *response->add_changes() = Waiting();
    response->mutable_changes(0)->clear_name();
    response->mutable_changes(0)->set_state(v1::Change::STATE_UNSPECIFIED);
    return grpc::Status::OK;
  };
  Ran ran = bench.Run({"diff", "-f", "-"}, kProduct);
  EXPECT_EQ(ran.code, kHasChanges);
  EXPECT_FALSE(stored);
  EXPECT_THAT(ran.out, HasSubstr("    + topic acme.f-and-r.forecast.demand-forecast.events  1 partition\n"));
  EXPECT_THAT(ran.out, HasSubstr("    ~ config acme.x retention.ms  1 → 2\n"));
  EXPECT_THAT(ran.out, HasSubstr("would make 1 change\n"));
  bench.server.propose = [](grpc::ServerContext*, const v1::ProposeChangeRequest&,
                            v1::ProposeChangeResponse* response) {
    response->add_unchanged("x");
    return grpc::Status::OK;
  };
  EXPECT_EQ(bench.Run({"diff", "-f", "-"}, kProduct).code, kDone);
}

TEST(Delete, NamesTheResourceOnly) {
  Bench bench;
  v1::ProposeChangeRequest sent;
  bench.server.propose = [&](grpc::ServerContext*, const v1::ProposeChangeRequest& request,
                             v1::ProposeChangeResponse*) {
    sent = request;
    return grpc::Status::OK;
  };
  EXPECT_EQ(bench.Run({"delete", "grant", "a.b/c"}).code, kDone);
  ASSERT_EQ(sent.edits_size(), 1);
  EXPECT_EQ(sent.edits(0).action(), v1::Edit::ACTION_DELETE);
  EXPECT_EQ(sent.edits(0).resource().grant().name(), "a.b/c");
  EXPECT_EQ(bench.Run({"delete"}).code, kInvalid);
  EXPECT_EQ(bench.Run({"delete", "topic", "x"}).code, kInvalid);
}

TEST(Recreate, SendsTheTopicsAndWhatIsAccepted) {
  Bench bench;
  v1::ProposeChangeRequest sent;
  bench.server.propose = [&](grpc::ServerContext*, const v1::ProposeChangeRequest& request,
                             v1::ProposeChangeResponse* response) {
    sent = request;
    *response->add_changes() = Waiting();
    return grpc::Status::OK;
  };
  Ran ran = bench.Run({"recreate", "a.b", "--cluster", "eu-prod", "--accept", "ID", "--reason", "deleted by hand"});
  EXPECT_EQ(ran.code, kWaiting) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("    + topic ")) << "its plan is short: every step is shown";
  ASSERT_EQ(sent.recreations_size(), 1);
  EXPECT_EQ(sent.edits_size(), 0);
  EXPECT_EQ(sent.recreations(0).topic(), "a.b");
  EXPECT_EQ(sent.recreations(0).cluster(), "eu-prod");
  EXPECT_EQ(sent.recreations(0).accept_topic_id(), "ID");
  EXPECT_EQ(sent.justification(), "deleted by hand");
  EXPECT_NE(sent.request_id(), "");
  EXPECT_EQ(bench.Run({"recreate", "a", "b", "--cluster", "eu-prod", "--pending-ok"}).code, kDone);
  EXPECT_EQ(sent.recreations_size(), 2);
  EXPECT_EQ(bench.Run({"recreate", "a", "b", "--cluster", "eu-prod", "--accept", "ID"}).code, kInvalid);
  EXPECT_EQ(bench.Run({"recreate", "a"}).code, kInvalid);
}

TEST(Recreate, ARefusalNamesTheTopicAndTheRemedy) {
  Bench bench;
  bench.server.propose = [](grpc::ServerContext* context, const v1::ProposeChangeRequest&,
                            v1::ProposeChangeResponse*) {
    v1::FindingList list;
    *list.add_findings() = Error(0, "", "somebody else made a topic of that name (ID B)", "take it with --accept B");
    list.mutable_findings(0)->set_resource("topic/eu-prod/a");
    list.set_total(1);
    return Refuse(context, list);
  };
  Ran ran = bench.Run({"recreate", "a", "--cluster", "eu-prod"});
  EXPECT_EQ(ran.code, kInvalid);
  EXPECT_EQ(ran.err,
            "topic/eu-prod/a: somebody else made a topic of that name (ID B); take it with --accept B\n"
            "error: 1 problem; nothing was changed\n");
}

}  // namespace
}  // namespace sluice::cli
