// Pages of an audit log of a million entries, for every combination of filters that the API allows, and what
// writing such entries costs.
#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>
#include <time.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "controlplane/store/store.h"
#include "tests/bench/bench.h"
#include "tests/bench/controlplane_world.h"

namespace sluice::bench {
namespace {

using controlplane::AuditDraft;
using controlplane::Store;
using controlplane::Transaction;
using google::protobuf::util::TimeUtil;
using sluice::v1::AuditFilter;

constexpr int kEntries = 1'000'000;
constexpr int kPerCommit = 500;
constexpr int kPage = 100;
constexpr int kQueries = 60;  // of each combination
constexpr int kPeople = 300, kClusters = 12, kProducts = 5'000;

const std::vector<std::string>& Actions() {
  static const std::vector<std::string> actions = {
      "change.proposed",  "change.approved",    "change.released", "change.rejected",
      "change.withdrawn", "change.stale",       "slice.applied",   "slice.drifted",
      "agent.connected",  "absences.confirmed", "access.refused",  "change.edited"};
  return actions;
}

// What people and agents do over the years: a third by agents, common and rare actions, common and rare
// resources.
class Entries {
 public:
  explicit Entries(const std::vector<std::string>& people) : people_(people) {}

  AuditDraft Next() {
    AuditDraft draft;
    draft.action = Actions()[std::min(Below(12), Below(12))];
    const std::string product =
        fmt::format("dataproduct/f-and-r.forecast-{:05}", std::min(Below(kProducts), Below(kProducts)));
    draft.resources = {product};
    draft.message = "released C-1234 at revision 5678: f-and-r.forecast-00042 changed, and 3 more";
    draft.details_json =
        R"({"class":"CHANGE_CLASS_CONFIG","digest":"0123456789abcdef0123456789abcdef","reasons":["retention"]})";
    if (draft.action.front() != 'c') {
      draft.cluster = fmt::format("cluster-{}", Below(kClusters));
      draft.actor = "agent:" + draft.cluster;
      draft.resources.push_back("cluster/" + draft.cluster);
    } else {
      draft.actor = people_[static_cast<size_t>(std::min(Below(kPeople), Below(kPeople)))];
      if (Below(4) == 0) ++change_;
      draft.change = fmt::format("C-{}", change_);
      draft.resources.push_back("change/" + draft.change);
    }
    return draft;
  }
  int Below(int limit) { return static_cast<int>(random_() % static_cast<uint32_t>(limit)); }

 private:
  const std::vector<std::string>& people_;
  std::mt19937 random_{7};
  int change_ = 1;
};

std::vector<std::string> MakePeople(Store& store) {
  std::vector<std::string> people;
  Must(store.Write([&](Transaction& transaction) -> absl::Status {
    for (int i = 0; i < kPeople; ++i) {
      auto id = transaction.ActorId("issuer", fmt::format("subject-{}", i), fmt::format("Person {}", i));
      if (!id.ok()) return id.status();
      people.push_back(*id);
    }
    return absl::OkStatus();
  }));
  return people;
}

double Fill(Store& store, FakeClock& clock, Entries& entries) {
  return Seconds([&] {
    for (int written = 0; written < kEntries; written += kPerCommit) {
      clock.Advance(std::chrono::minutes(10));
      Must(store.Write([&](Transaction& transaction) -> absl::Status {
        for (int i = 0; i < kPerCommit; ++i) {
          if (absl::Status status = transaction.Audit(entries.Next()); !status.ok()) return status;
        }
        return absl::OkStatus();
      }));
    }
  });
}

enum Part {
  kActor = 1,
  kResource = 2,
  kChange = 4,
  kCluster = 8,
  kAction = 16,
  kPrefix = 32,
  kTime = 64,
  kParts = 128
};

std::string NameOf(int parts) {
  static const std::vector<std::string> names = {"actor",  "resource", "change", "cluster",
                                                 "action", "action.",  "time"};
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (parts & 1 << i) text += (text.empty() ? "" : "+") + names[i];
  }
  return text.empty() ? "none" : text;
}

// Values that one entry has (`match`), or each of an entry of its own, so that mostly nothing has all of
// them.
AuditFilter MakeFilter(int parts, bool match, Entries& entries, int64_t now_s) {
  AuditDraft draft = entries.Next();
  const auto other = [&]() -> const AuditDraft& { return match ? draft : draft = entries.Next(); };
  AuditFilter filter;
  if (parts & kActor) filter.set_actor(other().actor);
  if (parts & kResource) filter.set_resource(other().resources[static_cast<size_t>(entries.Below(2))]);
  if (parts & kChange) filter.set_change(draft.change.empty() ? "C-1000" : other().change);
  if (parts & kCluster) filter.set_cluster(fmt::format("cluster-{}", entries.Below(kClusters)));
  if (parts & kAction) filter.set_action(other().action);
  if (parts & kPrefix) filter.set_action(other().action.substr(0, draft.action.find('.') + 1));
  if (parts & kTime) {
    const int64_t span = int64_t{kEntries} / kPerCommit * 600;
    const int64_t start = now_s - 1 - entries.Below(static_cast<int>(span));
    *filter.mutable_start_time() = TimeUtil::SecondsToTimestamp(start);
    *filter.mutable_end_time() = TimeUtil::SecondsToTimestamp(start + entries.Below(static_cast<int>(span)));
  }
  return filter;
}

// CPU milliseconds of this thread so far.
double ThreadMs() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) * 1e3 + static_cast<double>(used.tv_nsec) * 1e-6;
}

// Milliseconds of pages, first ones and the one after, by the clock and of CPU.
struct Times {
  std::vector<double> clock, cpu;
  void Add(const Times& more) {
    clock.insert(clock.end(), more.clock.begin(), more.clock.end());
    cpu.insert(cpu.end(), more.cpu.begin(), more.cpu.end());
  }
};

Times Query(Store& store, int parts, Entries& entries, int64_t now_s) {
  Times times;
  for (int i = 0; i < kQueries; ++i) {
    const AuditFilter filter = MakeFilter(parts, i % 2 == 0, entries, now_s);
    std::string token;
    for (int page = 0; page < 2; ++page) {
      absl::StatusOr<controlplane::AuditPage> found;
      const double cpu = ThreadMs();
      times.clock.push_back(1000 * Seconds([&] { found = store.ListAudit(filter, token, kPage); }));
      times.cpu.push_back(ThreadMs() - cpu);
      Must(found.status());
      token = found->next_page_token;
      if (token.empty()) break;
    }
  }
  return times;
}

}  // namespace

void Audit(Report& report) {
  const Scratch scratch;
  FakeClock clock(Time(std::chrono::seconds(1'800'000'000)));
  auto database = db::OpenSqlite(scratch / "audit.db");
  if (!database.ok()) Fail(std::string(database.status().message()));
  auto store = Store::Open(*std::move(database), clock);
  if (!store.ok()) Fail(std::string(store.status().message()));
  const std::vector<std::string> people = MakePeople(**store);
  Entries entries(people);
  const double seconds = Fill(**store, clock, entries);
  report.Add(Shown("audit entries written, 500 in a commit", kEntries / seconds, "entries/s"));
  std::error_code ignored;
  report.Add(Shown("audit log of 1,000,000 entries on disk",
                   static_cast<double>(std::filesystem::file_size(scratch / "audit.db", ignored)) / 1e6,
                   "MB"));
  const int64_t now_s =
      std::chrono::duration_cast<std::chrono::seconds>(clock.Now().time_since_epoch()).count();
  Times all;
  double worst = 0, worst_cpu = 0;
  int worst_parts = 0, combinations = 0, slow = 0;
  for (int parts = 0; parts < kParts; ++parts) {
    if ((parts & kAction) && (parts & kPrefix)) continue;
    const Times times = Query(**store, parts, entries, now_s);
    all.Add(times);
    const double p99 = Quantile(times.clock, 0.99), p99_cpu = Quantile(times.cpu, 0.99);
    ++combinations;
    slow += p99 > 5 ? 1 : 0;
    if (report.runs() == 1) fmt::print("  {}: p99 {:.2f} ms, of CPU {:.2f}\n", NameOf(parts), p99, p99_cpu);
    worst = std::max(worst, p99);
    if (p99_cpu > worst_cpu) worst_cpu = p99_cpu, worst_parts = parts;
  }
  Row row = AtMost("audit page of 100 at 1,000,000 entries, p99", Quantile(all.clock, 0.99), "ms", 5);
  row.note = fmt::format("{} combinations of filters, {} pages, median {:.2f} ms", combinations,
                         all.clock.size(), Median(all.clock));
  report.Add(row);
  row = AtMost("the same: CPU, p99", Quantile(all.cpu, 0.99), "ms", 5);
  report.Add(row);
  row = AtMost("the slowest combination of filters: CPU, p99", worst_cpu, "ms", 5);
  row.note =
      fmt::format("{}; by the clock {:.1f} ms, {} combinations above 5 ms", NameOf(worst_parts), worst, slow);
  report.Add(row);
}

}  // namespace sluice::bench
