// Changes that give lost topics up: who must agree, what each refusal says, what the agent is then told.
#include "common/core/lost_topic.h"
#include "controlplane/services/changes/testing.h"

namespace sluice::controlplane {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using v1::Change;

constexpr char kCluster[] = "eu-prod";
constexpr char kTopicName[] = "topic/eu-prod/acme.f-and-r.forecast.forecast.events";

class Recreations : public Changes {
 protected:
  // The agent says that its topic is lost; `other`: the ID of one that stands there.
  void ReportLost(const std::string& id = "A", const std::string& other = "") {
    v1::ReportStatusRequest report = Begin();
    auto* owned = report.add_owned();
    owned->set_name(kAcmeTopic);
    owned->set_topic_id(id);
    auto* condition = report.mutable_slices(0)->add_conditions();
    condition->set_type("Blocked");
    condition->set_status(v1::Condition::STATUS_TRUE);
    condition->set_reason("TopicLost");
    condition->set_resource(std::string("topic ") + kAcmeTopic);
    condition->set_message(other.empty() ? core::GoneMessage(kAcmeTopic, id, kCluster)
                                         : core::ReplacedMessage(kAcmeTopic, id, other, kCluster));
    ASSERT_TRUE(store.Report(kCluster, report).ok());
  }
  v1::ReportStatusRequest Begin() {
    v1::ReportStatusRequest report;
    report.set_incarnation("i1");
    report.set_sequence(++sequence_);
    report.set_full(true);
    auto* slice = report.add_slices();
    slice->set_key(kAcmeSlice);
    slice->set_generation(store->Current()->revision);
    return report;
  }
  static v1::ProposeChangeRequest Recreate(const std::string& accept = "",
                                           const std::string& topic = kAcmeTopic,
                                           const std::string& cluster = kCluster) {
    v1::ProposeChangeRequest request;
    v1::Recreation& recreation = *request.add_recreations();
    recreation.set_cluster(cluster);
    recreation.set_topic(topic);
    recreation.set_accept_topic_id(accept);
    return request;
  }
  std::vector<std::string> RulesAgainst(v1::ProposeChangeRequest request) {
    request.set_validate_only(true);
    auto response = ProposeChange(As(pia), request);
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<std::string> rules;
    if (!response.ok()) return rules;
    for (const v1::Finding& finding : response->findings()) {
      EXPECT_FALSE(finding.message().empty() || finding.remedy().empty()) << finding.DebugString();
      rules.push_back(finding.rule());
    }
    return rules;
  }
  std::vector<core::Absence> Stated() {
    return store->Current()->absences.Find(AbsenceKey(kCluster, kAcmeSlice)) == nullptr
               ? std::vector<core::Absence>()
               : *store->Current()->absences.Find(AbsenceKey(kCluster, kAcmeSlice));
  }

  int64_t sequence_ = 0;
};

TEST_F(Recreations, AnOwnersIsReleasedAtOnceAndTheAgentIsTold) {
  ReportLost();
  const std::string before = *store->HistoryHash(kCluster, store->Current()->revision);
  const Change change = Propose(pia, Recreate());
  EXPECT_EQ(change.state(), Change::STATE_RELEASED);
  EXPECT_EQ(change.class_(), v1::CHANGE_CLASS_OPERATION);
  EXPECT_THAT(change.requirements(), IsEmpty());
  ASSERT_THAT(change.recreations(), SizeIs(1));
  EXPECT_EQ(change.recreations(0).lost_topic_id(), "A");
  ASSERT_THAT(change.plans(), SizeIs(1));
  ASSERT_THAT(change.plans(0).steps(), SizeIs(1));
  EXPECT_EQ(change.plans(0).steps(0).action(), v1::STEP_ACTION_CREATE);
  EXPECT_EQ(change.plans(0).steps(0).resource(), kAcmeTopic);
  EXPECT_EQ(change.summary(), std::string("recreate ") + kAcmeTopic + " on eu-prod");
  ASSERT_THAT(Stated(), SizeIs(1));
  EXPECT_EQ(std::get<core::LostTopic>(Stated()[0].resource), (core::LostTopic{kAcmeTopic, "A", ""}));
  EXPECT_EQ(Stated()[0].change, change.name());
  EXPECT_EQ(Stated()[0].since, change.release_revision());
  EXPECT_NE(*store->HistoryHash(kCluster, store->Current()->revision), before);
  EXPECT_THAT(Actions(change.name()), ElementsAre("change.proposed", "change.released"));
  v1::AuditFilter filter;
  filter.set_resource("dataproduct/f-and-r.forecast");
  filter.set_change(change.name());
  auto entries = store->ReadAudit(1, filter, 10);
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_THAT(entries->back().resources(), Contains(std::string(kTopicName)));
}

TEST_F(Recreations, SomebodyElsesNeedsAnOwnerOrTheOperator) {
  for (const Caller& approver : {pia, olga}) {
    ReportLost(approver.subject);
    const Change change = Propose(mo, Recreate());
    ASSERT_EQ(change.state(), Change::STATE_WAITING);
    ASSERT_THAT(change.requirements(), SizeIs(1));
    EXPECT_EQ(change.requirements(0).role(), "owner of f-and-r.forecast or platform operator");
    EXPECT_EQ(Approve(rita, change).status().code(), absl::StatusCode::kPermissionDenied);
    const auto released = Approve(approver, change);
    ASSERT_TRUE(released.ok()) << released.status();
    EXPECT_EQ(released->state(), Change::STATE_RELEASED);
    EXPECT_EQ(std::get<core::LostTopic>(Stated()[0].resource).id, approver.subject);
  }
  EXPECT_THAT(Stated(), SizeIs(1)) << "a later one of the same topic takes the place of the first";
}

TEST_F(Recreations, TheDigestCoversWhatIsGivenUp) {
  ReportLost();
  const Change waiting = Propose(mo, Recreate());
  ReportLost("A", "B");
  v1::ProposeChangeRequest edit = Recreate("B");
  edit.set_change(waiting.name());
  const Change edited = Propose(mo, edit);
  EXPECT_EQ(edited.name(), waiting.name());
  EXPECT_NE(edited.digest(), waiting.digest());
  EXPECT_EQ(Approve(pia, waiting).status().code(), absl::StatusCode::kAborted);
}

TEST_F(Recreations, OfAnotherTopicThanWasReadIsNotReleased) {
  ReportLost("A");
  const Change change = Propose(mo, Recreate());
  ReportLost("B");  // the agent made another one meanwhile, and it is lost as well
  const Snapshot before = Look();
  EXPECT_EQ(Approve(pia, change).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Look(), before);
  EXPECT_THAT(Stated(), IsEmpty());
}

TEST_F(Recreations, OnlyTheFirstOfTwoIsReleased) {
  ReportLost();
  const Change first = Propose(mo, Recreate());
  const Change second = Propose(nobody, Recreate());
  ASSERT_TRUE(Approve(pia, first).ok());
  EXPECT_EQ(Read(second.name()).state(), Change::STATE_STALE);
  const auto again = ProposeChange(As(pia), Recreate());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(again->changes(), IsEmpty());
  EXPECT_THAT(again->unchanged(), ElementsAre(kTopicName)) << "stated already; the agent is at it";
}

TEST_F(Recreations, AreRefusedWithEverythingThatIsWrong) {
  EXPECT_THAT(RulesAgainst(Recreate()), ElementsAre("not-lost")) << "the agent has said nothing yet";
  ASSERT_TRUE(store.Report(kCluster, Begin()).ok());
  EXPECT_THAT(RulesAgainst(Recreate()), ElementsAre("not-lost"));
  ReportLost();
  EXPECT_THAT(RulesAgainst(Recreate()), IsEmpty());
  EXPECT_THAT(RulesAgainst(Recreate("B")), ElementsAre("nothing-to-accept"));
  EXPECT_THAT(RulesAgainst(Recreate("", kAcmeTopic, "ap-prod")), ElementsAre("unknown-cluster"));
  EXPECT_THAT(RulesAgainst(Recreate("", "acme.f-and-r.forecast.forecast.nothing")),
              ElementsAre("unknown-topic"));
  EXPECT_THAT(RulesAgainst(Recreate("", std::string(100'000, 'x'))), ElementsAre("unknown-topic"));
  v1::ProposeChangeRequest many = Recreate("", "?");
  *many.add_recreations() = Recreate("B").recreations(0);
  *many.add_recreations() = Recreate("").recreations(0);
  EXPECT_THAT(RulesAgainst(many), ElementsAre("unknown-topic", "nothing-to-accept", "repeated"));
  ReportLost("A", "B");
  EXPECT_THAT(RulesAgainst(Recreate()), ElementsAre("another-topic"));
  EXPECT_THAT(RulesAgainst(Recreate("C")), ElementsAre("another-topic"));
  EXPECT_THAT(RulesAgainst(Recreate("B")), IsEmpty());
  EXPECT_THAT(ProposeChange(As(pia), Recreate()).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Stated(), IsEmpty());
}

TEST_F(Recreations, NeverStandTogetherWithEdits) {
  ReportLost();
  v1::ProposeChangeRequest request = Proposal({OtherRetention()});
  *request.add_recreations() = Recreate().recreations(0);
  EXPECT_EQ(ProposeChange(As(pia), request).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(Recreations, TheStoreForgetsTheLostTopicAndLearnsTheNewOne) {
  ReportLost("A", "B");
  const Change change = Propose(pia, Recreate("B"));
  ASSERT_EQ(change.state(), Change::STATE_RELEASED) << change.DebugString();
  v1::ReportStatusRequest report = Begin();
  *report.mutable_slices(0)->add_gone() = wire::ToProto(Stated()[0]);
  auto* owned = report.add_owned();
  owned->set_name(kAcmeTopic);
  owned->set_topic_id("B");
  ASSERT_TRUE(store.Report(kCluster, report).ok());
  EXPECT_THAT(Stated(), IsEmpty());
  EXPECT_EQ(*store->OwnedTopicId(kCluster, kAcmeTopic), "B");
  EXPECT_THAT(Actions(change.name()), Contains("absences.confirmed"));
}

}  // namespace
}  // namespace sluice::controlplane
