// What every RegistryTarget must do, on the fake and on a real registry. A test program says which lab to run
// it on:
//   INSTANTIATE_TEST_SUITE_P(Fake, RegistryTargetSuite, ::testing::Values(&OpenFakeLab));
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "agent/target.h"

namespace sluice::testing {

// A registry to experiment with.
class RegistryLab {
 public:
  virtual ~RegistryLab() = default;
  virtual agent::RegistryTarget& target() = 0;                 // under test
  virtual void DeleteSubject(const std::string& subject) = 0;  // by somebody else; also when there is none
};

using OpenRegistryLab = std::unique_ptr<RegistryLab> (*)();

class RegistryTargetSuite : public ::testing::TestWithParam<OpenRegistryLab> {
 protected:
  RegistryTargetSuite();
  ~RegistryTargetSuite() override;  // deletes the subjects that were named

  // A subject of this test's own that wants `schema` at FORWARD_TRANSITIVE.
  core::Subject Subject(const std::string& rest, const std::string& schema);
  static core::Step SetLevel(core::Subject subject, const std::string& level = "FORWARD_TRANSITIVE");
  static core::Step Register(const core::Subject& subject);

  std::vector<agent::StepResult> Apply(const std::vector<core::Step>& steps) {
    return lab_->target().Apply(steps);
  }
  void MustApply(const std::vector<core::Step>& steps);  // every step must be done
  core::ObservedSubject See(const core::Subject& subject);
  RegistryLab& lab() { return *lab_; }

 private:
  std::unique_ptr<RegistryLab> lab_;
  std::string prefix_;
  std::vector<std::string> subjects_;
};

}  // namespace sluice::testing
