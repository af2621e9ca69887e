// Every input field of every kind survives the way into core and back.
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "common/wire/fill.h"
#include "common/wire/wire.h"

namespace sluice::wire {
namespace {

using google::protobuf::util::MessageDifferencer;

std::string Difference(const google::protobuf::Message& expected, const google::protobuf::Message& got) {
  std::string report;
  MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&report);
  differencer.Compare(expected, got);
  return report;
}

// The envelope is the server's field, spelled out in the canonical proto.
void ClearEnvelopes(sluice::v1::Resource& resource) {
  if (!resource.has_data_product()) return;
  for (auto& version : *resource.mutable_data_product()->mutable_versions())
    version.mutable_schema()->clear_envelope();
}

TEST(RoundTrip, EveryInputFieldSurvives) {
  for (int elements : {1, 2, 8}) {
    for (const sluice::v1::Resource& resource : FilledResources(elements)) {
      sluice::v1::Resource back = ToProto(FromProto(resource));
      ClearEnvelopes(back);
      EXPECT_EQ(Difference(resource, back), "") << resource.GetTypeName();
    }
  }
}

TEST(RoundTrip, TheCanonicalProtoIsAFixedPoint) {
  for (const sluice::v1::Resource& resource : FilledResources(2)) {
    sluice::v1::Resource canonical = ToProto(FromProto(resource));
    EXPECT_EQ(Serialize(canonical), Serialize(ToProto(FromProto(canonical))));
  }
}

TEST(RoundTrip, TheCanonicalProtoIsAFixedPointForDurationsOutOfBoundsToo) {
  sluice::v1::Resource resource;
  auto* freshness = resource.mutable_data_product()->mutable_expects()->mutable_freshness();
  freshness->set_seconds(315'576'000'000);
  freshness->set_nanos(1'052'428'799);
  sluice::v1::Resource canonical = ToProto(FromProto(resource));
  EXPECT_EQ(Serialize(canonical), Serialize(ToProto(FromProto(canonical))));
}

TEST(RoundTrip, KindsAndNamesAgreeWithCore) {
  for (const sluice::v1::Resource& resource : FilledResources(1)) {
    core::Definition definition = FromProto(resource);
    EXPECT_EQ(KindOf(resource), core::KindOf(definition));
    EXPECT_EQ(NameOf(resource), core::NameOf(definition));
  }
}

TEST(FromProto, SpellsOutWhatUnspecifiedMeans) {
  sluice::v1::Resource resource;
  auto* version = resource.mutable_data_product()->add_versions();
  version->add_streams()->set_suffix("dlq");
  version->add_streams()->set_suffix("inbox");
  version->add_streams()->mutable_key()->add_fields("/data/id");
  version->mutable_schema()->set_text("{}");
  sluice::v1::Resource canonical = ToProto(FromProto(resource));
  const auto& got = canonical.data_product().versions(0);
  EXPECT_EQ(got.state(), sluice::v1::ProductVersion::STATE_ACTIVE);
  EXPECT_EQ(got.compatibility(), sluice::v1::ProductVersion::COMPATIBILITY_FORWARD_TRANSITIVE);
  EXPECT_EQ(got.wire(), sluice::v1::ProductVersion::WIRE_PLAIN_JSON);
  EXPECT_EQ(got.schema().format(), sluice::v1::Schema::FORMAT_JSON_SCHEMA);
  EXPECT_EQ(got.schema().describes(), sluice::v1::Schema::DESCRIBES_DATA);
  EXPECT_EQ(got.schema().envelope(), 1);
  EXPECT_EQ(got.streams(0).purpose(), sluice::v1::Stream::PURPOSE_DEAD_LETTERS);
  EXPECT_EQ(got.streams(1).purpose(), sluice::v1::Stream::PURPOSE_INBOX);
  EXPECT_EQ(got.streams(2).purpose(), sluice::v1::Stream::PURPOSE_RECORDS);
  EXPECT_EQ(got.streams(2).key().text(), "{0}");
}

TEST(FromProto, MakesConfigValuesCanonicalAndKeepsWhatItCannotRead) {
  sluice::v1::Resource resource;
  auto& config = *resource.mutable_environment()->mutable_defaults()->mutable_config();
  config["retention.ms"] = "7d";
  config["max.message.bytes"] = "1MiB";
  config["segment.ms"] = "soon";
  config["retention.bytes"] = "-1";
  config["cleanup.policy"] = "7d";
  core::Config expected = {{"retention.ms", "604800000"},
                           {"max.message.bytes", "1048576"},
                           {"segment.ms", "soon"},
                           {"retention.bytes", "-1"},
                           {"cleanup.policy", "7d"}};
  EXPECT_EQ(std::get<core::Environment>(FromProto(resource)).defaults.config, expected);
}

TEST(Resource, EtagAndOutputOnlyPartsCanBeTakenOff) {
  for (sluice::v1::Resource& resource : FilledResources(1)) {
    std::string content = Serialize(resource);
    SetEtag(resource, "abc");
    MutableMeta(resource)->set_revision(7);
    EXPECT_EQ(EtagOf(resource), "abc");
    StripOutput(resource);
    EXPECT_EQ(Serialize(resource), content);
  }
}

TEST(Resource, AnEmptyOneHasNothing) {
  sluice::v1::Resource resource;
  StripOutput(resource);
  SetEtag(resource, "abc");
  EXPECT_EQ(NameOf(resource), "");
  EXPECT_EQ(EtagOf(resource), "");
  EXPECT_EQ(MutableMeta(resource), nullptr);
  EXPECT_EQ(core::NameOf(FromProto(resource)), "");
}

}  // namespace
}  // namespace sluice::wire
