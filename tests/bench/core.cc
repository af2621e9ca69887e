// Benchmarks of the core: compile and diff of everything on a cluster, in a process of its own each time, so
// that its peak of memory can be told.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <string>

#include "common/core/compile.h"
#include "common/core/diff.h"
#include "tests/bench/bench.h"
#include "tests/bench/catalogs.h"

namespace sluice::bench {
namespace {

struct Measured {
  double compile_s = 0, diff_s = 0;   // of one thread's CPU
  double before_mb = 0, peak_mb = 0;  // resident, of the whole process: before compiling, and at its highest
  size_t topics = 0, acls = 0, steps = 0;
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

enum class Seen { kNothing, kEverything };

Measured Measure(const WorldOptions& options, Seen seen) {
  Measured measured;
  const core::Catalog catalog = MakeCatalog(options);
  const core::Cluster& cluster = *catalog.clusters.Find("eu-prod");
  core::Observed observed;
  core::Ours ours;
  observed.topics.emplace();
  observed.acls.emplace();
  observed.subjects.emplace();
  if (seen == Seen::kEverything) {
    const std::vector<core::Slice> slices = core::Compile(catalog, cluster);
    observed = core::ObservedFrom(slices);
    ours = core::OursFrom(slices);
  }
  measured.before_mb = Memory("VmRSS");
  std::vector<core::Slice> slices;
  double began = CpuSeconds();
  slices = core::Compile(catalog, cluster);
  measured.compile_s = CpuSeconds() - began;
  began = CpuSeconds();
  const core::Plan plan = core::Diff(slices, observed, ours, {});
  measured.diff_s = CpuSeconds() - began;
  for (const core::Slice& slice : slices) {
    measured.topics += slice.topics.size();
    measured.acls += slice.acls.size();
  }
  measured.steps = plan.steps.size();
  measured.peak_mb = Memory("VmHWM");
  return measured;
}

Measured MeasureApart(const WorldOptions& options, Seen seen) {
  int ends[2];
  if (pipe(ends) != 0) Fail("cannot make a pipe");
  const pid_t child = fork();
  if (child < 0) Fail("cannot fork");
  if (child == 0) {
    const Measured measured = Measure(options, seen);
    const bool told = write(ends[1], &measured, sizeof measured) == static_cast<ssize_t>(sizeof measured);
    _exit(told ? 0 : 1);
  }
  close(ends[1]);
  Measured measured;
  const bool told = read(ends[0], &measured, sizeof measured) == static_cast<ssize_t>(sizeof measured);
  close(ends[0]);
  waitpid(child, nullptr, 0);
  if (!told) Fail("the measured process ended early");
  return measured;
}

enum class Target { kApplies, kNone };

void Rows(Report& report, const std::string& what, const WorldOptions& options, Seen seen, Target target) {
  const bool applies = target == Target::kApplies;
  std::vector<double> both, compile, diff, peak;
  Measured last;
  for (int i = 0; i < report.runs(); ++i) {
    last = MeasureApart(options, seen);
    compile.push_back(last.compile_s);
    diff.push_back(last.diff_s);
    both.push_back(last.compile_s + last.diff_s);
    peak.push_back(last.peak_mb);
  }
  Row time = applies ? AtMost(what, Median(both), "s", 1) : Shown(what, Median(both), "s");
  time.note = fmt::format("{} topics, {} ACLs, {} steps: compile {:.2f} s, diff {:.2f} s", last.topics,
                          last.acls, last.steps, Median(compile), Median(diff));
  report.Add(time);
  const std::string peak_of = what + ": peak of the process";
  Row memory = applies ? AtMost(peak_of, Median(peak), "MB", 256) : Shown(peak_of, Median(peak), "MB");
  memory.note = fmt::format("of it before: definitions and observation {:.0f} MB", last.before_mb);
  report.Add(memory);
}

void CompileDiff(Report& report) {
  Rows(report, "compile + diff of 100,000 topics, nothing to do", {.products = 500}, Seen::kEverything,
       Target::kApplies);
  Rows(report, "compile + diff of 100,000 topics, all to be made", {.products = 500}, Seen::kNothing,
       Target::kApplies);
  Rows(report, "the same with 100,000 subjects, nothing to do", {.products = 500, .schemas = true},
       Seen::kEverything, Target::kNone);
  Rows(report, "the same with 100,000 subjects, all to be made", {.products = 500, .schemas = true},
       Seen::kNothing, Target::kNone);
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  return sluice::bench::Main(argc, argv, {{"compile_diff", &sluice::bench::CompileDiff}});
}
