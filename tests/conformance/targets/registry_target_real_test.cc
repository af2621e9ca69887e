// RegistryTargetSuite on a real registry, and what only a real one can show.
#include <gmock/gmock.h>

#include "agent/registry/http.h"
#include "agent/registry/registry.h"
#include "tests/conformance/targets/registry_target_suite.h"
#include "tests/support/dev_cluster.h"

namespace sluice::testing {
namespace {

using agent::RegistryOptions;

RegistryOptions Options(const DevCluster& cluster) {
  RegistryOptions options;
  options.url = cluster.registry_url;
  options.ca_file = cluster.ca_file;
  options.request_timeout = std::chrono::seconds(30);
  return options;
}

std::unique_ptr<agent::RegistryTarget> Open(const RegistryOptions& options) {
  absl::StatusOr<std::unique_ptr<agent::RegistryTarget>> target = agent::OpenRegistry(options);
  EXPECT_TRUE(target.ok()) << target.status();
  return target.ok() ? *std::move(target) : nullptr;
}

class RealLab final : public RegistryLab {
 public:
  RealLab() : cluster_(UseDevCluster()), target_(Open(Options(cluster_))), somebody_(Options(cluster_)) {}

  agent::RegistryTarget& target() override { return *target_; }

  // Sluice itself never deletes subjects.
  void DeleteSubject(const std::string& subject) override {
    for (const char* how : {"", "?permanent=true"}) {
      const auto deleted =
          somebody_.Do({"DELETE", "/subjects/" + agent::registry::Encode(subject) + how, ""});
      EXPECT_TRUE(deleted.ok()) << deleted.status();
    }
    (void)somebody_.Do({"DELETE", "/config/" + agent::registry::Encode(subject), ""});
  }

 private:
  const DevCluster cluster_;
  std::unique_ptr<agent::RegistryTarget> target_;
  agent::registry::Http somebody_;
};

INSTANTIATE_TEST_SUITE_P(Real, RegistryTargetSuite, ::testing::Values([]() -> std::unique_ptr<RegistryLab> {
                           return std::make_unique<RealLab>();
                         }));

TEST(RealRegistry, ACertificateOfAnotherCaIsRefused) {
  const DevCluster cluster = UseDevCluster();
  RegistryOptions options = Options(cluster);
  options.ca_file = cluster.directory + "/pki/agents-ca.crt";
  options.retry_time = std::chrono::milliseconds(1);
  const absl::Status status = Open(options)->Observe({{"a", "JSON", "{}", ""}}).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("certificate"));
}

}  // namespace
}  // namespace sluice::testing
