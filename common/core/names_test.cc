#include "common/core/names.h"

#include <gtest/gtest.h>

#include <random>

#include "common/core/text.h"

namespace sluice::core {
namespace {

TEST(Names, Segments) {
  for (const char* good : {"a", "0", "f-and-r", "a--b", "v2"}) EXPECT_TRUE(IsSegment(good)) << good;
  for (const char* bad : {"", "-", "-a", "a-", "A", "a.b", "a_b", "a b", "*", "ä", "a\n", "a/b", "a:b"}) {
    EXPECT_FALSE(IsSegment(bad)) << bad;
  }
  EXPECT_TRUE(IsSegment(std::string(63, 'a')));
  EXPECT_FALSE(IsSegment(std::string(64, 'a')));
  EXPECT_FALSE(IsSegment(std::string_view("a\0b", 3)));
}

TEST(Names, WhatLooksLikeAMajor) {
  for (const char* yes : {"v1", "v0", "v22"}) EXPECT_TRUE(LooksLikeMajor(yes)) << yes;
  for (const char* no : {"", "v", "v2x", "x2", "V2", "version2"}) EXPECT_FALSE(LooksLikeMajor(no)) << no;
}

TEST(Names, KafkaUsers) {
  for (const char* good : {"sa-a1b2c3", "a.b_c@d", "X"}) EXPECT_TRUE(IsKafkaUser(good)) << good;
  for (const char* bad : {"", "*", "User:a", "a b", "CN=a,O=b", "a\n"}) EXPECT_FALSE(IsKafkaUser(bad)) << bad;
  EXPECT_TRUE(IsKafkaUser(std::string(128, 'a')));
  EXPECT_FALSE(IsKafkaUser(std::string(129, 'a')));
}

TEST(Names, GroupPrefixesEndInADot) {
  for (const char* good : {"plan.", "Plan_1.x."}) EXPECT_TRUE(IsGroupPrefix(good)) << good;
  for (const char* bad : {"", ".", "..", "plan", ".plan.", "*.", "a b."})
    EXPECT_FALSE(IsGroupPrefix(bad)) << bad;
  EXPECT_TRUE(IsGroupPrefix(std::string(199, 'a') + "."));
  EXPECT_FALSE(IsGroupPrefix(std::string(200, 'a') + "."));
}

TEST(Names, Groups) {
  EXPECT_TRUE(IsGroupName("legacy-store_App.1"));
  for (const char* bad : {"", "*", "a b", "a/b"}) EXPECT_FALSE(IsGroupName(bad)) << bad;
  EXPECT_FALSE(IsGroupName(std::string(250, 'a')));
}

TEST(Names, ProductsAndGrants) {
  EXPECT_EQ(ParseProductName("f-and-r.demand-forecast")->domain, "f-and-r");
  EXPECT_EQ(ParseProductName("f-and-r.demand-forecast")->product, "demand-forecast");
  for (const char* bad : {"", "a", "a.", ".a", "a.b.c", "A.b"}) EXPECT_FALSE(ParseProductName(bad)) << bad;
  EXPECT_EQ(ParseGrantName("a.b/c")->product, "a.b");
  EXPECT_EQ(ParseGrantName("a.b/c")->application, "c");
  for (const char* bad : {"", "a.b", "a.b/", "/c", "a/c", "a.b/c/d", "a.b/C"})
    EXPECT_FALSE(ParseGrantName(bad)) << bad;
}

DataProduct Product(std::string name, std::string category, MajorInName major_in_name) {
  DataProduct product;
  product.name = std::move(name);
  product.category = std::move(category);
  product.major_in_name = major_in_name;
  return product;
}

TEST(Names, Topics) {
  const DataProduct from_v2 = Product("f-and-r.demand-forecast", "forecast", MajorInName::kFromV2);
  EXPECT_EQ(TopicName("acme", from_v2, 1, "events"), "acme.f-and-r.forecast.demand-forecast.events");
  EXPECT_EQ(TopicName("acme", from_v2, 2, "events"), "acme.f-and-r.forecast.demand-forecast.v2.events");
  const DataProduct always = Product("f-and-r.demand-forecast", "forecast", MajorInName::kAlways);
  EXPECT_EQ(TopicName("acme", always, 1, "events"), "acme.f-and-r.forecast.demand-forecast.v1.events");
  EXPECT_EQ(SubjectName("a.b"), "a.b-value");
}

TEST(Names, TopicsThatAreNotOurs) {
  for (const char* bad :
       {"", "a.b.c.d", "a.b.c.d.v2", "a.b.c.d.x.events", "a.b.c.d.v0.events", "a.b.c.d.v01.events",
        "a.b.c.d.v99999999999.events", "a.b.c.d.v2.events.x", "A.b.c.d.events", "a..c.d.events",
        "__consumer_offsets", "a.b.c.d.events.", "a_b.b.c.d.events"}) {
    EXPECT_FALSE(ParseTopicName(bad)) << bad;
  }
  EXPECT_FALSE(ParseTopicName(std::string(300, 'a')));
}

// What TopicName makes, ParseTopicName takes apart again: so two different inputs never make one name.
TEST(Names, TopicNamesAreUnambiguous) {
  for (uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 random(seed);
    const auto segment = [&] {
      std::string text;
      for (size_t i = 1 + random() % 4; i > 0; --i) text.push_back("av1-9"[random() % 5]);
      return IsSegment(text) ? text : std::string("v") + std::to_string(random() % 3);
    };
    const std::string customer = segment(), domain = segment(), name = segment();
    const DataProduct product = Product(Cat(domain, ".", name), segment(),
                                        random() % 2 == 0 ? MajorInName::kAlways : MajorInName::kFromV2);
    const int32_t major = static_cast<int32_t>(1 + random() % 3);
    std::string suffix = segment();
    if (LooksLikeMajor(suffix)) suffix = "events";
    const std::string topic = TopicName(customer, product, major, suffix);
    const auto parts = ParseTopicName(topic);
    ASSERT_TRUE(parts) << topic;
    EXPECT_EQ(parts->customer, customer) << topic;
    EXPECT_EQ(parts->domain, domain) << topic;
    EXPECT_EQ(parts->category, product.category) << topic;
    EXPECT_EQ(parts->product, name) << topic;
    EXPECT_EQ(parts->suffix, suffix) << topic;
    EXPECT_EQ(parts->major, major) << topic;
  }
}

TEST(Names, PrefixesDefaultToTheApplication) {
  EXPECT_EQ(PrefixOf({}, "plan"), "plan.");
  EXPECT_EQ(PrefixOf({.prefix = "p.", .also = {}}, "plan"), "p.");
}

TEST(Text, ShowsWhatPeopleWroteWithoutHarm) {
  EXPECT_EQ(Quote("a\x1b[31mb\n"), "'a?[31mb?'");
  EXPECT_EQ(Quote(std::string(100, 'x')), "'" + std::string(80, 'x') + "…'");
  EXPECT_EQ(Quote(std::string(79, 'x') + "ä"), "'" + std::string(79, 'x') + "…'");
}

TEST(Text, Lists) {
  EXPECT_EQ(List({}), "none");
  EXPECT_EQ(List({"a"}), "a");
  EXPECT_EQ(List({"a", "b", "c"}), "a, b and c");
  EXPECT_EQ(List({"a", "b", "c"}, 2), "a, b and 1 more");
}

TEST(Text, NearestNames) {
  EXPECT_EQ(Nearest("acmee", {"bolt", "acme", "acne-x"}), "acme");
  EXPECT_EQ(Nearest("paln", {"plan"}), "plan");
  EXPECT_EQ(Nearest("interstellar", {"acme", "bolt"}), "");
  EXPECT_EQ(Nearest(std::string(100, 'a'), {std::string(99, 'a')}), "");
}

}  // namespace
}  // namespace sluice::core
