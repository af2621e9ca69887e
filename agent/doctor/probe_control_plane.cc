// The probe of the control plane.
#include <grpcpp/grpcpp.h>

#include <cstdlib>

#include "agent/channel.h"
#include "agent/desired_client.h"
#include "agent/doctor/probe.h"
#include "agent/version.h"

namespace sluice::agent::doctor {
namespace {

constexpr std::chrono::seconds kTimeout{10};

}  // namespace

// WatchDesired without an incarnation: the control plane looks at certificate, cluster and protocol version
// first, and then refuses. So no stream is opened, and an agent that works is not disturbed.
ControlPlaneFacts ProbeControlPlane(const sluice::internal::v1::AgentConfig& config) {
  ControlPlaneFacts facts;
  facts.address = config.control_plane();
  facts.cluster = config.cluster();
  const auto stub = sluice::v1::AgentService::NewStub(MakeChannel(config.control_plane(), config.tls()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kTimeout);
  sluice::v1::WatchDesiredRequest request;
  request.set_cluster(config.cluster());
  request.set_protocol_version(kProtocolVersion);
  request.set_agent_version(kVersion);
  const auto reader = stub->WatchDesired(&context, request);
  sluice::v1::WatchDesiredResponse message;
  if (reader->Read(&message)) context.TryCancel();  // not what an empty incarnation should get
  while (reader->Read(&message)) {
  }
  facts.answer = ToAbsl(reader->Finish());
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto time = trailers.find("sluice-time-us");
  if (time != trailers.end()) {
    const std::string text(time->second.data(), time->second.size());
    facts.time = Time(std::chrono::microseconds(std::strtoll(text.c_str(), nullptr, 10)));
  }
  return facts;
}

}  // namespace sluice::agent::doctor
