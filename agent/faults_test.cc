// Promise 5 on the fakes: whatever goes wrong in whatever order, when faults stop Kafka and the registry
// equal the approved state within two resync periods, and what is foreign was never touched.
#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "agent/reconciler_fixture.h"

namespace sluice::agent {
namespace {

constexpr int kProducts = 4;

// Thrown where the process is killed.
struct Killed {};

// A target whose process is killed just before or just after the n-th call that changes something.
template <typename Target>
class Mortal : public Target {
 public:
  explicit Mortal(Target& target) : target_(target) {}
  // 0: never.
  void KillAt(int call, bool after) {
    call_ = call;
    after_ = after;
  }
  std::vector<StepResult> Apply(const std::vector<core::Step>& steps) override {
    const bool now = call_ > 0 && --call_ == 0;
    if (now && !after_) throw Killed();
    std::vector<StepResult> results = target_.Apply(steps);
    if (now) throw Killed();
    return results;
  }
  void Stop() override { target_.Stop(); }

 protected:
  Target& target_;

 private:
  int call_ = 0;
  bool after_ = false;
};

class MortalKafka final : public Mortal<KafkaTarget> {
 public:
  using Mortal::Mortal;
  absl::StatusOr<KafkaState> Observe(const KafkaQuery& query) override { return target_.Observe(query); }
};

class MortalRegistry final : public Mortal<RegistryTarget> {
 public:
  using Mortal::Mortal;
  absl::StatusOr<RegistryState> Observe(const std::vector<core::Subject>& desired) override {
    return target_.Observe(desired);
  }
};

class FaultsTest : public ReconcilerTest, public ::testing::WithParamInterface<int> {
 protected:
  FaultsTest() : random_(static_cast<uint64_t>(GetParam())) {
    kafka_.broker().Change([](kafka::World& world) {
      world.topics["legacy.orders"] = {"foreign", 3, 1, {{"retention.ms", "1"}}};
      world.acls.insert(MakeAcl("legacy", core::Operation::kWrite, "legacy.orders"));
    });
    for (int i = 0; i < kProducts; ++i) {
      const std::string name = "product-" + std::to_string(i);
      approved_.push_back(WithSubject(
          MakeSlice("product/f-and-r." + name + "/acme", "acme.f-and-r.forecast." + name + ".events")));
    }
    Start();
  }

  Targets To() override { return {mortal_kafka_, &mortal_registry_}; }

  void Run() {
    try {
      reconciler_->RunOnce();
    } catch (const Killed&) {
      Start();
    }
  }

  int Draw(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  core::Slice& AnySlice() { return approved_[static_cast<size_t>(Draw(kProducts))]; }

  // A release: a reader comes or goes, or a config changes. The former reader becomes an absence.
  void Release() {
    core::Slice& slice = AnySlice();
    const core::Acl reader =
        MakeAcl("sa-" + std::to_string(10 + Draw(3)), core::Operation::kRead, slice.topics[0].name);
    auto found = std::find(slice.acls.begin(), slice.acls.end(), reader);
    std::erase_if(slice.absences, [&](const core::Absence& absence) {
      return absence.resource == decltype(absence.resource)(reader);
    });
    if (found == slice.acls.end()) {
      slice.acls.push_back(reader);
      std::sort(slice.acls.begin(), slice.acls.end());
    } else {
      slice.acls.erase(found);
      slice.absences.push_back({reader, revision_ + 1, "C-1"});
    }
    slice.topics[0].configs["retention.ms"] = std::to_string(1000 * (1 + Draw(100)));
    Hold(approved_, ++revision_);
  }

  // A topic is deleted by hand, and given up by a person.
  void LoseTopic() {
    core::Slice& slice = AnySlice();
    const std::string name = slice.topics[0].name;
    const auto owned = journal_->ours().topics.find(name);
    if (owned == journal_->ours().topics.end() || owned->second.id.empty()) return;
    kafka_.broker().Change([&](kafka::World& world) { world.topics.erase(name); });
    std::erase_if(slice.absences, [](const core::Absence& absence) {
      return std::holds_alternative<core::LostTopic>(absence.resource);
    });
    slice.absences.push_back({core::LostTopic{name, owned->second.id, ""}, revision_ + 1, "C-2"});
    Hold(approved_, ++revision_);
  }

  // Somebody changes what is ours behind our back.
  void Tamper() {
    const core::Slice& slice = AnySlice();
    kafka_.broker().Change([&](kafka::World& world) {
      auto topic = world.topics.find(slice.topics[0].name);
      if (topic != world.topics.end()) topic->second.overrides["retention.ms"] = "7";
      world.acls.erase(slice.acls[0]);
    });
    registry_.Change([&](FakeRegistry::World& world) {
      auto subject = world.find(slice.subjects[0].name);
      if (subject != world.end()) subject->second.level = "NONE";
    });
  }

  void Disturb() {
    switch (Draw(15)) {
      case 0:
        kafka_.broker().SetReachable(Draw(2) == 0);
        break;
      case 1:
        registry_.SetReachable(Draw(2) == 0);
        break;
      case 2:
        kafka_.broker().LoseAnswers(1 + Draw(2));
        break;
      case 3:
        registry_.LoseAnswers(1 + Draw(2));
        break;
      case 4:
        kafka_.broker().HideWrites(Draw(4));
        break;
      case 5:
        kafka_.broker().AskToRetry(1 + Draw(3));
        break;
      case 6:
        kafka_.broker().Refuse(AnySlice().topics[0].name,
                               Draw(2) == 0 ? absl::OkStatus() : absl::InvalidArgumentError("no"));
        break;
      case 7:
        registry_.Refuse(AnySlice().subjects[0].name,
                         Draw(2) == 0 ? absl::OkStatus() : absl::FailedPreconditionError("409"));
        break;
      case 8:
        Start();
        break;
      case 9:
      case 10:
        Release();
        break;
      case 11:
        Tamper();
        break;
      case 12:
        mortal_kafka_.KillAt(1 + Draw(3), Draw(2) == 0);
        break;
      case 13:
        mortal_registry_.KillAt(1 + Draw(3), Draw(2) == 0);
        break;
      case 14:
        LoseTopic();
        break;
    }
  }

  void StopFaults() {
    mortal_kafka_.KillAt(0, false);
    mortal_registry_.KillAt(0, false);
    kafka_.broker().SetReachable(true);
    registry_.SetReachable(true);
    kafka_.broker().LoseAnswers(0);
    registry_.LoseAnswers(0);
    kafka_.broker().HideWrites(0);
    kafka_.broker().AskToRetry(0);
    for (const core::Slice& slice : approved_) {
      kafka_.broker().Refuse(slice.topics[0].name, absl::OkStatus());
      registry_.Refuse(slice.subjects[0].name, absl::OkStatus());
    }
  }

  void ExpectApproved() {
    const kafka::World world = World();
    std::set<core::Acl> acls = {MakeAcl("legacy", core::Operation::kWrite, "legacy.orders")};
    for (const core::Slice& slice : approved_) {
      acls.insert(slice.acls.begin(), slice.acls.end());
      const core::Topic& topic = slice.topics[0];
      ASSERT_EQ(world.topics.count(topic.name), 1u) << topic.name;
      EXPECT_EQ(world.topics.at(topic.name).overrides, topic.configs) << topic.name;
      EXPECT_EQ(journal_->ours().topics.at(topic.name).id, world.topics.at(topic.name).id);
      const auto registry = registry_.Look();
      ASSERT_EQ(registry.count(slice.subjects[0].name), 1u);
      EXPECT_EQ(registry.at(slice.subjects[0].name).level, "FORWARD_TRANSITIVE");
      EXPECT_EQ(registry.at(slice.subjects[0].name).versions.size(), 1u);
      EXPECT_EQ(Report(slice.key).state(), sluice::v1::SYNC_STATE_IN_SYNC) << Report(slice.key).DebugString();
      EXPECT_EQ(Report(slice.key).applied_generation(), held_->slices.at(slice.key)->generation);
    }
    EXPECT_EQ(world.acls, acls);
    EXPECT_EQ(world.topics.size(), kProducts + 1u);
    EXPECT_EQ(world.topics.at("legacy.orders"),
              (core::ObservedTopic{"foreign", 3, 1, {{"retention.ms", "1"}}}));
  }

  MortalKafka mortal_kafka_{kafka_};
  MortalRegistry mortal_registry_{registry_};
  std::mt19937_64 random_;
  std::vector<core::Slice> approved_;
  int64_t revision_ = 1;
};

TEST_P(FaultsTest, WhenFaultsStopAllIsAsApproved) {
  Hold(approved_, revision_);
  for (int i = 0; i < 40; ++i) {
    Disturb();
    for (int round = Draw(4); round > 0; --round) {
      Run();
      Advance(std::chrono::milliseconds(Draw(20'000)));
    }
  }
  StopFaults();
  for (int period = 0; period < 2; ++period) {
    Advance(options_.resync_interval * 11 / 10);
    Settle();
  }
  ExpectApproved();
  const int sent = kafka_.broker().mutation_requests();
  Resync();
  EXPECT_EQ(kafka_.broker().mutation_requests(), sent) << "and then there is nothing left to do";
}

INSTANTIATE_TEST_SUITE_P(Seeds, FaultsTest, ::testing::Range(1, 61));

}  // namespace
}  // namespace sluice::agent
