// The CloudEvents envelope: CloudEvents 1.0.2 and its JSON format as their texts say it, and the house
// profile. The official JSON Schema of the envelope accepts much of what the text forbids, so it is not used.
//
// The house profile is CloudEvents 1.0.2 with `time` and `datacontenttype` required, and with a member
// `meta`, an object, in structured mode. `meta` is not legal CloudEvents (attributes have no objects): a
// deviation with a name.
#pragma once

#include <string_view>

#include "common/schema/event_report.h"
#include "common/schema/json.h"

namespace sluice::schema {

enum class Profile {
  kNone,
  kCloudEvents,
  kHouse
};  // kNone: the value is no CloudEvent, nothing of its envelope is checked
enum class ContentMode { kStructured, kBinary };

// The attributes of `message`, and how `data` goes with them. `text`: the message as it was written, which
// shows a number's fraction
// (`5.0` is no Integer); in binary mode, where attributes are strings and `data` is elsewhere, it is empty.
void CheckEnvelope(const Json& message, std::string_view text, Profile profile, ContentMode mode,
                   EventReport& report);

// Whether the attribute `datacontenttype` declares JSON; no such attribute declares it too (JSON
// format, 3.1.1).
bool DeclaresJson(const Json& message);

}  // namespace sluice::schema
