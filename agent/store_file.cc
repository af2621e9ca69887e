#include "agent/store_file.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>
#include <utility>

namespace sluice::agent {
namespace {

namespace fs = std::filesystem;

constexpr const char* kParts[] = {"", "-wal", "-shm"};

uint64_t InodeOf(const std::string& path) {
  struct stat found = {};
  return stat(path.c_str(), &found) == 0 ? found.st_ino : 0;
}

}  // namespace

StoreFile::StoreFile(std::string path, std::vector<std::string_view> migrations)
    : path_(std::move(path)), migrations_(std::move(migrations)) {}

absl::Status StoreFile::Open() {
  auto lost = [this](const absl::Status& why) {
    Close();
    const bool unreadable = why.code() == absl::StatusCode::kInternal;
    return unreadable ? absl::DataLossError(why.message()) : why;
  };
  auto database = db::OpenSqlite(path_);
  if (!database.ok()) return lost(database.status());
  database_ = *std::move(database);
  auto connection = database_->OpenWriter();
  if (!connection.ok()) return lost(connection.status());
  connection_ = *std::move(connection);
  inode_ = InodeOf(path_);
  const absl::Status migrated = db::Migrate(*connection_, migrations_);
  if (migrated.code() == absl::StatusCode::kFailedPrecondition)
    return lost(absl::DataLossError(migrated.message()));
  return migrated.ok() ? migrated : lost(migrated);
}

void StoreFile::Close() {
  connection_.reset();
  database_.reset();
}

absl::Status StoreFile::SetAside() {
  Close();
  for (const char* part : kParts) {
    std::error_code error;
    const std::string from = path_ + part, to = path_ + ".corrupt" + part;
    fs::remove_all(to, error);
    if (!fs::exists(from, error)) continue;
    fs::rename(from, to, error);
    if (error) return absl::InternalError(fmt::format("cannot set {} aside: {}", from, error.message()));
  }
  return Open();
}

bool StoreFile::Deleted() const { return InodeOf(path_) != inode_; }

absl::Status StoreFile::OpenAgain() {
  Close();
  std::error_code error;
  if (!fs::exists(path_, error)) {
    // What is left of a deleted database belongs to no other one.
    for (const char* part : {"-wal", "-shm"}) fs::remove(path_ + part, error);
  }
  if (absl::Status status = PrepareDirectory(fs::path(path_).parent_path().string()); !status.ok())
    return status;
  return Open();
}

absl::Status StoreFile::Usable() const {
  if (connection_ != nullptr) return absl::OkStatus();
  return absl::UnavailableError(fmt::format("{} is not open", path_));
}

absl::Status PrepareDirectory(const std::string& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  const fs::perms now = fs::status(directory, error).permissions();
  if (!error && (now & (fs::perms::others_write | fs::perms::sticky_bit)) != fs::perms::none) {
    return absl::PermissionDeniedError(fmt::format(
        "data_directory is for the agent alone ({} is open to everybody); make one for it", directory));
  }
  if (!error) fs::permissions(directory, fs::perms::owner_all, fs::perm_options::replace, error);
  if (!error) return absl::OkStatus();
  return absl::PermissionDeniedError(
      fmt::format("data_directory must be a directory of this user ({}: {}); make it or change its owner",
                  directory, error.message()));
}

}  // namespace sluice::agent
