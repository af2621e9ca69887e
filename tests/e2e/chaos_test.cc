// kill -9 of the control plane and of agents at random moments while 200 products are applied, changed and
// revoked on two real Kafka clusters with real registries. Afterwards `sluice verify` finds nothing wrong,
// and Kafka and the registries hold what the manifests alone say.
//
// SLUICE_CHAOS_ROUNDS: how many rounds (5); SLUICE_CHAOS_SEED: the decisions of an earlier run.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/e2e/chaos_world.h"
#include "tests/support/foreign.h"

namespace sluice::testing {
namespace {

constexpr int kProducts = 200;
constexpr size_t kBatch = 20;     // products in one command
constexpr int kUnreachable = 6;   // exit code: the control plane was away for longer than the command waits
constexpr int kVerifyEvery = 10;  // rounds; and after the last one
constexpr int kTries = 50;

unsigned Setting(const char* name, unsigned otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

class Chaos : public ::testing::Test {
 protected:
  Chaos() : world_(DevEnvironment()["DEV_DIR"]) {}

  void Start() {
    std::printf("SLUICE_CHAOS_SEED=%u in %s\n", seed_, world_.dir().path().c_str());
    std::fflush(stdout);
    world_.StartControlPlane();
    world_.RegisterPlatform(prefix_);
    world_.Expect(0, "data-products", {"apply", "-f", "-"},
                  "kind: Environment\nname: prod\norder: 4\nself_service: true\n"
                  "defaults: {replication_factor: 1, config: {min.insync.replicas: 1, retention.ms: 7d}}\n");
    for (const char* cluster : {"eu-prod", "us-prod"}) {
      world_.StartAgent(cluster, kChaosAgent);
      PlantForeign(cluster, prefix_);
    }
    ASSERT_TRUE(Settled());
    world_.dir().Write("baseline.json", BaselineOf(Verify(), prefix_));
    world_.dir().Write("acknowledged", "");
  }

  // Waits until every slice is reported in sync at its present generation, and checks the control plane's
  // books.
  ::testing::AssertionResult Settled() {
    const Finished done = world_.Sluice("operator", {"verify", "-o", "json", "--settle", "120s"});
    if (done.exit_code == 0) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure()
           << done.errors << FindingsOf(done.output) << world_.Sluice("operator", {"get", "clusters"}).output;
  }

  std::string Verify(const std::vector<std::string>& options = {}) {
    std::vector<std::string> arguments = {"verify", "-o", "json", "--settle", "60s"};
    for (const char* cluster : {"eu-prod", "us-prod"}) {
      arguments.push_back("--agent-config");
      arguments.push_back(world_.dir().File(std::string("agent-") + cluster + ".yaml"));
    }
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Finished done = world_.Sluice("operator", arguments);
    EXPECT_EQ(done.exit_code, 0) << FindingsOf(done.output) << done.errors;
    EXPECT_EQ(FindingsOf(done.output).find("note blocked"), std::string::npos) << FindingsOf(done.output);
    return done.output;
  }

  // Keeps the names of changes that a command told of.
  void Remember(const std::string& names) {
    acknowledged_ += names;
    world_.dir().Write("acknowledged", acknowledged_);
  }

  void Apply(const std::vector<int>& products) {
    const std::string manifests = model_.Manifests(products);
    for (int i = 0; i < kTries; ++i) {
      const Finished done = world_.Sluice("plan-owner", {"apply", "-f", "-", "-o", "name"}, manifests);
      if (done.exit_code == 0) return Remember(done.output);
      ASSERT_EQ(done.exit_code, kUnreachable) << done.output << done.errors;
    }
    FAIL() << "the control plane was away for too long";
  }

  void Revoke(const std::vector<int>& products) {
    std::set<std::string> grants;
    for (const int product : products) grants.insert(ChaosModel::GrantOf(product));
    for (int i = 0; i < kTries && !grants.empty(); ++i) {
      std::vector<std::string> arguments = {"delete", "grant", "-o", "name"};
      arguments.insert(arguments.end(), grants.begin(), grants.end());
      const Finished done = world_.Sluice("plan-owner", arguments);
      if (done.exit_code == 0) return Remember(done.output);
      ASSERT_EQ(done.exit_code, kUnreachable) << done.output << done.errors;
      KeepPresent(grants);  // it may have happened, although nobody was told
    }
    EXPECT_TRUE(grants.empty()) << "the control plane was away for too long";
  }

  void KeepPresent(std::set<std::string>& grants) {
    const Finished done = world_.Sluice("plan-owner", {"get", "grants", "-o", "name"});
    if (done.exit_code != 0) return;
    std::set<std::string> present;
    std::istringstream words(done.output);
    for (std::string word; words >> word;) {
      if (grants.contains(word)) present.insert(word);
    }
    grants = std::move(present);
  }

  template <typename Act>
  void InBatches(const std::vector<int>& products, const Act& act) {
    for (size_t first = 0; first < products.size() && !HasFatalFailure(); first += kBatch) {
      act({products.begin() + static_cast<std::ptrdiff_t>(first),
           products.begin() + static_cast<std::ptrdiff_t>(std::min(products.size(), first + kBatch))});
    }
  }

  void Round(unsigned number) {
    const RoundPlan plan = model_.NextRound();
    Killer killer(world_, seed_ + number);
    InBatches(plan.apply, [&](const std::vector<int>& batch) { Apply(batch); });
    InBatches(plan.revoke, [&](const std::vector<int>& batch) { Revoke(batch); });
    // Some more while the agents still work.
    const int kills = killer.kills();
    EXPECT_TRUE(Eventually([&] { return killer.kills() >= kills + 2; }));
    kills_ += killer.kills();
  }

  std::map<std::string, std::string> TopicIds(const std::string& cluster) {
    std::map<std::string, std::string> ids;
    for (const auto& [name, topic] : Look(cluster, prefix_).topics) ids[name] = topic.id;
    return ids;
  }

  const unsigned seed_ = Setting("SLUICE_CHAOS_SEED", std::random_device()());
  const std::string prefix_ = RandomPrefix();
  World world_;
  ChaosModel model_{kProducts, prefix_, seed_};
  std::string acknowledged_;
  int kills_ = 0;
};

TEST_F(Chaos, KillsAtRandomMomentsLoseNothing) {
  ASSERT_FALSE(DevEnvironment().empty()) << "no dev clusters: ./run test starts them";
  const unsigned rounds = Setting("SLUICE_CHAOS_ROUNDS", 5);
  ASSERT_NO_FATAL_FAILURE(Start());
  std::map<std::string, std::map<std::string, std::string>> ids;
  for (unsigned round = 1; round <= rounds && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round) + ", seed " + std::to_string(seed_));
    Round(round);
    ASSERT_TRUE(Settled());
    if (round == 1) {
      for (const char* cluster : {"eu-prod", "us-prod"}) ids[cluster] = TopicIds(cluster);
    }
    if (round % kVerifyEvery != 0 && round != rounds) continue;
    Verify(
        {"--baseline", world_.dir().File("baseline.json"), "--changes", world_.dir().File("acknowledged")});
    std::printf("round %u of %u: %d kills, %td changes acknowledged, nothing is wrong\n", round, rounds,
                kills_, std::count(acknowledged_.begin(), acknowledged_.end(), '\n'));
    std::fflush(stdout);
  }
  // The same without our own reading of what was approved: from the manifests alone.
  for (const char* cluster : {"eu-prod", "us-prod"}) {
    EXPECT_EQ(model_.Difference(Look(cluster, prefix_)), "") << cluster;
    EXPECT_EQ(TopicIds(cluster), ids[cluster]) << "topics were made twice on " << cluster;
  }
  EXPECT_GT(std::count(acknowledged_.begin(), acknowledged_.end(), '\n'), kProducts / 2);
}

}  // namespace
}  // namespace sluice::testing
