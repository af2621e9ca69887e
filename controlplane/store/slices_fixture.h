// What tests of slices and of reports share: the world of testing.h on its first revision, and an agent of
// eu-prod that reports.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/crypto/sha256.h"
#include "controlplane/store/testing.h"

namespace sluice::controlplane {

class SlicesTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(store.Release(World()).ok()); }

  void Must(const std::vector<core::Edit>& edits, const std::string& change = "C-2") {
    auto released = store.Release(edits, change);
    ASSERT_TRUE(released.ok()) << released.status();
    CheckDigests();
  }

  std::vector<SliceRow> Rows(const std::string& cluster) {
    auto rows = store->SlicesChangedSince(cluster, 0);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.value_or(std::vector<SliceRow>());
  }

  // Every recorded digest is the digest of what is served, and totals are what the slices hold.
  void CheckDigests() {
    const auto state = store->Current();
    for (const std::string cluster : {"eu-prod", "us-prod"}) {
      ClusterTotals sum;
      for (const SliceRow& row : Rows(cluster)) {
        auto bytes = store->SliceBytes(*state, cluster, row.key);
        ASSERT_EQ(bytes.ok(), !row.gone) << cluster << " " << row.key;
        if (row.gone) continue;
        EXPECT_EQ(Sha256Hex(*bytes), row.digest) << cluster << " " << row.key;
        sluice::v1::Slice slice;
        ASSERT_TRUE(slice.ParseFromString(*bytes));
        ++sum.slices;
        sum.topics += slice.topics_size();
        sum.acls += slice.acls_size();
        sum.subjects += slice.subjects_size();
      }
      const ClusterTotals totals = state->totals.at(cluster);
      EXPECT_EQ(totals.slices, sum.slices) << cluster;
      EXPECT_EQ(totals.topics, sum.topics) << cluster;
      EXPECT_EQ(totals.acls, sum.acls) << cluster;
      EXPECT_EQ(totals.subjects, sum.subjects) << cluster;
    }
  }

  sluice::v1::Slice Get(const std::string& cluster, const std::string& key) {
    sluice::v1::Slice slice;
    auto bytes = store->SliceBytes(*store->Current(), cluster, key);
    EXPECT_TRUE(bytes.ok()) << bytes.status();
    if (bytes.ok()) EXPECT_TRUE(slice.ParseFromString(*bytes));
    return slice;
  }

  std::optional<SliceRow> Row(const std::string& cluster, const std::string& key) {
    for (const SliceRow& row : Rows(cluster)) {
      if (row.key == key) return row;
    }
    return std::nullopt;
  }

  sluice::v1::ReportStatusRequest NewReport(bool full) {
    sluice::v1::ReportStatusRequest report;
    report.set_cluster("eu-prod");
    report.set_incarnation("i1");
    report.set_sequence(++sequence_);
    report.set_full(full);
    return report;
  }

  // The agent reports that it applied `slice`, and that its absences are gone.
  sluice::v1::ReportStatusRequest Applied(const std::string& key, int64_t generation, bool full = false) {
    auto report = NewReport(full);
    auto* slice = report.add_slices();
    slice->set_key(key);
    slice->set_generation(generation);
    slice->set_applied_generation(generation);
    slice->set_state(sluice::v1::SYNC_STATE_IN_SYNC);
    const auto held = Get("eu-prod", key);
    for (const auto& absence : held.absences()) *slice->add_gone() = absence;
    return report;
  }

  std::vector<std::string> Actions() {
    std::vector<std::string> actions;
    const auto entries = store->ReadAudit(1, {}, 1000);
    for (const auto& entry : *entries) actions.push_back(entry.action());
    return actions;
  }

  TestStore store;
  const core::Grant grant = MakeGrant("f-and-r.forecast", "mobile");
  int64_t sequence_ = 0;
};

}  // namespace sluice::controlplane
