// Approvals, rejections and releases on the real store, and what each refusal leaves as it was.
#include "controlplane/services/changes/testing.h"

namespace sluice::controlplane {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using v1::Change;

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
  EXPECT_EQ(Read(change.name()).state(),
            Change::STATE_WAITING);  // the board has not agreed to what it is now
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
  EXPECT_EQ(approved->requirements(0).approved_by().empty(),
            approved->requirements(0).role() != "owner of mobile");
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

TEST_F(Changes, RejectionIsForThoseWhoMayApprove) {
  const Change change = Propose(pia, Proposal({MakeProduct("f-and-r.orders")}));
  v1::RejectChangeRequest request;
  request.set_name(change.name());
  const Snapshot before = Look();
  EXPECT_EQ(RejectChange(As(rita), request).status().code(),
            absl::StatusCode::kInvalidArgument);  // no reason
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
    for (const Change& change : response->changes())
      found.push_back(change.name() + " " + change.caller_may_approve_as());
    return found;
  };
  EXPECT_THAT(names(rita), ElementsAre(orders.name() + " review board"));
  EXPECT_THAT(names(dana), ElementsAre(category.name() + " data products team"));
  EXPECT_THAT(names(pia), IsEmpty());
  EXPECT_THAT(names(nobody), IsEmpty());
  ASSERT_TRUE(Approve(rita, orders).ok());
  EXPECT_THAT(names(rita), IsEmpty());
}

}  // namespace
}  // namespace sluice::controlplane
