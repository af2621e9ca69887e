#include "cli/verify/foreign.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace sluice::cli::verify {
namespace {

namespace iv1 = sluice::internal::v1;

constexpr char kWho[] =
    "find out who did it: Kafka's audit log and the registry's, and sluice audit query --action "
    "slice.applied";

// What slices name, present or absent.
struct Named {
  std::set<std::string> topics, acls, subjects;
};

Named NamedBy(const ApprovedCluster& approved) {
  Named named;
  for (const core::Slice& slice : approved.slices) {
    for (const core::Topic& topic : slice.topics) named.topics.insert(topic.name);
    for (const core::Acl& acl : slice.acls) named.acls.insert(core::Describe(acl));
    for (const core::Subject& subject : slice.subjects) named.subjects.insert(subject.name);
    for (const core::Absence& absence : slice.absences) {
      if (const auto* acl = std::get_if<core::Acl>(&absence.resource))
        named.acls.insert(core::Describe(*acl));
    }
  }
  return named;
}

// Whether a topic or subject that a slice names is ours. One that was there before is foreign all the same.
bool IsOurs(const ApprovedCluster& approved, const std::string& topic) {
  return approved.ours.topics.contains(topic);
}

std::string Text(const iv1::ForeignTopic& topic) {
  const std::map<std::string, std::string> configs(topic.configs().begin(), topic.configs().end());
  std::string text = fmt::format("ID {}, {} partitions, {} replicas", topic.id(), topic.partitions(),
                                 topic.replication_factor());
  for (const auto& [key, value] : configs) text += fmt::format(", {}={}", key, value);
  return text;
}

std::string Text(const iv1::ForeignSubject& subject) {
  std::string text = "level " + (subject.level().empty() ? "not set" : subject.level());
  for (const iv1::ForeignVersion& version : subject.versions())
    text += fmt::format(", version {} with schema {} ({})", version.version(), version.id(),
                        version.digest().substr(0, 12));
  return text;
}

template <typename Item>
std::map<std::string, const Item*> ByName(const google::protobuf::RepeatedPtrField<Item>& items) {
  std::map<std::string, const Item*> by_name;
  for (const Item& item : items) by_name[item.name()] = &item;
  return by_name;
}

// Compares the items of `before` that are still foreign with those of `now`.
template <typename Item>
void Compare(const char* kind, const std::string& cluster,
             const google::protobuf::RepeatedPtrField<Item>& before,
             const google::protobuf::RepeatedPtrField<Item>& now,
             const std::set<std::string>& no_longer_foreign, Findings& findings) {
  const auto present = ByName(now);
  for (const Item& item : before) {
    if (no_longer_foreign.contains(item.name())) continue;
    const auto found = present.find(item.name());
    const std::string resource = fmt::format("{} {}", kind, item.name());
    if (found == present.end()) {
      findings.Wrong({"foreign-touched", cluster, resource,
                      "it was there in the baseline and is gone: " + Text(item), kWho});
    } else if (Text(*found->second) != Text(item)) {
      findings.Wrong({"foreign-touched", cluster, resource,
                      fmt::format("is {}; in the baseline it was {}", Text(*found->second), Text(item)),
                      kWho});
    }
  }
}

}  // namespace

VerifiedCluster Summarize(const ApprovedCluster& approved, const agent::Observation* seen) {
  VerifiedCluster cluster;
  cluster.set_name(approved.name);
  cluster.set_slices(static_cast<int64_t>(approved.slices.size()));
  for (const core::Slice& slice : approved.slices) {
    cluster.set_topics(cluster.topics() + static_cast<int64_t>(slice.topics.size()));
    cluster.set_acls(cluster.acls() + static_cast<int64_t>(slice.acls.size()));
    cluster.set_subjects(cluster.subjects() + static_cast<int64_t>(slice.subjects.size()));
  }
  if (seen == nullptr || !seen->kafka.ok()) return cluster;
  cluster.set_kafka_read(seen->acls.ok());
  cluster.set_kafka_cluster_id(seen->cluster_id);
  const Named named = NamedBy(approved);
  for (const auto& [name, topic] : *seen->observed.topics) {
    if (named.topics.contains(name) && IsOurs(approved, name)) continue;
    iv1::ForeignTopic& foreign = *cluster.add_foreign_topics();
    foreign.set_name(name);
    foreign.set_id(topic.id);
    foreign.set_partitions(topic.partitions);
    foreign.set_replication_factor(topic.replication_factor);
    foreign.mutable_configs()->insert(topic.overrides.begin(), topic.overrides.end());
  }
  if (!seen->observed.acls) return cluster;
  for (const core::Acl& acl : *seen->observed.acls) {
    const std::string line = core::Describe(acl);
    if (!named.acls.contains(line)) cluster.add_foreign_acls(line);
  }
  return cluster;
}

void CompareForeign(const VerifiedCluster& before, const VerifiedCluster& now,
                    const ApprovedCluster& approved, Findings& findings) {
  if (before.kafka_cluster_id() != now.kafka_cluster_id() && !before.kafka_cluster_id().empty() &&
      !now.kafka_cluster_id().empty()) {
    findings.Wrong({"another-cluster", now.name(), "Kafka",
                    fmt::format("the cluster that answers is {}, in the baseline it was {}",
                                now.kafka_cluster_id(), before.kafka_cluster_id()),
                    "check bootstrap_servers in its agent's configuration"});
    return;
  }
  const Named named = NamedBy(approved);
  if (before.kafka_read() && now.kafka_read()) {
    std::set<std::string> ours;
    for (const auto& [name, owned] : approved.ours.topics) ours.insert(name);
    Compare("topic", now.name(), before.foreign_topics(), now.foreign_topics(), ours, findings);
    const std::set<std::string> acls(now.foreign_acls().begin(), now.foreign_acls().end());
    for (const std::string& acl : before.foreign_acls()) {
      if (acls.contains(acl) || named.acls.contains(acl)) continue;
      findings.Wrong(
          {"foreign-touched", now.name(), "acl " + acl, "it was there in the baseline and is gone", kWho});
    }
  }
  if (before.registry_read() && now.registry_read())
    Compare("subject", now.name(), before.foreign_subjects(), now.foreign_subjects(), approved.ours.subjects,
            findings);
}

}  // namespace sluice::cli::verify
