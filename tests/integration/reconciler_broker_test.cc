// The reconciler on a real broker: many writes at once, of which a broker shows some only seconds later, and
// a way to the broker that fails again and again in the middle.
#include <gmock/gmock.h>

#include <random>
#include <thread>

#include "agent/kafka/client.h"
#include "agent/kafka/kafka.h"
#include "agent/reconciler.h"
#include "agent/registry/fake.h"
#include "agent/temporary_directory.h"
#include "tests/support/dev_cluster.h"
#include "tests/support/tcp_proxy.h"
#include "tests/support/world.h"

namespace sluice::testing {
namespace {

namespace v1 = sluice::v1;
using agent::DesiredState;
using agent::HeldSlice;
using agent::KafkaOptions;
using agent::KafkaTarget;
using agent::Outcome;
using agent::StepResult;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::IsEmpty;

KafkaOptions Options(const DevCluster& cluster, const ClientCertificate& identity) {
  KafkaOptions options;
  options.bootstrap_servers = cluster.bootstrap_mtls;
  options.ca_file = cluster.ca_file;
  options.certificate_file = identity.certificate_file;
  options.key_file = identity.key_file;
  return options;
}

// Counts what is sent.
class Counting final : public KafkaTarget {
 public:
  explicit Counting(std::unique_ptr<KafkaTarget> target) : target_(std::move(target)) {}
  absl::StatusOr<agent::KafkaState> Observe(const agent::KafkaQuery& query) override {
    return target_->Observe(query);
  }
  std::vector<StepResult> Apply(const std::vector<core::Step>& steps) override {
    std::vector<StepResult> results = target_->Apply(steps);
    std::lock_guard lock(mutex_);
    for (size_t i = 0; i < steps.size(); ++i) {
      const std::string resource(steps[i].resource);
      if (results[i].outcome == Outcome::kDone && ++done_[resource + steps[i].key] > 1)
        again_.push_back(resource);
    }
    return results;
  }
  void Stop() override { target_->Stop(); }
  size_t done() const {
    std::lock_guard lock(mutex_);
    return done_.size();
  }
  std::vector<std::string> again() const {
    std::lock_guard lock(mutex_);
    return again_;
  }

 private:
  const std::unique_ptr<KafkaTarget> target_;
  mutable std::mutex mutex_;
  std::map<std::string, int> done_;  // acknowledged steps
  std::vector<std::string> again_;   // those that were sent and acknowledged again
};

// A reconciler in a thread of its own, as in an agent.
class Running {
 public:
  Running(const KafkaOptions& kafka, const std::string& prefix) : prefix_(prefix) {
    auto opened = agent::OpenKafka(kafka);
    EXPECT_TRUE(opened.ok()) << opened.status();
    target_ = std::make_unique<Counting>(*std::move(opened));
    auto journal = agent::Journal::Open(directory_.path() + "/journal.db");
    EXPECT_TRUE(journal.ok()) << journal.status();
    journal_ = *std::move(journal);
    agent::ReconcilerOptions options;
    options.resync_interval = seconds(1);
    reconciler_ = std::make_unique<agent::Reconciler>(
        options, agent::ReconcilerParts{clock_, *journal_, {*target_, &registry_}, book_, metrics_},
        std::make_shared<DesiredState>(), "");
    thread_ = std::thread([this] { reconciler_->Loop(); });
  }
  ~Running() {
    reconciler_->Stop();
    target_->Stop();
    thread_.join();
  }

  // `count` products with three overrides and three ACLs each, from now on.
  void Hold(int count, int64_t revision) {
    auto state = std::make_shared<DesiredState>();
    state->revision = revision;
    state->may_apply = true;
    state->received = clock_.Now();
    state->reserved_principals = {"sluice-agent-eu-prod"};
    agent::DesiredUpdate update;
    for (int i = 0; i < count; ++i) {
      auto held = std::make_shared<HeldSlice>();
      held->generation = revision;
      held->slice = Slice(i);
      update.changed.insert(held->slice.key);
      state->slices[held->slice.key] = held;
    }
    update.state = state;
    reconciler_->Post(update);
    count_ = static_cast<size_t>(count);
  }

  core::Slice Slice(int number) const {
    core::Slice slice;
    const std::string name = prefix_ + ".f-and-r.forecast.p" + std::to_string(number) + ".events";
    slice.key = "product/f-and-r.p" + std::to_string(number) + "/" + prefix_;
    core::Topic topic;
    topic.name = name;
    topic.partitions = 1;
    topic.replication_factor = 1;
    topic.configs = core::Config{
        {"cleanup.policy", "compact"}, {"min.insync.replicas", "1"}, {"retention.ms", "604800000"}};
    slice.topics.push_back(topic);
    for (const char* user : {"a", "b", "c"}) {
      core::Acl acl;
      acl.resource = name;
      acl.principal = "User:" + prefix_ + user;
      acl.operation = core::Operation::kRead;
      slice.acls.push_back(acl);
    }
    return slice;
  }

  // Takes in what was reported so far.
  void Collect() {
    while (auto request = book_.Next()) {
      for (const auto& report : request->slices()) {
        reports_[report.key()] = report;
        for (const auto& condition : report.conditions()) reasons_.insert(condition.reason());
      }
      for (const auto& event : request->drift()) {
        if (event.reaction() == "healed" || event.reaction() == "contested") drift_.push_back(event.resource() + " " + event.reaction());
      }
      for (const auto& condition : request->conditions()) {
        if (condition.type() == "KafkaReachable")
          reachable_.insert(condition.status() == v1::Condition::STATUS_TRUE);
      }
      book_.Acknowledge();
    }
  }
  bool AllInSync() {
    Collect();
    size_t in_sync = 0;
    for (const auto& [key, report] : reports_) in_sync += report.state() == v1::SYNC_STATE_IN_SYNC ? 1 : 0;
    return in_sync == count_;
  }

  Counting& target() { return *target_; }
  const std::vector<std::string>& drift() const { return drift_; }
  const std::set<std::string>& reasons() const { return reasons_; }
  const std::set<bool>& reachable() const { return reachable_; }

 private:
  const std::string prefix_;
  SystemClock clock_;
  agent::TemporaryDirectory directory_;
  agent::FakeRegistry registry_;
  metrics::Metrics metrics_{metrics::Program::kAgent};
  agent::ReportBook book_{"eu-prod", "run", clock_};
  std::unique_ptr<Counting> target_;
  std::unique_ptr<agent::Journal> journal_;
  std::unique_ptr<agent::Reconciler> reconciler_;
  std::thread thread_;
  size_t count_ = 0;
  std::map<std::string, v1::SliceReport> reports_;
  std::set<std::string> reasons_;  // of all conditions of slices so far
  std::vector<std::string> drift_;
  std::set<bool> reachable_;
};

class ReconcilerOnABroker : public ::testing::Test {
 protected:
  // What the cluster holds of ours, seen by its administrator: topics, and how many ACLs.
  std::pair<std::map<std::string, core::ObservedTopic>, size_t> Look() {
    auto opened = agent::OpenKafka(Options(cluster_, cluster_.admin));
    EXPECT_TRUE(opened.ok()) << opened.status();
    auto state = (*opened)->Observe({});
    EXPECT_TRUE(state.ok()) << state.status();
    std::erase_if(state->topics, [&](const auto& item) { return item.first.rfind(prefix_, 0) != 0; });
    size_t acls = 0;
    for (const core::Acl& acl : *state->acls) acls += acl.principal.starts_with("User:" + prefix_) ? 1 : 0;
    std::map<std::string, core::ObservedTopic> topics(state->topics.begin(), state->topics.end());
    return {topics, acls};
  }

  const DevCluster cluster_ = UseDevCluster();
  const std::string prefix_ = UniqueName("t");
};

TEST_F(ReconcilerOnABroker, ManyWritesAreSentOnceHoweverLateTheyAreVisible) {
  constexpr int kProducts = 400;
  Running running(Options(cluster_, cluster_.agent), prefix_);
  running.Hold(kProducts, 1);
  EXPECT_TRUE(Eventually([&] { return running.AllInSync(); }));
  EXPECT_THAT(running.target().again(), IsEmpty());
  EXPECT_EQ(running.target().done(), kProducts * 4U);
  EXPECT_THAT(running.drift(), IsEmpty());
  for (const char* reason : {"TopicLost", "Exists", "Drifted", "AlreadyExists", "OutcomeUnknown"})
    EXPECT_EQ(running.reasons().count(reason), 0U) << reason;
  const auto [topics, acls] = Look();
  EXPECT_EQ(topics.size(), static_cast<size_t>(kProducts));
  EXPECT_EQ(acls, kProducts * 3U);
}

// Connections are cut, answers are lost in the middle or do not come, at random moments of applying and
// changing.
TEST_F(ReconcilerOnABroker, AWayThatFailsInTheMiddleAgainAndAgainLosesNothing) {
  constexpr int kProducts = 60;
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  auto draw = [&](int below) { return std::uniform_int_distribution<int>(0, below - 1)(random); };
  TcpProxy proxy(cluster_.bootstrap_proxied, cluster_.proxy_port);
  KafkaOptions options = Options(cluster_, cluster_.agent);
  options.bootstrap_servers = proxy.address();
  options.request_timeout = seconds(1);
  Running running(options, prefix_);
  for (int i = 0; i < 12; ++i) {
    running.Hold(kProducts * (i + 1) / 12, i + 1);
    const size_t answered = proxy.answered() + static_cast<size_t>(draw(30'000));
    (void)Eventually([&] { return proxy.answered() > answered; }, 1);
    switch (i % 4) {
      case 0:
        proxy.CutAfter(1 + static_cast<size_t>(draw(5000)));
        break;
      case 1:
        proxy.Mute();
        (void)Eventually([&] { return running.Collect(), running.reachable().count(false) > 0; }, 4);
        break;
      case 2:
        proxy.Down();
        break;
      case 3:
        proxy.Delay(milliseconds(draw(100)));
        break;
    }
    if (i % 4 != 0) proxy.Open();
  }
  proxy.Open();
  proxy.Delay(milliseconds(0));
  EXPECT_TRUE(Eventually([&] { return running.AllInSync(); }, 40));
  EXPECT_EQ(running.reachable(), (std::set<bool>{false, true})) << "it was said";
  EXPECT_THAT(running.drift(), IsEmpty()) << "nobody but us changed anything";
  EXPECT_EQ(running.reasons().count("TopicLost"), 0U);
  EXPECT_EQ(running.reasons().count("Exists"), 0U);
  const auto [topics, acls] = Look();
  EXPECT_EQ(topics.size(), static_cast<size_t>(kProducts));
  EXPECT_EQ(acls, kProducts * 3U);
}

}  // namespace
}  // namespace sluice::testing
