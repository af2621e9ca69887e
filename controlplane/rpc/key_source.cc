#include "controlplane/rpc/key_source.h"

#include <sys/stat.h>

#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>
#include <tuple>

#include "common/log/log.h"

namespace sluice::controlplane {
namespace {

class KeyFile final : public KeySource {
 public:
  KeyFile(std::string path, const Clock& clock) : path_(std::move(path)), clock_(clock) {}

  absl::Status Reload() {
    std::lock_guard lock(mutex_);
    const FileStamp stamp = StampOf(path_);
    if (keys_ != nullptr && stamp == stamp_) return absl::OkStatus();
    absl::StatusOr<std::shared_ptr<const KeySet>> loaded = KeySet::Load(path_);
    stamp_ = stamp;
    if (!loaded.ok()) return loaded.status();
    keys_ = *std::move(loaded);
    read_at_ = clock_.Now();
    return absl::OkStatus();
  }

  std::shared_ptr<const KeySet> Keys() override {
    if (absl::Status status = Reload(); !status.ok())  // the keys of before stay
      log::Warn("the key set cannot be read again", {{"reason", std::string(status.message())}});
    std::lock_guard lock(mutex_);
    return keys_;
  }
  bool Miss(const KeySet* seen) override {
    std::lock_guard lock(mutex_);
    return keys_.get() != seen;
  }
  std::optional<Time> ReadAt() override {
    std::lock_guard lock(mutex_);
    return read_at_;
  }

 private:
  using FileStamp = std::tuple<ino_t, off_t, int64_t, int64_t>;  // a rename and a rewrite both change it

  static FileStamp StampOf(const std::string& path) {
    struct stat info{};
    if (stat(path.c_str(), &info) != 0) return {};
    return {info.st_ino, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
  }

  const std::string path_;
  const Clock& clock_;
  std::mutex mutex_;
  std::shared_ptr<const KeySet> keys_;  // guarded by mutex_
  std::optional<Time> read_at_;         // guarded by mutex_
  FileStamp stamp_{};                   // guarded by mutex_
};

class FetchedKeys final : public KeySource {
 public:
  FetchedKeys(KeyUrl from, Clock& clock)
      : from_(std::move(from)), clock_(clock), thread_([this] { Loop(); }) {
    std::unique_lock lock(mutex_);
    tried_.wait(lock, [this] { return attempts_ > 0; });
  }
  ~FetchedKeys() override {
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

  std::shared_ptr<const KeySet> Keys() override {
    std::lock_guard lock(mutex_);
    return keys_;
  }
  bool Miss(const KeySet* seen) override {
    {
      std::lock_guard lock(mutex_);
      if (fetching_ || wanted_ || keys_.get() != seen) return true;
      if (clock_.Steady() < last_fetch_ + kMinKeyFetchInterval) return false;
      wanted_ = true;
    }
    wake_.notify_all();
    return true;
  }
  std::optional<Time> ReadAt() override {
    std::lock_guard lock(mutex_);
    return read_at_;
  }

 private:
  void Loop() {
    std::minstd_rand random(std::random_device{}());
    std::unique_lock lock(mutex_);
    while (!closed_) {
      fetching_ = true;
      wanted_ = false;
      lock.unlock();
      const absl::StatusOr<std::shared_ptr<const KeySet>> keys = FetchKeys(from_);
      lock.lock();
      Take(keys);
      const double jitter = std::uniform_real_distribution<double>(0.9, 1.0)(random);
      const auto pause = std::chrono::duration_cast<std::chrono::microseconds>(
          jitter * std::chrono::duration<double>(keys.ok() ? from_.refresh : kMinKeyFetchInterval));
      const auto next = clock_.Steady() + pause;
      while (!closed_ && !wanted_ && clock_.Steady() < next) clock_.WaitUntil(wake_, lock, next);
    }
  }

  // With the lock held.
  void Take(const absl::StatusOr<std::shared_ptr<const KeySet>>& keys) {
    fetching_ = false;
    last_fetch_ = clock_.Steady();
    ++attempts_;
    tried_.notify_all();
    if (!keys.ok()) {
      if (last_error_ != keys.status())  // the same again is said once
        log::Warn("the keys that tokens are verified with cannot be fetched; the last ones stay",
                  {{"reason", std::string(keys.status().message())},
                   {"have_keys", keys_ != nullptr ? "yes" : "no"}});
      last_error_ = keys.status();
      return;
    }
    last_error_ = absl::OkStatus();
    read_at_ = clock_.Now();
    // The same set stays the same object: tokens that were verified with it need not be verified again.
    if (keys_ == nullptr || keys_->text() != (*keys)->text()) {
      keys_ = *keys;
      log::Info("keys that tokens are verified with", {{"url", from_.url}, {"keys", keys_->size()}});
    }
  }

  const KeyUrl from_;
  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable wake_, tried_;
  std::shared_ptr<const KeySet> keys_;  // guarded by mutex_, as all below
  std::optional<Time> read_at_;
  absl::Status last_error_;
  std::chrono::steady_clock::time_point last_fetch_{};
  int64_t attempts_ = 0;
  bool fetching_ = false, wanted_ = false, closed_ = false;
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<KeySource>> OpenKeyFile(const std::string& path, const Clock& clock) {
  auto file = std::make_unique<KeyFile>(path, clock);
  if (absl::Status status = file->Reload(); !status.ok()) return status;
  return file;
}

std::unique_ptr<KeySource> OpenKeyUrl(const KeyUrl& from, Clock& clock) {
  return std::make_unique<FetchedKeys>(from, clock);
}

}  // namespace sluice::controlplane
