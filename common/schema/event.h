// Event: whether a Kafka record is what a stream of a data product promises: a CloudEvents message, or a
// value of its own kind, with the data that the product's schema describes, of a declared type, under the key
// that the stream's fields make.
//
// Every problem at once, of whatever input: bytes that are no JSON, too deep or too big are answered too.
// Thread safety: CheckEvent may be called from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/schema/event_report.h"
#include "common/schema/kafka_record.h"
#include "common/schema/validate.h"

namespace sluice::schema {

// How a stream's record key is made.
struct KeyRule {
  std::vector<std::string> fields;  // JSON Pointers into the message (RFC 6901)
  std::string text = "{0}";         // with `{0}`, `{1}` for the fields
};

enum class Describes { kData, kMessage };  // the event's `data`, or the record's whole value
enum class Encoding { kJson, kAvro };      // Avro values are recognised, not decoded
enum class Tombstones { kUnknown, kAllowed, kForbidden };

// What a stream promises. What is empty is not checked.
struct EventContract {
  std::optional<Schema> schema;
  Describes describes = Describes::kData;
  Encoding encoding = Encoding::kJson;
  std::vector<std::string> types;  // event types that are declared
  std::optional<KeyRule> key;
  Tombstones tombstones = Tombstones::kUnknown;
  Wire wire = Wire::kEither;
};

// kFields: only the message's fields for the key, for records whose key is not known. kRecord: the record's
// key as well.
enum class KeyCheck { kFields, kRecord };
// Whether members that the schema does not declare, which writers should not send, are warned of.
enum class Undeclared { kIgnored, kWarned };

struct EventOptions {
  Profile profile = Profile::kHouse;
  KeyCheck key = KeyCheck::kFields;
  Undeclared undeclared = Undeclared::kIgnored;
  Formats formats = Formats::kAnnotation;
};

inline constexpr size_t kSafeEventBytes =
    64 * 1024;  // what every intermediary forwards (CloudEvents 1.0.2, "Size Limits")

EventReport CheckEvent(const KafkaRecord& record, const EventContract& contract, const EventOptions& options);

}  // namespace sluice::schema
