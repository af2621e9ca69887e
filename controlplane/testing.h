// A whole control plane on TLS with certificates and tokens of its own, for tests. Test only.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "controlplane/control_plane.h"
#include "controlplane/rpc/testing.h"

namespace sluice::controlplane {

class TestControlPlane {
 public:
  TestControlPlane();

  absl::Status Start();
  ControlPlane& operator*() { return *control_plane_; }
  ControlPlane* operator->() { return control_plane_.get(); }

  // A channel without a client certificate.
  std::shared_ptr<grpc::Channel> Channel();
  // A channel that trusts `ca`, with the client certificate at `base` (.crt, .key) if that is not empty.
  std::shared_ptr<grpc::Channel> ChannelWith(const std::string& ca, const std::string& base = "");
  // One with a certificate of deploy/dev/pki.sh: `agent NAME` with further options, such as `--days -1`.
  std::shared_ptr<grpc::Channel> AgentChannel(const std::string& name, const std::string& options = "");

  // A token for `subject`; `more` are JSON members that come last, such as "groups":["a"].
  std::string Token(const std::string& subject, const std::string& more = "") const;
  std::string SignClaims(const std::string& claims) const;

  Settings settings;
  TestDirectory directory;

 private:
  SystemClock clock_;  // TLS knows no other
  std::unique_ptr<ControlPlane> control_plane_;
};

// A file of the certificates that all control planes of a test program share, made by deploy/dev/pki.sh:
// `dev-ca.crt`, `agents-ca.crt`, `server/controlplane.crt` …
std::string CertificateFile(const std::string& name);
// Runs pki.sh on their directory: `server NAME`, `agent NAME --seconds 3` …; the last line of what it says.
std::string Pki(const std::string& arguments);
std::string ReadWhole(const std::string& path);

// A context that brings `token` and waits 30 s at most.
std::unique_ptr<grpc::ClientContext> Bearing(const std::string& token);

}  // namespace sluice::controlplane
