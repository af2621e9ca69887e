// kill -9 of the control plane and of agents at random moments while 50 products are applied, changed and revoked. Afterwards Kafka and
// the registries equal the approved state, every acknowledged change is there, each with one audit entry of each kind.
#include <signal.h>

#include <atomic>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/cluster_view.h"
#include "tests/support/world.h"

namespace sluice::testing {
namespace {

constexpr int kProducts = 50;
constexpr int kRounds = 3;

enum class Round { kCreate, kChange, kRevoke };

std::string Name(int i) { return "p" + std::to_string(i); }

std::string Manifest(int i, Round round) {
  std::string text = "kind: DataProduct\nname: f-and-r." + Name(i) +
                     "\ncategory: forecast\nownership: BROADCASTING\nowners: [app:plan]\ncustomers: {all: true}\nversions:\n- major: 1\n"
                     "  schema: {text: '{\"type\": \"object\"}'}\n  streams:\n  - {suffix: events, key: {fields: [/id]}, config: {retention.ms: " +
                     std::to_string(round == Round::kCreate ? 7 : 8) + "d}}\n";
  if (round == Round::kCreate) {
    text += "---\nkind: Grant\nname: f-and-r." + Name(i) + "/plan\npurpose: p\naccess: [{role: PRODUCER, majors: [1], environments: [prod]}]\n";
    text += "---\nkind: Grant\nname: f-and-r." + Name(i) + "/mobile\npurpose: c\naccess: [{role: CONSUMER, majors: [1], environments: [prod]}]\n";
  }
  return text;
}

// Kills and restarts one of the three servers at random moments until told to stop.
class Killer {
 public:
  Killer(World& world, unsigned seed) : world_(world), random_(seed), thread_([this] { Loop(); }) {}
  ~Killer() {
    stop_ = true;
    thread_.join();
  }

 private:
  void Loop() {
    while (!stop_) {
      const int pause_ms = std::uniform_int_distribution<>(100, 1500)(random_);
      std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
      switch (std::uniform_int_distribution<>(0, 2)(random_)) {
        case 0:
          world_.StopControlPlane(SIGKILL);
          world_.StartControlPlane();
          break;
        case 1: Restart("eu-prod"); break;
        default: Restart("us-prod"); break;
      }
    }
  }
  void Restart(const std::string& cluster) {
    world_.StopAgent(cluster, SIGKILL);
    world_.StartAgent(cluster);
  }

  World& world_;
  std::mt19937 random_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

// Asks again until the request was acknowledged, as a person would.
void Acknowledged(World& world, const std::vector<std::string>& arguments, const std::string& input = "") {
  Finished last;
  ASSERT_TRUE(Eventually([&] {
    last = world.Sluice("plan-owner", arguments, input);
    return last.exit_code == 0;
  })) << last.exit_code << last.output << last.errors;
}

void Act(World& world, int i, Round round) {
  if (round != Round::kRevoke) return Acknowledged(world, {"apply", "-f", "-"}, Manifest(i, round));
  ASSERT_TRUE(Eventually([&] {
    // A repetition after an unknown outcome finds the grant gone, which is what was asked for.
    const Finished done = world.Sluice("plan-owner", {"delete", "grant", "f-and-r." + Name(i) + "/mobile"});
    return done.exit_code == 0 || world.Sluice("plan-owner", {"get", "grant", "f-and-r." + Name(i) + "/mobile"}).exit_code == 1;
  }));
}

// What should be on a cluster, written down from the manifests alone.
struct Expected {
  std::set<std::string> topics, acls, subjects;
};

Expected Approved(const std::string& cluster, const std::string& prefix, Round last) {
  Expected expected;
  const std::string region = cluster.substr(0, 2);
  for (int i = 0; i < kProducts; ++i) {
    for (const std::string& customer : {prefix + region, prefix + "both"}) {
      const std::string topic = customer + ".f-and-r.forecast." + Name(i) + ".events";
      expected.topics.insert(topic);
      expected.subjects.insert(topic + "-value");
      expected.acls.insert("User:" + prefix + "plan WRITE topic LITERAL " + topic);
      if (last != Round::kRevoke) expected.acls.insert("User:" + prefix + "mobile READ topic LITERAL " + topic);
    }
  }
  for (const std::string application : {"plan", "mobile", "desk"}) {
    const std::string user = "User:" + prefix + application;
    expected.acls.insert(user + " READ group PREFIXED " + prefix + application + ".");
    expected.acls.insert(user + " WRITE transactional-id PREFIXED " + prefix + application + ".");
  }
  return expected;
}

bool Equals(const ClusterView& view, const Expected& expected, Round last) {
  std::set<std::string> topics, subjects;
  for (const auto& [name, topic] : view.topics) {
    const auto retention = topic.overrides.find("retention.ms");
    if (retention == topic.overrides.end()) return false;
    if (retention->second != (last == Round::kCreate ? "604800000" : "691200000")) return false;
    topics.insert(name);
  }
  for (const auto& [name, subject] : view.subjects) {
    if (subject.versions != 1 || subject.level != "FORWARD_TRANSITIVE") return false;
    subjects.insert(name);
  }
  return topics == expected.topics && subjects == expected.subjects && view.acls == expected.acls;
}

int Count(const std::string& text, const std::string& what) {
  int count = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST(Chaos, KillsAtRandomMomentsLoseNothing) {
  std::map<std::string, std::string> dev = DevEnvironment();
  ASSERT_FALSE(dev.empty()) << "no dev clusters: ./run test starts them";
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  const std::string prefix = RandomPrefix();
  World world(dev["DEV_DIR"]);
  world.StartControlPlane();
  world.RegisterPlatform(prefix);
  world.Expect(0, "data-products", {"apply", "-f", "-"},
               "kind: Environment\nname: prod\norder: 4\nself_service: true\n"
               "defaults: {replication_factor: 1, config: {min.insync.replicas: 1, retention.ms: 7d}}\n");
  world.StartAgent("eu-prod");
  world.StartAgent("us-prod");

  for (int round = 0; round < kRounds; ++round) {
    const Round what = static_cast<Round>(round);
    {
      Killer killer(world, seed + round);
      for (int i = 0; i < kProducts && !::testing::Test::HasFatalFailure(); ++i) Act(world, i, what);
    }
    for (const std::string cluster : {"eu-prod", "us-prod"}) {
      const Expected expected = Approved(cluster, prefix, what);
      EXPECT_TRUE(Eventually([&] { return Equals(Look(cluster, prefix), expected, what); }, 120))
          << "round " << round << " on " << cluster << ": " << Look(cluster, prefix).topics.size() << " topics, "
          << Look(cluster, prefix).acls.size() << " ACLs, " << Look(cluster, prefix).subjects.size() << " subjects";
    }
  }

  // Every released change has one entry that proposed it and one that released it.
  std::istringstream changes(world.Expect(0, "operator", {"get", "changes", "-o", "name"}));
  int released = 0;
  for (std::string change; changes >> change; ++released) {
    const std::string audit = world.Expect(0, "auditor", {"audit", "query", "--change", change, "--action", "change.", "-o", "json"});
    EXPECT_EQ(Count(audit, "\"change.proposed\""), 1) << change << audit;
    EXPECT_EQ(Count(audit, "\"change.released\""), 1) << change << audit;
  }
  EXPECT_GE(released, kProducts * kRounds);
}

}  // namespace
}  // namespace sluice::testing
