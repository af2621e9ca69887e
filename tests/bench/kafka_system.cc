// From `sluice apply` to Kafka: many products at once, and one at a time.
#include <fmt/format.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/bench.h"
#include "tests/bench/estate.h"
#include "tests/bench/kafka_benchmarks.h"
#include "tests/bench/raw_kafka.h"
#include "tests/bench/system.h"

namespace sluice::bench {
namespace {

using Steady = std::chrono::steady_clock::time_point;

constexpr int kOneProducts = 30;  // of each size, one after the other
constexpr double kMs = 1000;

Steady Now() { return std::chrono::steady_clock::now(); }
double Between(Steady from, Steady to) { return std::chrono::duration<double>(to - from).count(); }

// The broker's topics of `prefix` and the ACLs of its users, taken away.
void Empty(RawKafka& raw, const std::string& prefix) {
  const std::vector<std::string> names = raw.TopicNames(prefix);
  if (!names.empty()) raw.DeleteTopics(names);
  raw.DeleteAclsOf({prefix + "plan", prefix + "mobile", prefix + "desk"});
  while (!raw.TopicNames(prefix).empty()) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  std::this_thread::sleep_for(std::chrono::seconds(1));
}

// `sluice apply`, and what approvers do.
double ApplyThousand(const std::string& prefix) {
  System system("eu-prod", prefix, "stg", /*customers=*/100);
  const std::string manifest = system.Manifest(0, /*products=*/10, /*customers=*/0, /*schema=*/false);
  system.ClearLogs();
  const Steady began = Now();
  system.Sluice(4, "plan-owner", {"apply", "--together", "-f", "-"}, manifest);
  system.Approve("review-board");
  system.Approve("domain-owner");
  return Between(began, system.WaitForItems(4000, 0));
}

// The same topics and ACLs as ApplyThousand's.
double RawThousand(const std::string& prefix) {
  std::vector<core::Topic> topics;
  std::vector<core::Acl> acls;
  for (int i = 0; i < 1000; ++i) {
    core::Topic topic;
    topic.name = fmt::format("{}{}.f-and-r.forecast.p{}.events", prefix, i % 100, i / 100);
    topic.replication_factor = 1;
    topic.configs = {
        {"cleanup.policy", "compact"}, {"min.insync.replicas", "1"}, {"retention.ms", "604800000"}};
    for (const char* application : {"plan", "mobile", "desk"}) {
      core::Acl acl;
      acl.resource = topic.name;
      acl.principal = "User:" + prefix + application;
      acl.operation = application[0] == 'p' ? core::Operation::kWrite : core::Operation::kRead;
      acls.push_back(acl);
    }
    topics.push_back(std::move(topic));
  }
  return Seconds([&] {
    RawKafka raw(AgentKafka());
    raw.CreateTopics(topics);
    raw.CreateAcls(acls);
  });
}

// One product's way through a system, in seconds.
struct Way {
  double all = 0;  // from the proposal to the last answer of Kafka and the registry
  double own = 0;  // of that, while neither Kafka nor the registry was asked anything
};

Way ApplyOne(System& system, int product) {
  const auto request = system.Proposal(system.Manifest(product, 1, /*customers=*/1, /*schema=*/true));
  system.ClearLogs();
  const Steady began = Now();
  system.Propose(request);
  const Steady ended = system.WaitForItems(/*a topic and three ACLs*/ 4, /*a level and a schema*/ 2);
  std::vector<RequestLog::Request> requests = system.kafka().Since(began);
  for (const RequestLog::Request& request : system.registry().Since(began)) requests.push_back(request);
  const double all = Between(began, ended);
  return {all, all - Covered(requests, began, ended)};
}

}  // namespace

void Apply(Report& report) {
  RawKafka admin(AdminKafka());
  const std::string prefix = "ba";
  Empty(admin, prefix);
  const auto cleaned = [&](double seconds) {
    Empty(admin, prefix);
    return seconds;
  };
  const Pairs pairs = report.Interleave([&] { return cleaned(ApplyThousand(prefix)); },
                                        [&] { return cleaned(RawThousand(prefix)); });
  report.Add(TimesAtMost("sluice apply of 1,000 topics + 3,000 ACLs, two approvals", pairs, "s", 1.6));
}

void One(Report& report) {
  RawKafka eu(AdminKafka("eu-prod")), us(AdminKafka("us-prod"));
  Empty(eu, "bo");
  Empty(us, "bo");
  std::vector<Way> few, many;
  {
    System small("eu-prod", "bo", "dev", 100), big("us-prod", "bo", "dev", 100);
    small.Sluice(0, "plan-owner", {"apply", "-f", "-"}, small.Manifest(0, 1, 10, false));
    small.WaitForItems(40, 0);
    big.Sluice(0, "plan-owner", {"apply", "-f", "-"}, big.Manifest(0, 20, 0, false));
    big.WaitForItems(8000, 0);
    while (us.TopicNames("bo").size() < 2000 || us.CountAcls() < 6000)
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
    std::this_thread::sleep_for(std::chrono::seconds(10));
    for (int i = 0; i < kOneProducts; ++i) {
      few.push_back(ApplyOne(small, 1000 + i));
      many.push_back(ApplyOne(big, 1000 + i));
    }
  }
  const auto of = [](const std::vector<Way>& ways, double Way::* part) {
    std::vector<double> values;
    for (const Way& way : ways) values.push_back(way.*part * kMs);
    return values;
  };
  std::vector<double> own = of(few, &Way::own);
  const std::vector<double> own_many = of(many, &Way::own);
  report.Add(TimesAtMost("one product applied: at 2,000 topics / at 10",
                         {of(many, &Way::all), of(few, &Way::all)}, "ms", 1.25));
  report.Add(AtMost("own share of that at 10 topics, p50", Median(own), "ms", 10));
  report.Add(AtMost("own share of that at 10 topics, p99", Quantile(own, 0.99), "ms", 50));
  report.Add(AtMost("own share of that at 2,000 topics, p50", Median(own_many), "ms", 10));
  report.Add(AtMost("own share of that at 2,000 topics, p99", Quantile(own_many, 0.99), "ms", 50));
  Empty(eu, "bo");
  Empty(us, "bo");
}

}  // namespace sluice::bench
