#include "agent/journal.h"

#include <fmt/format.h>

#include <filesystem>

#include "common/log/log.h"

namespace sluice::agent {
namespace {

namespace fs = std::filesystem;

constexpr int kPage = 1000;

constexpr std::string_view kTopics = "CREATE TABLE topics(name TEXT PRIMARY KEY, topic_id TEXT NOT NULL)";
constexpr std::string_view kSubjects = "CREATE TABLE subjects(name TEXT PRIMARY KEY)";
constexpr std::string_view kProgress =
    "CREATE TABLE progress(slice TEXT PRIMARY KEY, settled BIGINT NOT NULL, applied BIGINT NOT NULL)";
constexpr std::string_view kFacts = "CREATE TABLE facts(name TEXT PRIMARY KEY, value TEXT NOT NULL)";
constexpr std::string_view kDrift = "CREATE TABLE drift(resource TEXT PRIMARY KEY, reaction TEXT NOT NULL)";

// Calls `take` for each row of a query that reads in the order of its first column, after $1, at most $2 rows
// at once.
template <typename Take>
absl::Status ForEach(db::Connection& connection, std::string_view sql, const Take& take) {
  std::string after;
  for (bool more = true; more;) {
    auto rows = connection.Query(sql, {after, int64_t{kPage}});
    if (!rows.ok()) return rows.status();
    for (const db::Row& row : *rows) {
      after = row.Text(0);
      take(row);
    }
    more = rows->size() == kPage;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Journal>> Journal::Open(const std::string& path) {
  std::unique_ptr<Journal> journal(new Journal(path));
  absl::Status status = journal->OpenFile();
  if (status.ok()) status = journal->Load();
  if (status.code() == absl::StatusCode::kDataLoss) status = journal->SetAside(status);
  if (!status.ok()) return status;
  return journal;
}

absl::Status Journal::OpenFile() {
  auto database = db::OpenSqlite(path_);
  if (!database.ok()) return database.status();
  database_ = *std::move(database);
  auto connection = database_->OpenWriter();
  if (!connection.ok()) return connection.status();
  connection_ = *std::move(connection);
  return db::Migrate(*connection_, {kTopics, kSubjects, kProgress, kFacts, kDrift});
}

absl::Status Journal::Load() {
  ours_ = {};
  progress_.clear();
  facts_.clear();
  drift_.clear();
  absl::Status status =
      ForEach(*connection_, "SELECT name, topic_id FROM topics WHERE name > $1 ORDER BY name LIMIT $2",
              [this](const db::Row& row) { ours_.topics[row.Text(0)].id = row.Text(1); });
  if (!status.ok()) return status;
  status = ForEach(*connection_, "SELECT name FROM subjects WHERE name > $1 ORDER BY name LIMIT $2",
                   [this](const db::Row& row) { ours_.subjects.insert(row.Text(0)); });
  if (!status.ok()) return status;
  status = ForEach(*connection_,
                   "SELECT slice, settled, applied FROM progress WHERE slice > $1 ORDER BY slice LIMIT $2",
                   [this](const db::Row& row) { progress_[row.Text(0)] = {row.Int(1), row.Int(2)}; });
  if (!status.ok()) return status;
  status = ForEach(*connection_, "SELECT name, value FROM facts WHERE name > $1 ORDER BY name LIMIT $2",
                   [this](const db::Row& row) { facts_[row.Text(0)] = row.Text(1); });
  if (!status.ok()) return status;
  changed_topics_ = ours_.topics;
  return ForEach(*connection_,
                 "SELECT resource, reaction FROM drift WHERE resource > $1 ORDER BY resource LIMIT $2",
                 [this](const db::Row& row) { drift_[row.Text(0)] = row.Text(1); });
}

absl::Status Journal::SetAside(const absl::Status& why) {
  problem_ = std::string(why.message());
  log::Error("journal is corrupted; set aside, the control plane is asked what is ours",
             {{"file", path_}, {"set_aside", path_ + ".corrupt"}, {"error", problem_}});
  connection_.reset();
  database_.reset();
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::error_code error;
    if (!fs::exists(path_ + suffix, error)) continue;
    fs::rename(path_ + suffix, path_ + ".corrupt" + suffix, error);
    if (error)
      return absl::InternalError(fmt::format("cannot set {}{} aside: {}", path_, suffix, error.message()));
  }
  if (absl::Status status = OpenFile(); !status.ok()) return status;
  return Load();
}

Progress Journal::ProgressOf(const std::string& slice) const {
  auto found = progress_.find(slice);
  return found == progress_.end() ? Progress{} : found->second;
}

template <typename Write>
absl::Status Journal::Transact(const Write& write) {
  if (absl::Status status = connection_->Begin(); !status.ok()) return status;
  absl::Status status = write();
  if (status.ok()) status = connection_->Commit();
  if (!status.ok()) connection_->Rollback().IgnoreError();  // the first error is the one to tell
  return status;
}

absl::Status Journal::RecordTopics(const std::map<std::string, core::OwnedTopic>& topics) {
  std::map<std::string, core::OwnedTopic> news;
  for (const auto& [name, topic] : topics) {
    auto known = ours_.topics.find(name);
    if (known == ours_.topics.end() || (!topic.id.empty() && known->second.id != topic.id))
      news[name] = topic;
  }
  if (news.empty()) return absl::OkStatus();
  absl::Status status = Transact([&]() -> absl::Status {
    for (const auto& [name, topic] : news) {
      auto written = connection_->Execute(
          "INSERT INTO topics(name, topic_id) VALUES($1, $2) ON CONFLICT(name) DO UPDATE SET topic_id = "
          "excluded.topic_id",
          {name, topic.id});
      if (!written.ok()) return written.status();
    }
    return absl::OkStatus();
  });
  if (status.ok()) {
    for (const auto& [name, topic] : news) ours_.topics[name] = changed_topics_[name] = topic;
  }
  return status;
}

absl::Status Journal::ForgetTopicIntents(const std::vector<std::string>& names) {
  if (names.empty()) return absl::OkStatus();
  absl::Status status = Transact([&]() -> absl::Status {
    for (const std::string& name : names) {
      auto deleted = connection_->Execute("DELETE FROM topics WHERE name = $1 AND topic_id = ''", {name});
      if (!deleted.ok()) return deleted.status();
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  for (const std::string& name : names) {
    auto found = ours_.topics.find(name);
    if (found == ours_.topics.end() || !found->second.id.empty()) continue;
    ours_.topics.erase(found);
    changed_topics_.erase(name);
  }
  return status;
}

absl::Status Journal::RecordSubjects(const std::vector<std::string>& names) {
  if (names.empty()) return absl::OkStatus();
  absl::Status status = Transact([&]() -> absl::Status {
    for (const std::string& name : names) {
      auto written =
          connection_->Execute("INSERT INTO subjects(name) VALUES($1) ON CONFLICT(name) DO NOTHING", {name});
      if (!written.ok()) return written.status();
    }
    return absl::OkStatus();
  });
  if (status.ok()) ours_.subjects.insert(names.begin(), names.end());
  return status;
}

absl::Status Journal::ForgetSubjects(const std::vector<std::string>& names) {
  if (names.empty()) return absl::OkStatus();
  absl::Status status = Transact([&]() -> absl::Status {
    for (const std::string& name : names) {
      auto deleted = connection_->Execute("DELETE FROM subjects WHERE name = $1", {name});
      if (!deleted.ok()) return deleted.status();
    }
    return absl::OkStatus();
  });
  if (status.ok()) {
    for (const std::string& name : names) ours_.subjects.erase(name);
  }
  return status;
}

absl::Status Journal::RecordProgress(const std::map<std::string, Progress>& progress) {
  std::map<std::string, Progress> news;
  for (const auto& [slice, now] : progress) {
    if (ProgressOf(slice) != now) news[slice] = now;
  }
  if (news.empty()) return absl::OkStatus();
  absl::Status status = Transact([&]() -> absl::Status {
    for (const auto& [slice, now] : news) {
      auto written =
          now == Progress{}
              ? connection_->Execute("DELETE FROM progress WHERE slice = $1", {slice})
              : connection_->Execute(
                    "INSERT INTO progress(slice, settled, applied) VALUES($1, $2, $3) ON CONFLICT(slice) "
                    "DO UPDATE SET settled = excluded.settled, applied = excluded.applied",
                    {slice, now.settled, now.applied});
      if (!written.ok()) return written.status();
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  for (const auto& [slice, now] : news) {
    if (now == Progress{}) {
      progress_.erase(slice);
    } else {
      progress_[slice] = now;
    }
  }
  return status;
}

std::string Journal::Fact(const std::string& name) const {
  auto found = facts_.find(name);
  return found == facts_.end() ? std::string() : found->second;
}

absl::Status Journal::RecordFact(const std::string& name, const std::string& value) {
  if (Fact(name) == value) return absl::OkStatus();
  auto written = connection_->Execute(
      "INSERT INTO facts(name, value) VALUES($1, $2) ON CONFLICT(name) DO UPDATE SET value = excluded.value",
      {name, value});
  if (written.ok()) facts_[name] = value;
  return written.status();
}

absl::Status Journal::RecordDrift(const std::map<std::string, std::string>& drift) {
  std::map<std::string, std::string> news;
  for (const auto& [resource, reaction] : drift) {
    auto known = drift_.find(resource);
    const std::string& now = known == drift_.end() ? std::string() : known->second;
    if (now != reaction) news[resource] = reaction;
  }
  if (news.empty()) return absl::OkStatus();
  absl::Status status = Transact([&]() -> absl::Status {
    for (const auto& [resource, reaction] : news) {
      auto written =
          reaction.empty()
              ? connection_->Execute("DELETE FROM drift WHERE resource = $1", {resource})
              : connection_->Execute(
                    "INSERT INTO drift(resource, reaction) VALUES($1, $2) ON CONFLICT(resource) DO "
                    "UPDATE SET reaction = excluded.reaction",
                    {resource, reaction});
      if (!written.ok()) return written.status();
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  for (const auto& [resource, reaction] : news) {
    if (reaction.empty()) {
      drift_.erase(resource);
    } else {
      drift_[resource] = reaction;
    }
  }
  return status;
}

}  // namespace sluice::agent
