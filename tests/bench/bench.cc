#include "tests/bench/bench.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <utility>

namespace sluice::bench {
namespace {

constexpr int kDefaultRuns = 5;

std::string Number(double value) {
  if (value != 0 && value < 10) return fmt::format("{:.3g}", value);
  return fmt::format("{:.1f}", value);
}

std::string Figure(double value, const std::string& unit) { return fmt::format("{} {}", Number(value), unit); }

std::string Json(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c == '\n' ? ' ' : c;
  }
  return quoted + "\"";
}

Row Of(std::string what, double ours, std::optional<double> baseline, std::string unit) {
  Row row;
  row.what = std::move(what);
  row.ours = ours;
  row.baseline = baseline;
  row.unit = std::move(unit);
  if (baseline && *baseline > 0) row.ratio = ours / *baseline;
  return row;
}

Row Of(std::string what, const Pairs& pairs, std::string unit) {
  Row row = Of(std::move(what), Median(pairs.ours), Median(pairs.baseline), std::move(unit));
  std::vector<double> ratios;
  for (size_t i = 0; i < pairs.ours.size(); ++i) ratios.push_back(pairs.ours[i] / pairs.baseline[i]);
  row.ratio = Median(ratios);
  row.note = fmt::format("{} pairs, ratios {:.2f}…{:.2f}", ratios.size(), Quantile(ratios, 0), Quantile(ratios, 1));
  return row;
}

Row UpTo(Row row, double limit) {
  row.target = fmt::format("≤ {:.2f}×", limit);
  row.met = row.ratio && *row.ratio <= limit;
  return row;
}

Row From(Row row, double limit) {
  row.target = fmt::format("≥ {:.2f}×", limit);
  row.met = row.ratio && *row.ratio >= limit;
  return row;
}

}  // namespace

double Quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto place = static_cast<size_t>(q * static_cast<double>(values.size()));
  return values[std::min(place, values.size() - 1)];
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Row TimesAtMost(std::string what, const Pairs& pairs, std::string unit, double limit) {
  return UpTo(Of(std::move(what), pairs, std::move(unit)), limit);
}

Row TimesAtLeast(std::string what, const Pairs& pairs, std::string unit, double limit) {
  return From(Of(std::move(what), pairs, std::move(unit)), limit);
}

Row TimesAtMost(std::string what, double ours, double baseline, std::string unit, double limit) {
  return UpTo(Of(std::move(what), ours, baseline, std::move(unit)), limit);
}

Row TimesAtLeast(std::string what, double ours, double baseline, std::string unit, double limit) {
  return From(Of(std::move(what), ours, baseline, std::move(unit)), limit);
}

Row AtMost(std::string what, double ours, std::string unit, double limit) {
  Row row = Of(std::move(what), ours, std::nullopt, std::move(unit));
  row.target = fmt::format("≤ {}", Figure(limit, row.unit));
  row.met = ours <= limit;
  return row;
}

Row Shown(std::string what, double ours, std::string unit) {
  return Of(std::move(what), ours, std::nullopt, std::move(unit));
}

Row Shown(std::string what, double ours, double baseline, std::string unit) {
  return Of(std::move(what), ours, baseline, std::move(unit));
}

Report::Report(std::string benchmark, int runs, std::string json)
    : benchmark_(std::move(benchmark)), runs_(runs), json_(std::move(json)) {}

void Report::Add(Row row) {
  const std::string baseline = row.baseline ? Figure(*row.baseline, row.unit) : "–";
  const std::string ratio = row.ratio ? fmt::format("{:.2f}×", *row.ratio) : "–";
  const char* met = row.target.empty() ? "" : row.met ? "yes" : "NO";
  fmt::print("{:<60} | {:>12} | {:>12} | {:>7} | {:>9} | {:<3} {}\n", row.what, Figure(row.ours, row.unit), baseline,
             ratio, row.target, met, row.note);
  std::fflush(stdout);
  if (json_.empty()) return;
  std::ofstream file(json_, std::ios::app);
  file << fmt::format(
      "{{\"benchmark\":{},\"what\":{},\"unit\":{},\"ours\":{},\"baseline\":{},\"ratio\":{},\"target\":{},\"met\":{},"
      "\"note\":{}}}\n",
      Json(benchmark_), Json(row.what), Json(row.unit), row.ours,
      row.baseline ? fmt::format("{}", *row.baseline) : "null",
      row.ratio ? fmt::format("{}", *row.ratio) : "null", Json(row.target), row.met, Json(row.note));
}

Pairs Report::Interleave(const std::function<double()>& ours, const std::function<double()>& baseline) const {
  Pairs pairs;
  for (int i = 0; i < runs_; ++i) {
    if (i % 2 == 0) pairs.ours.push_back(ours());
    pairs.baseline.push_back(baseline());
    if (i % 2 != 0) pairs.ours.push_back(ours());
  }
  return pairs;
}

double Seconds(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

double CpuSeconds() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

void Fail(const std::string& sentence) {
  std::fflush(stdout);
  std::fprintf(stderr, "%s\n", sentence.c_str());
  std::_Exit(1);
}

int Main(int argc, char** argv, const std::vector<Benchmark>& benchmarks) {
  std::vector<std::string> names;
  int runs = kDefaultRuns;
  std::string json;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--list") {
      for (const Benchmark& benchmark : benchmarks) fmt::print("{}\n", benchmark.name);
      return 0;
    }
    if ((argument == "--runs" || argument == "--json") && i + 1 < argc) {
      if (argument == "--json") json = argv[++i];
      else runs = std::max(1, std::atoi(argv[++i]));
    } else {
      names.push_back(argument);
    }
  }
  for (const std::string& name : names) {
    const auto called = [&](const Benchmark& benchmark) { return benchmark.name == name; };
    if (std::none_of(benchmarks.begin(), benchmarks.end(), called)) {
      Fail(fmt::format("no benchmark is called '{}'; --list shows them", name));
    }
  }
  for (const Benchmark& benchmark : benchmarks) {
    if (!names.empty() && std::find(names.begin(), names.end(), benchmark.name) == names.end()) continue;
    Report report(benchmark.name, runs, json);
    benchmark.run(report);
  }
  std::fflush(stdout);
  std::_Exit(0);  // as the programs: threads of gRPC and librdkafka may still use what a normal exit takes down
}

}  // namespace sluice::bench
