// What the documentation shows works: manifests and configurations are understood, commands and linked files exist.
#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "common/manifest/manifest.h"
#include "common/wire/wire.h"
#include "sluice/internal/v1/config.pb.h"
#include "tests/docs/markdown.h"
#include "tests/support/process.h"

namespace sluice::testing {
namespace {

namespace fs = std::filesystem;

std::string Place(const Page& page, int line) {
  return fs::relative(page.file, SLUICE_SOURCE_DIR).string() + ":" + std::to_string(line);
}

// The first line of blocks that are configuration files and no manifests; nullptr: it is a manifest.
std::unique_ptr<google::protobuf::Message> ConfigurationFor(const std::string& text) {
  const std::string first = text.substr(0, text.find('\n'));
  if (first == "# kind: none; configuration of sluice-controlplane") {
    return std::make_unique<sluice::internal::v1::ControlPlaneConfig>();
  }
  if (first == "# kind: none; configuration of sluice-agent") return std::make_unique<sluice::internal::v1::AgentConfig>();
  if (first == "# kind: none; configuration of sluice") return std::make_unique<sluice::internal::v1::CliConfig>();
  if (first == "# kind: none; guard file of an agent") return std::make_unique<sluice::internal::v1::Guard>();
  return nullptr;
}

void ExpectManifests(const Block& block) {
  const manifest::ReadFile any_schema = [](const std::string&, size_t) -> absl::StatusOr<std::string> { return "{}"; };
  const manifest::Parsed parsed = manifest::ParseManifests(block.text, "block", any_schema);
  for (const manifest::Problem& problem : parsed.problems) ADD_FAILURE() << manifest::Format(problem);
  EXPECT_FALSE(parsed.documents.empty());
  std::vector<core::Finding> findings;
  for (const manifest::Document& document : parsed.documents) wire::CheckResource(document.resource, 0, findings);
  for (const core::Finding& finding : findings) {
    ADD_FAILURE() << finding.resource << " " << finding.field << ": " << finding.message;
  }
}

TEST(Docs, EveryYamlBlockIsUnderstood) {
  int manifests = 0, configurations = 0;
  for (const Page& page : ReadPages()) {
    for (const Block& block : page.blocks) {
      if (block.language != "yaml") continue;
      SCOPED_TRACE(Place(page, block.line));
      if (auto message = ConfigurationFor(block.text)) {
        ++configurations;
        for (const auto& problem : manifest::ParseMessage(block.text, "block", *message)) {
          ADD_FAILURE() << manifest::Format(problem);
        }
      } else {
        ++manifests;
        ExpectManifests(block);
      }
    }
  }
  EXPECT_GE(manifests, 4);
  EXPECT_EQ(configurations, 5);
}

TEST(Docs, EveryLinkedFileExists) {
  static const std::regex kElsewhere("[a-z]+:.*");
  int links = 0;
  for (const Page& page : ReadPages()) {
    for (const Link& link : page.links) {
      if (std::regex_match(link.target, kElsewhere)) continue;
      ++links;
      EXPECT_TRUE(fs::exists(fs::path(page.file).parent_path() / link.target)) << Place(page, link.line) << ": " << link.target;
    }
  }
  EXPECT_GE(links, 6);
}

#ifdef SLUICE_CLI
// Words that name the subcommand; options before it are the client's own.
std::vector<std::string> Subcommand(const std::vector<std::string>& words) {
  std::vector<std::string> found;
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--context") {
      ++i;
    } else if (words[i].starts_with("-") || !found.empty()) {
      static const std::set<std::string> kGroups = {"audit", "event", "explain", "schema"};
      const bool nested = found.size() == 1 && kGroups.contains(found[0]);
      if (!nested || words[i].starts_with("-")) break;
      found.push_back(words[i]);
    } else {
      found.push_back(words[i]);
    }
  }
  return found;
}

Finished HelpOf(const std::vector<std::string>& subcommand) {
  static std::map<std::vector<std::string>, Finished> seen;
  const auto [at, is_new] = seen.try_emplace(subcommand);
  if (is_new) {
    std::vector<std::string> command = {SLUICE_CLI};
    command.insert(command.end(), subcommand.begin(), subcommand.end());
    command.push_back("--help");
    at->second = Run(command, {});
  }
  return at->second;
}

void ExpectCommand(const Command& command) {
  const Finished help = HelpOf(Subcommand(command.words));
  EXPECT_EQ(help.exit_code, 0) << help.errors;
  const std::string known = help.output + HelpOf({}).output;
  for (const std::string& word : command.words) {
    if (!word.starts_with("-") || word == "-") continue;
    const std::string option = word.substr(0, word.find('='));
    const std::regex whole("(^|[\\s,\\[])" + option + "($|[\\s,=\\]])");
    EXPECT_TRUE(std::regex_search(known, whole)) << "no option " << option;
  }
}

TEST(Docs, EveryCommandExistsWithItsOptions) {
  int commands = 0;
  for (const Page& page : ReadPages()) {
    for (const Command& command : page.commands) {
      if (command.words.empty() || command.words[0] == "…") continue;
      SCOPED_TRACE(Place(page, command.line));
      ++commands;
      ExpectCommand(command);
    }
  }
  EXPECT_GE(commands, 15);
}
#endif

}  // namespace
}  // namespace sluice::testing
