// The whole control plane over TLS: who gets in, what refusals leave behind, and how it stops.
#include "controlplane/control_plane.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <thread>

#include "common/wire/wire.h"
#include "controlplane/rpc/rules.h"
#include "controlplane/rpc/status.h"
#include "controlplane/testing.h"
#include "sluice/v1/agent.grpc.pb.h"
#include "sluice/v1/audit.grpc.pb.h"
#include "sluice/v1/change.grpc.pb.h"
#include "sluice/v1/cluster.grpc.pb.h"
#include "sluice/v1/lookup.grpc.pb.h"

namespace sluice::controlplane {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class ControlPlaneTest : public ::testing::Test {
 protected:
  ControlPlaneTest() {
    const absl::Status status = world.Start();
    if (!status.ok()) throw std::runtime_error(std::string(status.message()));
    AddClusters();
  }

  // eu-prod and us-prod, through the API, by the platform operator and the data products team.
  void AddClusters() {
    v1::ProposeChangeRequest request;
    request.set_together(true);
    v1::Environment& environment = *request.add_edits()->mutable_resource()->mutable_environment();
    environment.set_name("prod");
    environment.set_order(1);
    for (const char* region : {"eu", "us"}) {
      v1::Cluster& cluster = *request.add_edits()->mutable_resource()->mutable_cluster();
      cluster.set_name(fmt::format("{}-prod", region));
      cluster.set_region(region);
      cluster.set_environment("prod");
      cluster.add_agents(fmt::format("spiffe://sluice/agent/{}-prod", region));
    }
    v1::ProposeChangeResponse response;
    const grpc::Status status = v1::ChangeService::NewStub(world.Channel())
                                    ->ProposeChange(Bearing(operator_token).get(), request, &response);
    if (!status.ok()) throw std::runtime_error(status.error_message());
    EXPECT_EQ(response.changes(0).state(), v1::Change::STATE_RELEASED);
  }

  grpc::Status Info(const std::shared_ptr<grpc::Channel>& channel, const std::string& token,
                    v1::ServerInfo* info = nullptr) {
    v1::ServerInfo ignored;
    return v1::LookupService::NewStub(channel)->GetServerInfo(Bearing(token).get(), {},
                                                              info == nullptr ? &ignored : info);
  }

  // A report of an agent that says that it serves `cluster`.
  grpc::Status Report(const std::shared_ptr<grpc::Channel>& channel, const std::string& cluster,
                      const std::string& token = "") {
    v1::ReportStatusRequest request;
    request.set_cluster(cluster);
    request.set_incarnation("one");
    request.set_sequence(1);
    request.set_full(true);
    v1::ReportStatusResponse response;
    return v1::AgentService::NewStub(channel)->ReportStatus(Bearing(token).get(), request, &response);
  }

  std::vector<std::string> Refusals() {
    v1::AuditFilter filter;
    filter.set_action("access.refused");
    auto entries = world->store().ReadAudit(1, filter, 100);
    EXPECT_TRUE(entries.ok()) << entries.status();
    std::vector<std::string> messages;
    for (const v1::AuditEntry& entry : *entries) messages.push_back(entry.message());
    return messages;
  }

  bool Reported(const std::string& cluster) {
    auto agent = world->store().GetAgent(cluster);
    EXPECT_TRUE(agent.ok()) << agent.status();
    return agent->has_value();
  }

  TestControlPlane world;
  const std::string operator_token =
      world.Token("olga", R"("groups":["platform","data-products"],"name":"Olga")");
};

TEST_F(ControlPlaneTest, APersonWithATokenIsServed) {
  v1::ServerInfo info;
  const grpc::Status status = Info(world.Channel(), operator_token, &info);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(info.caller(), "Olga");
  EXPECT_EQ(info.revision(), 1);
  EXPECT_THAT(info.roles(), ElementsAre("data products team", "platform operator"));
}

TEST_F(ControlPlaneTest, BadTokensAreNotServedAndNotAudited) {
  const auto channel = world.Channel();
  const std::string head = R"({"iss":"https://issuer.example","sub":"alice")";
  const std::pair<std::string, std::string> cases[] = {
      {"", "no credentials"},
      {"nonsense", "no JWT"},
      {world.SignClaims(head + R"(,"aud":"sluice","exp":1000000000})"),
       "the token expired at 2001-09-09T01:46:40Z"},
      {world.SignClaims(head + R"(,"aud":"kafka","exp":4000000000})"),
       "wrong audience: the token has 'kafka', wanted 'sluice'"},
      {TestKey(TestKey::Type::kEc, "key-1").Sign("ES256", head + R"(,"aud":"sluice","exp":4000000000})"),
       "signature is wrong"},
  };
  for (const auto& [token, reason] : cases) {
    const grpc::Status status = Info(channel, token);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << reason;
    EXPECT_THAT(status.error_message(), HasSubstr(reason));
    if (token.size() > 20) EXPECT_THAT(status.error_message(), Not(HasSubstr(token.substr(0, 20))));
  }
  EXPECT_THAT(Refusals(), IsEmpty());
}

TEST_F(ControlPlaneTest, AnAgentReportsItsOwnCluster) {
  const grpc::Status status = Report(world.AgentChannel("eu-prod"), "eu-prod");
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(Reported("eu-prod"));
}

TEST_F(ControlPlaneTest, TheEuAgentThatAsksForUsIsRefusedAndAudited) {
  const auto channel = world.AgentChannel("eu-prod");
  EXPECT_EQ(Report(channel, "us-prod").error_code(), grpc::StatusCode::PERMISSION_DENIED);
  v1::WatchDesiredRequest request;
  request.set_cluster("us-prod");
  request.set_incarnation("one");
  request.set_protocol_version(1);
  const auto context = Bearing("");
  const auto stub = v1::AgentService::NewStub(channel);
  const auto stream = stub->WatchDesired(context.get(), request);
  v1::WatchDesiredResponse message;
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_FALSE(Reported("us-prod"));
  EXPECT_FALSE(Reported("eu-prod"));
  EXPECT_THAT(Refusals(), SizeIs(2));
  EXPECT_THAT(Refusals(), Each(HasSubstr("its own cluster only")));
}

TEST_F(ControlPlaneTest, APersonsTokenOpensNoAgentMethod) {
  EXPECT_EQ(Report(world.Channel(), "eu-prod", operator_token).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_FALSE(Reported("eu-prod"));
  EXPECT_THAT(Refusals(), ElementsAre(HasSubstr("/sluice.v1.AgentService/ReportStatus is for agents")));
}

TEST_F(ControlPlaneTest, AnAgentsCertificateOpensNoMethodOfPeople) {
  EXPECT_EQ(Info(world.AgentChannel("eu-prod"), "").error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(Refusals(), ElementsAre(HasSubstr("GetServerInfo is for people")));
}

TEST_F(ControlPlaneTest, BothCredentialsAreRefused) {
  const auto channel = world.AgentChannel("eu-prod");
  EXPECT_EQ(Info(channel, operator_token).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Report(channel, "eu-prod", operator_token).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_FALSE(Reported("eu-prod"));
}

TEST_F(ControlPlaneTest, CertificatesThatAreNotGoodNowFailTheHandshake) {
  for (const char* options :
       {"--days -1 --out expired", "--ca stranger --out stranger", "--ca dev --out of-another-ca"}) {
    EXPECT_EQ(Report(world.AgentChannel("eu-prod", options), "eu-prod").error_code(),
              grpc::StatusCode::UNAVAILABLE)
        << options;
  }
  EXPECT_FALSE(Reported("eu-prod"));
}

TEST_F(ControlPlaneTest, CertificatesThatAreBoundToNothingAreDenied) {
  const grpc::Status unbound = Report(world.AgentChannel("ap-prod"), "ap-prod");
  EXPECT_EQ(unbound.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(unbound.error_message(), HasSubstr("'spiffe://sluice/agent/ap-prod' is bound to no cluster"));
  const grpc::Status two = Report(
      world.AgentChannel("eu-prod",
                         "--uri spiffe://sluice/agent/eu-prod --uri spiffe://sluice/agent/us-prod --out two"),
      "eu-prod");
  EXPECT_EQ(two.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_FALSE(Reported("eu-prod"));
}

// One call with an empty message and without credentials.
grpc::Status CallWithoutCredentials(const std::shared_ptr<grpc::Channel>& channel,
                                    const std::string& method) {
  grpc::GenericStub stub(channel);
  const auto context = Bearing("");
  grpc::CompletionQueue queue;
  const grpc::Slice nothing;
  const auto call = stub.PrepareUnaryCall(context.get(), method, grpc::ByteBuffer(&nothing, 1), &queue);
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->StartCall();
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  EXPECT_TRUE(queue.Next(&tag, &ok));
  return status;
}

TEST_F(ControlPlaneTest, OnlyHealthAndReflectionAreOpen) {
  const auto channel = world.Channel();
  for (const MethodRule& rule : MethodRules()) {
    if (rule.method == "/grpc.health.v1.Health/Watch") continue;  // never ends
    const grpc::StatusCode code = CallWithoutCredentials(channel, std::string(rule.method)).error_code();
    if (rule.rule != Rule::kOpen) {
      EXPECT_EQ(code, grpc::StatusCode::UNAUTHENTICATED) << rule.method;
    } else if (rule.method == "/grpc.health.v1.Health/Check") {
      EXPECT_EQ(code, grpc::StatusCode::OK);
    } else {  // a stream, which such a call cannot use; but it is let in
      EXPECT_NE(code, grpc::StatusCode::UNAUTHENTICATED) << rule.method;
      EXPECT_NE(code, grpc::StatusCode::UNIMPLEMENTED) << rule.method;
    }
  }
  EXPECT_EQ(CallWithoutCredentials(channel, "/sluice.v1.DomainService/DeleteDomain").error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(ControlPlaneTest, FindingsTravelInTheTrailer) {
  v1::ProposeChangeRequest request;
  v1::Domain& domain = *request.add_edits()->mutable_resource()->mutable_domain();
  domain.set_name("Not A Name");
  v1::ProposeChangeResponse response;
  const auto context = Bearing(operator_token);
  const grpc::Status status =
      v1::ChangeService::NewStub(world.Channel())->ProposeChange(context.get(), request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const auto& trailers = context->GetServerTrailingMetadata();
  const auto trailer = trailers.find(kFindingsTrailer);
  ASSERT_NE(trailer, trailers.end());
  v1::FindingList list;
  ASSERT_TRUE(list.ParseFromString(std::string(trailer->second.data(), trailer->second.size())));
  EXPECT_GE(list.findings_size(), 2);  // the name, and no owners
  EXPECT_EQ(list.total(), list.findings_size());
}

TEST_F(ControlPlaneTest, ManyFindingsAreCutToTheTrailersLimit) {
  v1::ProposeChangeRequest request;
  for (int i = 0; i < 1000; ++i) {
    request.add_edits()->mutable_resource()->mutable_domain()->set_name(fmt::format("Not A Name {}", i));
  }
  v1::ProposeChangeResponse response;
  const auto context = Bearing(operator_token);
  const grpc::Status status =
      v1::ChangeService::NewStub(world.Channel())->ProposeChange(context.get(), request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << status.error_message();
  const auto trailer = context->GetServerTrailingMetadata().find(kFindingsTrailer);
  ASSERT_NE(trailer, context->GetServerTrailingMetadata().end());
  v1::FindingList list;
  ASSERT_TRUE(list.ParseFromString(std::string(trailer->second.data(), trailer->second.size())));
  EXPECT_GE(list.total(), 2000);
  EXPECT_LT(list.findings_size(), list.total());
}

TEST_F(ControlPlaneTest, RequestsThatAreTooLargeAreRefused) {
  v1::ProposeChangeRequest request;
  request.set_justification(std::string(20 << 20, 'x'));
  v1::ProposeChangeResponse response;
  EXPECT_EQ(v1::ChangeService::NewStub(world.Channel())
                ->ProposeChange(Bearing(operator_token).get(), request, &response)
                .error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(world->store().Current()->revision, 1);
}

TEST_F(ControlPlaneTest, LargeTokensAreTaken) {
  std::string groups = "\"platform\"";
  for (int i = 0; i < 900; ++i) groups += fmt::format(",\"group-number-{}\"", i);
  const grpc::Status status = Info(world.Channel(), world.Token("olga", "\"groups\":[" + groups + "]"));
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(ControlPlaneTest, TheAuditLogIsFollowed) {
  const std::string token = world.Token("arno", R"("groups":["audit"])");
  const auto stub = v1::AuditService::NewStub(world.Channel());
  v1::TailAuditEntriesRequest request;
  request.set_start_seq(1);
  const auto context = Bearing(token);
  const auto stream = stub->TailAuditEntries(context.get(), request);
  v1::TailAuditEntriesResponse message;
  ASSERT_TRUE(stream->Read(&message));
  EXPECT_EQ(message.entry().action(), "change.proposed");
  ASSERT_TRUE(stream->Read(&message));
  EXPECT_EQ(message.entry().action(), "change.released");
  // What is written while it waits.
  v1::ProposeChangeRequest proposal;
  proposal.add_edits()->mutable_resource()->mutable_category()->set_name("orders");
  v1::ProposeChangeResponse response;
  ASSERT_TRUE(v1::ChangeService::NewStub(world.Channel())
                  ->ProposeChange(Bearing(operator_token).get(), proposal, &response)
                  .ok());
  ASSERT_TRUE(stream->Read(&message));
  EXPECT_EQ(message.entry().change(), response.changes(0).name());
  context->TryCancel();
  while (stream->Read(&message)) {
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(ControlPlaneTest, DrainingEndsStreamsAndKeepsWhatWasAcknowledged) {
  const auto stub = v1::AuditService::NewStub(world.Channel());
  v1::TailAuditEntriesRequest request;
  request.set_start_seq(1);
  const auto context = Bearing(operator_token);
  const auto stream = stub->TailAuditEntries(context.get(), request);
  v1::TailAuditEntriesResponse message;
  ASSERT_TRUE(stream->Read(&message));
  std::thread drain([this] { world->Drain(); });
  while (stream->Read(&message)) {
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  drain.join();
  ASSERT_TRUE(world.Start().ok());
  EXPECT_NE(world->store().Current()->catalog.clusters.Find("eu-prod"), nullptr);
}

TEST_F(ControlPlaneTest, ASecondOneIsRefusedTheDataAndThePort) {
  SystemClock clock;
  EXPECT_EQ(ControlPlane::Open(world.settings, clock).status().code(), absl::StatusCode::kFailedPrecondition);
  Settings other = world.settings;
  other.data_directory = world.directory / "other";
  other.server.listen = world->address();
  EXPECT_EQ(ControlPlane::Open(other, clock).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ControlPlaneTest, BadFilesAreRefusedBeforeAnythingIsOpened) {
  SystemClock clock;
  Settings settings = world.settings;
  settings.server.key =
      world.settings.server.agents_ca.substr(0, world.settings.server.agents_ca.rfind('.')) + ".key";
  EXPECT_THAT(std::string(CheckSettings(settings, clock).message()), HasSubstr("does not belong to"));
  settings.server.key = world.directory / "none";
  EXPECT_EQ(CheckSettings(settings, clock).code(), absl::StatusCode::kNotFound);
  settings = world.settings;
  settings.server.certificate = world.directory / "jwks.json";
  EXPECT_THAT(std::string(CheckSettings(settings, clock).message()), HasSubstr("no PEM certificate"));
  settings = world.settings;
  settings.data_directory = world.directory / "no/such/parent";
  EXPECT_EQ(CheckSettings(settings, clock).code(), absl::StatusCode::kInvalidArgument);
  settings = world.settings;
  settings.log_level = "loud";
  EXPECT_EQ(CheckSettings(settings, clock).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace sluice::controlplane
