#include "agent/cache.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>
#include <vector>

#include "common/crypto/sha256.h"
#include "common/log/log.h"
#include "common/wire/wire.h"
#include "sluice/v1/slice.pb.h"

namespace sluice::agent {
namespace {

using db::Bytes;

constexpr std::string_view kSchema = R"sql(
CREATE TABLE slices(key TEXT PRIMARY KEY, generation BIGINT NOT NULL, digest TEXT NOT NULL, body BYTEA NOT NULL);
)sql";
constexpr std::string_view kBookmarkSchema = R"sql(
CREATE TABLE bookmark(id BIGINT PRIMARY KEY, revision BIGINT NOT NULL, history_hash TEXT NOT NULL, may_apply BIGINT NOT NULL,
  history_known BIGINT NOT NULL, reserved TEXT NOT NULL, received_us BIGINT NOT NULL, checksum TEXT NOT NULL);
)sql";
const std::string kEmptyFold(64, '0');

// Adds a slice to the digest of the set, or takes it out again (exclusive or: the order does not matter).
void Fold(std::string& fold, std::string_view key, int64_t generation, std::string_view digest) {
  const std::string one = Sha256Hex(fmt::format("{}\n{}\n{}", key, generation, digest));
  auto nibble = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (size_t i = 0; i < 64; ++i) fold[i] = "0123456789abcdef"[nibble(fold[i]) ^ nibble(one[i])];
}

int64_t Micros(Time time) { return time.time_since_epoch().count(); }

std::string Join(const std::set<std::string>& names) { return fmt::format("{}", fmt::join(names, "\n")); }

std::set<std::string> Split(const std::string& text) {
  std::set<std::string> names;
  for (size_t from = 0; from < text.size();) {
    const size_t to = std::min(text.find('\n', from), text.size());
    if (to > from) names.insert(text.substr(from, to - from));
    from = to + 1;
  }
  return names;
}

std::string Checksum(const DesiredState& state, const std::string& fold) {
  return Sha256Hex(fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", state.revision, state.history_hash,
                               state.may_apply, state.history_known, Micros(state.received),
                               state.slices.size(), fold, Join(state.reserved_principals)));
}

// Never fails: what cannot be read is held with the reason.
std::shared_ptr<const HeldSlice> Parse(const std::string& key, int64_t generation, const std::string& digest,
                                       const std::string& body) {
  auto held = std::make_shared<HeldSlice>();
  held->generation = generation;
  held->digest = digest;
  held->slice.key = key;
  sluice::v1::Slice proto;
  if (!proto.ParseFromString(body)) {
    held->problem = "the slice is not a message that this version knows; upgrade the agent";
  } else if (proto.key() != key) {
    held->problem = fmt::format(
        "the slice says that it is '{}'; report this to the control plane's operators", proto.key());
  } else if (auto slice = wire::FromProto(proto); slice.ok()) {
    held->slice = *std::move(slice);
  } else {
    held->problem = std::string(slice.status().message());
  }
  return held;
}

absl::Status Corrupt(std::string what) { return absl::DataLossError(std::move(what)); }

}  // namespace

// An update between Begin and Commit. The rows are in the open transaction.
struct Cache::Staged {
  DesiredState state;
  std::string fold;
  std::set<std::string> changed;
  std::set<std::string> missing;  // keys of the former state that a full update has not named yet
  bool full = false;
};

absl::StatusOr<std::unique_ptr<Cache>> Cache::Open(const std::string& path, Clock& clock) {
  std::unique_ptr<Cache> cache(new Cache(path, clock));
  absl::Status status = cache->file_.Open();
  if (status.ok()) status = cache->Load();
  // What cannot be read any more is as good as corrupted: there is another copy of all of it.
  if (status.code() == absl::StatusCode::kDataLoss || status.code() == absl::StatusCode::kInternal) {
    status = cache->SetAside(status);
  }
  if (!status.ok()) return status;
  return cache;
}

Cache::Cache(std::string path, Clock& clock)
    : clock_(clock), file_(std::move(path), {kSchema, kBookmarkSchema}) {}

Cache::~Cache() { Abandon(); }

absl::Status Cache::OpenAgain() {
  Abandon();
  log::Error("the cache was deleted or replaced while the agent works; everything is asked for again",
             {{"file", file_.path()}});
  state_ = std::make_shared<const DesiredState>();
  fold_ = kEmptyFold;
  absl::Status status = file_.OpenAgain();
  if (status.ok()) status = Load();
  return status.code() == absl::StatusCode::kDataLoss ? SetAside(status) : status;
}

absl::Status Cache::Load() {
  auto state = std::make_shared<DesiredState>();
  std::string fold = kEmptyFold;
  absl::Status status = ForEachRow(
      file_.connection(), "SELECT key, generation, digest, body FROM slices WHERE key > $1 ORDER BY key LIMIT $2",
      [&](const db::Row& row) -> absl::Status {
        const std::string key = row.Text(0);
        if (Sha256Hex(row.Text(3)) != row.Text(2))
          return Corrupt(fmt::format("slice {} does not match its digest", key));
        Fold(fold, key, row.Int(1), row.Text(2));
        state->slices[key] = Parse(key, row.Int(1), row.Text(2), row.Text(3));
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  auto rows = file_.connection().Query(
      "SELECT revision, history_hash, may_apply, history_known, reserved, received_us, checksum FROM "
      "bookmark WHERE id = 1");
  if (!rows.ok()) return rows.status();
  if (rows->empty()) {
    if (!state->slices.empty()) return Corrupt("slices without a bookmark");
  } else {
    const db::Row& row = rows->front();
    state->revision = row.Int(0);
    state->history_hash = row.Text(1);
    state->may_apply = row.Int(2) != 0;
    state->history_known = row.Int(3) != 0;
    state->reserved_principals = Split(row.Text(4));
    state->received = Time(std::chrono::microseconds(row.Int(5)));
    if (Checksum(*state, fold) != row.Text(6))
      return Corrupt("the set of slices does not match the bookmark's checksum");
  }
  state_ = std::move(state);
  fold_ = std::move(fold);
  return absl::OkStatus();
}

absl::Status Cache::SetAside(const absl::Status& why) {
  problem_ = std::string(why.message());
  log::Error("cache is corrupted; set aside, everything is asked for again",
             {{"file", file_.path()}, {"set_aside", file_.path() + ".corrupt"}, {"error", problem_}});
  if (absl::Status status = file_.SetAside(); !status.ok()) return status;
  return Load();
}

absl::Status Cache::Noted(absl::Status status) {
  // What the control plane sent wrong says nothing about the disk.
  if (status.code() != absl::StatusCode::kDataLoss &&
      status.code() != absl::StatusCode::kFailedPrecondition) {
    writes_ = status;
  }
  return status;
}

absl::Status Cache::Begin(const Header& header) { return Noted(BeginStaged(header)); }

absl::Status Cache::Put(const std::string& key, int64_t generation, const std::string& digest,
                        const std::string& body) {
  if (key.empty() || body.size() > kMaxSliceBytes ||
      (staged_ != nullptr && staged_->state.slices.size() >= kMaxSlices)) {
    return absl::ResourceExhaustedError(
        fmt::format("a slice has a key and at most {} bytes, and there are at most {} ('{}': {} bytes)",
                    kMaxSliceBytes, kMaxSlices, key, body.size()));
  }
  return Noted(PutStaged(key, generation, digest, body));
}

absl::StatusOr<DesiredUpdate> Cache::Commit(int64_t revision, const std::string& history_hash) {
  auto update = CommitStaged(revision, history_hash);
  (void)Noted(update.status());
  return update;
}

absl::Status Cache::BeginStaged(const Header& header) {
  Abandon();
  if (absl::Status status = file_.Usable(); !status.ok()) {
    if (absl::Status again = OpenAgain(); !again.ok()) return again;
  }
  if (absl::Status status = file_.connection().Begin(); !status.ok()) return status;
  staged_ = std::make_unique<Staged>();
  staged_->state = *state_;
  staged_->state.may_apply = header.may_apply;
  staged_->state.reserved_principals = header.reserved_principals;
  staged_->state.history_known = true;
  staged_->fold = fold_;
  staged_->full = header.full;
  if (header.full) {
    for (const auto& [key, slice] : state_->slices) staged_->missing.insert(key);
  }
  return absl::OkStatus();
}

absl::Status Cache::PutStaged(const std::string& key, int64_t generation, const std::string& digest,
                              const std::string& body) {
  if (staged_ == nullptr) return absl::FailedPreconditionError("a slice belongs between Begin and Bookmark");
  if (Sha256Hex(body) != digest)
    return Corrupt(fmt::format("slice {} does not match its digest {}", key, digest));
  staged_->missing.erase(key);
  auto& held = staged_->state.slices[key];
  if (held != nullptr && held->generation == generation && held->digest == digest) return absl::OkStatus();
  if (held != nullptr) Fold(staged_->fold, key, held->generation, held->digest);
  Fold(staged_->fold, key, generation, digest);
  held = Parse(key, generation, digest, body);
  staged_->changed.insert(key);
  return file_.connection()
      .Execute(
          "INSERT INTO slices(key, generation, digest, body) VALUES($1, $2, $3, $4) ON CONFLICT(key) DO "
          "UPDATE SET "
          "generation = excluded.generation, digest = excluded.digest, body = excluded.body",
          {key, generation, digest, Bytes{body}})
      .status();
}

absl::Status Cache::Remove(const std::string& key) {
  if (staged_ == nullptr) return absl::FailedPreconditionError("a goner belongs between Begin and Bookmark");
  staged_->missing.erase(key);
  auto found = staged_->state.slices.find(key);
  if (found == staged_->state.slices.end()) return absl::OkStatus();
  Fold(staged_->fold, key, found->second->generation, found->second->digest);
  staged_->state.slices.erase(found);
  staged_->changed.insert(key);
  return file_.connection().Execute("DELETE FROM slices WHERE key = $1", {key}).status();
}

absl::StatusOr<DesiredUpdate> Cache::CommitStaged(int64_t revision, const std::string& history_hash) {
  if (staged_ == nullptr) return absl::FailedPreconditionError("a Bookmark follows a Begin");
  const std::set<std::string> missing = std::move(staged_->missing);
  for (const std::string& key : missing) {
    if (absl::Status status = Remove(key); !status.ok()) return status;
  }
  staged_->state.revision = revision;
  staged_->state.history_hash = history_hash;
  staged_->state.received = clock_.Now();
  absl::Status status = WriteBookmark(staged_->state, staged_->fold);
  if (status.ok()) status = file_.connection().Commit();
  if (!status.ok()) {
    Abandon();
    return status;
  }
  const std::unique_ptr<Staged> done = std::move(staged_);
  state_ = std::make_shared<const DesiredState>(std::move(done->state));
  fold_ = std::move(done->fold);
  if (done->full) problem_.clear();
  return DesiredUpdate{state_, std::move(done->changed), done->full, {}};
}

void Cache::Abandon() {
  if (staged_ == nullptr) return;
  staged_.reset();
  if (absl::Status status = file_.connection().Rollback(); !status.ok()) {
    log::Error("rolling back a staged update failed",
               {{"file", file_.path()}, {"error", std::string(status.message())}});
  }
}

absl::StatusOr<DesiredUpdate> Cache::MarkHistoryUnknown() {
  Abandon();
  if (absl::Status status = file_.Usable(); !status.ok()) return status;
  auto state = std::make_shared<DesiredState>(*state_);
  state->history_known = false;
  if (absl::Status status = WriteBookmark(*state, fold_); !status.ok()) return status;
  state_ = std::move(state);
  return DesiredUpdate{state_, {}, true, {}};
}

absl::Status Cache::WriteBookmark(const DesiredState& state, const std::string& fold) {
  return file_.connection()
      .Execute(
          "INSERT INTO bookmark(id, revision, history_hash, may_apply, history_known, reserved, received_us, "
          "checksum) "
          "VALUES(1, $1, $2, $3, $4, $5, $6, $7) ON CONFLICT(id) DO UPDATE SET revision = excluded.revision, "
          "history_hash = excluded.history_hash, may_apply = excluded.may_apply, history_known = "
          "excluded.history_known, "
          "reserved = excluded.reserved, received_us = excluded.received_us, checksum = excluded.checksum",
          {state.revision, state.history_hash, int64_t{state.may_apply}, int64_t{state.history_known},
           Join(state.reserved_principals), Micros(state.received), Checksum(state, fold)})
      .status();
}

}  // namespace sluice::agent
