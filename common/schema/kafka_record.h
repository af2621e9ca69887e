// A Kafka record as it carries an event (CloudEvents 1.0.2, Kafka protocol binding): in structured mode the
// value is the whole event, in binary mode the value is its data and headers `ce_NAME` are its attributes.
// Values that Confluent's serializers wrote begin with five bytes: a zero, and the ID of the schema in their
// registry, big-endian.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/schema/cloudevents.h"
#include "common/schema/event_report.h"
#include "common/schema/json.h"

namespace sluice::schema {

struct KafkaHeader {
  std::string name;
  std::optional<std::string> value;  // nullopt: the header's value is null
};

// What it refers to belongs to the caller.
struct KafkaRecord {
  std::optional<std::string_view> key;    // nullopt: none
  std::optional<std::string_view> value;  // nullopt: none, a tombstone
  std::vector<KafkaHeader> headers;       // in the record's order
};

// The header called `name`, the last one if there are several; nullptr: none, or one whose value is null.
const std::string* FindHeader(const KafkaRecord& record, std::string_view name);

// Bytes of key, value, names and values of headers.
size_t SizeOf(const KafkaRecord& record);

// Structured: the header `content-type` begins with `application/cloudevents`, in any case; or there is
// neither such a header nor one that begins with `ce_`, as with producers that know of no headers.
ContentMode ContentModeOf(const KafkaRecord& record);

// The attributes of binary mode as an object of strings: headers `ce_NAME`, and `content-type` as
// `datacontenttype`. Headers that cannot be attributes are reported and left out.
Json BinaryAttributes(const KafkaRecord& record, EventReport& report);

// How values are written.
enum class Wire { kEither, kPlain, kConfluentPrefix };

struct Body {
  std::string_view bytes;             // without the prefix
  std::optional<uint32_t> schema_id;  // of the prefix
};

// What is left of `value` without the prefix. A prefix that `wire` has not, one that is missing and one that
// is cut short are reported.
Body TakePrefix(std::string_view value, Wire wire, EventReport& report);

}  // namespace sluice::schema
