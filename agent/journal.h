// Journal: what is ours on the cluster, and how far we got, on disk. A creation is journalled as an intent
// before it is sent and gets its topic ID afterwards, so that a crash between the call and its answer is
// recognised.
//
// A journal that cannot be read is set aside as `{path}.corrupt` and `problem` says why: then nothing is ours
// until the control plane has told what it remembers (a full update). Every member is durable when it returns
// OK. Thread safety: belongs to one thread at a time.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/desired.h"
#include "agent/store_file.h"
#include "common/core/diff.h"

namespace sluice::agent {

// How far a slice got.
struct Progress {
  int64_t settled =
      0;  // generation at which everything that is not blocked was last seen as approved; 0: never
  int64_t applied = 0;  // generation at which all of it was; 0: never
  bool operator==(const Progress&) const = default;
};

class Journal;

// The last point of history that was held, beside the cache: tells a restored control plane after the cache
// was lost.
HistoryPoint ReadHistory(const Journal& journal);
absl::Status WriteHistory(const HistoryPoint& point, Journal& journal);

class Journal {
 public:
  // `path` is the SQLite file. FAILED_PRECONDITION: another process holds it.
  static absl::StatusOr<std::unique_ptr<Journal>> Open(const std::string& path);

  const core::Ours& ours() const { return ours_; }
  // Topics recorded since the last call; the first one returns all.
  std::map<std::string, core::OwnedTopic> TakeChangedTopics() { return std::exchange(changed_topics_, {}); }
  std::set<std::string> TakeChangedSubjects() { return std::exchange(changed_subjects_, {}); }  // likewise
  Progress ProgressOf(const std::string& slice) const;
  // What is open: drift and foreign resources that were told already, with the reaction.
  const std::map<std::string, std::string>& drift() const { return drift_; }
  // A fact about the cluster; empty: not known.
  std::string Fact(const std::string& name) const;
  const std::string& problem() const { return problem_; }
  // How the last write ended, and how many have failed since the journal was opened.
  const absl::Status& writes() const { return writes_; }
  int64_t failed_writes() const { return failed_writes_; }
  // If somebody deleted or replaced the file, writes everything that is known into a new one.
  absl::Status KeepFile();

  // Topics: an empty ID is an intent and never replaces a known ID.
  absl::Status RecordTopics(const std::map<std::string, core::OwnedTopic>& topics);
  // Takes IDs of lost topics off again, by name: what stays is an intent to make them anew.
  absl::Status GiveUpTopics(const std::map<std::string, std::string>& topics);
  absl::Status ForgetTopicIntents(const std::vector<std::string>& names);  // leaves topics with an ID alone
  absl::Status RecordSubjects(const std::vector<std::string>& names);
  absl::Status ForgetSubjects(const std::vector<std::string>& names);
  absl::Status RecordProgress(const std::map<std::string, Progress>& progress);  // by slice; zero forgets
  absl::Status RecordDrift(const std::map<std::string, std::string>& drift);     // an empty reaction forgets
  absl::Status RecordFact(const std::string& name, const std::string& value);

 private:
  explicit Journal(std::string path);
  absl::Status Load();
  absl::Status SetAside(const absl::Status& why);
  absl::Status WriteAll();
  absl::Status Noted(absl::Status status);  // remembers how a write ended
  // Runs `write` in a transaction.
  template <typename Write>
  absl::Status Transact(const Write& write);

  StoreFile file_;
  absl::Status writes_;
  int64_t failed_writes_ = 0;
  core::Ours ours_;
  std::map<std::string, core::OwnedTopic> changed_topics_;
  std::set<std::string> changed_subjects_;
  std::map<std::string, Progress> progress_;
  std::map<std::string, std::string> facts_;
  std::map<std::string, std::string> drift_;
  std::string problem_;
};

}  // namespace sluice::agent
