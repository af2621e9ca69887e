// Bounds, broken files and configuration files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "common/manifest/manifest.h"
#include "sluice/internal/v1/config.pb.h"

namespace sluice::manifest {
namespace {

using sluice::internal::v1::ControlPlaneConfig;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

absl::StatusOr<std::string> NoFile(const std::string&, size_t) { return absl::NotFoundError("no such file"); }

std::vector<std::string> Problems(std::string_view text) {
  std::vector<std::string> lines;
  for (const Problem& problem : ParseManifests(text, "f.yaml", NoFile).problems)
    lines.push_back(Format(problem));
  return lines;
}

TEST(Bounds, AFileOver16MiBIsRefusedWithoutParsingIt) {
  EXPECT_THAT(Problems(std::string(20'000'000, '#')),
              ElementsAre("f.yaml: a file has at most 16 MiB (got 20 MiB); split it up"));
}

TEST(Bounds, AnAliasBombIsRefused) {
  std::string text = "kind: Customer\nname: x\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int n = 0; n < 10; ++n) text += (n > 0 ? ", *a" : "*a") + std::to_string(i - 1);
    text += "]\n";
  }
  EXPECT_THAT(Problems(text), ElementsAre(HasSubstr("at most 200000 nodes, aliases expanded")));
}

TEST(Bounds, AliasBombsInManyDocumentsAreRefusedToo) {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += "---\nkind: Customer\nname: x\nlabels:\n  a: &a [x, x, x, x, x, x, x, x, x, x]\n";
    text +=
        "  b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n  c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, "
        "*b]\n";
    text += "  d: [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n";
  }
  std::vector<std::string> problems = Problems(text);
  ASSERT_FALSE(problems.empty());
  EXPECT_THAT(problems.back(), HasSubstr("nodes, aliases expanded"));
}

TEST(Bounds, DeepNestingIsRefused) {
  EXPECT_THAT(Problems("kind: " + std::string(1000, '[') + std::string(1000, ']')), SizeIs(1));
  std::string chain = "kind: Customer\nname: x\na0: &a0 [x]\n";
  for (int i = 1; i < 1000; ++i) {
    chain += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  }
  EXPECT_THAT(Problems(chain), ElementsAre(HasSubstr("at most 64 levels")));
}

TEST(Bounds, ProblemsAreCappedAndTheLastOneSaysSo) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "---\nfoo: 1\n";
  std::vector<std::string> problems = Problems(text);
  ASSERT_THAT(problems, SizeIs(kMaxProblems));
  EXPECT_EQ(problems.back(), "f.yaml: there are more than 1000 problems; mend these first");
}

TEST(Bounds, BracketsThatNeverCloseAreRefusedBeforeTheyCostMemory) {
  EXPECT_THAT(Problems("kind: " + std::string(5'000'000, '[')), ElementsAre(HasSubstr("at most 64 levels")));
}

TEST(Broken, AnAliasMayNotHoldItself) {
  EXPECT_THAT(Problems("kind: Customer\nlabels: &a\n  x: *a\n"),
              ElementsAre(HasSubstr("the alias *a is inside of what it names")));
}

TEST(Broken, NotUtf8SaysWhere) {
  EXPECT_THAT(Problems("kind: Customer\nname: \xFF\n"),
              ElementsAre(HasSubstr("f.yaml:2:7: a file is UTF-8 text (byte 0xFF)")));
  EXPECT_THAT(Problems(std::string_view("kind: \0Customer", 15)), ElementsAre(HasSubstr("f.yaml:1:7:")));
}

TEST(Broken, EmptyFilesSaySo) {
  for (const char* text : {"", "\n", "# only a comment\n", "---\n", "---\n---\n", "\xEF\xBB\xBF"}) {
    EXPECT_THAT(Problems(text), ElementsAre(HasSubstr("the file is empty"))) << text;
  }
}

class OnDisk : public testing::Test {
 protected:
  OnDisk() {
    std::string pattern = testing::TempDir() + "manifest-XXXXXX";
    directory_ = mkdtemp(pattern.data());
  }
  ~OnDisk() override { std::filesystem::remove_all(directory_); }
  std::string Write(const std::string& name, std::string_view text) {
    std::ofstream(directory_ + "/" + name, std::ios::binary) << text;
    return directory_ + "/" + name;
  }
  std::string directory_;
};

TEST_F(OnDisk, ReadsWithinTheLimit) {
  EXPECT_EQ(*ReadLocalFile(Write("a", "12345"), 5), "12345");
  EXPECT_EQ(ReadLocalFile(Write("a", "123456"), 5).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReadLocalFile(directory_ + "/none", 5).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadLocalFile(directory_, 5).status().code(), absl::StatusCode::kInvalidArgument);
}

constexpr std::string_view kConfig = R"(data_directory: /var/lib/sluice
listen: 127.0.0.1:7443
tls: {certificate: c.pem, key: k.pem}
agents_ca: ca.pem
tokens: {issuer: "https://issuer", audience: sluice, jwks_file: jwks.json}
roles: {auditor: ["group:audit"]}
drain_timeout: 1m
)";

TEST_F(OnDisk, LoadsAConfiguration) {
  ControlPlaneConfig config;
  ASSERT_TRUE(LoadConfig(Write("c.yaml", kConfig), config).ok());
  EXPECT_EQ(config.listen(), "127.0.0.1:7443");
  EXPECT_EQ(config.drain_timeout().seconds(), 60);
  EXPECT_EQ(config.roles().auditor(0), "group:audit");
}

TEST_F(OnDisk, AConfigurationHasAllItsProblemsSaid) {
  ControlPlaneConfig config;
  std::string path = Write("c.yaml", "data_directry: /x\ntls: []\ntokens: {issuer: a}\ndrain_timeout: 10\n");
  absl::Status status = LoadConfig(path, config);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  std::string text(status.message());
  EXPECT_THAT(text, HasSubstr("c.yaml:1:1: unknown key 'data_directry'; did you mean 'data_directory'?"));
  EXPECT_THAT(text, HasSubstr("c.yaml:2:6: tls: a mapping is wanted (got a list)"));
  EXPECT_THAT(text, HasSubstr("c.yaml:3:1: tokens: 'audience' is missing"));
  EXPECT_THAT(text, HasSubstr("c.yaml:1:1: 'listen' is missing"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "c.yaml:4:16: drain_timeout: a duration is wanted (got '10'); write it like 5s, 1h30m or 7d"));
}

TEST_F(OnDisk, AMissingConfigurationNamesItsPath) {
  ControlPlaneConfig config;
  absl::Status status = LoadConfig(directory_ + "/none.yaml", config);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("none.yaml: no such file"));
}

TEST(ParseMessage, TakesOneDocument) {
  ControlPlaneConfig config;
  std::vector<Problem> problems = ParseMessage(std::string(kConfig) + "---\nlisten: x\n", "c.yaml", config);
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_EQ(problems[0].at.line, 9);
}

TEST(Locate, FindsTheNearestPlaceAround) {
  Parsed parsed = ParseManifests(
      "kind: DataProduct\nname: x\nversions:\n- major: 1\n  streams:\n  - suffix: e\n", "f.yaml", NoFile);
  ASSERT_THAT(parsed.problems, IsEmpty());
  const Locations& locations = parsed.documents[0].locations;
  EXPECT_EQ(Format(Locate(locations, "versions[0].streams[0].suffix")), "f.yaml:6:5");
  EXPECT_EQ(Format(Locate(locations, "versions[0].streams[0].config.retention.ms")), "f.yaml:6:5");
  EXPECT_EQ(Format(Locate(locations, "versions[0].schema.text")), "f.yaml:4:3");
  EXPECT_EQ(Format(Locate(locations, "versions[7]")), "f.yaml:3:1");
  EXPECT_EQ(Format(Locate(locations, "category")), "f.yaml:1:1");
  EXPECT_EQ(Format(Locate(locations, "")), "f.yaml:1:1");
}

}  // namespace
}  // namespace sluice::manifest
