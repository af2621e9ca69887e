// The checker must be able to fail: each fault that it looks for is planted, and found as what it is.
#include "cli/verify/cluster_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/verify/foreign.h"

namespace sluice::cli::verify {
namespace {

namespace v1 = sluice::v1;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kTopic[] = "acme.d.c.p.events";
constexpr char kSlice[] = "product/d.p/acme";

core::Acl Read(const std::string& topic, const std::string& user) {
  return {.resource_type = core::ResourceType::kTopic,
          .pattern_type = core::PatternType::kLiteral,
          .resource = topic,
          .principal = "User:" + user,
          .operation = core::Operation::kRead};
}

class ClusterCheck : public ::testing::Test {
 protected:
  ClusterCheck() {
    core::Slice slice;
    slice.key = kSlice;
    slice.topics.push_back({.name = kTopic,
                            .partitions = 1,
                            .replication_factor = 1,
                            .configs = {{"retention.ms", "5"}},
                            .gate_subject = std::string(kTopic) + "-value"});
    slice.acls = {Read(kTopic, "mobile")};
    slice.subjects.push_back({std::string(kTopic) + "-value", "JSON", "{}", "FULL"});
    approved.name = "eu-prod";
    approved.slices.push_back(slice);
    approved.ours.topics[kTopic].id = "id-1";
    approved.ours.subjects.insert(std::string(kTopic) + "-value");
    seen.observed.topics.emplace();
    (*seen.observed.topics)[kTopic] = {"id-1", 1, 1, {{"retention.ms", "5"}}};
    (*seen.observed.topics)["strange"] = {"id-9", 3, 1, {{"retention.ms", "9"}}};
    seen.observed.acls.emplace();
    seen.observed.acls->insert(Read(kTopic, "mobile"));
    seen.observed.acls->insert(Read("strange", "stranger"));
    seen.observed.subjects.emplace();
    (*seen.observed.subjects)[std::string(kTopic) + "-value"] = {
        .level = "FULL", .versions = 1, .registered = true, .latest = true, .latest_schema = ""};
    seen.observed.brokers = 1;
    seen.cluster_id = "kafka-1";
  }

  core::ObservedTopic& Topic() { return seen.observed.topics->at(kTopic); }
  core::ObservedSubject& Subject() { return seen.observed.subjects->at(std::string(kTopic) + "-value"); }

  // `check resource` of everything wrong.
  std::vector<std::string> Wrong() { return Lines(Check().wrong()); }
  std::vector<std::string> Notes() { return Lines(Check().notes()); }
  Findings Check() {
    Findings findings;
    CheckCluster(approved, seen, reports, findings);
    return findings;
  }
  static std::vector<std::string> Lines(const std::vector<Finding>& findings) {
    std::vector<std::string> lines;
    for (const Finding& finding : findings) {
      EXPECT_FALSE(finding.message.empty()) << finding.check;
      EXPECT_FALSE(finding.remedy.empty()) << finding.check;
      lines.push_back(finding.check + " " + finding.resource);
    }
    return lines;
  }
  void Report(v1::SyncState state, const std::string& reason) {
    v1::SliceStatus& slice = reports[kSlice];
    slice.set_key(kSlice);
    slice.set_state(state);
    slice.add_conditions()->set_reason(reason);
  }

  ApprovedCluster approved;
  agent::Observation seen;
  std::map<std::string, v1::SliceStatus> reports;
};

TEST_F(ClusterCheck, WhatIsAsApprovedIsNotWrong) {
  EXPECT_THAT(Wrong(), IsEmpty());
  EXPECT_THAT(Notes(), IsEmpty());
}

TEST_F(ClusterCheck, AMissingTopicOfOursIsBlockedAndMustBeReported) {
  seen.observed.topics->erase(kTopic);
  EXPECT_THAT(Wrong(), ElementsAre("blocked-unreported topic " + std::string(kTopic)));
  Report(v1::SYNC_STATE_BLOCKED, "TopicLost");
  EXPECT_THAT(Wrong(), IsEmpty());
  EXPECT_THAT(Notes(), ElementsAre("blocked topic " + std::string(kTopic)));
}

TEST_F(ClusterCheck, ATopicThatWasNeverMadeDiffers) {
  seen.observed.topics->erase(kTopic);
  seen.observed.acls->erase(Read(kTopic, "mobile"));
  approved.ours.topics.clear();
  EXPECT_THAT(Wrong(), UnorderedElementsAre(
                           "kafka-differs topic " + std::string(kTopic),
                           "kafka-differs acl User:mobile READ topic LITERAL " + std::string(kTopic)));
}

TEST_F(ClusterCheck, AnotherConfigDiffers) {
  Topic().overrides["retention.ms"] = "6";
  EXPECT_THAT(Wrong(), ElementsAre("kafka-differs config retention.ms of topic " + std::string(kTopic)));
  EXPECT_THAT(Check().wrong()[0].message, HasSubstr("is 6, approved is 5"));
  EXPECT_THAT(Check().wrong()[0].message, HasSubstr("reports product/d.p/acme in sync"));
}

TEST_F(ClusterCheck, FewerPartitionsDiffer) {
  approved.slices[0].topics[0].partitions = 3;
  EXPECT_THAT(Wrong(), ElementsAre("kafka-differs partitions of topic " + std::string(kTopic)));
}

TEST_F(ClusterCheck, AMissingAclDiffers) {
  seen.observed.acls->erase(Read(kTopic, "mobile"));
  EXPECT_THAT(Wrong(),
              ElementsAre("kafka-differs acl User:mobile READ topic LITERAL " + std::string(kTopic)));
}

TEST_F(ClusterCheck, ARevokedAclThatIsStillThereDiffers) {
  approved.slices[0].acls.clear();
  core::Absence absence;
  absence.resource = Read(kTopic, "mobile");
  approved.slices[0].absences.push_back(absence);
  EXPECT_THAT(Wrong(),
              ElementsAre("kafka-differs acl User:mobile READ topic LITERAL " + std::string(kTopic)));
}

TEST_F(ClusterCheck, AnotherLevelAndAMissingSchemaDiffer) {
  Subject().level = "NONE";
  EXPECT_THAT(Wrong(), ElementsAre("registry-differs level of subject acme.d.c.p.events-value"));
  Subject() = {.level = "FULL", .versions = 1, .registered = false, .latest = false, .latest_schema = ""};
  EXPECT_THAT(Wrong(), ElementsAre("registry-differs schema of subject acme.d.c.p.events-value"));
}

TEST_F(ClusterCheck, ATopicWithAnotherIdWasMadeTwice) {
  Topic().id = "id-2";
  EXPECT_THAT(Wrong(), ElementsAre("topic-made-twice topic " + std::string(kTopic)));
  Report(v1::SYNC_STATE_BLOCKED, "TopicLost");
  EXPECT_THAT(Wrong(), ElementsAre("topic-made-twice topic " + std::string(kTopic)));
}

TEST_F(ClusterCheck, AnIdThatTheControlPlaneDoesNotKnowIsWrong) {
  approved.ours.topics[kTopic].id = "";
  EXPECT_THAT(Wrong(), ElementsAre("topic-id-unknown topic " + std::string(kTopic)));
}

TEST_F(ClusterCheck, TwoTopicsOfOneIdAreWrong) {
  approved.ours.topics["acme.d.c.q.events"].id = "id-1";
  EXPECT_THAT(Wrong(), ElementsAre("topic-id-twice topic acme.d.c.q.events"));
}

TEST_F(ClusterCheck, ATopicThatWasThereBeforeIsBlockedAndMustBeReported) {
  approved.ours.topics.clear();
  EXPECT_THAT(Wrong(), ElementsAre("blocked-unreported topic " + std::string(kTopic)));
  Report(v1::SYNC_STATE_BLOCKED, "Exists");
  EXPECT_THAT(Wrong(), IsEmpty());
}

TEST_F(ClusterCheck, ExcessAccessIsNoted) {
  seen.observed.acls->insert(Read(kTopic, "stranger"));
  EXPECT_THAT(Wrong(), IsEmpty());
  EXPECT_THAT(Notes(),
              ElementsAre("excess-access acl User:stranger READ topic LITERAL " + std::string(kTopic)));
  approved.reserved_principals = {"stranger"};
  EXPECT_THAT(Notes(), IsEmpty());
}

TEST_F(ClusterCheck, WhatCannotBeLookedAtIsWrong) {
  seen.registry = absl::UnavailableError("away");
  seen.observed.subjects.reset();
  EXPECT_THAT(Wrong(), ElementsAre("registry-unreadable registry"));
  seen.acls = absl::PermissionDeniedError("no");
  seen.observed.acls.reset();
  EXPECT_THAT(Wrong(), UnorderedElementsAre("registry-unreadable registry", "kafka-unreadable ACLs"));
  seen.kafka = absl::UnavailableError("away");
  seen.observed.topics.reset();
  EXPECT_THAT(Wrong(), ElementsAre("kafka-unreadable Kafka"));
}

TEST_F(ClusterCheck, UnreadableTopicsConcludeNothingElse) {
  seen.observed.topics->erase(kTopic);
  seen.unreadable_topics[kTopic] = absl::PermissionDeniedError("no");
  EXPECT_THAT(Wrong(), ElementsAre("kafka-unreadable topic " + std::string(kTopic)));
}

TEST_F(ClusterCheck, AContentThatIsNotWhatWasRecordedIsWrong) {
  approved.broken.push_back(kSlice);
  EXPECT_THAT(Wrong(), ElementsAre("slice-digest " + std::string(kSlice)));
}

TEST_F(ClusterCheck, AClusterThatIsOnlyObservedMayDiffer) {
  approved.observe_only = true;
  Topic().overrides["retention.ms"] = "6";
  EXPECT_THAT(Wrong(), IsEmpty());
  EXPECT_THAT(Notes(), ElementsAre("observe-only config retention.ms of topic " + std::string(kTopic)));
}

TEST_F(ClusterCheck, WithoutKafkaTheReportsAreBelieved) {
  Findings findings;
  Report(v1::SYNC_STATE_PENDING, "Pending");
  CheckReports(approved, reports, findings);
  EXPECT_THAT(Lines(findings.wrong()), ElementsAre("not-in-sync " + std::string(kSlice)));
  Findings blocked;
  reports[kSlice].set_state(v1::SYNC_STATE_BLOCKED);
  CheckReports(approved, reports, blocked);
  EXPECT_THAT(blocked.wrong(), IsEmpty());
  EXPECT_THAT(Lines(blocked.notes()), ElementsAre("not-in-sync " + std::string(kSlice)));
}

TEST_F(ClusterCheck, ReportedExcessAccessIsNoted) {
  v1::SliceStatus& slice = reports[kSlice];
  slice.set_state(v1::SYNC_STATE_DRIFTED);
  slice.add_conditions()->set_type("ExcessAccess");
  Findings findings;
  CheckReports(approved, reports, findings);
  EXPECT_THAT(findings.wrong(), IsEmpty());
  EXPECT_THAT(Lines(findings.notes()), ElementsAre("excess-access " + std::string(kSlice)));
  slice.add_conditions()->set_type("InSync");  // something else is amiss too
  Findings more;
  CheckReports(approved, reports, more);
  EXPECT_THAT(Lines(more.wrong()), ElementsAre("not-in-sync " + std::string(kSlice)));
}

class ForeignCheck : public ClusterCheck {
 protected:
  ForeignCheck() : before(Summarize(approved, &seen)) { AddSubject(before); }
  void AddSubject(VerifiedCluster& cluster) {
    cluster.set_registry_read(true);
    auto& subject = *cluster.add_foreign_subjects();
    subject.set_name("strange-value");
    subject.set_level("NONE");
    auto& version = *subject.add_versions();
    version.set_version(1);
    version.set_id(7);
    version.set_digest("abc");
  }
  std::vector<std::string> Compared() {
    VerifiedCluster now = Summarize(approved, &seen);
    AddSubject(now);
    return ComparedWith(now);
  }
  std::vector<std::string> ComparedWith(const VerifiedCluster& now) {
    Findings findings;
    CompareForeign(before, now, approved, findings);
    return Lines(findings.wrong());
  }

  VerifiedCluster before;
};

TEST_F(ForeignCheck, ListsWhatNoSliceNames) {
  ASSERT_EQ(before.foreign_topics_size(), 1);
  EXPECT_EQ(before.foreign_topics(0).name(), "strange");
  EXPECT_EQ(before.foreign_topics(0).id(), "id-9");
  EXPECT_THAT(before.foreign_acls(), ElementsAre("User:stranger READ topic LITERAL strange"));
  EXPECT_EQ(before.topics(), 1);
  EXPECT_EQ(before.acls(), 1);
  EXPECT_THAT(Compared(), IsEmpty());
}

TEST_F(ForeignCheck, ATopicThatOnlyHasAGovernedNameIsForeign) {
  approved.ours.topics.clear();
  EXPECT_EQ(Summarize(approved, &seen).foreign_topics_size(), 2);
}

TEST_F(ForeignCheck, EachTouchIsFound) {
  core::ObservedTopic& strange = seen.observed.topics->at("strange");
  const core::ObservedTopic untouched = strange;
  strange.overrides["retention.ms"] = "10";
  EXPECT_THAT(Compared(), ElementsAre("foreign-touched topic strange"));
  strange = untouched;
  strange.partitions = 4;
  EXPECT_THAT(Compared(), ElementsAre("foreign-touched topic strange"));
  strange = untouched;
  strange.id = "id-10";
  EXPECT_THAT(Compared(), ElementsAre("foreign-touched topic strange"));
  seen.observed.topics->erase("strange");
  EXPECT_THAT(Compared(), ElementsAre("foreign-touched topic strange"));
  (*seen.observed.topics)["strange"] = untouched;
  seen.observed.acls->erase(Read("strange", "stranger"));
  EXPECT_THAT(Compared(), ElementsAre("foreign-touched acl User:stranger READ topic LITERAL strange"));
}

TEST_F(ForeignCheck, TouchedSubjectsAreFound) {
  VerifiedCluster now = before;
  now.mutable_foreign_subjects(0)->set_level("FULL");
  EXPECT_THAT(ComparedWith(now), ElementsAre("foreign-touched subject strange-value"));
  now = before;
  now.mutable_foreign_subjects(0)->mutable_versions(0)->set_digest("def");
  EXPECT_THAT(ComparedWith(now), ElementsAre("foreign-touched subject strange-value"));
  now = before;
  now.mutable_foreign_subjects(0)->add_versions()->set_version(2);
  EXPECT_THAT(ComparedWith(now), ElementsAre("foreign-touched subject strange-value"));
  now = before;
  now.clear_foreign_subjects();
  EXPECT_THAT(ComparedWith(now), ElementsAre("foreign-touched subject strange-value"));
}

TEST_F(ForeignCheck, WhatWasDeclaredSinceIsNoLongerForeign) {
  approved.slices[0].acls.push_back(Read("strange", "stranger"));
  EXPECT_THAT(Compared(), IsEmpty());
}

TEST_F(ForeignCheck, AnotherClusterIsNotCompared) {
  seen.cluster_id = "kafka-2";
  seen.observed.topics->erase("strange");
  EXPECT_THAT(Compared(), ElementsAre("another-cluster Kafka"));
}

TEST(Findings, OnlyWhatStaysIsWrong) {
  Findings first, second;
  first.Wrong({"kafka-differs", "eu", "topic a", "m", "r"});
  first.Wrong({"kafka-differs", "eu", "topic b", "m", "r"});
  second.Wrong({"kafka-differs", "eu", "topic b", "another sentence", "r"});
  second.Wrong({"kafka-differs", "eu", "topic c", "m", "r"});
  second.KeepWrongAlsoIn(first);
  ASSERT_EQ(second.wrong().size(), 1u);
  EXPECT_EQ(second.wrong()[0].resource, "topic b");
}

}  // namespace
}  // namespace sluice::cli::verify
