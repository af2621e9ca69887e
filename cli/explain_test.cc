// explain product, explain change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "cli/testing.h"

namespace sluice::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

void AddValue(v1::ExplainProductResponse* response, const std::string& field, const std::string& environment,
              const std::string& value, const std::string& origin) {
  v1::ExplainedValue& added = *response->add_values();
  added.set_field(field);
  added.set_environment(environment);
  added.set_value(value);
  added.set_origin(origin);
}

class Explain : public ::testing::Test {
 protected:
  Explain() {
    bench.lookup.explain = [this](grpc::ServerContext*, const v1::ExplainProductRequest& request,
                                  v1::ExplainProductResponse* response) {
      asked = request.name();
      const std::string stream = "versions[0].streams[0].";
      AddValue(response, stream + "topic", "", "{customer}.a.c.b.events", "convention");
      AddValue(response, stream + "partitions", "", "4", "manifest");
      AddValue(response, stream + "config.retention.ms", "dev", "604800000", "environment dev");
      AddValue(response, stream + "config.retention.ms", "prod", "86400000", "override for prod");
      AddValue(response, stream + "config.flush.ms", "", "", "broker");
      AddValue(response, stream + "config.segment.ms", "", "", "broker");
      return grpc::Status::OK;
    };
  }
  void Change(const v1::Change& change) {
    bench.server.get_change = [change](grpc::ServerContext*, const v1::GetChangeRequest&,
                                       v1::Change* response) {
      *response = change;
      return grpc::Status::OK;
    };
  }

  Bench bench;
  std::string asked;
};

TEST_F(Explain, AProductSaysWhatItSaysItself) {
  const Ran ran = bench.Run({"explain", "product", "a.b"});
  EXPECT_EQ(ran.code, kDone) << ran.err;
  EXPECT_EQ(asked, "a.b");
  EXPECT_THAT(ran.out, HasSubstr("versions[0].streams[0].partitions"));
  EXPECT_THAT(ran.out, HasSubstr("override for prod"));
  EXPECT_THAT(ran.out, HasSubstr("1d"));
  EXPECT_THAT(ran.out, Not(HasSubstr("environment dev")));
  EXPECT_THAT(ran.out,
              HasSubstr("4 other values come from environments, conventions and brokers: --defaults"));
}

TEST_F(Explain, DefaultsTellEverythingAndBrokersTogether) {
  const Ran ran = bench.Run({"explain", "product", "a.b", "--defaults"});
  EXPECT_THAT(ran.out, HasSubstr("environment dev"));
  EXPECT_THAT(ran.out, HasSubstr("7d"));
  EXPECT_THAT(ran.out, HasSubstr("{customer}.a.c.b.events"));
  EXPECT_THAT(ran.out,
              HasSubstr("versions[0].streams[0]: not set, so the brokers' own: flush.ms, segment.ms\n"));
  const Ran json = bench.Run({"explain", "product", "a.b", "--defaults", "-o", "json"});
  EXPECT_THAT(json.out, HasSubstr("\"origin\": \"broker\""));
  EXPECT_THAT(json.out, HasSubstr("\"value\": \"604800000\""));
}

TEST_F(Explain, AManifestNamesItsLines) {
  const std::string manifest =
      "kind: DataProduct\nname: a.b\nversions:\n- major: 1\n  streams:\n  - suffix: events\n    partitions: "
      "4\n"
      "    overrides: {prod: {config: {retention.ms: 1d}}}\n";
  const Ran ran = bench.Run({"explain", "product", "a.b", "-f", "-"}, manifest);
  EXPECT_EQ(ran.code, kDone) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr(":7"));
  EXPECT_THAT(ran.out, HasSubstr(":8"));
  EXPECT_EQ(bench.Run({"explain", "product", "a.c", "-f", "-"}, manifest).code, kInvalid);
  EXPECT_EQ(bench.Run({"explain", "product", "a.b", "-f", "-"}, "kind: Nothing\n").code, kInvalid);
}

TEST_F(Explain, AWaitingChangeSaysWhomToAsk) {
  v1::Change change = Waiting();
  change.set_author("Pia");
  change.add_reasons("first release outside dev");
  change.mutable_requirements(0)->set_role("review board");
  change.mutable_requirements(0)->set_reason("new products are reviewed");
  change.mutable_requirements(1)->set_approved_by("Dora");
  change.add_affected("app:mobile");
  Change(change);
  const Ran ran = bench.Run({"explain", "change", "C-41"});
  EXPECT_EQ(ran.code, kDone) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("C-41  f-and-r.demand-forecast new  waiting, by Pia"));
  EXPECT_THAT(ran.out, HasSubstr("class NEW_PRODUCT\n  first release outside dev\n"));
  EXPECT_THAT(ran.out,
              HasSubstr("review board (group:ii-sig): new products are reviewed [rule new-product]. open\n"));
  EXPECT_THAT(ran.out, HasSubstr("agreed: Dora"));
  EXPECT_THAT(ran.out, HasSubstr("whom it affects\n  app:mobile\n"));
  EXPECT_THAT(ran.out, HasSubstr("what keeps it back\n  it waits for group:ii-sig\n"));
  EXPECT_THAT(ran.out, HasSubstr("you may approve it as review board: sluice approve C-41\n"));
  EXPECT_THAT(ran.out, HasSubstr("ask group:ii-sig"));
  const Ran json = bench.Run({"explain", "change", "C-41", "-o", "json"});
  EXPECT_THAT(json.out, HasSubstr("\"given_by\": \"Dora\""));
  EXPECT_THAT(json.out, HasSubstr("\"next\""));
  EXPECT_THAT(bench.Run({"explain", "change", "C-41", "-o", "yaml"}).out, HasSubstr("class: NEW_PRODUCT"));
}

TEST_F(Explain, AChangeThatIsNoLongerValidIsMendedByItsAuthor) {
  v1::Change change = Waiting();
  v1::Finding& finding = *change.add_findings();
  finding.set_severity(v1::SEVERITY_ERROR);
  finding.set_resource("dataproduct/a.b");
  finding.set_message("is gone");
  Change(change);
  const Ran ran = bench.Run({"explain", "change", "C-41"});
  EXPECT_THAT(ran.out, HasSubstr("dataproduct/a.b : is gone"));
  EXPECT_THAT(ran.out, HasSubstr("its author mends it: sluice apply -f FILE --change C-41\n"));
}

TEST_F(Explain, AReleasedChangeSaysHowFarItIs) {
  v1::Change change = Waiting();
  change.set_state(v1::Change::STATE_RELEASED);
  change.clear_requirements();
  v1::ChangeProgress& progress = *change.add_progress();
  progress.set_cluster("eu-prod");
  progress.set_slices(3);
  progress.set_applied(1);
  progress.set_state(v1::SYNC_STATE_PENDING);
  progress.set_attention("its agent has not applied it yet");
  Change(change);
  Ran ran = bench.Run({"explain", "change", "C-41"});
  EXPECT_THAT(ran.out, HasSubstr("eu-prod: 1 of 3 slices applied, pending"));
  EXPECT_THAT(ran.out, HasSubstr("eu-prod: its agent has not applied it yet"));
  EXPECT_THAT(ran.out, HasSubstr("sluice wait C-41"));
  change.mutable_progress(0)->set_state(v1::SYNC_STATE_BLOCKED);
  Change(change);
  EXPECT_THAT(bench.Run({"explain", "change", "C-41"}).out, HasSubstr("docs/runbook.md"));
  change.mutable_progress(0)->set_applied(3);
  change.mutable_progress(0)->set_state(v1::SYNC_STATE_IN_SYNC);
  change.mutable_progress(0)->clear_attention();
  Change(change);
  ran = bench.Run({"explain", "change", "C-41"});
  EXPECT_THAT(ran.out, HasSubstr("what keeps it back\n  nothing\n"));
  EXPECT_THAT(ran.out, HasSubstr("nothing: it is in force and applied everywhere\n"));
}

}  // namespace
}  // namespace sluice::cli
