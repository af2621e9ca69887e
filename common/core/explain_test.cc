// Golden cases of ExplainProduct: testdata/explain/*.test; the grammar stands in compile_golden.h. Config
// keys that only brokers know are counted.
#include "common/core/explain.h"

#include <gtest/gtest.h>

#include "common/core/compile.h"
#include "common/core/compile_golden.h"
#include "common/core/settings.h"

namespace sluice::core {
namespace {

std::vector<const Environment*> EnvironmentsOf(const Catalog& catalog) {
  std::vector<const Environment*> environments;
  for (const auto& entry : catalog.environments.entries()) environments.push_back(entry.value.get());
  return environments;
}

std::string ExplainText(const std::string& text) {
  const Catalog catalog = golden::CatalogReader().Read(golden::Lines(text));
  std::string printed;
  for (const auto& entry : catalog.products.entries()) {
    int brokers = 0;
    for (const ExplainedValue& value : ExplainProduct(*entry.value, EnvironmentsOf(catalog))) {
      if (value.origin == "broker" && value.environment.empty()) {
        ++brokers;
        continue;
      }
      printed += Cat(value.field, value.environment.empty() ? "" : " in ", value.environment, " = ",
                     value.value.empty() ? "-" : value.value, " (", value.origin, ")",
                     value.reason.empty() ? "" : " ", value.reason, "\n");
    }
    printed += Cat(brokers, " from the brokers\n");
  }
  return printed;
}

TEST(Explain, Golden) { EXPECT_GE(golden::RunCases("explain", ExplainText), 5u); }

// What is told is what topics get.
TEST(Explain, AgreesWithEffectiveSettings) {
  const Catalog catalog = golden::CatalogReader().Read(
      golden::Lines("environment dev partitions=2 rf=1 config.retention.ms=5\nenvironment prod rf=3 "
                    "config.min.insync.replicas=2\n"
                    "product d.p c *\nversion 1\nstream events partitions=4 config.retention.ms=6\n"
                    "override prod partitions=8 config.retention.ms=7\n"));
  const DataProduct& product = *catalog.products.Find("d.p");
  const Stream& stream = product.versions[0].streams[0];
  const std::vector<ExplainedValue> values = ExplainProduct(product, EnvironmentsOf(catalog));
  const auto told = [&](const std::string& field, const std::string& environment) -> std::string {
    for (const ExplainedValue& value : values) {
      if (value.field == "versions[0].streams[0]." + field &&
          (value.environment.empty() || value.environment == environment))
        return value.value;
    }
    return "not told";
  };
  for (const Environment* environment : EnvironmentsOf(catalog)) {
    const TopicSettings settings = EffectiveSettings(stream, *environment);
    EXPECT_EQ(told("partitions", environment->name), Cat(settings.partitions));
    EXPECT_EQ(told("replication_factor", environment->name), Cat(settings.replication_factor));
    for (const auto& [key, value] : settings.config)
      EXPECT_EQ(told("config." + key, environment->name), value);
  }
}

}  // namespace
}  // namespace sluice::core
