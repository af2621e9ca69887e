// DriftLog: tells each appearance of drift, excess access and foreign resources once, not in every round and
// not again after a restart. Pure; the journal keeps what is open.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sluice/v1/agent.pb.h"

namespace sluice::agent {

// What is open at most; appearances beyond are not told before others have ended.
inline constexpr size_t kMaxOpenDrift = 20'000;

struct DriftNews {
  std::vector<sluice::v1::DriftEvent> tell;
  std::map<std::string, std::string> record;  // for Journal::RecordDrift
};

enum class Foreigners {
  kTell,
  kBaseline,  // the first look at a cluster: what is nobody's was there before us, and is recorded without
              // telling
};

// `events` are those of one round that covered the slices `covered` and, if `everything`, what is nobody's.
// An appearance is told when it is new and when it is healed at last.
DriftNews NewDrift(const std::vector<sluice::v1::DriftEvent>& events,
                   const std::map<std::string, std::string>& open, const std::set<std::string>& covered,
                   bool everything, Foreigners foreigners);

}  // namespace sluice::agent
