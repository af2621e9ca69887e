// Records against what a stream promises: modes, prefix, sizes, types, data, keys, tombstones.
#include "common/schema/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kPromotion =
    R"({"type": "object", "required": ["sku"], "properties": {
        "sku": {"type": "string", "minLength": 1}, "percent": {"type": "integer", "maximum": 90},
        "until": {"type": "string", "format": "date"}, "online": {"type": "boolean"}}})";

Schema Load(std::string_view text) {
  const absl::StatusOr<Json> document = ParseJson(text);
  EXPECT_TRUE(document.ok()) << document.status();
  const absl::StatusOr<Schema> schema = Schema::Load(*document);
  EXPECT_TRUE(schema.ok()) << schema.status();
  return *schema;
}

EventContract Promotions() {
  EventContract contract;
  contract.schema = Load(kPromotion);
  contract.types = {"com.example.promotion.changed", "com.example.promotion.ended"};
  contract.key = KeyRule{.fields = {"/data/sku", "/data/percent"}, .text = "{0}|{1}"};
  contract.tombstones = Tombstones::kAllowed;
  return contract;
}

// An event in structured mode with `data`.
std::string Event(std::string_view data, std::string_view type = "com.example.promotion.changed") {
  return R"({"specversion": "1.0", "type": ")" + std::string(type) +
         R"(", "source": "/promotions", "id": "1", "time": "2026-11-22T05:16:03Z", "datacontenttype": "application/json", "data": )" +
         std::string(data) + "}";
}

std::vector<std::string> Words(const std::vector<EventError>& errors) {
  std::vector<std::string> words;
  for (const EventError& error : errors) words.push_back(error.pointer + " " + error.rule);
  return words;
}

std::vector<std::string> Errors(const KafkaRecord& record, const EventContract& contract,
                                const EventOptions& options = {}) {
  return Words(CheckEvent(record, contract, options).errors());
}

KafkaRecord Structured(std::string_view value) {
  return {.key = std::nullopt,
          .value = value,
          .headers = {{"content-type", "application/cloudevents+json; charset=UTF-8"}}};
}

KafkaRecord Binary(std::optional<std::string_view> value) {
  return {.key = std::nullopt,
          .value = value,
          .headers = {{"ce_specversion", "1.0"},
                      {"ce_type", "com.example.promotion.changed"},
                      {"ce_source", "/promotions"},
                      {"ce_id", "1"},
                      {"ce_time", "2026-11-22T05:16:03Z"},
                      {"content-type", "application/json"}}};
}

TEST(Event, WhatAStreamPromises) {
  const std::string event = Event(R"({"sku": "a", "percent": 10})");
  KafkaRecord record = Structured(event);
  record.key = "a|10";
  EXPECT_THAT(Errors(record, Promotions(), {.key = KeyCheck::kRecord}), IsEmpty());
}

TEST(Event, EveryProblemAtOnce) {
  std::string event = Event(R"({"sku": "", "percent": 91})", "com.example.other");
  event.replace(event.find("\"id\": \"1\""), 9, "\"id\": \"\"");
  KafkaRecord record = Structured(event);
  record.key = "x";
  EXPECT_THAT(Errors(record, Promotions(), {.key = KeyCheck::kRecord}),
              UnorderedElementsAre("/id minLength", "/type event-type", "/data/sku minLength",
                                   "/data/percent maximum", " key"));
}

TEST(Event, ModesAreToldApartAsTheKafkaBindingSays) {
  const auto mode = [](std::vector<KafkaHeader> headers) {
    return ContentModeOf({.key = std::nullopt, .value = "", .headers = std::move(headers)});
  };
  EXPECT_EQ(mode({{"content-type", "application/cloudevents+json"}}), ContentMode::kStructured);
  EXPECT_EQ(mode({{"content-type", "Application/CloudEvents+JSON; charset=utf-8"}, {"ce_id", "1"}}),
            ContentMode::kStructured);
  EXPECT_EQ(mode({{"content-type", "application/cloudevents-batch+json"}}), ContentMode::kStructured);
  EXPECT_EQ(mode({{"content-type", "application/json"}}), ContentMode::kBinary);
  EXPECT_EQ(mode({{"ce_id", "1"}}), ContentMode::kBinary);
  EXPECT_EQ(mode({{"traceparent", "x"}}), ContentMode::kStructured);
  EXPECT_EQ(mode({{"content-type", std::nullopt}}), ContentMode::kStructured);
}

TEST(Event, BinaryModeTakesAttributesFromHeaders) {
  EXPECT_THAT(Errors(Binary(R"({"sku": "a", "percent": 10})"), Promotions()), IsEmpty());
  EXPECT_THAT(Errors(Binary(R"({"percent": 91})"), Promotions()),
              UnorderedElementsAre("/data required", "/data/percent maximum", "/data/sku key"));
}

TEST(Event, BinaryModeHasItsOwnRules) {
  KafkaRecord record = Binary(R"({"sku": "a", "percent": 10})");
  record.headers[3].name = "ce_Id";
  record.headers.push_back({"ce_type", "again"});
  record.headers.push_back({"ce_data", "{}"});
  record.headers.push_back({"ce_datacontenttype", "application/json"});
  record.headers.push_back({"ce_ext", "\xff"});
  record.headers.push_back({"ce_meta", "{}"});
  record.headers.push_back({"ce_weight", "1.5"});  // a string: headers have no numbers
  record.headers.push_back({"other", "\xff"});
  EXPECT_THAT(Errors(record, Promotions()),
              UnorderedElementsAre(" name", "/type duplicate", "/data name", "/datacontenttype mode",
                                   "/ext characters", "/id required", "/meta mode"));
  EXPECT_THAT(Errors(record, {}, {.profile = Profile::kCloudEvents}),
              testing::Not(testing::Contains("/meta mode")));
}

TEST(Event, AnAttributeOfBinaryModeMayBeUnset) {
  KafkaRecord record = Binary(R"({"sku": "a", "percent": 10})");
  record.headers[3].value = std::nullopt;
  EXPECT_THAT(Errors(record, Promotions()), ElementsAre("/id required"));
}

TEST(Event, BinaryDataOfAnotherKindIsNotLookedInto) {
  KafkaRecord record = Binary("\xff\xfe");
  record.headers[5].value = "application/octet-stream";
  EXPECT_THAT(Errors(record, {}), IsEmpty());
  EXPECT_THAT(Errors(record, Promotions()), testing::Contains("/data format"));
}

TEST(Event, AStructuredEventWithTheContentTypeOfItsDataIsRecognised) {
  const std::string event = Event(R"({"sku": "a", "percent": 10})");
  const KafkaRecord record{
      .key = std::nullopt, .value = event, .headers = {{"content-type", "application/json"}}};
  const EventReport report = CheckEvent(record, {}, {});
  EXPECT_THAT(Words(report.errors()), testing::Contains("/specversion required"));
  EXPECT_THAT(Words(report.warnings()), ElementsAre(" mode"));
}

TEST(Event, OtherEventFormatsAreNotRead) {
  KafkaRecord record = Structured("[]");
  record.headers[0].value = "application/cloudevents-batch+json";
  EXPECT_THAT(Errors(record, {}), ElementsAre(" mode"));
  record.headers[0].value = "application/cloudevents";
  EXPECT_THAT(Errors(record, {}), ElementsAre(" mode"));
  record.headers[0].value = "application/cloudevents+avro";
  const EventReport report = CheckEvent(record, {}, {});
  EXPECT_TRUE(report.valid());
  EXPECT_THAT(Words(report.warnings()), ElementsAre(" avro"));
}

TEST(Event, ConfluentsPrefixIsTakenOff) {
  const std::string prefixed = std::string("\0\0\0\1\2", 5) + Event(R"({"sku": "a", "percent": 10})");
  EventContract contract = Promotions();
  EXPECT_THAT(Errors(Structured(prefixed), contract), IsEmpty());
  contract.wire = Wire::kConfluentPrefix;
  EXPECT_THAT(Errors(Structured(prefixed), contract), IsEmpty());
  EXPECT_THAT(Errors(Structured(std::string_view(prefixed).substr(5)), contract), ElementsAre(" prefix"));
  contract.wire = Wire::kPlain;
  EXPECT_THAT(Errors(Structured(prefixed), contract), ElementsAre(" prefix"));
  EventReport report;
  EXPECT_EQ(TakePrefix(prefixed, Wire::kEither, report).schema_id, 258u);
}

TEST(Event, APrefixThatIsCutShortIsAnError) {
  for (size_t size = 1; size < 5; ++size) {
    const std::string value(size, '\0');
    EXPECT_THAT(Errors(Structured(value), Promotions()), ElementsAre(" prefix"));
  }
  EXPECT_THAT(Errors(Structured(std::string(5, '\0')), Promotions()), ElementsAre(" json"));
}

TEST(Event, BinaryModeHasThePrefixBeforeItsData) {
  const std::string value = std::string(5, '\0') + R"({"sku": "a", "percent": 10})";
  EXPECT_THAT(Errors(Binary(value), Promotions()), IsEmpty());
}

TEST(Event, TheWholeValueMayBeDescribed) {
  EventContract contract;
  contract.schema = Load(kPromotion);
  contract.describes = Describes::kMessage;
  contract.key = KeyRule{.fields = {"/sku"}};
  KafkaRecord record{.key = "a", .value = R"({"sku": "a"})", .headers = {}};
  const EventOptions options{.profile = Profile::kNone, .key = KeyCheck::kRecord};
  EXPECT_THAT(Errors(record, contract, options), IsEmpty());
  record.value = R"({"percent": 1.5})";
  EXPECT_THAT(Errors(record, contract, options),
              UnorderedElementsAre(" required", "/percent type", "/sku key"));
  record.headers = {{"content-type", "application/json"}};
  EXPECT_THAT(Errors(record, contract, options),
              UnorderedElementsAre(" required", "/percent type", "/sku key"));
  record.value = "[";
  record.headers = {};
  EXPECT_THAT(Errors(record, contract, options), ElementsAre(" json"));
}

TEST(Event, DataThatIsDescribedMustBeThere) {
  std::string event = Event("1");
  event.replace(event.find("\"data\": 1"), 9, "\"data_base64\": \"e30=\"");
  EventContract contract = Promotions();
  contract.key.reset();
  EXPECT_THAT(Errors(Structured(event), contract), ElementsAre("/data required"));
  EXPECT_THAT(Errors(Structured(Event("null")), contract), ElementsAre("/data type"));
}

TEST(Event, MembersThatAreNotDeclaredAreWarnedOfIfAskedFor) {
  const std::string event = Event(R"({"sku": "a", "percent": 10, "colour": "red"})");
  EXPECT_THAT(CheckEvent(Structured(event), Promotions(), {}).warnings(), IsEmpty());
  const EventReport report = CheckEvent(Structured(event), Promotions(), {.undeclared = Undeclared::kWarned});
  EXPECT_TRUE(report.valid());
  ASSERT_THAT(report.warnings(), testing::SizeIs(1));
  EXPECT_EQ(report.warnings()[0].rule, "closed");
  EXPECT_THAT(report.warnings()[0].pointer, testing::StartsWith("/data"));
}

TEST(Event, FormatsAreAssertedIfAskedFor) {
  const std::string event = Event(R"({"sku": "a", "percent": 10, "until": "soon"})");
  EXPECT_THAT(Errors(Structured(event), Promotions()), IsEmpty());
  EXPECT_THAT(Errors(Structured(event), Promotions(), {.formats = Formats::kAsserted}),
              ElementsAre("/data/until format"));
}

TEST(Event, KeysAreMadeOfStringsNumbersAndBooleans) {
  EventContract contract;
  contract.key = KeyRule{.fields = {"/data/sku", "/data/percent", "/data/online", "/subject"},
                         .text = "{3}:{0}-{1}-{2}{x}{9}"};
  std::string event = Event(R"({"sku": "ä/1", "percent": 10.50, "online": true})");
  event.replace(event.find("\"id\""), 4, "\"subject\": \"s\", \"id\"");
  KafkaRecord record = Structured(event);
  record.key = "s:ä/1-10.5-true{x}{9}";
  EXPECT_THAT(Errors(record, contract, {.key = KeyCheck::kRecord}), IsEmpty());
  record.key = "s:ä/1-10.50-true{x}{9}";
  const EventReport report = CheckEvent(record, contract, {.key = KeyCheck::kRecord});
  ASSERT_THAT(Words(report.errors()), ElementsAre(" key"));
  EXPECT_THAT(report.errors()[0].message, HasSubstr("10.5-true"));
}

TEST(Event, KeyFieldsAreThere) {
  EventContract contract = Promotions();
  contract.schema.reset();
  EXPECT_THAT(Errors(Structured(Event(R"({"sku": null, "percent": [1]})")), contract),
              ElementsAre("/data/sku key", "/data/percent key"));
  EXPECT_THAT(Errors(Structured(Event("{}")), contract), ElementsAre("/data/sku key", "/data/percent key"));
}

TEST(Event, ARecordWithoutItsKey) {
  const std::string event = Event(R"({"sku": "a", "percent": 10})");
  EXPECT_THAT(Errors(Structured(event), Promotions(), {.key = KeyCheck::kRecord}), ElementsAre(" key"));
  EXPECT_THAT(Errors(Structured(event), Promotions(), {.key = KeyCheck::kFields}), IsEmpty());
}

TEST(Event, Tombstones) {
  KafkaRecord tombstone{.key = "a|10", .value = std::nullopt, .headers = {}};
  EventContract contract = Promotions();
  const EventOptions options{.key = KeyCheck::kRecord};
  EXPECT_THAT(Errors(tombstone, contract, options), IsEmpty());
  tombstone.key = std::nullopt;
  EXPECT_THAT(Errors(tombstone, contract, options), ElementsAre(" key"));
  contract.tombstones = Tombstones::kForbidden;
  EXPECT_THAT(Errors(tombstone, contract, options), ElementsAre(" tombstone"));
  KafkaRecord empty{.key = "a|10", .value = "", .headers = {}};
  EXPECT_THAT(Errors(empty, Promotions(), options), ElementsAre(" json")) << "no bytes are a value";
}

TEST(Event, ATombstoneOfBinaryModeMayHaveAttributes) {
  KafkaRecord tombstone = Binary(std::nullopt);
  EXPECT_THAT(Errors(tombstone, Promotions()), IsEmpty());
  tombstone.headers[0].value = "0.3";
  EXPECT_THAT(Errors(tombstone, Promotions()), ElementsAre("/specversion const"));
}

TEST(Event, BeyondSixtyFourKibibytesIsWarnedOf) {
  const std::string event = Event("\"" + std::string(kSafeEventBytes, 'x') + "\"");
  const EventReport report = CheckEvent(Structured(event), {}, {});
  EXPECT_TRUE(report.valid());
  EXPECT_THAT(Words(report.warnings()), ElementsAre(" size"));
  KafkaRecord record{
      .key = "k", .value = std::string_view(event).substr(0, kSafeEventBytes - 3), .headers = {{"a", "b"}}};
  EXPECT_EQ(SizeOf(record), kSafeEventBytes);
  EXPECT_THAT(CheckEvent(record, {}, {}).warnings(), IsEmpty());
}

TEST(Event, AvroIsRecognised) {
  EventContract contract;
  contract.encoding = Encoding::kAvro;
  contract.describes = Describes::kMessage;
  contract.key = KeyRule{.fields = {"/sku"}};
  const std::string value = std::string("\0\0\0\0\7", 5) + "\x02\x61";
  const EventReport report =
      CheckEvent({.key = "a", .value = value, .headers = {}}, contract, {.profile = Profile::kNone});
  EXPECT_TRUE(report.valid());
  EXPECT_THAT(Words(report.warnings()), ElementsAre(" avro"));
}

}  // namespace
}  // namespace sluice::schema
