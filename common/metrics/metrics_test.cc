#include "common/metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include "common/metrics/endpoint.h"

namespace sluice::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, EveryUnlabelledMetricOfTheProgramStartsAtZeroAndNoOther) {
  Metrics metrics(Program::kControlPlane);
  EXPECT_THAT(metrics.Text(), HasSubstr("sluice_changes_released_total 0\n"));
  EXPECT_THAT(metrics.Text(), HasSubstr("sluice_agents_connected 0\n"));
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("sluice_agent_reports_total")));
}

TEST(Metrics, CountsSetsAndObserves) {
  Metrics metrics(Program::kControlPlane);
  metrics.Touch(Id::kRpcRequests, {"/a", "OK"});
  metrics.Add(Id::kRpcRequests, {"/a", "OK"}, 2);
  metrics.Set(Id::kStoreRevision, 7);
  metrics.Observe(Id::kRpcSeconds, 0.2, {"/a"});
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("sluice_rpc_requests_total{code=\"OK\",method=\"/a\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("sluice_store_revision 7\n"));
  EXPECT_THAT(text, HasSubstr("sluice_rpc_seconds_count{method=\"/a\"} 1\n"));
}

TEST(Endpoint, ServesMetricsAndHealth) {
  Metrics metrics(Program::kAgent);
  absl::Status health;
  auto endpoint = Serve("127.0.0.1:0", metrics, [&] { return health; });
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  httplib::Client client("127.0.0.1", (*endpoint)->port());
  auto text = client.Get("/metrics");
  ASSERT_TRUE(text);
  EXPECT_THAT(text->body, HasSubstr("sluice_agent_reports_total 0\n"));
  EXPECT_EQ(client.Get("/healthz")->status, 200);
  health = absl::UnavailableError("disk full");
  auto sick = client.Get("/healthz");
  EXPECT_EQ(sick->status, 503);
  EXPECT_EQ(sick->body, "disk full\n");
}

TEST(Endpoint, RefusesWhatIsNoAddress) {
  Metrics metrics(Program::kAgent);
  for (const char* listen : {"", "9464", "host:", ":9464", "host:x", "host:70000"}) {
    EXPECT_EQ(Serve(listen, metrics, [] { return absl::OkStatus(); }).status().code(),
              absl::StatusCode::kInvalidArgument)
        << listen;
  }
}

}  // namespace
}  // namespace sluice::metrics
