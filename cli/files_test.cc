// Manifests and configuration on disk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/config.h"
#include "cli/manifests.h"

namespace sluice::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Files : public testing::Test {
 protected:
  Files() {
    std::string pattern = testing::TempDir() + "cli-XXXXXX";
    directory_ = mkdtemp(pattern.data());
  }
  ~Files() override { std::filesystem::remove_all(directory_); }
  std::string Write(const std::string& name, std::string_view text) {
    std::filesystem::path path = std::filesystem::path(directory_) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
  manifest::Parsed Load(const std::vector<std::string>& paths, const std::string& input = "") {
    std::istringstream in(input);
    return LoadManifests(paths, in);
  }
  std::string Relative(const std::string& path) const { return path.substr(directory_.size() + 1); }
  std::string directory_;
};

std::vector<std::string> Names(const manifest::Parsed& parsed) {
  std::vector<std::string> names;
  for (const manifest::Document& document : parsed.documents)
    names.push_back(document.resource.category().name());
  return names;
}

TEST_F(Files, ADirectoryGivesItsManifestsSortedAndNothingElse) {
  Write("b.yml", "kind: Category\nname: b\n");
  Write("a.yaml", "kind: Category\nname: a\n");
  Write("sub/c.json", R"({"kind": "Category", "name": "c"})");
  Write("README.md", "# no manifest");
  Write(".hidden.yaml", "{");
  Write(".git/d.yaml", "{");
  manifest::Parsed parsed = Load({directory_});
  EXPECT_THAT(parsed.problems, IsEmpty());
  EXPECT_THAT(Names(parsed), ElementsAre("a", "b", "c"));
}

TEST_F(Files, ASchemaThatAManifestInlinesIsNoManifest) {
  Write("p.yaml", "kind: DataProduct\nname: a.b\nversions:\n- {major: 1, schema: {file: schemas/b.json}}\n");
  Write("schemas/b.json", "{\"type\": \"object\"}");
  manifest::Parsed parsed = Load({directory_});
  EXPECT_THAT(parsed.problems, IsEmpty());
  ASSERT_EQ(parsed.documents.size(), 1u);
  EXPECT_EQ(parsed.documents[0].resource.data_product().versions(0).schema().text(),
            "{\"type\": \"object\"}");
}

TEST_F(Files, StandardInputAndArgumentsKeepTheirOrder) {
  std::string file = Write("a.yaml", "kind: Category\nname: a\n");
  manifest::Parsed parsed = Load({"-", file, file}, "kind: Category\nname: z\n");
  EXPECT_THAT(parsed.problems, IsEmpty());
  EXPECT_THAT(Names(parsed), ElementsAre("z", "a")) << "a file that is named twice is read once";
}

TEST_F(Files, WhatIsMissingIsSaidAndTheRestIsRead) {
  std::string file = Write("a.yaml", "kind: Category\nname: a\n");
  std::filesystem::create_directory(directory_ + "/empty");
  manifest::Parsed parsed = Load({directory_ + "/none.yaml", file, directory_ + "/empty"});
  EXPECT_THAT(Names(parsed), ElementsAre("a"));
  std::vector<std::string> problems;
  for (const manifest::Problem& problem : parsed.problems)
    problems.push_back(Relative(manifest::Format(problem)));
  EXPECT_THAT(problems,
              testing::UnorderedElementsAre(
                  "none.yaml: no such file",
                  "empty: no manifests in this directory; they are called *.yaml, *.yml or *.json"));
}

TEST_F(Files, AFileOver16MiBIsRefusedUnread) {
  std::string file = Write("big.yaml", std::string(17u << 20, '#'));
  manifest::Parsed parsed = Load({file});
  ASSERT_EQ(parsed.problems.size(), 1u);
  EXPECT_THAT(manifest::Format(parsed.problems[0]), HasSubstr("big.yaml: larger than the limit of 16 MiB"));
}

TEST_F(Files, FindingsArePlacedAtTheNearestFieldAround) {
  std::string file =
      Write("p.yaml", "kind: DataProduct\nname: a.b\nversions:\n- major: 1\n  streams:\n  - suffix: v2\n");
  manifest::Parsed parsed = Load({file});
  sluice::v1::Finding finding;
  finding.set_severity(sluice::v1::SEVERITY_ERROR);
  finding.set_field("versions[0].streams[0].suffix");
  finding.set_message("a suffix never looks like a version (v2)");
  finding.set_remedy("choose another");
  EXPECT_EQ(
      Relative(FindingLine(finding, parsed.documents)),
      "p.yaml:6:5: versions[0].streams[0].suffix: a suffix never looks like a version (v2); choose another");
  finding.set_field("versions[0].streams[0].key.fields[3]");
  EXPECT_THAT(FindingLine(finding, parsed.documents), HasSubstr("p.yaml:6:5: "));
  finding.set_field("category");
  finding.set_severity(sluice::v1::SEVERITY_WARNING);
  EXPECT_THAT(FindingLine(finding, parsed.documents), HasSubstr("p.yaml:1:1: category: warning: a suffix"));
  finding.set_edit(7);
  finding.set_resource("grant/a.b/c");
  EXPECT_THAT(FindingLine(finding, parsed.documents), HasSubstr("grant/a.b/c: category"));
}

constexpr std::string_view kContexts = R"(# mine
current: a
contexts:
- {name: a, endpoint: "127.0.0.1:1", ca: ca.pem, token_file: a.jwt}
- {name: b, endpoint: "127.0.0.1:2", token_command: [printf, "%s", "tok.en "]}
)";

TEST_F(Files, ContextsAreChosenByNameOrCurrent) {
  std::string path = Write("config.yaml", kContexts);
  auto config = LoadCliConfig(path);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(ChooseContext(*config, "", path)->name(), "a");
  EXPECT_EQ(ChooseContext(*config, "", path)->ca(), directory_ + "/ca.pem") << "beside the configuration";
  EXPECT_EQ(ChooseContext(*config, "b", path)->endpoint(), "127.0.0.1:2");
  EXPECT_THAT(std::string(ChooseContext(*config, "c", path).status().message()), HasSubstr("a and b"));
}

TEST_F(Files, UsingAContextChangesOneLine) {
  std::string path = Write("config.yaml", kContexts);
  ASSERT_TRUE(UseContext(path, "b").ok());
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  std::string expected(kContexts);
  expected.replace(expected.find("current: a"), 10, "current: b");
  EXPECT_EQ(text.str(), expected);
  EXPECT_EQ(UseContext(path, "c").code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(Files, TokensComeFromFilesAndCommands) {
  sluice::internal::v1::CliContext context;
  EXPECT_EQ(*ReadToken(context), "");
  context.set_token_file(Write("t.jwt", "abc.def\n"));
  EXPECT_EQ(*ReadToken(context), "abc.def");
  context.set_token_file(Write("t.jwt", "secret one"));
  EXPECT_EQ(ReadToken(context).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(ReadToken(context).status().message()), Not(HasSubstr("secret")));
  context.set_token_file(directory_ + "/none.jwt");
  EXPECT_EQ(ReadToken(context).status().code(), absl::StatusCode::kUnauthenticated);
  for (const char* word : {"printf", "%s", "tok.en "}) context.add_token_command(word);
  EXPECT_EQ(*ReadToken(context), "tok.en");
  context.clear_token_command();
  context.add_token_command("false");
  EXPECT_EQ(ReadToken(context).status().code(), absl::StatusCode::kUnauthenticated);
  context.set_token_command(0, directory_ + "/none");
  EXPECT_EQ(ReadToken(context).status().code(), absl::StatusCode::kUnauthenticated);
}

}  // namespace
}  // namespace sluice::cli
