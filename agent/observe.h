// Observe: one look at Kafka and the registry, as Diff wants it, and what could not be looked at.
#pragma once

#include <absl/status/status.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/config_memory.h"
#include "agent/desired.h"
#include "agent/subject_memory.h"
#include "agent/target.h"
#include "common/core/diff.h"

namespace sluice::agent {

// The part of the desired state that a round is about.
struct Part {
  std::vector<core::Slice> slices;
  std::optional<std::set<std::string>> scope;  // for DiffOptions; nullopt: everything
  std::set<std::string> kafka_names;           // topics, groups, transactional ids in `scope`
  std::set<std::string> keys;                  // slices to report on; the others only share names with them
  std::set<std::string> config_keys;           // that the slices set or take away
};

// Everything that is held.
Part WholePart(const DesiredState& state);
// The slices named by `keys` as far as they are held, and of the others what they say about the same names
// (presence there beats an absence here, and what they name is not foreign).
Part PartOf(const DesiredState& state, const std::set<std::string>& keys);

struct Observation {
  core::Observed observed;
  absl::Status kafka;           // OK: topics were looked at
  absl::Status acls;            // OK: ACLs were looked at
  absl::Status registry;        // OK: subjects were looked at, or none is wanted
  bool registry_asked = false;  // it was spoken to; else everything about subjects is remembered
  std::map<std::string, absl::Status> unreadable_topics, unreadable_subjects;
  std::string cluster_id;
};

// How configs are looked at.
struct ConfigLook {
  ConfigMemory& memory;
  bool all_keys = true;  // else those of the part, and what is remembered of the others
};

// How subjects are looked at.
struct SubjectLook {
  RegistryTarget* registry = nullptr;  // null: the cluster has none
  SubjectMemory& memory;
  SubjectMemory::Steady now;
  SubjectMemory::Steady old;  // what was seen before is asked about again
  absl::Status down;          // not OK: the registry was just found out of reach, and is not waited for again
};

// Looks.
Observation Observe(const Part& part, KafkaTarget& kafka, const ConfigLook& configs, const SubjectLook& subjects);

// Takes out of `plan` what would be concluded from resources that could not be looked at, and adds a block
// for each.
void DropUnreadable(const Observation& observation, core::Plan& plan);

}  // namespace sluice::agent
