// What every KafkaTarget must do, on the fake and on a real broker. A test program says which lab to run it
// on:
//   INSTANTIATE_TEST_SUITE_P(Fake, KafkaTargetSuite, ::testing::Values(&OpenFakeLab));
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "agent/kafka/admin.h"
#include "agent/target.h"

namespace sluice::testing {

// A cluster to experiment with.
class KafkaLab {
 public:
  virtual ~KafkaLab() = default;
  // Under test, with the least privileges of an agent.
  virtual agent::KafkaTarget& target() = 0;
  // Somebody else: an administrator of the same cluster.
  virtual agent::kafka::Admin& administrator() = 0;
  virtual void DeleteTopic(const std::string& name) = 0;  // returns when it is gone
};

using OpenKafkaLab = std::shared_ptr<KafkaLab> (*)();

class KafkaTargetSuite : public ::testing::TestWithParam<OpenKafkaLab> {
 protected:
  KafkaTargetSuite();
  ~KafkaTargetSuite() override;  // takes away what begins with prefix()

  agent::KafkaTarget& target() { return lab_->target(); }
  KafkaLab& lab() { return *lab_; }

  std::string Name(const std::string& rest) const { return prefix_ + rest; }  // a name of this test's own
  const std::string& prefix() const { return prefix_; }
  std::string principal(const std::string& rest = "app") const { return "User:" + prefix_ + rest; }

  core::Topic Topic(const std::string& rest, int32_t partitions = 1, core::Config configs = {}) const;
  core::Acl Acl(const std::string& rest, core::Operation operation) const;

  static core::Step Create(const core::Topic& topic);
  core::Step Set(const std::string& rest, const std::string& key, const std::string& value) const;
  core::Step Reset(const std::string& rest, const std::string& key) const;
  core::Step Grow(const std::string& rest, int32_t partitions) const;
  static core::Step Grant(const core::Acl& acl);
  static core::Step Revoke(const core::Acl& acl);

  std::vector<agent::StepResult> Apply(const std::vector<core::Step>& steps) { return target().Apply(steps); }
  // Applies; every step must be done.
  std::vector<agent::StepResult> MustApply(const std::vector<core::Step>& steps);
  // Looks until `holds` or, on a real cluster, time is over; returns the last state. Fails the test when it
  // never held.
  agent::KafkaState See(const std::function<bool(const agent::KafkaState&)>& holds,
                        agent::KafkaQuery query = {});
  agent::KafkaState SeeTopic(const std::string& rest);  // once it is there
  // ACLs of this test's principals.
  std::set<core::Acl> OursOf(const agent::KafkaState& state) const;

 private:
  std::shared_ptr<KafkaLab> lab_;
  std::string prefix_;
};

}  // namespace sluice::testing
