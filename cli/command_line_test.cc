#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/testing.h"

namespace sluice::cli {
namespace {

using ::testing::HasSubstr;

TEST(CommandLine, EveryCommandIsThere) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"apply", "-f", "x"},
           {"apply", "-f", "x", "-f", "-", "--wait=applied", "--pending-ok", "--together"},
           {"apply", "-f", "x", "--validate-only"},
           {"apply", "-f", "x", "--dry-run", "--justification", "why", "--change", "C-7"},
           {"diff", "-f", "x"},
           {"get", "products"},
           {"get", "product", "a.b", "c.d", "-o", "yaml"},
           {"describe", "product", "a.b"},
           {"delete", "grant", "a.b/c"},
           {"delete", "-f", "x"},
           {"approve", "C-42"},
           {"approve", "C-42", "--digest", "0"},
           {"reject", "C-42", "--reason", "no"},
           {"withdraw", "C-42"},
           {"inbox"},
           {"who", "a.b.c"},
           {"audit", "query", "--limit", "5", "--since", "2d"},
           {"audit", "tail", "-f"},
           {"status"},
           {"wait", "C-42", "--for=approved", "--timeout", "15s"},
           {"explain", "product", "a.b"},
           {"explain", "product", "a.b", "--defaults", "-f", "x"},
           {"explain", "change", "C-42", "-o", "json"},
           {"verify"},
           {"verify", "--agent-config", "a", "--agent-config", "b", "--baseline", "c", "--changes", "d",
            "--settle", "5s"},
           {"version"},
           {"completion", "zsh"},
           {"context", "list"},
           {"context", "use", "a"},
           {"--context", "a", "--timeout", "2s", "get", "products"},
           {"get", "changes", "-o", "name", "--context", "a"}}) {
    Invocation invocation = ParseCommandLine(words);
    EXPECT_TRUE(invocation.command) << words[0] << ": " << invocation.text;
  }
}

TEST(CommandLine, GlobalOptionsMayStandAnywhere) {
  EXPECT_EQ(ParseCommandLine({"get", "products", "-o", "json", "--context", "a"}).options.context, "a");
  EXPECT_EQ(ParseCommandLine({"-o", "json", "get", "products"}).options.format, Format::kJson);
  EXPECT_EQ(ParseCommandLine({"wait", "C-1", "--timeout", "1m30s"}).options.timeout,
            std::chrono::seconds(90));
}

TEST(CommandLine, WrongUsageIsExitCode2) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{},
                                             {"aply"},
                                             {"apply"},
                                             {"get"},
                                             {"get", "products", "-o", "xml"},
                                             {"apply", "-f", "x", "--wait=soon"},
                                             {"reject", "C-1"},
                                             {"audit"},
                                             {"wait", "C-1", "--timeout", "10"},
                                             {"completion", "csh"},
                                             {"explain"},
                                             {"explain", "product"},
                                             {"verify", "--settle", "5"},
                                             {"get", "products", "--frobnicate"},
                                             {"audit", "query", "--limit", "0"},
                                             {"apply", "-f", "x", "y"}}) {
    Invocation invocation = ParseCommandLine(words);
    EXPECT_FALSE(invocation.command);
    EXPECT_EQ(invocation.code, kInvalid);
    EXPECT_THAT(invocation.text, HasSubstr("error: "));
  }
}

TEST(CommandLine, HelpIsNoFailure) {
  Invocation invocation = ParseCommandLine({"apply", "--help"});
  EXPECT_EQ(invocation.code, kDone);
  EXPECT_THAT(invocation.text, HasSubstr("Usage: sluice apply"));
  EXPECT_THAT(invocation.text, HasSubstr("--validate-only"));
}

TEST(Completion, NamesEveryCommandAndKind) {
  Bench bench;
  for (const char* shell : {"bash", "zsh", "fish"}) {
    Ran ran = bench.Run({"completion", shell});
    EXPECT_EQ(ran.code, kDone);
    for (const char* word : {"apply",      "diff",    "get",      "describe", "delete",  "approve", "reject",
                             "withdraw",   "inbox",   "who",      "audit",    "status",  "wait",    "version",
                             "completion", "context", "products", "grants",   "explain", "verify"}) {
      EXPECT_THAT(ran.out, HasSubstr(word)) << shell;
    }
    EXPECT_THAT(ran.out, testing::Not(HasSubstr("{commands}")));
  }
}

}  // namespace
}  // namespace sluice::cli
