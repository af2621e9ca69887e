// Estate: an approved state of a given size for benchmarks, as slices, and written to disk as an agent keeps
// it.
#pragma once

#include <string>
#include <vector>

#include "agent/kafka/kafka.h"
#include "agent/registry/registry.h"
#include "common/core/slice.h"

namespace sluice::bench {

struct Estate {
  std::vector<core::Slice> slices;  // one topic with three overrides and three ACLs each

  std::vector<core::Topic> Topics() const;
  std::vector<core::Acl> Acls() const;
  std::vector<core::Subject> Subjects() const;
  std::vector<std::string> TopicNames() const;
};

// The users that ACLs of an estate grant to, each without `User:`.
inline const std::vector<std::string> kEstateUsers = {"bench-producer", "bench-reader", "bench-archive"};
// The config keys that it sets.
inline const std::vector<std::string> kEstateKeys = {"cleanup.policy", "min.insync.replicas", "retention.ms"};

enum class WithSubjects { kNo, kYes };
// `prefix` begins all names.
Estate MakeEstate(const std::string& prefix, int topics, WithSubjects subjects = WithSubjects::kNo);

// Writes `{directory}/cache.db`, as an agent that took it from the control plane and was stopped.
void WriteCache(const Estate& estate, const std::string& directory);

// Access to the dev cluster as its agent's user, and as its administrator.
agent::KafkaOptions AgentKafka();
agent::KafkaOptions AdminKafka(const std::string& cluster = "eu-prod");
agent::RegistryOptions Registry();

}  // namespace sluice::bench
