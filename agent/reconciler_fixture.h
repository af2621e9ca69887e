// A reconciler over the fakes, for tests: time stands still but for Advance, and what it reports is
// collected.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/kafka/fake.h"
#include "agent/reconciler.h"
#include "agent/registry/fake.h"
#include "agent/temporary_directory.h"

namespace sluice::agent {

inline constexpr char kTopic[] = "acme.f-and-r.forecast.demand.events";
inline constexpr char kSubject[] = "acme.f-and-r.forecast.demand.events-value";
inline constexpr char kSlice[] = "product/f-and-r.demand/acme";

inline core::Acl MakeAcl(const std::string& user, core::Operation operation,
                         const std::string& topic = kTopic) {
  core::Acl acl;
  acl.resource = topic;
  acl.principal = "User:" + user;
  acl.operation = operation;
  return acl;
}

inline core::Slice MakeSlice(const std::string& key, const std::string& topic) {
  core::Slice slice;
  slice.key = key;
  core::Topic wanted;
  wanted.name = topic;
  wanted.partitions = 1;
  wanted.replication_factor = 1;
  wanted.configs = {{"cleanup.policy", "compact"}, {"retention.ms", "604800000"}};
  slice.topics.push_back(wanted);
  slice.acls = {MakeAcl("sa-1", core::Operation::kRead, topic)};
  return slice;
}

inline core::Slice WithSubject(core::Slice slice) {
  const std::string name = slice.topics[0].name + "-value";
  slice.topics[0].gate_subject = name;
  slice.subjects.push_back({name, "JSON", R"({"type":"object"})", "FORWARD_TRANSITIVE"});
  slice.acls.push_back(MakeAcl("sa-2", core::Operation::kWrite, slice.topics[0].name));
  std::sort(slice.acls.begin(), slice.acls.end());
  return slice;
}

class ReconcilerTest : public ::testing::Test {
 protected:
  ReconcilerTest() { Start(); }

  virtual Targets To() { return {kafka_, has_registry_ ? &registry_ : nullptr}; }

  // A new process: everything but the disk and the world is forgotten.
  void Start() {
    reconciler_.reset();
    journal_.reset();
    auto journal = Journal::Open(directory_.path() + "/journal.db");
    ASSERT_TRUE(journal.ok()) << journal.status();
    journal_ = *std::move(journal);
    book_ = std::make_unique<ReportBook>("eu-prod", "run", clock_);
    options_.seed = 7;
    reconciler_ = std::make_unique<Reconciler>(
        options_, ReconcilerParts{clock_, *journal_, To(), *book_, metrics_}, held_, "");
  }

  // The control plane sends this state. Keys that differ from the former one are the changed ones.
  void Hold(const std::vector<core::Slice>& slices, int64_t revision) {
    auto state = std::make_shared<DesiredState>();
    state->revision = revision;
    state->may_apply = may_apply_;
    state->history_known = history_known_;
    state->reserved_principals = {"admin"};
    state->received = clock_.Now();
    DesiredUpdate update;
    for (const core::Slice& slice : slices) {
      auto old = held_->slices.find(slice.key);
      if (old != held_->slices.end() && old->second->slice == slice) {
        state->slices[slice.key] = old->second;
        continue;
      }
      auto one = std::make_shared<HeldSlice>();
      one->generation = revision;
      one->slice = slice;
      state->slices[slice.key] = one;
      update.changed.insert(slice.key);
    }
    for (const auto& [key, slice] : held_->slices) {
      if (state->slices.count(key) == 0) update.changed.insert(key);
    }
    held_ = state;
    update.state = state;
    reconciler_->Post(update);
  }

  void Advance(std::chrono::microseconds by) { clock_.Advance(by); }

  // Runs what is due, moving time on by little, for five seconds.
  void Settle() {
    for (int i = 0; i < 50; ++i) {
      reconciler_->RunOnce();
      Advance(std::chrono::milliseconds(100));
    }
    Collect();
  }

  // Moves on to the next look at everything.
  void Resync() {
    Advance(options_.resync_interval * 2);
    Settle();
  }

  void Collect() {
    while (auto request = book_->Next()) {
      for (const auto& report : request->slices()) reports_[report.key()] = report;
      for (const auto& event : request->drift()) drift_.push_back(event);
      conditions_.assign(request->conditions().begin(), request->conditions().end());
      if (request->foreign_observed()) foreign_.assign(request->foreign().begin(), request->foreign().end());
      book_->Acknowledge();
    }
  }

  const sluice::v1::SliceReport& Report(const std::string& key = kSlice) { return reports_[key]; }
  bool Says(const std::string& type, const std::string& reason, const std::string& key = kSlice) {
    for (const auto& condition : reports_[key].conditions()) {
      if (condition.type() == type && condition.reason() == reason) return true;
    }
    return false;
  }
  const sluice::v1::Condition* ClusterCondition(const std::string& type) const {
    for (const auto& condition : conditions_) {
      if (condition.type() == type) return &condition;
    }
    return nullptr;
  }
  // `resource → reaction` of the drift events so far.
  std::vector<std::string> Drift() const {
    std::vector<std::string> lines;
    for (const auto& event : drift_) lines.push_back(event.resource() + " → " + event.reaction());
    return lines;
  }
  kafka::World World() { return kafka_.broker().Look(); }

  FakeClock clock_{Time(std::chrono::hours(24 * 365 * 50))};
  TemporaryDirectory directory_;
  FakeKafka kafka_;
  FakeRegistry registry_;
  metrics::Metrics metrics_{metrics::Program::kAgent};
  ReconcilerOptions options_;
  bool may_apply_ = true, history_known_ = true, has_registry_ = true;
  std::shared_ptr<const DesiredState> held_ = std::make_shared<DesiredState>();
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<ReportBook> book_;
  std::unique_ptr<Reconciler> reconciler_;

  std::map<std::string, sluice::v1::SliceReport> reports_;
  std::vector<sluice::v1::DriftEvent> drift_;
  std::vector<sluice::v1::Condition> conditions_;
  std::vector<std::string> foreign_;
};

}  // namespace sluice::agent
