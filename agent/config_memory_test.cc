#include "agent/config_memory.h"

#include <gtest/gtest.h>

namespace sluice::agent {
namespace {

using Topics = ConfigMemory::Topics;

const std::set<std::string> kDeclared = {"retention.ms"};

TEST(ConfigMemory, WhatNobodyDeclaredCountsUntilAllKeysAreReadAgain) {
  ConfigMemory memory;
  memory.Remember({{"a", {"id-a", 1, 1, {{"retention.ms", "5"}, {"max.message.bytes", "7"}}}}}, kDeclared);
  Topics topics = {{"a", {"id-a", 1, 1, {{"retention.ms", "6"}}}}, {"b", {"id-b", 1, 1, {}}}};
  memory.Fill(kDeclared, topics);
  EXPECT_EQ(topics.at("a").overrides, (core::Config{{"retention.ms", "6"}, {"max.message.bytes", "7"}}));
  EXPECT_TRUE(topics.at("b").overrides.empty());

  memory.Remember({{"a", {"id-a", 1, 1, {{"retention.ms", "6"}}}}}, kDeclared);
  topics = {{"a", {"id-a", 1, 1, {{"retention.ms", "6"}}}}};
  memory.Fill(kDeclared, topics);
  EXPECT_EQ(topics.at("a").overrides, (core::Config{{"retention.ms", "6"}}));
}

TEST(ConfigMemory, AKeyThatIsReadIsNotRemembered) {
  ConfigMemory memory;
  memory.Remember({{"a", {"id-a", 1, 1, {{"max.message.bytes", "7"}}}}}, kDeclared);
  Topics topics = {{"a", {"id-a", 1, 1, {}}}};
  memory.Fill({"max.message.bytes", "retention.ms"}, topics);
  EXPECT_TRUE(topics.at("a").overrides.empty()) << "it was declared meanwhile, and looked at: it is not set";
}

TEST(ConfigMemory, ATopicMadeAnewHasNothingOfItsPredecessor) {
  ConfigMemory memory;
  memory.Remember({{"a", {"id-a", 1, 1, {{"max.message.bytes", "7"}}}}}, kDeclared);
  Topics topics = {{"a", {"id-other", 1, 1, {}}}};
  memory.Fill(kDeclared, topics);
  EXPECT_TRUE(topics.at("a").overrides.empty());
}

}  // namespace
}  // namespace sluice::agent
