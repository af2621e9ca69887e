#include "tests/bench/timed_admin.h"

#include <algorithm>

namespace sluice::bench {

void RequestLog::Add(Request request) {
  std::lock_guard lock(mutex_);
  requests_.push_back(request);
}

void RequestLog::Clear() {
  std::lock_guard lock(mutex_);
  requests_.clear();
}

size_t RequestLog::Count() const {
  std::lock_guard lock(mutex_);
  return requests_.size();
}

int RequestLog::Mutations() const {
  std::lock_guard lock(mutex_);
  return static_cast<int>(std::count_if(requests_.begin(), requests_.end(),
                                        [](const Request& request) { return request.changed > 0; }));
}

size_t RequestLog::ItemsChanged() const {
  std::lock_guard lock(mutex_);
  size_t items = 0;
  for (const Request& request : requests_) items += request.changed;
  return items;
}

RequestLog::Steady RequestLog::LastMutation() const {
  std::lock_guard lock(mutex_);
  Steady last{};
  for (const Request& request : requests_) {
    if (request.changed > 0) last = std::max(last, request.ended);
  }
  return last;
}

std::vector<RequestLog::Request> RequestLog::Since(Steady moment) const {
  std::lock_guard lock(mutex_);
  std::vector<Request> since;
  for (const Request& request : requests_) {
    if (request.ended >= moment) since.push_back(request);
  }
  return since;
}

double Covered(std::vector<RequestLog::Request> requests, RequestLog::Steady from, RequestLog::Steady to) {
  std::sort(requests.begin(), requests.end(), [](const auto& a, const auto& b) { return a.began < b.began; });
  std::chrono::duration<double> covered{0};
  RequestLog::Steady at = from;
  for (const RequestLog::Request& request : requests) {
    const auto begin = std::max(request.began, at), end = std::min(request.ended, to);
    if (end <= begin) continue;
    covered += end - begin;
    at = end;
  }
  return covered.count();
}

}  // namespace sluice::bench
