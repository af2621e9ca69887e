// Certificates that change, end and are wrong while streams are open, over real TLS.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "controlplane/testing.h"
#include "sluice/v1/agent.grpc.pb.h"
#include "sluice/v1/audit.grpc.pb.h"
#include "sluice/v1/change.grpc.pb.h"
#include "sluice/v1/lookup.grpc.pb.h"

namespace sluice::controlplane {
namespace {

using ::testing::HasSubstr;

class Certificates : public ::testing::Test {
 protected:
  Certificates() {
    Serve(CertificateFile("server/controlplane"), CertificateFile("agents-ca.crt"));
    world.settings.server.certificate = Served("tls.crt");
    world.settings.server.key = Served("tls.key");
    world.settings.server.agents_ca = Served("agents-ca.crt");
    const absl::Status status = world.Start();
    if (!status.ok()) throw std::runtime_error(std::string(status.message()));
    v1::ProposeChangeRequest request;
    request.set_together(true);
    v1::Environment& environment = *request.add_edits()->mutable_resource()->mutable_environment();
    environment.set_name("prod");
    environment.set_order(1);
    v1::Cluster& cluster = *request.add_edits()->mutable_resource()->mutable_cluster();
    cluster.set_name("eu-prod");
    cluster.set_region("eu");
    cluster.set_environment("prod");
    cluster.add_agents("spiffe://sluice/agent/eu-prod");
    v1::ProposeChangeResponse response;
    const std::string token = world.Token("olga", R"("groups":["platform","data-products"])");
    const grpc::Status proposed =
        v1::ChangeService::NewStub(world.Channel())->ProposeChange(Bearing(token).get(), request, &response);
    if (!proposed.ok()) throw std::runtime_error(proposed.error_message());
  }

  std::string Served(const std::string& name) const { return world.directory / name; }
  // Puts a pair and a CA where the control plane reads them, each by a rename.
  void Serve(const std::string& base, const std::string& ca) {
    WriteFile(Served("tls.key"), ReadWhole(base + ".key"));
    WriteFile(Served("tls.crt"), ReadWhole(base + ".crt"));
    WriteFile(Served("agents-ca.crt"), ReadWhole(ca));
  }

  // One call on a new connection.
  grpc::StatusCode Call(const std::shared_ptr<grpc::Channel>& channel) {
    v1::ServerInfo info;
    return v1::LookupService::NewStub(channel)->GetServerInfo(Bearing(token_).get(), {}, &info).error_code();
  }
  grpc::Status Report(const std::shared_ptr<grpc::Channel>& channel) {
    v1::ReportStatusRequest request;
    request.set_cluster("eu-prod");
    request.set_incarnation("one");
    request.set_sequence(1);
    request.set_full(true);
    v1::ReportStatusResponse response;
    return v1::AgentService::NewStub(channel)->ReportStatus(Bearing("").get(), request, &response);
  }
  // Tries new connections until one gives `code`.
  bool Becomes(grpc::StatusCode code, const std::function<grpc::StatusCode()>& call) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < end) {
      if (call() == code) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));  // the files are looked at every second
    }
    return false;
  }

  TestControlPlane world;
  const std::string token_ = world.Token("alice");
};

// Follows the audit log from its beginning.
class Stream {
 public:
  Stream(const std::shared_ptr<grpc::Channel>& channel, const std::string& token) : context_(Bearing(token)) {
    v1::TailAuditEntriesRequest request;
    request.set_start_seq(1);
    stub_ = v1::AuditService::NewStub(channel);
    reader_ = stub_->TailAuditEntries(context_.get(), request);
  }
  bool Read() { return reader_->Read(&message_); }
  ~Stream() {
    context_->TryCancel();
    while (Read()) {
    }
    reader_->Finish();
  }

 private:
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<v1::AuditService::Stub> stub_;
  std::unique_ptr<grpc::ClientReader<v1::TailAuditEntriesResponse>> reader_;
  v1::TailAuditEntriesResponse message_;
};

TEST_F(Certificates, AServersCertificateIsRotatedWithStreamsOpen) {
  const auto old_channel = world.Channel();
  Stream stream(old_channel, world.Token("arno", R"("groups":["audit"])"));
  ASSERT_TRUE(stream.Read());
  const std::string base = Pki("server rotated --ca rotated --out rotated");
  const std::string ca = CertificateFile("rotated-ca.crt");
  EXPECT_EQ(Call(world.ChannelWith(ca)), grpc::StatusCode::UNAVAILABLE)
      << "the new CA signed nothing here yet";
  Serve(base, CertificateFile("agents-ca.crt"));
  EXPECT_TRUE(Becomes(grpc::StatusCode::OK, [&] { return Call(world.ChannelWith(ca)); }));
  EXPECT_EQ(Call(world.Channel()), grpc::StatusCode::UNAVAILABLE)
      << "the former certificate is not served any more";
  EXPECT_EQ(Call(old_channel), grpc::StatusCode::OK) << "connections stay";
  ASSERT_TRUE(stream.Read()) << "streams, too";
}

TEST_F(Certificates, ATornPairIsNotServedAndStopsNobody) {
  const std::string base = Pki("server torn --out torn");
  const std::string key = ReadWhole(Served("tls.key"));
  for (const std::string& text : {ReadWhole(base + ".key"), std::string("nonsense"), std::string()}) {
    WriteFile(Served("tls.key"), text);
    // Long enough for it to be looked at: the right pair of another certificate is noticed after it.
    for (int i = 0; i < 25; ++i) {
      ASSERT_EQ(Call(world.Channel()), grpc::StatusCode::OK);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  std::filesystem::remove(Served("tls.crt"));
  EXPECT_EQ(Call(world.Channel()), grpc::StatusCode::OK);
  const std::string whole = Pki("server whole --ca whole --out whole");
  Serve(whole, CertificateFile("agents-ca.crt"));
  EXPECT_TRUE(Becomes(grpc::StatusCode::OK,
                      [&] { return Call(world.ChannelWith(CertificateFile("whole-ca.crt"))); }));
}

TEST_F(Certificates, TheAgentsCaIsRotated) {
  const std::string base = Pki("agent eu-prod --ca agents-2 --out of-agents-2");
  const std::string both_path = world.directory / "both.crt";
  EXPECT_EQ(Report(world.ChannelWith(CertificateFile("dev-ca.crt"), base)).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  WriteFile(both_path,
            ReadWhole(CertificateFile("agents-ca.crt")) + ReadWhole(CertificateFile("agents-2-ca.crt")));
  Serve(CertificateFile("server/controlplane"), both_path);
  EXPECT_TRUE(Becomes(grpc::StatusCode::OK, [&] {
    return Report(world.ChannelWith(CertificateFile("dev-ca.crt"), base)).error_code();
  }));
  EXPECT_TRUE(Report(world.AgentChannel("eu-prod")).ok())
      << "agents of the former CA, too, until it is taken out";
  Serve(CertificateFile("server/controlplane"), CertificateFile("agents-2-ca.crt"));
  EXPECT_TRUE(Becomes(grpc::StatusCode::UNAVAILABLE,
                      [&] { return Report(world.AgentChannel("eu-prod")).error_code(); }));
  EXPECT_TRUE(Report(world.ChannelWith(CertificateFile("dev-ca.crt"), base)).ok());
}

TEST_F(Certificates, AnAgentsStreamEndsWithItsCertificate) {
  const auto channel = world.AgentChannel("eu-prod", "--seconds 4 --out short");
  v1::WatchDesiredRequest request;
  request.set_cluster("eu-prod");
  request.set_incarnation("one");
  request.set_protocol_version(1);
  const auto context = Bearing("");
  const auto stub = v1::AgentService::NewStub(channel);
  const auto stream = stub->WatchDesired(context.get(), request);
  v1::WatchDesiredResponse message;
  ASSERT_TRUE(stream->Read(&message)) << stream->Finish().error_message();
  while (stream->Read(&message)) {
  }
  const grpc::Status ended = stream->Finish();
  EXPECT_EQ(ended.error_code(), grpc::StatusCode::UNAUTHENTICATED) << ended.error_message();
  EXPECT_THAT(ended.error_message(), HasSubstr("certificate has expired"));
  const grpc::Status later = Report(channel);  // on the connection that began in time
  EXPECT_EQ(later.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(later.error_message(), HasSubstr("connect again with the new one"));
  EXPECT_TRUE(Report(world.AgentChannel("eu-prod")).ok());
}

TEST_F(Certificates, APersonsStreamEndsWithTheirToken) {
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  // Expired already, within the skew of a minute: two seconds are left.
  const std::string claims = fmt::format(
      R"({{"iss":"https://issuer.example","aud":"sluice","exp":{},"sub":"arno","groups":["audit"]}})",
      now.count() - 58);
  Stream stream(world.Channel(), world.SignClaims(claims));
  ASSERT_TRUE(stream.Read());
  while (stream.Read()) {  // ends though nothing is written meanwhile
  }
}

}  // namespace
}  // namespace sluice::controlplane
