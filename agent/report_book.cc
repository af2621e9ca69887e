#include "agent/report_book.h"

#include <google/protobuf/util/time_util.h>

#include <utility>

#include "common/log/log.h"

namespace sluice::agent {
namespace {

namespace v1 = sluice::v1;

// Gives `now` its transition times: those of `before` where type, resource and status are the same.
template <typename Before>
void Stamp(const Before& before, google::protobuf::RepeatedPtrField<v1::Condition>& now, int64_t now_us) {
  for (v1::Condition& condition : now) {
    *condition.mutable_transition_time() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(now_us);
    for (const v1::Condition& old : before) {
      if (old.type() != condition.type() || old.resource() != condition.resource() ||
          old.status() != condition.status())
        continue;
      *condition.mutable_transition_time() = old.transition_time();
      break;
    }
  }
}

bool Same(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  return a.SerializeAsString() ==
         b.SerializeAsString();  // no maps inside, so equal messages have equal bytes
}

}  // namespace

ReportBook::ReportBook(std::string cluster, std::string incarnation, Clock& clock)
    : cluster_(std::move(cluster)), incarnation_(std::move(incarnation)), clock_(clock) {}

void ReportBook::Restamp(v1::SliceReport& report) {
  static const google::protobuf::RepeatedPtrField<v1::Condition> kNone;
  auto before = slices_.find(report.key());
  Stamp(before == slices_.end() ? kNone : before->second.conditions(), *report.mutable_conditions(),
        clock_.Now().time_since_epoch().count());
}

void ReportBook::Put(RoundReport round) {
  std::unique_lock lock(mutex_);
  primed_ = true;
  if (round.looked_at_everything) looked_ = clock_.Steady();
  for (v1::SliceReport& report : round.slices) {
    Restamp(report);
    auto [place, is_new] = slices_.try_emplace(report.key());
    if (!is_new && Same(place->second, report)) continue;
    dirty_slices_.insert(report.key());
    place->second = std::move(report);
  }
  for (const std::string& key : round.removed) {
    slices_.erase(key);
    dirty_slices_.erase(key);
  }
  for (auto& [name, topic] : round.owned) {
    auto [place, is_new] = owned_.try_emplace(name);
    if (!is_new && place->second == topic) continue;
    place->second = std::move(topic);
    dirty_owned_.insert(name);
  }
  for (const std::string& name : round.owned_subjects) {
    if (owned_subjects_.insert(name).second) dirty_subjects_.insert(name);
  }
  for (v1::DriftEvent& event : round.drift) drift_.push_back(std::move(event));
  if (drift_.size() > kMaxWaitingDrift) {
    log::Warn("drift events were dropped: the control plane does not take them",
              {{"dropped", drift_.size() - kMaxWaitingDrift}});
    drift_.erase(drift_.begin(), drift_.end() - kMaxWaitingDrift);
  }
  google::protobuf::RepeatedPtrField<v1::Condition> conditions(round.conditions.begin(),
                                                               round.conditions.end());
  Stamp(conditions_, conditions, clock_.Now().time_since_epoch().count());
  bool same = static_cast<size_t>(conditions.size()) == conditions_.size();
  for (int i = 0; same && i < conditions.size(); ++i)
    same = Same(conditions[i], conditions_[static_cast<size_t>(i)]);
  cluster_dirty_ |= !same || revision_ != round.revision;
  conditions_.assign(conditions.begin(), conditions.end());
  revision_ = round.revision;
  if (round.foreign && (!foreign_known_ || foreign_ != *round.foreign)) {
    foreign_ = *std::move(round.foreign);
    foreign_known_ = foreign_dirty_ = true;
  }
  lock.unlock();
  changed_.notify_all();
}

bool ReportBook::HasNews() const {
  if (!primed_) return false;
  return in_flight_ || full_ || FullLeft() || !dirty_slices_.empty() || !dirty_owned_.empty() ||
         !dirty_subjects_.empty() || !drift_.empty() || cluster_dirty_ || foreign_dirty_;
}

bool ReportBook::FullLeft() const {
  return !full_slices_left_.empty() || !full_owned_left_.empty() || !full_subjects_left_.empty();
}

v1::ReportStatusRequest ReportBook::Header() {
  v1::ReportStatusRequest request;
  request.set_cluster(cluster_);
  request.set_incarnation(incarnation_);
  request.set_sequence(++sequence_);
  request.set_revision(revision_);
  if (looked_) {
    const auto age = std::chrono::duration_cast<std::chrono::microseconds>(clock_.Steady() - *looked_);
    *request.mutable_observation_age() = google::protobuf::util::TimeUtil::MicrosecondsToDuration(age.count());
  }
  for (const v1::Condition& condition : conditions_) *request.add_conditions() = condition;
  cluster_dirty_ = false;
  return request;
}

void ReportBook::FillOwned(v1::ReportStatusRequest& request, bool full) {
  std::set<std::string>& owned = full ? full_owned_left_ : dirty_owned_;
  std::set<std::string>& subjects = full ? full_subjects_left_ : dirty_subjects_;
  size_t bytes = 0;
  for (size_t i = 0; i < kMaxOwned && bytes < kMaxBytes && !owned.empty(); ++i) {
    const std::string name = std::move(owned.extract(owned.begin()).value());
    dirty_owned_.erase(name);
    auto topic = owned_.find(name);
    if (topic == owned_.end()) continue;
    v1::OwnedTopic& one = *request.add_owned();
    one.set_name(name);
    one.set_topic_id(topic->second.id);
    bytes += one.ByteSizeLong();
  }
  for (size_t i = 0; i < kMaxOwned && bytes < kMaxBytes && !subjects.empty(); ++i) {
    std::string name = std::move(subjects.extract(subjects.begin()).value());
    dirty_subjects_.erase(name);
    bytes += name.size();
    request.add_owned_subjects(std::move(name));
  }
}

void ReportBook::FillSlices(v1::ReportStatusRequest& request, bool full) {
  std::set<std::string>& slices = full ? full_slices_left_ : dirty_slices_;
  size_t bytes = request.ByteSizeLong();
  for (size_t i = 0; i < kMaxSlices && bytes < kMaxBytes && !slices.empty(); ++i) {
    const std::string key = std::move(slices.extract(slices.begin()).value());
    dirty_slices_.erase(key);
    auto report = slices_.find(key);
    if (report == slices_.end()) continue;
    *request.add_slices() = report->second;
    bytes += report->second.ByteSizeLong();
  }
}

void ReportBook::FillRest(v1::ReportStatusRequest& request) {
  for (size_t i = 0; i < kMaxDrift && !drift_.empty(); ++i) {
    *request.add_drift() = std::move(drift_.front());
    drift_.pop_front();
  }
  if (foreign_dirty_) {
    request.set_foreign_observed(true);
    for (const std::string& name : foreign_) request.add_foreign(name);
    foreign_dirty_ = false;
  }
}

std::optional<v1::ReportStatusRequest> ReportBook::Next() {
  std::lock_guard lock(mutex_);
  if (in_flight_) return in_flight_;
  if (!HasNews()) return std::nullopt;
  const bool begins = std::exchange(full_, false);
  if (begins) {
    full_slices_left_.clear();
    full_owned_left_.clear();
    for (const auto& [key, report] : slices_) full_slices_left_.insert(key);
    for (const auto& [name, topic] : owned_) full_owned_left_.insert(name);
    full_subjects_left_ = owned_subjects_;
    foreign_dirty_ = foreign_known_;
  }
  v1::ReportStatusRequest request = Header();
  request.set_full(begins);
  // What is ours goes first: a slice that says that a lost topic was replaced never comes before the new topic.
  const bool full = FullLeft();
  FillOwned(request, full);
  if (full_owned_left_.empty() && (full || dirty_owned_.empty())) FillSlices(request, full);
  request.set_more(FullLeft());
  FillRest(request);
  in_flight_ = std::move(request);
  return in_flight_;
}

std::optional<v1::ReportStatusRequest> ReportBook::Heartbeat() {
  std::lock_guard lock(mutex_);
  if (primed_ && !in_flight_) in_flight_ = Header();
  return in_flight_;
}

void ReportBook::Acknowledge() {
  std::lock_guard lock(mutex_);
  in_flight_.reset();
}

void ReportBook::StartFull() {
  std::lock_guard lock(mutex_);
  full_ = true;
  if (!in_flight_) return;
  // Events are told once only: those that were refused go first again.
  for (int i = in_flight_->drift_size(); i-- > 0;) drift_.push_front(in_flight_->drift(i));
  in_flight_.reset();
}

bool ReportBook::WaitForNews(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  while (!stopped_ && !HasNews() && clock_.Steady() < deadline) clock_.WaitUntil(changed_, lock, deadline);
  return !stopped_;
}

bool ReportBook::Pause(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  while (!stopped_ && clock_.Steady() < deadline) clock_.WaitUntil(changed_, lock, deadline);
  return !stopped_;
}

void ReportBook::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

}  // namespace sluice::agent
