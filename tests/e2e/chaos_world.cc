#include "tests/e2e/chaos_world.h"

#include <signal.h>

namespace sluice::testing {
namespace {

std::string DifferenceOf(const char* what, const std::set<std::string>& is,
                         const std::set<std::string>& wanted) {
  std::string text;
  int count = 0;
  for (const std::string& name : wanted) {
    if (!is.contains(name) && ++count <= 5) text += std::string(what) + " is missing: " + name + "\n";
  }
  for (const std::string& name : is) {
    if (!wanted.contains(name) && ++count <= 5) text += std::string(what) + " is too many: " + name + "\n";
  }
  return count > 5 ? text + std::to_string(count - 5) + " more\n" : text;
}

}  // namespace

RoundPlan ChaosModel::NextRound() {
  RoundPlan plan;
  for (size_t i = 0; i < products_.size(); ++i) {
    AskedProduct& product = products_[i];
    const int dice = std::uniform_int_distribution<>(0, 9)(random_);
    if (round_ == 0) {
      product = {.retention_days = 7, .mobile_reads = true};
    } else if (dice < 3) {
      product.retention_days = 7 + round_ % 20;
    } else if (dice < 5) {
      product.mobile_reads = !product.mobile_reads;
      if (!product.mobile_reads) {
        plan.revoke.push_back(static_cast<int>(i));
        continue;
      }
    } else {
      continue;
    }
    plan.apply.push_back(static_cast<int>(i));
  }
  ++round_;
  return plan;
}

std::string ChaosModel::Manifests(const std::vector<int>& products) const {
  std::string text;
  for (const int i : products) {
    const AskedProduct& product = products_[static_cast<size_t>(i)];
    text += "---\nkind: DataProduct\nname: " + NameOf(i) +
            "\ncategory: forecast\nownership: BROADCASTING\nowners: [app:plan]\ncustomers: {names: [" +
            prefix_ +
            "both]}\nversions:\n- major: 1\n  schema: {text: '{\"type\": \"object\"}'}\n  streams:\n"
            "  - {suffix: events, key: {fields: [/id]}, config: {retention.ms: " +
            std::to_string(product.retention_days) + "d}}\n";
    text += "---\nkind: Grant\nname: " + NameOf(i) +
            "/plan\npurpose: p\naccess: [{role: PRODUCER, majors: [1], environments: [prod]}]\n";
    if (!product.mobile_reads) continue;
    text += "---\nkind: Grant\nname: " + GrantOf(i) +
            "\npurpose: c\naccess: [{role: CONSUMER, majors: [1], environments: [prod]}]\n";
  }
  return text;
}

std::string ChaosModel::Difference(const ClusterView& view) const {
  std::set<std::string> topics, subjects, acls, is_topics, is_subjects, is_acls;
  std::string text;
  for (size_t i = 0; i < products_.size(); ++i) {
    const std::string topic = TopicOf(static_cast<int>(i));
    topics.insert(topic);
    subjects.insert(topic + "-value");
    acls.insert("User:" + prefix_ + "plan WRITE topic LITERAL " + topic);
    if (products_[i].mobile_reads) acls.insert("User:" + prefix_ + "mobile READ topic LITERAL " + topic);
    const auto found = view.topics.find(topic);
    if (found == view.topics.end()) continue;
    const auto retention = found->second.overrides.find("retention.ms");
    const std::string wanted = std::to_string(products_[i].retention_days * 86'400'000LL);
    if (retention == found->second.overrides.end() || retention->second != wanted)
      text += topic + " has another retention.ms than " + wanted + "\n";
  }
  for (const std::string application : {"plan", "mobile", "desk"}) {
    const std::string user = "User:" + prefix_ + application;
    acls.insert(user + " READ group PREFIXED " + prefix_ + application + ".");
    acls.insert(user + " WRITE transactional-id PREFIXED " + prefix_ + application + ".");
  }
  const std::string foreign = prefix_ + "-foreign";
  for (const auto& [name, topic] : view.topics) {
    if (name != foreign) is_topics.insert(name);
  }
  for (const auto& [name, subject] : view.subjects) {
    if (name == foreign + "-value") continue;
    is_subjects.insert(name);
    if (subject.versions != 1 || subject.level != "FORWARD_TRANSITIVE")
      text +=
          name + " has " + std::to_string(subject.versions) + " versions at level " + subject.level + "\n";
  }
  for (const std::string& acl : view.acls) {
    if (acl.find(foreign) == std::string::npos) is_acls.insert(acl);
  }
  return text + DifferenceOf("topic", is_topics, topics) + DifferenceOf("ACL", is_acls, acls) +
         DifferenceOf("subject", is_subjects, subjects);
}

void Killer::Loop() {
  while (!stop_) {
    const int pause_ms = std::uniform_int_distribution<>(100, 1500)(random_);
    const int victim = std::uniform_int_distribution<>(0, 2)(random_);
    std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
    ++kills_;
    if (victim == 0) {
      world_.StopControlPlane(SIGKILL);
      world_.StartControlPlane();
      continue;
    }
    const char* cluster = victim == 1 ? "eu-prod" : "us-prod";
    world_.StopAgent(cluster, SIGKILL);
    world_.StartAgent(cluster, kChaosAgent);
  }
}

}  // namespace sluice::testing
