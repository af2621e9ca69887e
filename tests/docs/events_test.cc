// The event that docs/events.md shows is one of the product that it is checked against there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/docs/markdown.h"
#include "tests/support/process.h"

namespace sluice::testing {
namespace {

#ifdef SLUICE_CLI
TEST(EventDocs, TheExampleIsValidForTheExampleProduct) {
  const std::string product = SLUICE_SOURCE_DIR "/examples/products/demand-forecast.yaml";
  int examples = 0;
  for (const Block& block : ReadPage(SLUICE_SOURCE_DIR "/docs/events.md").blocks) {
    if (block.language != "json") continue;
    ++examples;
    const Finished ran = sluice::testing::Run(
        {SLUICE_CLI, "event", "validate", "-", "-f", product, "--key", "0042|4711", "--closed"}, {},
        block.text);
    EXPECT_EQ(ran.exit_code, 0) << ran.output << ran.errors;
    EXPECT_EQ(ran.output, "<stdin>: valid\n");
  }
  EXPECT_EQ(examples, 1);
}
#endif

}  // namespace
}  // namespace sluice::testing
