// Faults in the control plane's books, each planted and found.
#include "cli/verify/audit_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::cli::verify {
namespace {

namespace v1 = sluice::v1;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

v1::AuditEntry Entry(int64_t seq, const std::string& action = "slice.applied", const std::string& change = "",
                     const std::vector<std::string>& resources = {}) {
  v1::AuditEntry entry;
  entry.set_seq(seq);
  entry.set_action(action);
  entry.set_change(change);
  for (const std::string& resource : resources) entry.add_resources(resource);
  return entry;
}

std::vector<std::string> GapsOf(const std::vector<int64_t>& latest_first) {
  AuditTally tally;
  Findings findings;
  for (const int64_t seq : latest_first) tally.Take(Entry(seq), findings);
  tally.Finish(findings);
  std::vector<std::string> gaps;
  for (const Finding& finding : findings.wrong()) {
    EXPECT_EQ(finding.check, "audit-gap");
    gaps.push_back(finding.resource);
  }
  return gaps;
}

TEST(AuditTally, FindsGapsRepetitionsAndALostBeginning) {
  EXPECT_THAT(GapsOf({}), IsEmpty());
  EXPECT_THAT(GapsOf({3, 2, 1}), IsEmpty());
  EXPECT_THAT(GapsOf({4, 2, 1}), ElementsAre("audit entry 3"));
  EXPECT_THAT(GapsOf({3, 3, 2, 1}), ElementsAre("audit entry 2"));
  EXPECT_THAT(GapsOf({3, 1, 2}), ElementsAre("audit entry 2", "audit entry 0", "audit entry 1"));
  EXPECT_THAT(GapsOf({5, 4, 3}), ElementsAre("audit entry 1"));
}

TEST(AuditTally, CountsStepsAndKnowsTheLastRelease) {
  AuditTally tally;
  Findings findings;
  tally.Take(Entry(4, "change.released", "C-2", {"change/C-2", "grant/a.b/c"}), findings);
  tally.Take(Entry(3, "change.proposed", "C-2", {"change/C-2", "grant/a.b/c"}), findings);
  tally.Take(Entry(2, "change.released", "C-1", {"change/C-1", "grant/a.b/c", "domain/a"}), findings);
  tally.Take(Entry(1, "change.proposed", "C-1"), findings);
  EXPECT_EQ(tally.entries(), 4);
  EXPECT_EQ(tally.changes().at("C-1").released, 1);
  EXPECT_EQ(tally.changes().at("C-2").proposed, 1);
  EXPECT_EQ(tally.last_release().at("grant/a.b/c"), "C-2");
  EXPECT_EQ(tally.last_release().at("domain/a"), "C-1");
  EXPECT_EQ(tally.last_release().count("change/C-1"), 0u);
}

v1::Change Released() {
  v1::Change change;
  change.set_name("C-1");
  change.set_state(v1::Change::STATE_RELEASED);
  change.set_release_revision(5);
  v1::Edit& edit = *change.add_edits();
  edit.mutable_resource()->mutable_domain()->set_name("a");
  edit.mutable_resource()->mutable_domain()->set_title("A");
  return change;
}

TEST(FaultOf, AReleasedChangeHasEachStepOnce) {
  EXPECT_EQ(FaultOf(Released(), {.proposed = 1, .released = 1}), "");
  EXPECT_THAT(FaultOf(Released(), {.proposed = 1}), HasSubstr("0 entries change.released"));
  EXPECT_THAT(FaultOf(Released(), {.proposed = 1, .released = 2}), HasSubstr("2 entries change.released"));
  EXPECT_THAT(FaultOf(Released(), {.proposed = 2, .released = 1}), HasSubstr("2 entries change.proposed"));
  EXPECT_THAT(FaultOf(Released(), {.proposed = 1, .released = 1, .rejected = 1}),
              HasSubstr("change.rejected"));
  EXPECT_THAT(FaultOf(Released(), {}), HasSubstr("0 entries change.proposed"));
  v1::Change without_revision = Released();
  without_revision.set_release_revision(0);
  EXPECT_THAT(FaultOf(without_revision, {.proposed = 1, .released = 1}), HasSubstr("revision 0"));
}

TEST(FaultOf, ApprovalsHaveEntries) {
  v1::Change change = Released();
  change.add_approvals();
  EXPECT_THAT(FaultOf(change, {.proposed = 1, .released = 1}), HasSubstr("0 entries change.approved for 1"));
  EXPECT_EQ(FaultOf(change, {.proposed = 1, .approved = 1, .released = 1}), "");
  EXPECT_THAT(FaultOf(change, {.proposed = 1, .approved = 2, .released = 1}),
              HasSubstr("2 entries change.approved"));
  // An edit voids approvals that were given.
  EXPECT_EQ(FaultOf(change, {.proposed = 1, .edited = 1, .approved = 2, .released = 1}), "");
}

TEST(FaultOf, EveryEndHasItsEntry) {
  v1::Change change;
  change.set_state(v1::Change::STATE_WAITING);
  EXPECT_EQ(FaultOf(change, {.proposed = 1}), "");
  EXPECT_NE(FaultOf(change, {.proposed = 1, .released = 1}), "");
  change.set_state(v1::Change::STATE_STALE);
  EXPECT_EQ(FaultOf(change, {.proposed = 1, .stale = 1}), "");
  EXPECT_NE(FaultOf(change, {.proposed = 1}), "");
  change.set_state(v1::Change::STATE_WITHDRAWN);
  EXPECT_EQ(FaultOf(change, {.proposed = 1, .withdrawn = 1}), "");
  change.set_state(v1::Change::STATE_REJECTED);
  EXPECT_EQ(FaultOf(change, {.proposed = 1, .rejected = 1}), "");
}

TEST(DefinitionFault, TheContentIsWhatTheChangeReleased) {
  v1::Resource definition = Released().edits(0).resource();
  definition.mutable_domain()->set_etag("5");
  definition.mutable_domain()->mutable_meta()->set_revision(5);
  EXPECT_EQ(DefinitionFault(definition, Released()), "");
  definition.mutable_domain()->set_title("B");
  EXPECT_THAT(DefinitionFault(definition, Released()), HasSubstr("not what C-1 released"));
  definition.mutable_domain()->set_name("b");
  EXPECT_THAT(DefinitionFault(definition, Released()), HasSubstr("does not edit it"));
}

TEST(DefinitionFault, TheChangeWasReleasedAndPutsIt) {
  const v1::Resource definition = Released().edits(0).resource();
  v1::Change change = Released();
  EXPECT_FALSE(Deletes(change, "domain/a"));
  change.mutable_edits(0)->set_action(v1::Edit::ACTION_DELETE);
  EXPECT_THAT(DefinitionFault(definition, change), HasSubstr("deletes it"));
  EXPECT_TRUE(Deletes(change, "domain/a"));
  change = Released();
  change.set_state(v1::Change::STATE_WAITING);
  EXPECT_THAT(DefinitionFault(definition, change), HasSubstr("is waiting"));
}

}  // namespace
}  // namespace sluice::cli::verify
