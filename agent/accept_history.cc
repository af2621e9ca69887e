#include "agent/accept_history.h"

#include <fmt/format.h>

#include <filesystem>

#include "agent/cache.h"
#include "agent/journal.h"

namespace sluice::agent {

absl::Status AcceptHistory(const std::string& data_directory, Clock& clock) {
  const std::string cache_path = data_directory + "/cache.db";
  auto journal = Journal::Open(data_directory + "/journal.db");
  if (!journal.ok()) return journal.status();
  auto cache = Cache::Open(cache_path, clock);  // nobody works in it
  if (!cache.ok()) return cache.status();
  cache->reset();
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::error_code error;
    std::filesystem::remove(cache_path + suffix, error);
    if (error) {
      return absl::InternalError(fmt::format("cannot remove {}{}: {}", cache_path, suffix, error.message()));
    }
  }
  return WriteHistory({}, **journal);
}

}  // namespace sluice::agent
