// The life of a change, on the real store: proposals, approvals, releases, and what each refusal leaves as it was.
#include "controlplane/services/testing.h"

namespace sluice::controlplane {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using v1::Change;

constexpr char kProduct[] = "f-and-r.forecast";

// A schema change, which every consumer must acknowledge.
core::DataProduct OtherSchema() {
  core::DataProduct product = MakeProduct(kProduct);
  product.versions[0].schema->text = R"({"type":"object","required":["x"]})";
  return product;
}

core::DataProduct OtherRetention(const std::string& milliseconds = "172800000") {
  core::DataProduct product = MakeProduct(kProduct);
  product.versions[0].streams[0].config["retention.ms"] = milliseconds;
  return product;
}

class Changes : public ServicesTest {
 protected:
  std::string EtagOf(const std::string& name) {
    v1::GetDataProductRequest request;
    request.set_name(name);
    auto product = GetDataProduct(As(pia), request);
    EXPECT_TRUE(product.ok()) << product.status();
    return product->etag();
  }
};

TEST_F(Changes, OwnApplyIsReleasedAtOnceWithBothEntries) {
  const Change change = Propose(pia, Proposal({OtherRetention()}));
  EXPECT_EQ(change.state(), Change::STATE_RELEASED);
  EXPECT_EQ(change.class_(), v1::CHANGE_CLASS_CONFIG);
  EXPECT_EQ(change.author(), "Display pia");
  EXPECT_EQ(change.release_revision(), store->Current()->revision);
  EXPECT_THAT(Actions(change.name()), ElementsAre("change.proposed", "change.released"));
  EXPECT_EQ(store->Current()->catalog.products.Find(kProduct)->versions[0].streams[0].config.at("retention.ms"), "172800000");
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

TEST_F(Changes, NewProductWaitsForBoardAndDomainOwner) {
  const Change change = Propose(pia, Proposal({MakeProduct("f-and-r.orders")}));
  EXPECT_EQ(change.state(), Change::STATE_WAITING);
  EXPECT_EQ(change.class_(), v1::CHANGE_CLASS_NEW_PRODUCT);
  ASSERT_THAT(change.requirements(), SizeIs(2));
  EXPECT_EQ(store->Current()->catalog.products.Find("f-and-r.orders"), nullptr);

  auto first = Approve(rita, change);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->state(), Change::STATE_WAITING);
  EXPECT_EQ(first->approvals(0).actor(), "Display rita");
  EXPECT_EQ(store->Current()->catalog.products.Find("f-and-r.orders"), nullptr);

  auto second = Approve(dora, change);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->state(), Change::STATE_RELEASED);
  EXPECT_NE(store->Current()->catalog.products.Find("f-and-r.orders"), nullptr);
  EXPECT_THAT(Actions(change.name()),
              ElementsAre("change.proposed", "change.approved", "change.approved", "change.released"));
  EXPECT_EQ(second->plans(0).topics(), 2);
}

TEST_F(Changes, OnePersonInTwoRolesSatisfiesBoth) {
  const Change change = Propose(pia, Proposal({MakeProduct("f-and-r.orders")}));
  auto approved = Approve(MakeCaller("zoe", {"ii-sig", "fr-leads"}), change);
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->state(), Change::STATE_RELEASED);
}

TEST_F(Changes, NoAuthorApprovesTheirOwn) {
  const Caller author = MakeCaller("pia", {"plan", "ii-sig", "fr-leads"});
  const Change change = Propose(author, Proposal({MakeProduct("f-and-r.orders")}));
  ASSERT_EQ(change.state(), Change::STATE_WAITING);
  const Snapshot before = Look();
  const auto approved = Approve(author, change);
  EXPECT_EQ(approved.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(approved.status().message()), HasSubstr("no author approves their own change"));
  EXPECT_EQ(Look(), before);
}

TEST_F(Changes, WhoeverIsNotAskedMayNotApprove) {
  const Change change = Propose(pia, Proposal({MakeProduct("f-and-r.orders")}));
  const Snapshot before = Look();
  for (const Caller& caller : {nobody, mo, pete, auditor, olga}) {
    EXPECT_EQ(Approve(caller, change).status().code(), absl::StatusCode::kPermissionDenied) << caller.subject;
  }
  EXPECT_EQ(Look(), before);
}

TEST_F(Changes, ApprovingTwiceIsRefusedAndCountsOnce) {
  const Change change = Propose(pia, Proposal({MakeProduct("f-and-r.orders")}));
  ASSERT_TRUE(Approve(rita, change).ok());
  const Snapshot before = Look();
  EXPECT_EQ(Approve(rita, change).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Look(), before);
}

TEST_F(Changes, AnEditVoidsApprovalsAndTheOldDigest) {
  const Change change = Propose(pia, Proposal({MakeProduct("f-and-r.orders")}));
  ASSERT_TRUE(Approve(rita, change).ok());
  core::DataProduct other = MakeProduct("f-and-r.orders");
  other.title = "Orders";
  v1::ProposeChangeRequest edit = Proposal({other});
  edit.set_change(change.name());
  const Change edited = Propose(pia, edit);
  EXPECT_EQ(edited.name(), change.name());
  EXPECT_NE(edited.digest(), change.digest());
  EXPECT_THAT(edited.approvals(), IsEmpty());
  const Snapshot before = Look();
  EXPECT_EQ(Approve(dora, change).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Look(), before);
  ASSERT_TRUE(Approve(dora, edited).ok());
  EXPECT_EQ(Read(change.name()).state(), Change::STATE_WAITING);  // the board has not agreed to what it is now
  EXPECT_THAT(Actions(change.name()),
              ElementsAre("change.proposed", "change.approved", "change.edited", "change.approved"));
}

TEST_F(Changes, OnlyItsAuthorEditsAChange) {
  const Change change = Propose(pia, Proposal({MakeProduct("f-and-r.orders")}));
  v1::ProposeChangeRequest edit = Proposal({MakeProduct("f-and-r.other")});
  edit.set_change(change.name());
  const Snapshot before = Look();
  EXPECT_EQ(ProposeChange(As(pete), edit).status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Look(), before);
}

TEST_F(Changes, DigestsAreGivenInFull) {
  const Change change = Propose(pia, Proposal({MakeProduct("f-and-r.orders")}));
  EXPECT_THAT(change.digest(), SizeIs(64));
  for (const std::string& digest : {std::string(), change.digest().substr(0, 12), std::string(64, 'G')}) {
    Change shown = change;
    shown.set_digest(digest);
    EXPECT_EQ(Approve(rita, shown).status().code(), absl::StatusCode::kInvalidArgument) << digest;
  }
  Change wrong = change;
  wrong.set_digest(std::string(64, '0'));
  EXPECT_EQ(Approve(rita, wrong).status().code(), absl::StatusCode::kAborted);
}

TEST_F(Changes, StaleEtagsAreAborted) {
  const std::string etag = EtagOf(kProduct);
  ASSERT_EQ(Propose(pia, Proposal({OtherRetention()})).state(), Change::STATE_RELEASED);
  v1::ProposeChangeRequest late;
  *late.add_edits() = PutEdit(OtherRetention("99999999"), etag);
  const Snapshot before = Look();
  const auto refused = ProposeChange(As(pia), late);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("dataproduct/f-and-r.forecast was changed since it was read"));
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

TEST_F(Changes, RepeatedApprovalsCountOnce) {
  const Change change = Propose(pia, Proposal({MakeProduct("f-and-r.orders")}));
  v1::ApproveChangeRequest request;
  request.set_name(change.name());
  request.set_digest(change.digest());
  request.set_request_id("a-1");
  ASSERT_TRUE(ApproveChange(As(rita), request).ok());
  const Snapshot before = Look();
  EXPECT_TRUE(ApproveChange(As(rita), request).ok());
  EXPECT_EQ(Look(), before);
}

TEST_F(Changes, AConsumerThatJoinsBetweenProposalAndReleaseIsAskedToo) {
  ASSERT_EQ(Propose(pia, Proposal({MakeGrant(kProduct, "mobile")})).state(), Change::STATE_RELEASED);
  core::Application analytics = MakeApplication("analytics");
  ASSERT_EQ(Propose(olga, Proposal({analytics})).state(), Change::STATE_RELEASED);
  const Change change = Propose(pia, Proposal({OtherSchema()}));
  ASSERT_EQ(change.state(), Change::STATE_WAITING);
  EXPECT_EQ(change.class_(), v1::CHANGE_CLASS_COORDINATED);
  EXPECT_THAT(change.affected(), ElementsAre("app:mobile"));

  ASSERT_EQ(Propose(pia, Proposal({MakeGrant(kProduct, "analytics")})).state(), Change::STATE_RELEASED);
  EXPECT_THAT(Read(change.name()).requirements(), SizeIs(2));  // readers see it at once
  auto approved = Approve(mo, change);
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->state(), Change::STATE_WAITING);
  ASSERT_THAT(approved->requirements(), SizeIs(2));
  EXPECT_EQ(approved->requirements(0).approved_by().empty(), approved->requirements(0).role() != "owner of mobile");
  EXPECT_EQ(*store->Current()->catalog.products.Find(kProduct), MakeProduct(kProduct));

  auto last = Approve(MakeCaller("ann", {"analytics"}), change);
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(last->state(), Change::STATE_RELEASED);
  EXPECT_EQ(*store->Current()->catalog.products.Find(kProduct), OtherSchema());
}

TEST_F(Changes, AReleaseMakesOtherChangesOfTheSameResourceStale) {
  const Change first = Propose(mo, Proposal({OtherRetention("1000000")}));
  ASSERT_EQ(first.state(), Change::STATE_WAITING);
  ASSERT_EQ(Propose(pia, Proposal({OtherRetention()})).state(), Change::STATE_RELEASED);
  const Change stale = Read(first.name());
  EXPECT_EQ(stale.state(), Change::STATE_STALE);
  EXPECT_THAT(stale.closing_reason(), HasSubstr("changed the same resources first"));
  EXPECT_THAT(Actions(first.name()), ElementsAre("change.proposed", "change.stale"));
  const Snapshot before = Look();
  EXPECT_EQ(Approve(pia, first).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Look(), before);
}

TEST_F(Changes, WhatBecameInvalidMeanwhileIsNotReleased) {
  core::Application mine = MakeApplication("alpha");
  mine.principals = {{"eu-prod", "sa-1"}};
  const Change first = Propose(nobody, Proposal({mine}));
  ASSERT_EQ(first.state(), Change::STATE_WAITING);
  core::Application theirs = MakeApplication("beta");
  theirs.principals = {{"eu-prod", "sa-1"}};
  ASSERT_EQ(Propose(olga, Proposal({theirs})).state(), Change::STATE_RELEASED);
  const Snapshot before = Look();
  const auto approved = Approve(MakeCaller("oskar", {"platform", "fr-leads"}), first);
  EXPECT_EQ(approved.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(approved.status().message()), HasSubstr("can no longer be released"));
  EXPECT_EQ(Look(), before);
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
  request.mutable_edits(0)->mutable_resource()->mutable_data_product()->mutable_fields()->insert({"cost-center", "1"});
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
  for (int i = 0; i < 5001; ++i) *many.add_edits() = PutEdit(core::Category{.name = "c" + std::to_string(i), .title = ""});
  EXPECT_EQ(ProposeChange(As(dana), many).status().code(), absl::StatusCode::kInvalidArgument);
  many.mutable_edits()->DeleteSubrange(1001, 4000);
  many.set_together(true);
  EXPECT_EQ(ProposeChange(As(dana), many).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Look(), before);
}

TEST_F(Changes, UnconnectedEditsBecomeChangesOfTheirOwn) {
  v1::ProposeChangeRequest request = Proposal({core::Category{.name = "orders", .title = ""}, OtherRetention()});
  auto response = ProposeChange(As(pia), request);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_THAT(response->changes(), SizeIs(2));
  EXPECT_EQ(response->changes(0).state(), Change::STATE_WAITING);   // the data products team
  EXPECT_EQ(response->changes(1).state(), Change::STATE_RELEASED);  // her own
  EXPECT_EQ(response->changes(1).release_revision(), store->Current()->revision);
}

TEST_F(Changes, TogetherMakesOne) {
  v1::ProposeChangeRequest request = Proposal({core::Category{.name = "orders", .title = ""}, OtherRetention()});
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

TEST_F(Changes, ALimitThatOthersUsedUpKeepsAChangeFromRelease) {
  core::Cluster tight = MakeCluster("eu");
  tight.partition_limit = 5;
  ASSERT_EQ(Propose(olga, Proposal({tight})).state(), Change::STATE_RELEASED);
  const Change first = Propose(pia, Proposal({MakeProduct("f-and-r.one")}));
  const Change second = Propose(pia, Proposal({MakeProduct("f-and-r.two")}));
  const Caller both = MakeCaller("zoe", {"ii-sig", "fr-leads"});
  ASSERT_EQ(Approve(both, first)->state(), Change::STATE_RELEASED);
  EXPECT_EQ(Approve(both, second).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(store->Current()->catalog.products.Find("f-and-r.two"), nullptr);
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

TEST_F(Changes, RejectionIsForThoseWhoMayApprove) {
  const Change change = Propose(pia, Proposal({MakeProduct("f-and-r.orders")}));
  v1::RejectChangeRequest request;
  request.set_name(change.name());
  const Snapshot before = Look();
  EXPECT_EQ(RejectChange(As(rita), request).status().code(), absl::StatusCode::kInvalidArgument);  // no reason
  request.set_reason("not yet");
  EXPECT_EQ(RejectChange(As(nobody), request).status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(RejectChange(As(pia), request).status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Look(), before);
  auto rejected = RejectChange(As(rita), request);
  ASSERT_TRUE(rejected.ok()) << rejected.status();
  EXPECT_EQ(rejected->state(), Change::STATE_REJECTED);
  EXPECT_EQ(rejected->closing_reason(), "not yet");
  EXPECT_THAT(Actions(change.name()), ElementsAre("change.proposed", "change.rejected"));
  EXPECT_EQ(Approve(dora, change).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(Changes, WithdrawalIsForTheAuthor) {
  const Change change = Propose(pia, Proposal({MakeProduct("f-and-r.orders")}));
  v1::WithdrawChangeRequest request;
  request.set_name(change.name());
  const Snapshot before = Look();
  EXPECT_EQ(WithdrawChange(As(pete), request).status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Look(), before);
  auto withdrawn = WithdrawChange(As(pia), request);
  ASSERT_TRUE(withdrawn.ok()) << withdrawn.status();
  EXPECT_EQ(withdrawn->state(), Change::STATE_WITHDRAWN);
  EXPECT_EQ(WithdrawChange(As(pia), request).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(Changes, TheInboxHoldsWhatNeedsTheCaller) {
  const Change orders = Propose(pia, Proposal({MakeProduct("f-and-r.orders")}));
  const Change category = Propose(pia, Proposal({core::Category{.name = "other", .title = ""}}));
  v1::ListChangesRequest inbox;
  inbox.set_needs_me(true);
  auto names = [&](const Caller& caller) {
    std::vector<std::string> found;
    auto response = ListChanges(As(caller), inbox);
    EXPECT_TRUE(response.ok()) << response.status();
    for (const Change& change : response->changes()) found.push_back(change.name() + " " + change.caller_may_approve_as());
    return found;
  };
  EXPECT_THAT(names(rita), ElementsAre(orders.name() + " review board"));
  EXPECT_THAT(names(dana), ElementsAre(category.name() + " data products team"));
  EXPECT_THAT(names(pia), IsEmpty());
  EXPECT_THAT(names(nobody), IsEmpty());
  ASSERT_TRUE(Approve(rita, orders).ok());
  EXPECT_THAT(names(rita), IsEmpty());
}

TEST_F(Changes, ListsHavePagesAndFilters) {
  for (int i = 0; i < 5; ++i) Propose(pia, Proposal({core::Category{.name = "c" + std::to_string(i), .title = ""}}));
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
