#include "agent/missing.h"

#include <string_view>

namespace sluice::agent {
namespace {

constexpr std::string_view kTopic = "topic ";

// The topic that a block says to be lost because the look did not show it; empty: none.
std::string LostIn(const core::Block& block, const Observation& observation) {
  if (block.reason != "TopicLost" || block.resource.rfind(kTopic, 0) != 0 || !observation.observed.topics) return "";
  std::string topic = block.resource.substr(kTopic.size());
  return observation.observed.topics->count(topic) > 0 ? "" : topic;
}

}  // namespace

void Missing::Doubt(Steady now, const Part& part, const Observation& observation, core::Plan& plan) {
  if (!observation.kafka.ok()) return;
  std::set<std::string> lost;
  for (core::Block& block : plan.blocked) {
    const std::string topic = LostIn(block, observation);
    if (topic.empty()) continue;
    lost.insert(topic);
    Entry& entry = entries_.try_emplace(topic, Entry{block.slice, now}).first->second;
    entry.believed |= now - entry.since >= kSecondLook;
    if (entry.believed) continue;
    block.reason = kUnseen;
    block.message = "this look did not show the topic; it is looked at again before it is believed to be lost";
  }
  std::erase_if(entries_, [&](const auto& item) {
    const bool looked = !part.scope || part.keys.count(item.second.slice) > 0;
    return looked && lost.count(item.first) == 0;
  });
}

std::optional<Missing::Steady> Missing::NextDue() const {
  std::optional<Steady> next;
  for (const auto& [topic, entry] : entries_) {
    const Steady due = entry.since + kSecondLook;
    if (!entry.believed && (!next || due < *next)) next = due;
  }
  return next;
}

std::set<std::string> Missing::DueSlices(Steady now) const {
  std::set<std::string> slices;
  for (const auto& [topic, entry] : entries_) {
    if (!entry.believed && now >= entry.since + kSecondLook) slices.insert(entry.slice);
  }
  return slices;
}

}  // namespace sluice::agent
