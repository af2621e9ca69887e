#include "agent/config_memory.h"

namespace sluice::agent {

void ConfigMemory::Remember(const Topics& topics, const std::set<std::string>& declared) {
  seen_.clear();
  for (const auto& [name, topic] : topics) {
    for (const auto& [key, value] : topic.overrides) {
      if (declared.count(key) > 0) continue;
      Seen& seen = seen_[name];
      seen.topic_id = topic.id;
      seen.overrides[key] = value;
    }
  }
}

void ConfigMemory::Fill(const std::set<std::string>& read, Topics& topics) const {
  for (const auto& [name, seen] : seen_) {
    const auto topic = topics.find(name);
    if (topic == topics.end() || topic->second.id != seen.topic_id) continue;
    for (const auto& [key, value] : seen.overrides) {
      if (read.count(key) == 0) topic->second.overrides[key] = value;
    }
  }
}

}  // namespace sluice::agent
