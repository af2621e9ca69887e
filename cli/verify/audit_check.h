// Checks of changes and their audit entries: every change exactly once in each of its steps, no gap in the
// log.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cli/verify/findings.h"
#include "sluice/v1/audit.pb.h"
#include "sluice/v1/change.pb.h"
#include "sluice/v1/resource.pb.h"

namespace sluice::cli::verify {

// How many entries a change has of each kind.
struct AuditSteps {
  int proposed = 0, edited = 0, approved = 0, released = 0, rejected = 0, withdrawn = 0, stale = 0;
  void Count(const std::string& action);
};

// What is wrong with the entries of `change`, or with the change; empty: nothing.
std::string FaultOf(const sluice::v1::Change& change, const AuditSteps& steps);

// Reads a log from its latest entry to its first one.
class AuditTally {
 public:
  void Take(const sluice::v1::AuditEntry& entry, Findings& findings);
  // The log has been read to its end.
  void Finish(Findings& findings) const;

  int64_t entries() const { return entries_; }
  const std::map<std::string, AuditSteps>& changes() const { return changes_; }
  // The change that released each resource last, as far as entries name resources (the first 100 of a
  // change).
  const std::map<std::string, std::string>& last_release() const { return last_release_; }

 private:
  int64_t entries_ = 0;
  int64_t last_seq_ = 0;  // of the entry before; 0: none came
  std::map<std::string, AuditSteps> changes_;
  std::map<std::string, std::string> last_release_;
};

// What is wrong with a definition, given the change that is said to have released it; empty: nothing.
std::string DefinitionFault(const sluice::v1::Resource& definition, const sluice::v1::Change& change);
// Whether `change` deletes `resource` (`{kind}/{name}`).
bool Deletes(const sluice::v1::Change& change, const std::string& resource);

}  // namespace sluice::cli::verify
