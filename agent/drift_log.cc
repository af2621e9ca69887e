#include "agent/drift_log.h"

namespace sluice::agent {
namespace {

constexpr char kHealed[] = "healed";

std::string Key(const sluice::v1::DriftEvent& event) { return event.slice() + "\n" + event.resource(); }

}  // namespace

DriftNews NewDrift(const std::vector<sluice::v1::DriftEvent>& events,
                   const std::map<std::string, std::string>& open, const std::set<std::string>& covered,
                   bool everything, Foreigners foreigners) {
  DriftNews news;
  std::set<std::string> present;
  size_t opened = 0;
  for (const sluice::v1::DriftEvent& event : events) {
    const std::string key = Key(event);
    const bool healed = event.reaction() == kHealed;
    if (!healed) present.insert(key);
    auto known = open.find(key);
    if (known != open.end() && (known->second == event.reaction() || !healed)) continue;
    if (known == open.end() && !healed) {
      if (open.size() + opened >= kMaxOpenDrift) continue;
      ++opened;
      news.record[key] = event.reaction();
    }
    if (!event.slice().empty() || foreigners == Foreigners::kTell) news.tell.push_back(event);
  }
  for (const auto& [key, reaction] : open) {
    if (present.count(key) > 0) continue;
    const std::string slice = key.substr(0, key.find('\n'));
    if (slice.empty() ? everything : everything || covered.count(slice) > 0) news.record[key] = "";
  }
  return news;
}

}  // namespace sluice::agent
