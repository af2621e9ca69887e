// Proposals on the real store: what is released, what waits, and what each refusal leaves as it was.
#include "controlplane/services/changes/testing.h"

namespace sluice::controlplane {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using v1::Change;

TEST_F(Changes, OwnApplyIsReleasedAtOnceWithBothEntries) {
  const Change change = Propose(pia, Proposal({OtherRetention()}));
  EXPECT_EQ(change.state(), Change::STATE_RELEASED);
  EXPECT_EQ(change.class_(), v1::CHANGE_CLASS_CONFIG);
  EXPECT_EQ(change.author(), "Display pia");
  EXPECT_EQ(change.release_revision(), store->Current()->revision);
  EXPECT_THAT(Actions(change.name()), ElementsAre("change.proposed", "change.released"));
  EXPECT_EQ(
      store->Current()->catalog.products.Find(kProduct)->versions[0].streams[0].config.at("retention.ms"),
      "172800000");
  // Acme lives in eu, bravo in both.
  ASSERT_THAT(change.plans(), SizeIs(2));
  EXPECT_EQ(change.plans(0).cluster(), "eu-prod");
  EXPECT_EQ(change.plans(0).configs(), 2);
  EXPECT_EQ(change.plans(1).configs(), 1);
  ASSERT_THAT(change.progress(), SizeIs(2));
  EXPECT_EQ(change.progress(0).slices(), 2);
  EXPECT_EQ(change.progress(0).applied(), 0);
  EXPECT_EQ(change.progress(0).state(), v1::SYNC_STATE_PENDING);
}

TEST_F(Changes, StaleEtagsAreAborted) {
  const std::string etag = EtagOf(kProduct);
  ASSERT_EQ(Propose(pia, Proposal({OtherRetention()})).state(), Change::STATE_RELEASED);
  v1::ProposeChangeRequest late;
  *late.add_edits() = PutEdit(OtherRetention("99999999"), etag);
  const Snapshot before = Look();
  const auto refused = ProposeChange(As(pia), late);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("dataproduct/f-and-r.forecast was changed since it was read"));
  late.set_validate_only(true);
  EXPECT_EQ(ProposeChange(As(pia), late).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Look(), before);
  v1::ProposeChangeRequest fresh;
  *fresh.add_edits() = PutEdit(OtherRetention("99999999"), EtagOf(kProduct));
  EXPECT_EQ(Propose(pia, fresh).state(), Change::STATE_RELEASED);
}

TEST_F(Changes, AnEtagOfWhatIsNotThereIsAborted) {
  v1::ProposeChangeRequest request;
  *request.add_edits() = PutEdit(MakeProduct("f-and-r.orders"), "7");
  EXPECT_EQ(ProposeChange(As(pia), request).status().code(), absl::StatusCode::kAborted);
}

TEST_F(Changes, RepeatedRequestsHaveOneEffectAndOneAnswer) {
  v1::ProposeChangeRequest request;
  *request.add_edits() = PutEdit(OtherRetention(), EtagOf(kProduct));
  request.set_request_id("r-1");
  const Change first = Propose(pia, request);
  ASSERT_EQ(first.state(), Change::STATE_RELEASED);
  const Snapshot before = Look();
  // Its etag is stale by now, by its own doing.
  const Change second = Propose(pia, request);
  EXPECT_EQ(wire::Serialize(second), wire::Serialize(first));
  EXPECT_EQ(Look(), before);
  store.Reopen();
}

TEST_F(Changes, ARequestIdIsForOnePayloadOfOneCaller) {
  v1::ProposeChangeRequest request = Proposal({OtherRetention()});
  request.set_request_id("r-1");
  ASSERT_EQ(Propose(pia, request).state(), Change::STATE_RELEASED);
  v1::ProposeChangeRequest other = Proposal({OtherRetention("5000000")});
  other.set_request_id("r-1");
  const Snapshot before = Look();
  EXPECT_EQ(ProposeChange(As(pia), other).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Look(), before);
  EXPECT_EQ(Propose(pete, other).state(), Change::STATE_RELEASED);  // somebody else's ID is another one
}

TEST_F(Changes, UnchangedEditsAreDropped) {
  const Snapshot before = Look();
  auto response = ProposeChange(As(pia), Proposal({MakeProduct(kProduct), MakeApplication("plan")}));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(response->changes(), IsEmpty());
  EXPECT_THAT(response->unchanged(), ElementsAre("dataproduct/f-and-r.forecast", "application/plan"));
  EXPECT_EQ(Look(), before);
}

TEST_F(Changes, AFreshReadCanBeAppliedAgain) {
  v1::GetDataProductRequest get;
  get.set_name(kProduct);
  v1::ProposeChangeRequest request;
  *request.add_edits()->mutable_resource()->mutable_data_product() = *GetDataProduct(As(pia), get);
  auto response = ProposeChange(As(pia), request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(response->unchanged(), ElementsAre("dataproduct/f-and-r.forecast"));
}

TEST_F(Changes, ValidateOnlyStoresNothing) {
  v1::ProposeChangeRequest request = Proposal({MakeProduct("f-and-r.orders")});
  request.set_validate_only(true);
  const Snapshot before = Look();
  const Change preview = Propose(pia, request);
  EXPECT_EQ(preview.name(), "");
  EXPECT_EQ(preview.state(), Change::STATE_UNSPECIFIED);
  EXPECT_EQ(preview.class_(), v1::CHANGE_CLASS_NEW_PRODUCT);
  EXPECT_THAT(preview.requirements(), SizeIs(2));
  ASSERT_THAT(preview.plans(), SizeIs(2));
  EXPECT_EQ(preview.plans(0).topics(), 2);
  EXPECT_EQ(preview.plans(0).subjects(), 2);
  EXPECT_EQ(preview.plans(0).partitions().before() + 2, preview.plans(0).partitions().after());
  EXPECT_EQ(Look(), before);
}

TEST_F(Changes, EveryProblemIsToldAtOnceAndNothingIsStored) {
  core::DataProduct bad = MakeProduct("f-and-r.orders");
  bad.category = "nonsense";
  bad.owners = {"app:ghost"};
  core::Application stolen = MakeApplication("thief");
  stolen.principals = {{"eu-prod", "plan-eu"}, {"us-prod", "admin"}};
  v1::ProposeChangeRequest request = Proposal({bad, stolen});
  request.mutable_edits(0)->mutable_resource()->mutable_data_product()->mutable_fields()->insert(
      {"cost-center", "1"});
  const Snapshot before = Look();
  const auto refused = ProposeChange(As(pia), request);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Look(), before);
  request.set_validate_only(true);
  const auto findings = ProposeChange(As(pia), request);
  ASSERT_TRUE(findings.ok()) << findings.status();
  std::vector<std::string> places;
  for (const v1::Finding& finding : findings->findings()) {
    places.push_back(finding.resource() + " " + finding.field());
    EXPECT_NE(finding.remedy(), "");
    EXPECT_EQ(finding.edit(), finding.resource() == "application/thief" ? 1 : 0) << finding.resource();
  }
  EXPECT_THAT(places, Contains("dataproduct/f-and-r.orders category"));
  EXPECT_THAT(places, Contains("dataproduct/f-and-r.orders owners[0]"));
  EXPECT_THAT(places, Contains(HasSubstr("dataproduct/f-and-r.orders fields")));
  EXPECT_THAT(places, Contains(HasSubstr("application/thief principals[0]")));
  EXPECT_THAT(places, Contains(HasSubstr("application/thief principals[1]")));
  EXPECT_EQ(Look(), before);
}

TEST_F(Changes, BoundsOfRequestsAreKept) {
  const Snapshot before = Look();
  v1::ProposeChangeRequest empty;
  EXPECT_EQ(ProposeChange(As(pia), empty).status().code(), absl::StatusCode::kInvalidArgument);
  v1::ProposeChangeRequest twice = Proposal({OtherRetention(), OtherSchema()});
  EXPECT_EQ(ProposeChange(As(pia), twice).status().code(), absl::StatusCode::kInvalidArgument);
  v1::ProposeChangeRequest nothing;
  nothing.add_edits();
  EXPECT_EQ(ProposeChange(As(pia), nothing).status().code(), absl::StatusCode::kInvalidArgument);
  v1::ProposeChangeRequest id = Proposal({OtherRetention()});
  id.set_request_id(std::string(65, 'x'));
  EXPECT_EQ(ProposeChange(As(pia), id).status().code(), absl::StatusCode::kInvalidArgument);
  v1::ProposeChangeRequest many;
  for (int i = 0; i < 5001; ++i)
    *many.add_edits() = PutEdit(core::Category{.name = "c" + std::to_string(i), .title = ""});
  EXPECT_EQ(ProposeChange(As(dana), many).status().code(), absl::StatusCode::kInvalidArgument);
  many.mutable_edits()->DeleteSubrange(1001, 4000);
  many.set_together(true);
  EXPECT_EQ(ProposeChange(As(dana), many).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Look(), before);
}

TEST_F(Changes, UnconnectedEditsBecomeChangesOfTheirOwn) {
  v1::ProposeChangeRequest request =
      Proposal({core::Category{.name = "orders", .title = ""}, OtherRetention()});
  auto response = ProposeChange(As(pia), request);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_THAT(response->changes(), SizeIs(2));
  EXPECT_EQ(response->changes(0).state(), Change::STATE_WAITING);   // the data products team
  EXPECT_EQ(response->changes(1).state(), Change::STATE_RELEASED);  // her own
  EXPECT_EQ(response->changes(1).release_revision(), store->Current()->revision);
}

TEST_F(Changes, TogetherMakesOne) {
  v1::ProposeChangeRequest request =
      Proposal({core::Category{.name = "orders", .title = ""}, OtherRetention()});
  request.set_together(true);
  const Change change = Propose(pia, request);
  EXPECT_EQ(change.state(), Change::STATE_WAITING);
  EXPECT_THAT(change.edits(), SizeIs(2));
  EXPECT_EQ(*store->Current()->catalog.products.Find(kProduct), MakeProduct(kProduct));
}

TEST_F(Changes, ClusterLimitsAreKept) {
  core::Cluster tight = MakeCluster("eu");
  tight.partition_limit = 3;  // two are there
  ASSERT_EQ(Propose(olga, Proposal({tight})).state(), Change::STATE_RELEASED);
  const Snapshot before = Look();
  const auto refused = ProposeChange(As(pia), Proposal({MakeProduct("f-and-r.orders")}));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("eu-prod: partitions +2 → 4 of 3"));
  EXPECT_EQ(Look(), before);
}

TEST_F(Changes, PlansSayWhatIsTakenAway) {
  ASSERT_EQ(Propose(pia, Proposal({MakeGrant(kProduct, "mobile")})).state(), Change::STATE_RELEASED);
  v1::ProposeChangeRequest request;
  *request.add_edits() = DeleteEdit(MakeGrant(kProduct, "mobile"));
  const Change change = Propose(pia, request);
  EXPECT_EQ(change.state(), Change::STATE_RELEASED);
  ASSERT_THAT(change.plans(), SizeIs(2));
  EXPECT_GT(change.plans(0).acls_removed(), 0);
  EXPECT_EQ(change.plans(0).acls_added(), 0);
  EXPECT_LT(change.plans(0).acls().after(), change.plans(0).acls().before());
  EXPECT_EQ(store->Current()->catalog.grants.Find("f-and-r.forecast/mobile"), nullptr);
}

TEST_F(Changes, DeletingWhatIsStillNeededIsRefused) {
  v1::ProposeChangeRequest request;
  *request.add_edits() = DeleteEdit(MakeApplication("plan"));
  const Snapshot before = Look();
  EXPECT_EQ(ProposeChange(As(olga), request).status().code(), absl::StatusCode::kInvalidArgument);
  v1::ProposeChangeRequest ghost;
  *ghost.add_edits() = DeleteEdit(MakeApplication("ghost"));
  EXPECT_EQ(ProposeChange(As(olga), ghost).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Look(), before);
}

TEST_F(Changes, ListsHavePagesAndFilters) {
  for (int i = 0; i < 5; ++i)
    Propose(pia, Proposal({core::Category{.name = "c" + std::to_string(i), .title = ""}}));
  Propose(olga, Proposal({core::Category{.name = "d", .title = ""}}));
  v1::ListChangesRequest request;
  request.set_page_size(2);
  request.set_mine(true);
  std::vector<std::string> names;
  do {
    auto page = ListChanges(As(pia), request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const Change& change : page->changes()) names.push_back(change.name());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ElementsAre("C-5", "C-4", "C-3", "C-2", "C-1"));
  v1::ListChangesRequest strange;
  strange.set_page_token("x");
  EXPECT_EQ(ListChanges(As(pia), strange).status().code(), absl::StatusCode::kInvalidArgument);
  strange.set_page_token("");
  strange.set_page_size(-1);
  EXPECT_EQ(ListChanges(As(pia), strange).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(Changes, UnknownNamesAreNotFound) {
  v1::GetChangeRequest request;
  request.set_name("C-999");
  EXPECT_EQ(GetChange(As(pia), request).status().code(), absl::StatusCode::kNotFound);
  for (const char* name : {"", "C-", "C-x", "42", "C-0", "C--1", "C-99999999999999999999"}) {
    request.set_name(name);
    EXPECT_EQ(GetChange(As(pia), request).status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
}

TEST_F(Changes, TheEnvelopeIsTheServersToSet) {
  v1::ProposeChangeRequest request = Proposal({OtherSchema()});
  request.mutable_edits(0)
      ->mutable_resource()
      ->mutable_data_product()
      ->mutable_versions(0)
      ->mutable_schema()
      ->set_envelope(7);
  Propose(pia, request);
  EXPECT_EQ(store->Current()->catalog.products.Find(kProduct)->versions[0].schema->envelope, 1);
}

TEST_F(Changes, WithoutAnAuditEntryThereIsNoChange) {
  const Snapshot before = Look();
  store.faults.commits_fail = true;
  const auto refused = ProposeChange(As(pia), Proposal({OtherRetention()}));
  EXPECT_FALSE(refused.ok());
  store.faults.commits_fail = false;
  EXPECT_EQ(Look(), before);
  EXPECT_EQ(*store->Current()->catalog.products.Find(kProduct), MakeProduct(kProduct));
}

TEST_F(Changes, ProgressFollowsTheReports) {
  const Change change = Propose(pia, Proposal({OtherRetention()}));
  v1::ReportStatusRequest report;
  report.set_cluster("us-prod");
  report.set_incarnation("one");
  report.set_sequence(1);
  report.set_full(true);
  v1::SliceReport& slice = *report.add_slices();
  slice.set_key("product/f-and-r.forecast/bravo");
  slice.set_generation(change.release_revision());
  slice.set_applied_generation(change.release_revision());
  slice.set_state(v1::SYNC_STATE_IN_SYNC);
  ASSERT_TRUE(store.Report("us-prod", report).ok());
  const Change now = Read(change.name());
  ASSERT_THAT(now.progress(), SizeIs(2));
  EXPECT_EQ(now.progress(0).applied(), 0);
  EXPECT_EQ(now.progress(1).cluster(), "us-prod");
  EXPECT_EQ(now.progress(1).applied(), 1);
  EXPECT_EQ(now.progress(1).state(), v1::SYNC_STATE_IN_SYNC);
}

}  // namespace
}  // namespace sluice::controlplane
