// What one change costs in worlds of different sizes, and the control plane's part of a large apply.
#include <fmt/format.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/bench/controlplane_world.h"

namespace sluice::bench {
namespace {

constexpr int kSmall = 1'000 / kTopicsOfProduct, kLarge = 100'000 / kTopicsOfProduct;
constexpr int kChanges = 10;  // of each sample

// Bytes that this process has handed to write() so far.
double BytesWritten() {
  std::ifstream file("/proc/self/io");
  for (std::string word; file >> word;) {
    double value = 0;
    file >> value;
    if (word == "wchar:") return value;
  }
  return 0;
}

core::DataProduct WithRetention(int product, int days) {
  core::DataProduct changed = MakeProduct(product, /*schema=*/false);
  for (core::Stream& stream : changed.versions[0].streams) {
    stream.config["retention.ms"] = fmt::format("{}", int64_t{days} * 86'400'000);
  }
  return changed;
}

// Proposes and releases; the change must need nobody else.
void Change(World& world, const std::vector<core::Edit>& edits) {
  const auto response = Must(controlplane::ProposeChange(world.AsOwner(), Proposal(edits)));
  if (response.changes_size() != 1 || response.changes(0).state() != v1::Change::STATE_RELEASED)
    Fail("the change was not released: " + response.ShortDebugString().substr(0, 300));
}

struct Cost {
  double ms = 0, cpu_ms = 0, bytes = 0;
};

Cost CostOfChanges(World& world, int& round) {
  const double bytes = BytesWritten(), cpu = CpuSeconds();
  const double seconds = Seconds([&] {
    for (int i = 0; i < kChanges; ++i)
      Change(world, {{core::EditAction::kPut, WithRetention(i % kSmall, 1 + (round + i) % 300)}});
  });
  round += kChanges;
  return {1000 * seconds / kChanges, 1000 * (CpuSeconds() - cpu) / kChanges,
          (BytesWritten() - bytes) / kChanges};
}

}  // namespace

void OneChange(Report& report) {
  World small(kSmall), large(kLarge);
  int small_round = 8, large_round = 8;
  CostOfChanges(small, small_round);
  CostOfChanges(large, large_round);
  Pairs ms, cpu, bytes;
  for (int i = 0; i < 2 * report.runs(); ++i) {
    const Cost of_large = CostOfChanges(large, large_round);
    const Cost of_small = CostOfChanges(small, small_round);
    ms.ours.push_back(of_large.ms);
    ms.baseline.push_back(of_small.ms);
    cpu.ours.push_back(of_large.cpu_ms);
    cpu.baseline.push_back(of_small.cpu_ms);
    bytes.ours.push_back(of_large.bytes / 1000);
    bytes.baseline.push_back(of_small.bytes / 1000);
  }
  report.Add(TimesAtMost("one change (200 topics) at 100,000 topics, at 1,000: time", ms, "ms", 1.25));
  report.Add(TimesAtMost("the same: CPU", cpu, "ms", 1.25));
  report.Add(TimesAtMost("the same: bytes written", bytes, "kB", 1.25));
}

namespace {

// 1,000 topics and 3,000 ACLs: few products for many customers, or many for one.
std::vector<core::Edit> FewProducts() {
  std::vector<core::Edit> edits;
  for (int i = 0; i < 5; ++i) {
    for (core::Edit& edit : ProductEdits(i, /*schema=*/false)) edits.push_back(std::move(edit));
  }
  return edits;
}

std::vector<core::Edit> ManyProducts() {
  std::vector<core::Edit> edits;
  for (int i = 0; i < 500; ++i) {
    for (core::Edit& edit : ProductEdits(i, /*schema=*/false)) {
      if (auto* product = std::get_if<core::DataProduct>(&edit.definition))
        product->customers = {false, {"customer-001"}};
      edits.push_back(std::move(edit));
    }
  }
  return edits;
}

void ApplyOf(Report& report, const std::string& what, const std::vector<core::Edit>& edits) {
  std::vector<double> preview, propose, approve;
  int changes = 0;
  for (int run = 0; run < report.runs(); ++run) {
    World world(0);
    sluice::v1::ProposeChangeRequest request = Proposal(edits);
    request.set_validate_only(true);
    preview.push_back(Seconds([&] { Must(controlplane::ProposeChange(world.AsOwner(), request)); }));
    request.set_validate_only(false);
    v1::ProposeChangeResponse response;
    propose.push_back(
        Seconds([&] { response = Must(controlplane::ProposeChange(world.AsOwner(), request)); }));
    changes = response.changes_size();
    approve.push_back(Seconds([&] {
      for (const v1::Change& change : response.changes()) {
        if (change.state() == v1::Change::STATE_RELEASED) continue;
        v1::ApproveChangeRequest approval;
        approval.set_name(change.name());
        approval.set_digest(change.digest());
        const v1::Change approved = Must(controlplane::ApproveChange(world.AsBoard(), approval));
        if (approved.state() != v1::Change::STATE_RELEASED)
          Fail("not released: " + approved.ShortDebugString().substr(0, 300));
      }
    }));
  }
  report.Add(Shown(what + ": plan (validate_only)", 1000 * Median(preview), "ms"));
  Row row = Shown(what + ": propose", 1000 * Median(propose), "ms");
  row.note = fmt::format("{} resources, {} changes", edits.size(), changes);
  report.Add(row);
  report.Add(Shown(what + ": approve and release", 1000 * Median(approve), "ms"));
}

}  // namespace

void Apply(Report& report) {
  ApplyOf(report, "apply of 1,000 topics + 3,000 ACLs, 5 products", FewProducts());
  ApplyOf(report, "apply of 1,000 topics + 3,000 ACLs, 500 products", ManyProducts());
}

}  // namespace sluice::bench
