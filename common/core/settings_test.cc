// EffectiveSettings is what Validate and Assess compare; these tests hold it against what Compile makes of
// the same streams.
#include "common/core/settings.h"

#include <gtest/gtest.h>

#include "common/core/compile.h"
#include "common/core/names.h"
#include "common/core/testing/golden.h"
#include "common/core/text.h"

namespace sluice::core {
namespace {

const Stream* FindStream(const Catalog& catalog, const TopicParts& parts) {
  const DataProduct* product = catalog.products.Find(Cat(parts.domain, ".", parts.product));
  if (product == nullptr) return nullptr;
  for (const ProductVersion& version : product->versions) {
    for (const Stream& stream : version.streams) {
      if (version.major == parts.major && stream.suffix == parts.suffix) return &stream;
    }
  }
  return nullptr;
}

Catalog WorldWithOverrides() {
  const Catalog world = GoldenWorld();
  DataProduct product = *world.products.Find("f-and-r.demand-forecast");
  Stream& stream = product.versions[0].streams[0];
  stream.config = {{"retention.ms", "5"}, {"segment.ms", "6"}};
  stream.overrides["prod"].partitions = 12;
  stream.overrides["prod"].replication_factor = 2;
  stream.overrides["prod"].config = {{"retention.ms", "7"}, {"cleanup.policy", "compact,delete"}};
  return Apply(world, {{EditAction::kPut, product}}, 2);
}

TEST(EffectiveSettings, AreWhatTopicsGet) {
  const Catalog catalog = WorldWithOverrides();
  size_t topics = 0;
  for (const auto& cluster : catalog.clusters.entries()) {
    for (const Slice& slice : Compile(catalog, *cluster.value)) {
      for (const Topic& topic : slice.topics) {
        SCOPED_TRACE(Cat(topic.name, " on ", cluster.name));
        const auto parts = ParseTopicName(topic.name);
        ASSERT_TRUE(parts);
        const Stream* stream = FindStream(catalog, *parts);
        ASSERT_NE(stream, nullptr);
        const TopicSettings settings =
            EffectiveSettings(*stream, *catalog.environments.Find(cluster.value->environment));
        EXPECT_EQ(topic.partitions, settings.partitions);
        EXPECT_EQ(topic.replication_factor, settings.replication_factor);
        EXPECT_EQ(topic.configs, settings.config);
        ++topics;
      }
    }
  }
  EXPECT_GT(topics, 8u);
}

TEST(EffectiveSettings, TheNearestWins) {
  Environment environment;
  environment.name = "prod";
  Stream stream;
  EXPECT_EQ(EffectiveSettings(stream, environment), (TopicSettings{1, 3, {{"cleanup.policy", "compact"}}}));
  stream.purpose = Purpose::kInbox;
  environment.defaults = {4, 2, {{"retention.ms", "1"}, {"segment.ms", "1"}}};
  EXPECT_EQ(
      EffectiveSettings(stream, environment),
      (TopicSettings{4, 2, {{"cleanup.policy", "delete"}, {"retention.ms", "1"}, {"segment.ms", "1"}}}));
  stream.partitions = 5;
  stream.config = {{"retention.ms", "2"}};
  stream.overrides["dev"].partitions = 9;
  EXPECT_EQ(
      EffectiveSettings(stream, environment),
      (TopicSettings{5, 2, {{"cleanup.policy", "delete"}, {"retention.ms", "2"}, {"segment.ms", "1"}}}));
  stream.overrides["prod"] = {6, 1, {{"retention.ms", "3"}}};
  EXPECT_EQ(
      EffectiveSettings(stream, environment),
      (TopicSettings{6, 1, {{"cleanup.policy", "delete"}, {"retention.ms", "3"}, {"segment.ms", "1"}}}));
}

}  // namespace
}  // namespace sluice::core
