// What the agent's work costs, counted in requests: times are measured by tests/bench.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "agent/acknowledged.h"
#include "agent/reconciler_fixture.h"

namespace sluice::agent {
namespace {

class CostsTest : public ReconcilerTest {
 protected:
  // Slices of one topic with three overrides and three ACLs each.
  static std::vector<core::Slice> Many(int count) {
    std::vector<core::Slice> slices;
    for (int i = 0; i < count; ++i) {
      core::Slice slice = MakeSlice(fmt::format("product/f-and-r.p{:04}/acme", i),
                                    fmt::format("acme.f-and-r.forecast.p{:04}.events", i));
      slice.topics[0].configs["min.insync.replicas"] = "1";
      for (const char* user : {"sa-2", "sa-3"})
        slice.acls.push_back(MakeAcl(user, core::Operation::kRead, slice.topics[0].name));
      slices.push_back(std::move(slice));
    }
    return slices;
  }
  int Mutations() { return kafka_.broker().mutation_requests(); }
  int TimesTold(const std::string& resource) {
    int times = 0;
    for (const auto& event : drift_) times += event.resource() == resource ? 1 : 0;
    return times;
  }
};

TEST_F(CostsTest, ManyResourcesTakeFewRequests) {
  Hold(Many(2000), 1);
  Settle();
  ASSERT_EQ(World().topics.size(), 2000u);
  ASSERT_EQ(World().acls.size(), 6000u);
  // 12,000 records of topics and 6,000 of ACLs: at least three requests of 10,000.
  EXPECT_LE(Mutations(), 4 * 3);
}

TEST_F(CostsTest, WhatIsAsApprovedTakesNoRequestThatChangesAnything) {
  Hold(Many(50), 1);
  Settle();
  const int before = Mutations();
  for (int i = 0; i < 12; ++i) Resync();
  EXPECT_EQ(Mutations(), before);
  Start();  // again, with what is on the disk
  Settle();
  EXPECT_EQ(Mutations(), before);
}

TEST_F(CostsTest, OneChangeLooksAtItsOwnTopicsOnly) {
  std::vector<core::Slice> slices = Many(300);
  Hold(slices, 1);
  Settle();
  const int before = Mutations();
  slices[7].topics[0].configs["retention.ms"] = "1000";
  Hold(slices, 2);
  Settle();
  EXPECT_EQ(World().topics.at(slices[7].topics[0].name).overrides.at("retention.ms"), "1000");
  EXPECT_EQ(Mutations(), before + 1);
}

// To read all keys of all topics is the dearest look there is.
TEST_F(CostsTest, AForeignOverrideIsFoundAtOneOfTenLooksAndToldOnce) {
  Hold(Many(2), 1);
  Settle();
  Resync();
  const std::string topic = "acme.f-and-r.forecast.p0001.events";
  kafka_.broker().Change(
      [&](kafka::World& world) { world.topics.at(topic).overrides["max.message.bytes"] = "7"; });
  const std::string resource = "config max.message.bytes of topic " + topic;
  for (int i = 0; i < options_.looks_per_all_keys; ++i) Resync();
  EXPECT_EQ(TimesTold(resource), 1);
  for (int i = 0; i < 2 * options_.looks_per_all_keys; ++i) Resync();
  EXPECT_EQ(TimesTold(resource), 1) << "looks between do not take it for gone";
}

core::Step CreationIn(const core::Slice& slice) {
  core::Step step;
  step.slice = slice.key;
  step.topic = slice.topics[0];
  return step;
}

TEST_F(CostsTest, OfManyWritesTheNewestIsLookedForFirst) {
  const std::vector<core::Slice> slices = Many(100);
  Hold(slices, 1);
  Acknowledged writes;
  for (const core::Slice& slice : slices) writes.Remember(CreationIn(slice), clock_.Steady());
  EXPECT_EQ(writes.Probe(), std::set<std::string>{slices.back().key});
  EXPECT_EQ(writes.Probe(), std::set<std::string>{slices.back().key}) << "it is not visible yet";

  Observation seen;  // that shows the newest one alone
  seen.observed.topics.emplace()[slices.back().topics[0].name] = {"id", 1, 1, {}};
  writes.Overlay(PartOf(*held_, {slices.back().key}), *held_, {}, clock_.Steady(), seen);
  EXPECT_EQ(writes.Probe().size(), 99u) << "then all the others";
  EXPECT_EQ(writes.Probe(), std::set<std::string>{slices[98].key}) << "of which none was visible";
}

TEST_F(CostsTest, OfFewWritesAllAreLookedFor) {
  const std::vector<core::Slice> slices = Many(3);
  Acknowledged writes;
  for (const core::Slice& slice : slices) writes.Remember(CreationIn(slice), clock_.Steady());
  EXPECT_EQ(writes.Probe().size(), 3u);
}

}  // namespace
}  // namespace sluice::agent
