// ReportBook: what the control plane is to be told, between the thread that finds it out and the one that
// sends it. Holds the present report of every slice, so that deltas and full reports can be made at any time;
// what was not acknowledged is sent again. Bounded: drift events beyond 5,000 push out the oldest and are
// counted.
//
// Thread safety: all members may be called from any thread; one thread at a time sends (Next … Acknowledge).
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/core/diff.h"
#include "sluice/v1/agent.pb.h"

namespace sluice::agent {

// What a round adds.
struct RoundReport {
  std::vector<sluice::v1::SliceReport> slices;
  std::set<std::string> removed;  // slices that are not held any more
  std::vector<sluice::v1::DriftEvent> drift;
  std::map<std::string, core::OwnedTopic> owned;    // topics that are ours, as far as they are new or changed
  std::set<std::string> owned_subjects;             // likewise
  std::vector<sluice::v1::Condition> conditions;    // of the cluster; replaces the former ones
  std::optional<std::vector<std::string>> foreign;  // nullopt: not looked at
  int64_t revision = 0;
  bool looked_at_everything = false;
};

class ReportBook {
 public:
  static constexpr size_t kMaxSlices = 500, kMaxOwned = 5000, kMaxDrift = 500, kMaxWaitingDrift = 5000;
  static constexpr size_t kMaxBytes = 2u << 20;  // of slices and topics in one request: gRPC takes 4 MiB

  ReportBook(std::string cluster, std::string incarnation, Clock& clock);

  // Takes a round. Conditions keep their transition time while their status lasts; what equals the former
  // report is not sent.
  void Put(RoundReport round);

  // The request to send now: the one that was not acknowledged yet, else the next. nullopt: nothing has
  // changed.
  std::optional<sluice::v1::ReportStatusRequest> Next();
  // A request that tells nothing but that we live, where Next has nothing; nullopt before the first round.
  std::optional<sluice::v1::ReportStatusRequest> Heartbeat();
  void Acknowledge();
  // Everything is to be told again, in pieces. How a book begins.
  void StartFull();

  // Waits until there is something to send, `deadline` has passed, or Stop. Returns false after Stop.
  bool WaitForNews(std::chrono::steady_clock::time_point deadline);
  // Waits until `deadline` or Stop, whatever the news. Returns false after Stop.
  bool Pause(std::chrono::steady_clock::time_point deadline);
  void Stop();

 private:
  bool HasNews() const;
  sluice::v1::ReportStatusRequest Header();
  bool FullLeft() const;
  void FillSlices(sluice::v1::ReportStatusRequest& request, bool full);
  void FillOwned(sluice::v1::ReportStatusRequest& request, bool full);
  void FillRest(sluice::v1::ReportStatusRequest& request);
  void Restamp(sluice::v1::SliceReport& report);

  const std::string cluster_, incarnation_;
  Clock& clock_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  int64_t sequence_ = 0;
  bool primed_ = false;  // a round was put: before that there is nothing to tell
  bool full_ = true;     // a full report is to begin
  std::set<std::string> full_slices_left_, full_owned_left_, full_subjects_left_;  // of the full report under way
  std::optional<sluice::v1::ReportStatusRequest> in_flight_;
  std::map<std::string, sluice::v1::SliceReport> slices_;
  std::map<std::string, core::OwnedTopic> owned_;
  std::set<std::string> owned_subjects_;
  std::set<std::string> dirty_slices_, dirty_owned_, dirty_subjects_;
  std::deque<sluice::v1::DriftEvent> drift_;
  std::vector<sluice::v1::Condition> conditions_;
  std::vector<std::string> foreign_;
  bool cluster_dirty_ = false, foreign_known_ = false, foreign_dirty_ = false;
  int64_t revision_ = 0;
  std::optional<std::chrono::steady_clock::time_point> looked_;  // at everything; nullopt: not yet
};

}  // namespace sluice::agent
