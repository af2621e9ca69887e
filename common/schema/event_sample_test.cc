// Samples of events: valid ones are, invalid ones are not, each for the reason that it says.
#include "common/schema/event_sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace sluice::schema {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::SizeIs;

EventContract ContractOf(std::string_view text) {
  const absl::StatusOr<Json> document = ParseJson(text);
  EXPECT_TRUE(document.ok()) << document.status();
  absl::StatusOr<Schema> schema = Schema::Load(*document);
  EXPECT_TRUE(schema.ok()) << schema.status();
  EventContract contract;
  contract.schema = *std::move(schema);
  return contract;
}

EventContract Forecasts() {
  EventContract contract = ContractOf(R"({
    "type": "object", "required": ["product", "quantity"],
    "properties": {"product": {"type": "string", "minLength": 1, "maxLength": 40},
                   "location": {"type": "string"},
                   "quantity": {"type": "number", "minimum": 0},
                   "unit": {"enum": ["EACH", "KILOGRAM"]}}})");
  contract.types = {"com.example.forecast.changed", "com.example.forecast.removed"};
  contract.key = KeyRule{.fields = {"/data/product"}};
  contract.wire = Wire::kConfluentPrefix;
  return contract;
}

EventReport Check(const EventSample& sample, EventContract contract, Profile profile) {
  contract.wire = Wire::kPlain;
  const std::string text = sample.message.ToString();
  return CheckEvent({.key = std::nullopt, .value = text, .headers = {}}, contract, {.profile = profile});
}

TEST(EventSample, ValidOnesAreValid) {
  const std::vector<EventSample> samples = MakeValidEvents(Forecasts(), {}, 6);
  ASSERT_THAT(samples, SizeIs(6));
  std::set<std::string> ids;
  for (const EventSample& sample : samples) {
    EXPECT_TRUE(Check(sample, Forecasts(), Profile::kHouse).valid()) << sample.message.ToString();
    EXPECT_FALSE(sample.why.has_value());
    ids.insert(sample.message.Find("id")->string());
  }
  EXPECT_THAT(ids, SizeIs(6));
}

TEST(EventSample, InvalidOnesAreRefusedForTheirReason) {
  std::set<std::string> reasons;
  for (const EventSample& sample : MakeInvalidEvents(Forecasts(), {}, 100)) {
    const EventReport report = Check(sample, Forecasts(), Profile::kHouse);
    ASSERT_FALSE(report.valid()) << sample.message.ToString();
    ASSERT_TRUE(sample.why.has_value());
    EXPECT_EQ(report.errors()[0].rule, sample.why->rule);
    reasons.insert(sample.why->pointer + " " + sample.why->rule);
  }
  for (const char* reason : {"/id required", "/time required", "/time format", "/source format",
                             "/type event-type", "/specversion const", "/traceId name", "/weight type",
                             "/data_base64 exclusive", "/data/quantity minimum"}) {
    EXPECT_THAT(reasons, Contains(reason));
  }
}

TEST(EventSample, TheProfileDecidesWhatIsInvalid) {
  for (const EventSample& sample : MakeInvalidEvents({}, {.profile = Profile::kCloudEvents}, 100)) {
    EXPECT_NE(sample.why->pointer + " " + sample.why->rule, "/time required");
    EXPECT_FALSE(Check(sample, {}, Profile::kCloudEvents).valid());
  }
}

TEST(EventSample, TheSameSeedMakesTheSame) {
  const std::vector<EventSample> once = MakeValidEvents(Forecasts(), {.seed = 7}, 3);
  const std::vector<EventSample> again = MakeValidEvents(Forecasts(), {.seed = 7}, 3);
  ASSERT_EQ(once.size(), again.size());
  for (size_t i = 0; i < once.size(); ++i) EXPECT_EQ(once[i].message, again[i].message);
}

TEST(EventSample, AWholeValueHasNoEnvelope) {
  EventContract contract =
      ContractOf(R"({"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}})");
  contract.describes = Describes::kMessage;
  const EventSampling sampling{.profile = Profile::kNone};
  const std::vector<EventSample> valid = MakeValidEvents(contract, sampling, 1);
  ASSERT_THAT(valid, SizeIs(1));
  EXPECT_NE(valid[0].message.Find("a"), nullptr);
  EXPECT_EQ(valid[0].message.Find("specversion"), nullptr);
  EXPECT_FALSE(MakeInvalidEvents(contract, sampling, 5).empty());
}

TEST(EventSample, ASchemaThatTakesNothingHasNone) {
  EXPECT_THAT(MakeValidEvents(ContractOf("false"), {}, 3), IsEmpty());
  EXPECT_THAT(MakeInvalidEvents(ContractOf("false"), {}, 3), IsEmpty());
}

TEST(EventSample, AtMostAsManyAsAskedFor) {
  EXPECT_THAT(MakeInvalidEvents(Forecasts(), {}, 2), SizeIs(2));
  EXPECT_THAT(MakeInvalidEvents(Forecasts(), {}, 0), IsEmpty());
}

}  // namespace
}  // namespace sluice::schema
