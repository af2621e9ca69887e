#include "agent/backoff.h"

#include <algorithm>

namespace sluice::agent {
namespace {

constexpr std::chrono::microseconds kBase = std::chrono::seconds(1);

}  // namespace

std::chrono::microseconds Delay(int attempt, std::chrono::microseconds base, std::chrono::microseconds most,
                                std::mt19937_64& random) {
  const auto full = std::min(most, base * (int64_t{1} << std::clamp(attempt, 0, 20)));
  const double factor = std::uniform_real_distribution<double>(0.5, 1.0)(random);
  return std::chrono::microseconds(static_cast<int64_t>(static_cast<double>(full.count()) * factor));
}

void Backoff::Fail(const std::string& identity, const std::string& slice, int64_t generation,
                   const absl::Status& why, Steady now) {
  Entry& entry = entries_[identity];
  if (entry.generation != generation) entry.attempts = 0;
  entry.slice = slice;
  entry.generation = generation;
  entry.why = why;
  entry.due = now + Delay(entry.attempts++, kBase, most_, random_);
}

void Backoff::Keep(const std::set<std::string>& slices, const std::set<std::string>& identities,
                   const std::map<std::string, int64_t>& generations) {
  for (auto it = entries_.begin(); it != entries_.end();) {
    const bool covered = slices.count(it->second.slice) > 0;
    auto generation = generations.find(it->second.slice);
    const bool stale = covered && (identities.count(it->first) == 0 || generation == generations.end() ||
                                   generation->second != it->second.generation);
    it = stale ? entries_.erase(it) : std::next(it);
  }
}

const absl::Status* Backoff::Waiting(const std::string& identity, int64_t generation, Steady now) const {
  auto found = entries_.find(identity);
  if (found == entries_.end() || found->second.generation != generation || found->second.due <= now)
    return nullptr;
  return &found->second.why;
}

std::optional<Backoff::Steady> Backoff::NextDue() const {
  std::optional<Steady> next;
  for (const auto& [identity, entry] : entries_) {
    if (!next || entry.due < *next) next = entry.due;
  }
  return next;
}

std::set<std::string> Backoff::DueSlices(Steady now) const {
  std::set<std::string> slices;
  for (const auto& [identity, entry] : entries_) {
    if (entry.due <= now) slices.insert(entry.slice);
  }
  return slices;
}

}  // namespace sluice::agent
