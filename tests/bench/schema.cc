// Benchmarks of the schema engine: comparisons, validation, and what hostile input costs. One thread; parsing
// alone stands beside.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "common/schema/compare.h"
#include "tests/bench/bench.h"
#include "tests/bench/event_schemas.h"
#include "tests/schema/hostile.h"

namespace sluice::bench {
namespace {

constexpr double kLeastSeconds = 0.5;  // of CPU, for each figure of a run

schema::Json Parsed(const std::string& text) {
  absl::StatusOr<schema::Json> json = schema::ParseJson(text);
  if (!json.ok()) Fail("a made document is no JSON: " + json.status().ToString());
  return *std::move(json);
}

schema::Schema Loaded(const schema::Json& document) {
  absl::StatusOr<schema::Schema> loaded = schema::Schema::Load(document);
  if (!loaded.ok()) Fail("a made document is no schema: " + loaded.status().ToString());
  return *std::move(loaded);
}

// How often a second of CPU is enough for `work`, which does `size` things.
double Rate(size_t size, const std::function<void()>& work) {
  size_t done = 0;
  const double began = CpuSeconds();
  double used = 0;
  do {
    work();
    done += size;
    used = CpuSeconds() - began;
  } while (used < kLeastSeconds);
  return static_cast<double>(done) / used;
}

Row From(Row row, double limit) {
  row.target = fmt::format("≥ {:.0f}", limit);
  row.met = row.ours >= limit;
  return row;
}

// Pairs of one size, in the three states that a caller may have them in.
struct LoadedPairs {
  struct Documents {
    schema::Json before, after;
  };
  struct Schemas {
    schema::Schema before, after;
  };
  std::vector<SchemaPair> texts;
  std::vector<Documents> documents;
  std::vector<Schemas> schemas;
};

LoadedPairs MakePairs(size_t median) {
  LoadedPairs pairs{.texts = MakeSchemaPairs(median, 63), .documents = {}, .schemas = {}};
  for (const SchemaPair& text : pairs.texts)
    pairs.documents.push_back({Parsed(text.before), Parsed(text.after)});
  for (const auto& [before, after] : pairs.documents)
    pairs.schemas.push_back({Loaded(before), Loaded(after)});
  return pairs;
}

std::string Answers(const LoadedPairs& pairs) {
  size_t undecided = 0, incompatible = 0, verdicts = 0;
  for (const auto& [before, after] : pairs.schemas) {
    const schema::Comparison comparison = schema::Compare(before, after);
    for (const auto& readings : comparison.verdicts) {
      for (const schema::Verdict& verdict : readings) {
        ++verdicts;
        undecided += verdict.answer == schema::Answer::kUndecided;
        incompatible += verdict.answer == schema::Answer::kIncompatible;
      }
    }
  }
  return fmt::format("of {} verdicts {} incompatible with a witness, {} undecided", verdicts, incompatible,
                     undecided);
}

void PairsOf(Report& report, const std::string& size, size_t median, double limit) {
  const LoadedPairs pairs = MakePairs(median);
  const size_t count = pairs.texts.size();
  const auto parsing = [&] {
    return Rate(count, [&] {
      for (const auto& [before, after] : pairs.texts) {
        Parsed(before);
        Parsed(after);
      }
    });
  };
  const auto compare = [&] {
    return Rate(count, [&] {
      for (const auto& [before, after] : pairs.schemas) schema::Compare(before, after);
    });
  };
  const auto load = [&] {
    return Rate(count, [&] {
      for (const auto& [before, after] : pairs.documents) schema::Compare(Loaded(before), Loaded(after));
    });
  };
  const auto all = [&] {
    return Rate(count, [&] {
      for (const auto& [before, after] : pairs.texts)
        schema::Compare(Loaded(Parsed(before)), Loaded(Parsed(after)));
    });
  };
  const auto row = [&](const std::string& what, const std::function<double()>& ours) {
    const Pairs figures = report.Interleave(ours, parsing);
    return Shown(fmt::format("{} pairs, {}", size, what), Median(figures.ours), Median(figures.baseline),
                 "pairs/s");
  };
  Row first = From(row("parsed and loaded", compare), limit);
  first.note = Answers(pairs);
  report.Add(first);
  report.Add(From(row("parsed: loading and comparing", load), limit));
  report.Add(row("parsing, loading and comparing", all));
}

void SchemaPairs(Report& report) {
  PairsOf(report, "33 kB", 33'000, 1'000);
  PairsOf(report, "1.5 kB", 1'500, 10'000);
}

void SchemaEvents(Report& report) {
  constexpr size_t kTimes = 1'000;
  const schema::Schema order = Loaded(Parsed(OrderSchema()));
  const std::string text = OrderEvent();
  const schema::Json event = Parsed(text);
  if (const schema::Validation validation = schema::Validate(order, event); !validation.valid()) {
    Fail("the event is not valid: " + validation.errors.front().message);
  }
  const auto repeated = [](const std::function<void()>& once) {
    return [once] {
      return Rate(kTimes, [&] {
        for (size_t i = 0; i < kTimes; ++i) once();
      });
    };
  };
  const auto parsing = repeated([&] { Parsed(text); });
  const auto row = [&](const std::string& what, const std::function<void()>& once) {
    const Pairs figures = report.Interleave(repeated(once), parsing);
    return Shown("1 KiB event, " + what, Median(figures.ours), Median(figures.baseline), "/s");
  };
  constexpr double kLimit = 100'000;
  report.Add(From(row("parsed: Check", [&] { schema::Check(order, event); }), kLimit));
  report.Add(From(row("parsed: Validate", [&] { schema::Validate(order, event); }), kLimit));
  report.Add(row("parsed: Check, closed",
                 [&] { schema::Check(order, event, {.reading = schema::Reading::kClosed}); }));
  report.Add(row("parsed: Check, formats asserted",
                 [&] { schema::Check(order, event, {.formats = schema::Formats::kAsserted}); }));
  report.Add(row("parsing and Check", [&] { schema::Check(order, Parsed(text)); }));
}

struct Cost {
  double seconds = 0;
  double mb = 0;  // beyond what was there before
};

// `VmHWM` or `VmRSS` in MB.
double Memory(const std::string& name) {
  std::ifstream file("/proc/self/status");
  for (std::string word; file >> word;) {
    if (word != name + ":") continue;
    double kilobytes = 0;
    file >> kilobytes;
    return kilobytes / 1024;
  }
  return 0;
}

constexpr rlim_t kMostSeconds = 20;  // then the measured process ends

// In a process of its own, so that its peak of memory can be told.
Cost CostOf(const std::function<void()>& call) {
  int ends[2];
  if (pipe(ends) != 0) Fail("cannot make a pipe");
  const pid_t child = fork();
  if (child < 0) Fail("cannot fork");
  if (child == 0) {
    const rlimit limit{.rlim_cur = kMostSeconds, .rlim_max = kMostSeconds};
    if (setrlimit(RLIMIT_CPU, &limit) != 0) _exit(1);
    const double before_mb = Memory("VmRSS");
    const double began = CpuSeconds();
    call();
    const Cost cost{.seconds = CpuSeconds() - began, .mb = Memory("VmHWM") - before_mb};
    const bool told = write(ends[1], &cost, sizeof cost) == static_cast<ssize_t>(sizeof cost);
    _exit(told ? 0 : 1);
  }
  close(ends[1]);
  Cost cost;
  const bool told = read(ends[0], &cost, sizeof cost) == static_cast<ssize_t>(sizeof cost);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!told && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
    Fail("the measured process ended early");
  if (!told) cost.seconds = kMostSeconds;
  return cost;
}

void CompareTexts(const std::string& first, const std::string& second) {
  const absl::StatusOr<schema::Json> before = schema::ParseJson(first), after = schema::ParseJson(second);
  if (!before.ok() || !after.ok()) return;
  const absl::StatusOr<schema::Schema> old_schema = schema::Schema::Load(*before),
                                       new_schema = schema::Schema::Load(*after);
  if (!old_schema.ok() || !new_schema.ok()) return;
  schema::Compare(*old_schema, *new_schema);
}

void ValidateText(const std::string& document, const std::string& message) {
  const absl::StatusOr<schema::Json> json = schema::ParseJson(document), value = schema::ParseJson(message);
  if (!json.ok() || !value.ok()) return;
  const absl::StatusOr<schema::Schema> loaded = schema::Schema::Load(*json);
  if (loaded.ok()) schema::Validate(*loaded, *value);
}

void SchemaHostile(Report& report) {
  constexpr double kSeconds = 1, kMegabytes = 256;
  Cost worst;
  std::string slowest, biggest;
  const auto measure = [&](const std::string& what, const std::function<void()>& call) {
    const Cost cost = CostOf(call);
    if (cost.seconds > worst.seconds) worst.seconds = cost.seconds, slowest = what;
    if (cost.mb > worst.mb) worst.mb = cost.mb, biggest = what;
    if (cost.seconds > kSeconds) report.Add(AtMost(what, cost.seconds, "s", kSeconds));
    if (cost.mb > kMegabytes) report.Add(AtMost(what, cost.mb, "MB", kMegabytes));
  };
  const std::vector<schema::Hostile> inputs = schema::HostileInputs();
  for (const schema::Hostile& input : inputs) {
    measure(input.name + ", compared", [&] { CompareTexts(input.before, input.after); });
    measure(input.name + ", the other way round", [&] { CompareTexts(input.after, input.before); });
    measure(input.name + ", validated", [&] { ValidateText(input.before, input.message); });
  }
  Row time = AtMost(fmt::format("the slowest of {} hostile inputs, parsing included", inputs.size()),
                    worst.seconds, "s", kSeconds);
  time.note = slowest;
  report.Add(time);
  Row memory = AtMost("the one that takes most memory", worst.mb, "MB", kMegabytes);
  memory.note = biggest;
  report.Add(memory);
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  return sluice::bench::Main(argc, argv,
                             {{"schema_pairs", &sluice::bench::SchemaPairs},
                              {"schema_events", &sluice::bench::SchemaEvents},
                              {"schema_hostile", &sluice::bench::SchemaHostile}});
}
