#include "agent/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "agent/temporary_directory.h"

namespace sluice::agent {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ConfigTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = directory_.path() + "/" + name;
    std::ofstream(path) << text;
    return path;
  }
  // A configuration that is right, with `more` behind it.
  std::string Config(const std::string& more) {
    const std::string pem = Write("x.pem", "-----BEGIN CERTIFICATE-----\n");
    const std::string tls = "{certificate: " + pem + ", key: " + pem + ", ca: " + pem + "}";
    return Write("config.yaml",
                 "cluster: eu-prod\ndata_directory: data\ncontrol_plane: localhost:1\ntls: " + tls +
                     "\nkafka: {bootstrap_servers: \"localhost:2\", tls: " + tls + "}\n" + more);
  }
  TemporaryDirectory directory_;
};

TEST_F(ConfigTest, ReadsTheFileAndItsGuardWithDefaults) {
  const std::string guard = Write("guard.yaml", "forbidden_principals: [admin]\ndestructive_budget: 7\n");
  auto options = LoadOptions(Config("guard_file: " + guard + "\n"));
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->config.cluster(), "eu-prod");
  EXPECT_EQ(options->resync_interval, std::chrono::seconds(60));
  EXPECT_EQ(options->max_offline_age, std::chrono::hours(24 * 7));
  EXPECT_EQ(options->guard.destructive_budget, 7);
  EXPECT_EQ(options->guard.forbidden_principals.count("admin"), 1u);
}

TEST_F(ConfigTest, NamesEveryProblemAtOnce) {
  const std::string guard = Write("guard.yaml", "denied_prefixes: [\"\"]\n");
  const auto options = LoadOptions(
      Config("guard_file: " + guard + "\nresync_interval: 1ms\nregistry: {url: x, tls: {ca: nowhere}}\n"));
  EXPECT_THAT(std::string(options.status().message()),
              AllOf(HasSubstr("resync_interval"), HasSubstr("registry.tls.ca"),
                    HasSubstr("guard.yaml: an empty denied prefix")));
}

TEST_F(ConfigTest, AMissingGuardFileIsNoGuardAtAllAndRefused) {
  EXPECT_FALSE(LoadOptions(Config("guard_file: nowhere.yaml\n")).ok());
}

}  // namespace
}  // namespace sluice::agent
