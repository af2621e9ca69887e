// 2,000 topics with three overrides each and 6,000 ACLs: made from slices on disk on an empty broker, looked
// at again, repaired, and met again by an agent that starts.
#include <fmt/format.h>

#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/agent_run.h"
#include "tests/bench/bench.h"
#include "tests/bench/directory.h"
#include "tests/bench/estate.h"
#include "tests/bench/kafka_benchmarks.h"
#include "tests/bench/raw_kafka.h"

namespace sluice::bench {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock::time_point;

constexpr char kPrefix[] = "bulk";
constexpr int kTopics = 2000;
constexpr double kMinimalRequests = 3;  // 12,000 records of topics, 6,000 of ACLs, 10,000 a request
constexpr std::chrono::hours kNever{24};
constexpr milliseconds kPoll{100};

Steady Now() { return std::chrono::steady_clock::now(); }
double Since(Steady moment) { return std::chrono::duration<double>(Now() - moment).count(); }
double Between(Steady from, Steady to) { return std::chrono::duration<double>(to - from).count(); }

// The broker as it was before a run; what is made in a run is deleted between runs, and counted from here.
class Broker {
 public:
  explicit Broker(const Estate& estate) : estate_(estate), names_(estate.TopicNames()), raw_(AdminKafka()) {
    Empty();
    acls_before_ = raw_.CountAcls();
  }

  void Empty() {
    if (const auto names = raw_.TopicNames(kPrefix); !names.empty()) raw_.DeleteTopics(names);
    raw_.DeleteAclsOf(kEstateUsers);
    while (!raw_.TopicNames(kPrefix).empty()) std::this_thread::sleep_for(kPoll);
    std::this_thread::sleep_for(std::chrono::seconds(1));  // the broker renames the logs of what was deleted
  }
  bool ShowsAll(RawKafka& raw) const {
    return raw.TopicNames(kPrefix).size() >= names_.size() &&
           raw.CountAcls() >= acls_before_ + estate_.slices.size() * 3;
  }
  RawKafka& raw() { return raw_; }
  const std::vector<std::string>& names() const { return names_; }

 private:
  const Estate& estate_;
  const std::vector<std::string> names_;
  RawKafka raw_;
  size_t acls_before_ = 0;
};

struct Made {
  double answered = 0, visible = 0;  // seconds
  int requests = 0;
};

Made MakeOurs(const Estate& estate) {
  const Directory directory;
  WriteCache(estate, directory.path());
  const Steady began = Now();
  AgentRun agent(directory.path(), kNever, /*registry=*/false);
  agent.Start();
  agent.WaitInSync();
  return {Between(began, agent.requests().LastMutation()), Since(began), agent.requests().Mutations()};
}

// What an agent asks at a look at everything: the first one of its life, and one in ten later, reads all
// config keys.
enum class Keys { kDeclared, kAll };
void Look(RawKafka& raw, const std::vector<std::string>& names, Keys keys) {
  raw.CountTopics();
  raw.ReadTopics(names);
  raw.ReadConfigs(names, keys == Keys::kDeclared ? kEstateKeys : std::vector<std::string>());
  raw.CountAcls();
}

Made MakeRaw(const Estate& estate, const Broker& broker) {
  const std::vector<core::Topic> topics = estate.Topics();
  const std::vector<core::Acl> acls = estate.Acls();
  const Steady began = Now();
  RawKafka raw(AgentKafka());
  raw.CreateTopics(topics);
  raw.CreateAcls(acls);
  const double answered = Since(began);
  while (!broker.ShowsAll(raw)) std::this_thread::sleep_for(kPoll);
  Look(raw, broker.names(), Keys::kDeclared);  // counts say nothing about the overrides
  return {answered, Since(began), raw.mutations()};
}

// The estate in place, made by an agent that has settled; what the benchmarks after `bulk` begin with.
class Settled {
 public:
  Settled() : estate_(MakeEstate(kPrefix, kTopics)), broker_(estate_) {
    WriteCache(estate_, directory_.path());
    AgentRun agent(directory_.path(), kNever, /*registry=*/false);
    agent.Start();
    agent.WaitInSync();
  }
  ~Settled() { broker_.Empty(); }
  const Estate& estate() const { return estate_; }
  Broker& broker() { return broker_; }
  const std::string& path() const { return directory_.path(); }

 private:
  const Estate estate_;
  Broker broker_;
  const Directory directory_;
};

double Cpu(const std::function<void()>& work) {
  const double before = CpuSeconds();
  work();
  return CpuSeconds() - before;
}

}  // namespace

void Bulk(Report& report) {
  const Estate estate = MakeEstate(kPrefix, kTopics);
  Broker broker(estate);
  Pairs answered, visible;
  int requests = 0;
  const auto ours = [&] {
    const Made made = MakeOurs(estate);
    answered.ours.push_back(made.answered);
    visible.ours.push_back(made.visible);
    requests = std::max(requests, made.requests);
    broker.Empty();
    return made.visible;
  };
  const auto raw = [&] {
    const Made made = MakeRaw(estate, broker);
    answered.baseline.push_back(made.answered);
    visible.baseline.push_back(made.visible);
    broker.Empty();
    return made.visible;
  };
  (void)report.Interleave(ours, raw);
  report.Add(TimesAtMost("2,000 topics + 6,000 ACLs, empty broker, last answer", answered, "s", 1.10));
  report.Add(TimesAtMost("the same, until all is visible", visible, "s", 1.10));
  report.Add(
      TimesAtMost("mutating requests of that / least possible", requests, kMinimalRequests, "requests", 4));
}

void Idle(Report& report) {
  Settled settled;
  AgentRun agent(settled.path(), kNever, /*registry=*/false);
  agent.RunOnce();
  agent.requests().Clear();
  RawKafka raw(AgentKafka());
  Look(raw, settled.broker().names(), Keys::kDeclared);
  Pairs cpu, wall;
  const auto measure = [](std::vector<double>& cpu, std::vector<double>& wall,
                          const std::function<void()>& work) {
    wall.push_back(0);
    cpu.push_back(Cpu([&] { wall.back() = Seconds(work); }));
    return 0.0;
  };
  (void)report.Interleave(
      [&] {
        agent.AskForEverything();
        return measure(cpu.ours, wall.ours, [&] { agent.RunOnce(); });
      },
      [&] {
        return measure(cpu.baseline, wall.baseline,
                       [&] { Look(raw, settled.broker().names(), Keys::kDeclared); });
      });
  report.Add(TimesAtMost("idle full resync of 2,000 topics + 6,000 ACLs, CPU", cpu, "s", 1.5));
  report.Add(Shown("the same, on the clock", Median(wall.ours), Median(wall.baseline), "s"));
  report.Add(AtMost("mutations of all these resyncs", agent.requests().Mutations(), "requests", 0));
}

void Drift(Report& report) {
  Settled settled;
  const std::vector<std::string>& names = settled.broker().names();
  std::map<std::string, core::Config> drifted, approved;
  std::vector<core::Acl> lost;
  size_t first = 0;
  // Others each time: what drifts again and again is contested, and waits.
  const auto choose = [&] {
    drifted.clear(), approved.clear(), lost.clear();
    for (size_t i = first++; i < settled.estate().slices.size(); i += 100) {
      const core::Slice& slice = settled.estate().slices[i];
      drifted[slice.topics[0].name] = {{"retention.ms", "1000000"}};
      approved[slice.topics[0].name] = {{"retention.ms", slice.topics[0].configs.at("retention.ms")}};
      lost.insert(lost.end(), slice.acls.begin(), slice.acls.end());
    }
  };
  AgentRun agent(settled.path(), kNever, /*registry=*/false);
  agent.RunOnce();
  RawKafka raw(AgentKafka());
  const size_t acls = settled.broker().raw().CountAcls();
  const auto drift = [&] {
    choose();
    settled.broker().raw().SetConfigs(drifted);
    settled.broker().raw().DeleteAcls(lost);
    while (settled.broker().raw().CountAcls() != acls - lost.size()) std::this_thread::sleep_for(kPoll);
    std::this_thread::sleep_for(milliseconds(500));
    agent.requests().Clear();
  };
  const Pairs pairs = report.Interleave(
      [&] {
        drift();
        const Steady began = Now();
        agent.AskForEverything();
        agent.RunOnce();
        if (agent.requests().Mutations() == 0) Fail("the agent saw no drift");
        const double took = Between(began, agent.requests().LastMutation());
        while (agent.RunOnce()) std::this_thread::sleep_for(kPoll);  // until its writes are visible
        return took;
      },
      [&] {
        drift();
        return Seconds([&] {
          Look(raw, names, Keys::kDeclared);
          raw.SetConfigs(approved);
          raw.CreateAcls(lost);
        });
      });
  report.Add(TimesAtMost("1 % drifted (20 configs, 60 ACLs): look and repair", pairs, "s", 1.3));
}

void Restart(Report& report) {
  Settled settled;
  const std::vector<std::string>& names = settled.broker().names();
  int mutations = 0;
  const Pairs pairs = report.Interleave(
      [&] {
        return Seconds([&] {
          AgentRun agent(settled.path(), kNever, /*registry=*/false);
          agent.RunOnce();
          agent.WaitInSync();
          mutations += agent.requests().Mutations();
        });
      },
      [&] {
        return Seconds([&] {
          RawKafka raw(AgentKafka());
          Look(raw, names, Keys::kAll);
        });
      });
  Row row = TimesAtMost("agent restart, nothing changed", pairs, "s", 1.2);
  row.target = "≤ 1.2× + 0.5 s";
  row.met = row.ours <= 1.2 * *row.baseline + 0.5;
  report.Add(row);
  report.Add(AtMost("mutations of these restarts", mutations, "requests", 0));
}

}  // namespace sluice::bench
