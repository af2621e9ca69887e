// What the chaos test knows: which products it asked for, and which process it kills when. All decisions come
// from one seed, so that a run can be had again; when they take effect is up to the machine.
#pragma once

#include <atomic>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/cluster_view.h"
#include "tests/support/world.h"

namespace sluice::testing {

// Configuration that agents of this test have beside the usual: two clusters of 200 topics on two cores.
inline constexpr char kChaosAgent[] = "resync_interval: 10s\n";

// What was asked for of one product.
struct AskedProduct {
  int retention_days = 0;  // 0: it does not exist yet
  bool mobile_reads = false;
};

// What one round does, product by product.
struct RoundPlan {
  std::vector<int> apply;   // product and grants, as they are to be
  std::vector<int> revoke;  // mobile's grant goes
};

class ChaosModel {
 public:
  ChaosModel(int products, std::string prefix, unsigned seed)
      : products_(static_cast<size_t>(products)), prefix_(std::move(prefix)), random_(seed) {}

  // Decides what the round does; from then on the model wants it. The first one makes everything.
  RoundPlan NextRound();
  std::string Manifests(const std::vector<int>& products) const;
  static std::string NameOf(int product) { return "f-and-r.c" + std::to_string(product); }
  static std::string GrantOf(int product) { return NameOf(product) + "/mobile"; }
  std::string TopicOf(int product) const {
    return prefix_ + "both.f-and-r.forecast.c" + std::to_string(product) + ".events";
  }

  // Why `view`, what a cluster really holds, is not what was asked for; empty: it is.
  std::string Difference(const ClusterView& view) const;

 private:
  std::vector<AskedProduct> products_;
  const std::string prefix_;
  std::mt19937 random_;
  int round_ = 0;
};

// Kills and restarts the control plane and the two agents at random moments until it goes.
class Killer {
 public:
  Killer(World& world, unsigned seed) : world_(world), random_(seed), thread_([this] { Loop(); }) {}
  ~Killer() {
    stop_ = true;
    thread_.join();
  }
  int kills() const { return kills_; }

 private:
  void Loop();

  World& world_;
  std::mt19937 random_;
  std::atomic<bool> stop_ = false;
  std::atomic<int> kills_ = 0;
  std::thread thread_;
};

}  // namespace sluice::testing
