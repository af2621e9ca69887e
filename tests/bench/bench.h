// Frame of the benchmarks: measures ours beside a baseline, turn by turn, and prints
//
//   what | ours | baseline | ratio | target | met
//
// A benchmark program is a list of named functions and `return bench::Main(argc, argv, {{"bulk", &Bulk}, …})`
// (sluice_bench in CMakeLists.txt); each function adds rows to its Report. Results are figures, never a test's verdict:
// the exit code is 0 when everything could be measured, also where a target is missed.
//
// Add a benchmark: write its function, name it in its program's main, and say in docs/performance.md what it shows.
// Thread safety: one thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sluice::bench {

struct Row {
  std::string what;
  double ours = 0;
  std::optional<double> baseline;
  std::string unit;             // `s`, `ms`, `requests` … of both
  std::optional<double> ratio;  // ours to baseline; of pairs it is the median of the pairs' ratios
  std::string target;           // `≤ 1.10×`; empty: none, the row is there to explain
  bool met = true;
  std::string note;
};

// Runs of both, in pairs made one after the other: the machine's mood falls on both alike.
struct Pairs {
  std::vector<double> ours, baseline;
};

double Median(std::vector<double> values);
// The value that the part `q` (0…1) of `values` does not exceed.
double Quantile(std::vector<double> values, double q);

// Rows, by what their target is about.
Row TimesAtMost(std::string what, const Pairs& pairs, std::string unit, double limit);
Row TimesAtLeast(std::string what, const Pairs& pairs, std::string unit, double limit);
Row TimesAtMost(std::string what, double ours, double baseline, std::string unit, double limit);
Row TimesAtLeast(std::string what, double ours, double baseline, std::string unit, double limit);
Row AtMost(std::string what, double ours, std::string unit, double limit);
Row Shown(std::string what, double ours, std::string unit);                         // no target
Row Shown(std::string what, double ours, double baseline, std::string unit);        // no target

class Report {
 public:
  // `runs`: pairs that each figure is the median of. `json`: file that gets a line for each row; empty: none.
  Report(std::string benchmark, int runs, std::string json);

  int runs() const { return runs_; }
  void Add(Row row);  // prints it at once
  // Calls both `runs` times, the first one first every other time. Each returns its own measure.
  Pairs Interleave(const std::function<double()>& ours, const std::function<double()>& baseline) const;

 private:
  const std::string benchmark_;
  const int runs_;
  const std::string json_;
};

// Seconds, wall clock, of `work`.
double Seconds(const std::function<void()>& work);
// CPU seconds that this process has used so far, all threads.
double CpuSeconds();

// Prints the sentence and ends the program: what cannot be measured is no figure.
[[noreturn]] void Fail(const std::string& sentence);

struct Benchmark {
  std::string name;
  void (*run)(Report&);
};

// The whole program: [NAME…] [--runs N] [--json FILE] [--list]. No name: all.
int Main(int argc, char** argv, const std::vector<Benchmark>& benchmarks);

}  // namespace sluice::bench
