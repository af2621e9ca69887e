// Samples of events: messages that a stream of a product takes, and ones that it just does not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/schema/event.h"

namespace sluice::schema {

struct EventSampling {
  Profile profile = Profile::kHouse;
  std::string source = "/sample";
  std::string time = "2026-11-22T05:16:03Z";  // of the event
  uint64_t seed = 0;                          // the same seed makes the same events
};

// The value of a message in structured mode (the whole value, where the contract describes that).
struct EventSample {
  Json message;
  std::optional<EventError> why;  // the first error; nullopt: it is valid
};

// `count` events that CheckEvent takes, with all members and with the required ones alone by turns; fewer
// when no more were found within bounds. Key and prefix are the record's, so they are not there.
std::vector<EventSample> MakeValidEvents(const EventContract& contract, const EventSampling& sampling,
                                         size_t count);

// Up to `most` events that differ from a valid one in one place each and that CheckEvent refuses: first in
// their data, then in their envelope. Empty when no valid one was found.
std::vector<EventSample> MakeInvalidEvents(const EventContract& contract, const EventSampling& sampling,
                                           size_t most);

}  // namespace sluice::schema
