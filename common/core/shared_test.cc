#include "common/core/shared.h"

#include <gtest/gtest.h>

#include <string>

#include "common/core/slice.h"

namespace sluice::core {
namespace {

TEST(SharedText, IsTheTextThatItWasMadeOf) {
  const SharedText text = "acme.events";
  const std::string copy = text;
  EXPECT_EQ(copy, "acme.events");
  EXPECT_EQ(text, copy);
  EXPECT_EQ(text + "-value", "acme.events-value");
  EXPECT_LT(text, SharedText("acme.eventz"));
  EXPECT_GT(text, "acme.event");
  EXPECT_TRUE(SharedText().empty());
  EXPECT_EQ(SharedText(), std::string());
  EXPECT_EQ(SharedText(""), SharedText());
}

TEST(SharedText, LivesAsLongAsACopyOfIt) {
  SharedText kept;
  {
    SharedText text = std::string(100, 'x');
    kept = text;
    text = "other";
  }
  SharedText* same = &kept;
  kept = *same;
  EXPECT_EQ(kept, std::string(100, 'x'));
}

TEST(SharedConfig, ChangingOneLeavesItsCopies) {
  SharedConfig first = {{"retention.ms", "1"}};
  SharedConfig second = first;
  EXPECT_TRUE(second.SameAs(first));
  second["retention.ms"] = "2";
  EXPECT_EQ(first.at("retention.ms"), "1");
  EXPECT_EQ(second.at("retention.ms"), "2");
  EXPECT_NE(first, second);
  EXPECT_EQ(second.erase("retention.ms"), 1u);
  EXPECT_EQ(second, SharedConfig());
  EXPECT_EQ(first.size(), 1u);
}

// Hundreds of thousands of them are held at a time.
TEST(Shared, ResourcesAreSmall) {
  EXPECT_LE(sizeof(Acl), 40u);
  EXPECT_LE(sizeof(Topic), 32u);
  EXPECT_LE(sizeof(Subject), 32u);
}

}  // namespace
}  // namespace sluice::core
