#include "controlplane/testing.h"

#include <fmt/format.h>
#include <grpcpp/security/credentials.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace sluice::controlplane {
namespace {

constexpr char kIssuer[] = "https://issuer.example";
constexpr int64_t kFarFuture = 4'000'000'000;

const TestKey& IssuerKey() {
  static const auto& key = *new TestKey(TestKey::Type::kEc, "key-1");
  return key;
}

// Certificates take a while to make: all control planes of a test program share them.
const TestDirectory& Certificates() {
  static const TestDirectory directory;
  return directory;
}

}  // namespace

std::string ReadWhole(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) throw std::runtime_error("cannot read " + path);
  return text.str();
}

std::string Pki(const std::string& arguments) {
  const size_t space = arguments.find(' ');
  const std::string verb = arguments.substr(0, space);
  const std::string rest = space == std::string::npos ? "" : arguments.substr(space + 1);
  const std::string command = fmt::format("'{}/deploy/dev/pki.sh' {} '{}' {} 2>&1", SLUICE_SOURCE_DIR, verb,
                                          Certificates().path().string(), rest);
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("popen");
  std::string output;
  std::array<char, 4096> buffer;
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) output += buffer.data();
  if (pclose(pipe) != 0) throw std::runtime_error(command + ": " + output);
  while (!output.empty() && output.back() == '\n') output.pop_back();
  return output.substr(output.rfind('\n') + 1);
}

std::string CertificateFile(const std::string& name) {
  static const std::string made = Pki("init");
  return made + "/" + name;
}

TestControlPlane::TestControlPlane() {
  WriteKeySet(directory / "jwks.json", {&IssuerKey()});
  settings.data_directory = directory / "data";
  settings.server = {.listen = "127.0.0.1:0",
                     .certificate = CertificateFile("server/controlplane.crt"),
                     .key = CertificateFile("server/controlplane.key"),
                     .agents_ca = CertificateFile("agents-ca.crt")};
  settings.tokens.issuer = kIssuer;
  settings.tokens.audience = "sluice";
  settings.tokens.jwks_file = directory / "jwks.json";
  settings.roles = {{core::Role::kPlatformOperator, {"group:platform"}},
                    {core::Role::kAuditor, {"group:audit"}},
                    {core::Role::kDataProductsTeam, {"group:data-products"}}};
  settings.log_level = "error";
}

absl::Status TestControlPlane::Start() {
  auto opened = ControlPlane::Open(settings, clock_);
  if (!opened.ok()) return opened.status();
  control_plane_ = *std::move(opened);
  return absl::OkStatus();
}

std::shared_ptr<grpc::Channel> TestControlPlane::ChannelWith(const std::string& ca, const std::string& base) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = ReadWhole(ca);
  if (!base.empty()) {
    options.pem_cert_chain = ReadWhole(base + ".crt");
    options.pem_private_key = ReadWhole(base + ".key");
  }
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, 64 << 10);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
  return grpc::CreateCustomChannel(control_plane_->address(), grpc::SslCredentials(options), arguments);
}

std::shared_ptr<grpc::Channel> TestControlPlane::Channel() {
  return ChannelWith(CertificateFile("dev-ca.crt"));
}

std::shared_ptr<grpc::Channel> TestControlPlane::AgentChannel(const std::string& name,
                                                              const std::string& options) {
  return ChannelWith(CertificateFile("dev-ca.crt"), Pki("agent " + name + " " + options));
}

std::string TestControlPlane::SignClaims(const std::string& claims) const {
  return IssuerKey().Sign("ES256", claims);
}

std::string TestControlPlane::Token(const std::string& subject, const std::string& more) const {
  return SignClaims(fmt::format(R"({{"iss":"{}","aud":"sluice","exp":{},"sub":"{}"{}{}}})", kIssuer,
                                kFarFuture, subject, more.empty() ? "" : ",", more));
}

std::unique_ptr<grpc::ClientContext> Bearing(const std::string& token) {
  auto context = std::make_unique<grpc::ClientContext>();
  if (!token.empty()) context->AddMetadata("authorization", "Bearer " + token);
  context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  return context;
}

}  // namespace sluice::controlplane
