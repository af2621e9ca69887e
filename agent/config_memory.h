// ConfigMemory: overrides of topics that nobody declared, as they were last read. To read all config keys of
// a topic costs about ten times what the declared ones cost, so that is done rarely, and in between what was
// seen counts. Bounded by what foreign overrides there are. Thread safety: belongs to one thread.
#pragma once

#include <map>
#include <set>
#include <string>

#include "common/core/diff.h"

namespace sluice::agent {

class ConfigMemory {
 public:
  using Topics = std::map<std::string, core::ObservedTopic>;

  // A look at everything read all keys of `topics`; those in `declared` are read every time.
  void Remember(const Topics& topics, const std::set<std::string>& declared);
  // A look read only the keys `read` of `topics`: adds what else is known of them. A topic that was made anew
  // (another ID) has nothing of its predecessor.
  void Fill(const std::set<std::string>& read, Topics& topics) const;

 private:
  struct Seen {
    std::string topic_id;
    core::Config overrides;
  };
  std::map<std::string, Seen> seen_;  // by topic
};

}  // namespace sluice::agent
