#include "agent/subject_memory.h"

#include <algorithm>
#include <utility>

namespace sluice::agent {

const SubjectMemory::Seen* SubjectMemory::Find(const core::Subject& wanted) const {
  auto found = seen_.find(wanted.name);
  return found != seen_.end() && found->second.wanted == wanted ? &found->second : nullptr;
}

std::vector<core::Subject> SubjectMemory::ToAsk(const std::vector<core::Subject>& wanted, Steady old) const {
  std::vector<core::Subject> ask;
  std::vector<std::pair<Steady, const core::Subject*>> aged;
  for (const core::Subject& subject : wanted) {
    const Seen* seen = Find(subject);
    if (seen == nullptr) {
      ask.push_back(subject);
    } else if (seen->when < old) {
      aged.emplace_back(seen->when, &subject);
    }
  }
  const size_t some = std::min(aged.size(), kMaxOld);
  std::partial_sort(aged.begin(), aged.begin() + static_cast<std::ptrdiff_t>(some), aged.end(),
                    [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; i < some; ++i) ask.push_back(*aged[i].second);
  return ask;
}

void SubjectMemory::Remember(const std::vector<core::Subject>& asked, const RegistryState& state,
                             Steady now) {
  for (const core::Subject& subject : asked) {
    auto observed = state.subjects.find(subject.name);
    if (observed == state.subjects.end()) {
      seen_.erase(subject.name);
    } else {
      seen_[subject.name] = {subject, observed->second, now};
    }
  }
}

void SubjectMemory::Fill(const std::vector<core::Subject>& wanted, RegistryState& state) const {
  for (const core::Subject& subject : wanted) {
    const Seen* seen = Find(subject);
    if (seen != nullptr && state.unreadable.count(subject.name) == 0)
      state.subjects.try_emplace(subject.name, seen->observed);
  }
}

void SubjectMemory::Keep(const std::vector<core::Subject>& wanted) {
  std::set<std::string> names;
  for (const core::Subject& subject : wanted) names.insert(subject.name);
  std::erase_if(seen_, [&names](const auto& entry) { return names.count(entry.first) == 0; });
}

}  // namespace sluice::agent
