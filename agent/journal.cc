#include "agent/journal.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "common/log/log.h"

namespace sluice::agent {
namespace {

constexpr char kHistory[] = "history";

constexpr std::string_view kTopics = "CREATE TABLE topics(name TEXT PRIMARY KEY, topic_id TEXT NOT NULL)";
constexpr std::string_view kSubjects = "CREATE TABLE subjects(name TEXT PRIMARY KEY)";
constexpr std::string_view kProgress =
    "CREATE TABLE progress(slice TEXT PRIMARY KEY, settled BIGINT NOT NULL, applied BIGINT NOT NULL)";
constexpr std::string_view kFacts = "CREATE TABLE facts(name TEXT PRIMARY KEY, value TEXT NOT NULL)";
constexpr std::string_view kDrift = "CREATE TABLE drift(resource TEXT PRIMARY KEY, reaction TEXT NOT NULL)";

}  // namespace

Journal::Journal(std::string path)
    : file_(std::move(path), {kTopics, kSubjects, kProgress, kFacts, kDrift}) {}

absl::StatusOr<std::unique_ptr<Journal>> Journal::Open(const std::string& path) {
  std::unique_ptr<Journal> journal(new Journal(path));
  absl::Status status = journal->file_.Open();
  if (status.ok()) status = journal->Load();
  if (status.code() == absl::StatusCode::kDataLoss) status = journal->SetAside(status);
  if (!status.ok()) return status;
  return journal;
}

absl::Status Journal::Load() {
  ours_ = {};
  progress_.clear();
  facts_.clear();
  drift_.clear();
  absl::Status status;
  const auto read = [&](std::string_view sql, const auto& take) {
    if (!status.ok()) return;
    status = ForEachRow(file_.connection(), sql, [&take](const db::Row& row) {
      take(row);
      return absl::OkStatus();
    });
  };
  read("SELECT name, topic_id FROM topics WHERE name > $1 ORDER BY name LIMIT $2",
       [this](const db::Row& row) { ours_.topics[row.Text(0)].id = row.Text(1); });
  read("SELECT name FROM subjects WHERE name > $1 ORDER BY name LIMIT $2",
       [this](const db::Row& row) { ours_.subjects.insert(row.Text(0)); });
  read("SELECT slice, settled, applied FROM progress WHERE slice > $1 ORDER BY slice LIMIT $2",
       [this](const db::Row& row) { progress_[row.Text(0)] = {row.Int(1), row.Int(2)}; });
  read("SELECT name, value FROM facts WHERE name > $1 ORDER BY name LIMIT $2",
       [this](const db::Row& row) { facts_[row.Text(0)] = row.Text(1); });
  read("SELECT resource, reaction FROM drift WHERE resource > $1 ORDER BY resource LIMIT $2",
       [this](const db::Row& row) { drift_[row.Text(0)] = row.Text(1); });
  changed_topics_ = ours_.topics;
  changed_subjects_ = ours_.subjects;
  return status;
}

absl::Status Journal::SetAside(const absl::Status& why) {
  problem_ = std::string(why.message());
  log::Error("journal is corrupted; set aside, the control plane is asked what is ours",
             {{"file", file_.path()}, {"set_aside", file_.path() + ".corrupt"}, {"error", problem_}});
  if (absl::Status status = file_.SetAside(); !status.ok()) return status;
  return Load();
}

absl::Status Journal::KeepFile() {
  if (file_.Usable().ok() && !file_.Deleted()) return absl::OkStatus();
  log::Error("the journal was deleted or replaced while the agent works; it is written anew",
             {{"file", file_.path()}});
  absl::Status status = file_.OpenAgain();
  if (status.code() == absl::StatusCode::kDataLoss) status = file_.SetAside();
  return status.ok() ? WriteAll() : Noted(status);
}

absl::Status Journal::WriteAll() {
  return Transact([&]() -> absl::Status {
    absl::Status status;
    auto run = [&](std::string_view sql, const std::vector<db::Value>& values) {
      if (status.ok()) status = file_.connection().Execute(sql, values).status();
    };
    for (const char* table : {"topics", "subjects", "progress", "facts", "drift"}) {
      run(fmt::format("DELETE FROM {}", table), {});
    }
    for (const auto& [name, topic] : ours_.topics) run("INSERT INTO topics VALUES($1, $2)", {name, topic.id});
    for (const std::string& name : ours_.subjects) run("INSERT INTO subjects VALUES($1)", {name});
    for (const auto& [slice, now] : progress_) {
      run("INSERT INTO progress VALUES($1, $2, $3)", {slice, now.settled, now.applied});
    }
    for (const auto& [name, value] : facts_) run("INSERT INTO facts VALUES($1, $2)", {name, value});
    for (const auto& [resource, reaction] : drift_)
      run("INSERT INTO drift VALUES($1, $2)", {resource, reaction});
    return status;
  });
}

absl::Status Journal::Noted(absl::Status status) {
  writes_ = status;
  if (!status.ok()) ++failed_writes_;
  return status;
}

Progress Journal::ProgressOf(const std::string& slice) const {
  auto found = progress_.find(slice);
  return found == progress_.end() ? Progress{} : found->second;
}

template <typename Write>
absl::Status Journal::Transact(const Write& write) {
  absl::Status status = file_.Usable();
  if (!status.ok()) return Noted(status);
  db::Connection& connection = file_.connection();
  status = connection.Begin();
  if (status.ok()) status = write();
  if (status.ok()) status = connection.Commit();
  if (!status.ok()) connection.Rollback().IgnoreError();  // the first error is the one to tell
  return Noted(status);
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
      auto written = file_.connection().Execute(
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

absl::Status Journal::GiveUpTopics(const std::map<std::string, std::string>& topics) {
  if (topics.empty()) return absl::OkStatus();
  absl::Status status = Transact([&]() -> absl::Status {
    for (const auto& [name, id] : topics) {
      auto written = file_.connection().Execute(
          "UPDATE topics SET topic_id = '' WHERE name = $1 AND topic_id = $2", {name, id});
      if (!written.ok()) return written.status();
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  for (const auto& [name, id] : topics) {
    auto found = ours_.topics.find(name);
    if (found != ours_.topics.end() && found->second.id == id) found->second.id.clear();
  }
  return status;
}

absl::Status Journal::ForgetTopicIntents(const std::vector<std::string>& names) {
  if (names.empty()) return absl::OkStatus();
  absl::Status status = Transact([&]() -> absl::Status {
    for (const std::string& name : names) {
      auto deleted =
          file_.connection().Execute("DELETE FROM topics WHERE name = $1 AND topic_id = ''", {name});
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
  std::vector<std::string> news;
  for (const std::string& name : names) {
    if (ours_.subjects.count(name) == 0) news.push_back(name);
  }
  if (news.empty()) return absl::OkStatus();
  absl::Status status = Transact([&]() -> absl::Status {
    for (const std::string& name : news) {
      auto written = file_.connection().Execute(
          "INSERT INTO subjects(name) VALUES($1) ON CONFLICT(name) DO NOTHING", {name});
      if (!written.ok()) return written.status();
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  ours_.subjects.insert(news.begin(), news.end());
  changed_subjects_.insert(news.begin(), news.end());
  return status;
}

absl::Status Journal::ForgetSubjects(const std::vector<std::string>& names) {
  if (names.empty()) return absl::OkStatus();
  absl::Status status = Transact([&]() -> absl::Status {
    for (const std::string& name : names) {
      auto deleted = file_.connection().Execute("DELETE FROM subjects WHERE name = $1", {name});
      if (!deleted.ok()) return deleted.status();
    }
    return absl::OkStatus();
  });
  if (status.ok()) {
    for (const std::string& name : names) {
      ours_.subjects.erase(name);
      changed_subjects_.erase(name);
    }
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
              ? file_.connection().Execute("DELETE FROM progress WHERE slice = $1", {slice})
              : file_.connection().Execute(
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
  absl::Status status = Transact([&]() -> absl::Status {
    return file_.connection()
        .Execute(
            "INSERT INTO facts(name, value) VALUES($1, $2) ON CONFLICT(name) DO UPDATE SET value = "
            "excluded.value",
            {name, value})
        .status();
  });
  if (status.ok()) facts_[name] = value;
  return status;
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
              ? file_.connection().Execute("DELETE FROM drift WHERE resource = $1", {resource})
              : file_.connection().Execute(
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

HistoryPoint ReadHistory(const Journal& journal) {
  const std::string text = journal.Fact(kHistory);
  const size_t space = text.find(' ');
  HistoryPoint point;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), point.revision);
  if (error != std::errc() || space == std::string::npos || end != text.data() + space) return {};
  point.hash = text.substr(space + 1);
  return point;
}

absl::Status WriteHistory(const HistoryPoint& point, Journal& journal) {
  return journal.RecordFact(kHistory, fmt::format("{} {}", point.revision, point.hash));
}

}  // namespace sluice::agent
