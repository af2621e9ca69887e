// status, who, version: how things stand, whose something is, and who is asking.
#include <fmt/format.h>

#include <ostream>

#include "cli/changes.h"
#include "cli/commands.h"
#include "cli/kinds.h"
#include "common/manifest/manifest.h"
#include "sluice/v1/change.grpc.pb.h"
#include "sluice/v1/lookup.grpc.pb.h"

namespace sluice::cli {
namespace {

namespace v1 = sluice::v1;
using Stub = v1::LookupService::Stub;

// `product f-and-r.demand-forecast v1 · owner app:plan · #fr-forecasts · 3 consumers`.
std::string Belonging(const v1::LookupResult& result) {
  std::vector<std::string> parts;
  if (!result.product().empty()) {
    std::string major = result.major() > 0 ? fmt::format(" v{}", result.major()) : "";
    parts.push_back(fmt::format("product {}{}", result.product(), major));
  }
  if (!result.application().empty()) parts.push_back("application " + result.application());
  if (!result.customer().empty()) parts.push_back("customer " + result.customer());
  if (!result.owners().empty()) parts.push_back("owner " + Joined(result.owners()));
  if (!result.contact().empty()) parts.push_back(result.contact());
  if (!result.product().empty()) parts.push_back(Counted(result.consumers_size(), "consumer"));
  return fmt::format("{}", fmt::join(parts, " · "));
}

// `last change C-41, approved by 2, 2 d ago · eu-prod in sync 8 s ago`.
std::string Standing(const v1::LookupResult& result, Time now) {
  std::vector<std::string> parts;
  if (!result.last_change().empty()) {
    std::string approvals = result.approvals() > 0 ? fmt::format(", approved by {}", result.approvals()) : "";
    parts.push_back(fmt::format("last change {}{}, {}", result.last_change(), approvals,
                                AgoText(now, result.last_change_time())));
  }
  for (const v1::SliceStatus& status : result.status()) {
    std::string age = status.observed_time().seconds() == 0 ? ", never observed"
                                                            : " " + AgoText(now, status.observed_time());
    parts.push_back(fmt::format("{} {}{}", status.cluster(), StateWord(status.state()), age));
  }
  return fmt::format("{}", fmt::join(parts, " · "));
}

void PrintResult(std::ostream& out, const v1::LookupResult& result, Time now) {
  out << fmt::format("{} {}{}\n", result.type(), result.name(),
                     result.cluster().empty() ? "" : " on " + result.cluster());
  for (const std::string& line : {Belonging(result), Standing(result, now)}) {
    if (!line.empty()) out << line << "\n";
  }
  if (!result.consumers().empty()) out << "read by " << Joined(result.consumers()) << "\n";
  if (!result.producers().empty()) out << "written by " << Joined(result.producers()) << "\n";
  for (const std::string& access : result.access()) out << "may use " << access << "\n";
}

absl::StatusOr<v1::ServerInfo> ServerInfo(Client& client) {
  return client.Call(&Stub::GetServerInfo, v1::GetServerInfoRequest());
}

void PrintCaller(std::ostream& out, const v1::ServerInfo& info) {
  out << fmt::format("You are {}", info.caller());
  if (!info.groups().empty()) out << ", in " << Joined(info.groups());
  if (!info.roles().empty()) out << "; role " << Joined(info.roles());
  out << fmt::format("\nControl plane {}, revision {}\n", info.version(), Grouped(info.revision()));
}

}  // namespace

ExitCode Who(Session& session, const std::string& name) {
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  if (!client.ok()) return Fail(session, client.status());
  v1::WhoRequest request;
  request.set_name(name);
  auto response = (*client)->Call(&Stub::Who, request);
  if (!response.ok()) return Fail(session, response.status());
  if (session.options.format == Format::kJson || session.options.format == Format::kYaml) {
    std::vector<const google::protobuf::Message*> messages;
    for (const v1::LookupResult& result : response->results()) messages.push_back(&result);
    session.terminal.out << PrintAll(messages, session.options.format, Amount::kList);
    return kDone;
  }
  for (int i = 0; i < response->results_size(); ++i) {
    if (i > 0) session.terminal.out << "\n";
    PrintResult(session.terminal.out, response->results(i), session.clock.Now());
  }
  return kDone;
}

ExitCode Status(Session& session) {
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  if (!client.ok()) return Fail(session, client.status());
  absl::StatusOr<v1::ServerInfo> info = ServerInfo(**client);
  if (!info.ok()) return Fail(session, info.status());
  const KindAccess* clusters = FindKind("clusters");
  absl::StatusOr<std::vector<v1::Resource>> resources = clusters->list(**client, {});
  if (!resources.ok()) return Fail(session, resources.status());
  v1::ListChangesRequest request;
  request.set_state(v1::Change::STATE_WAITING);
  absl::StatusOr<std::vector<v1::Change>> waiting = ListAllChanges(**client, request);
  if (!waiting.ok()) return Fail(session, waiting.status());
  request.set_needs_me(true);
  absl::StatusOr<std::vector<v1::Change>> mine = ListAllChanges(**client, request);
  if (!mine.ok()) return Fail(session, mine.status());
  if (session.options.format == Format::kJson || session.options.format == Format::kYaml) {
    std::vector<const google::protobuf::Message*> messages = {&*info};
    for (const v1::Resource& resource : *resources) messages.push_back(&resource.cluster());
    for (const v1::Change& change : *waiting) messages.push_back(&change);
    session.terminal.out << PrintAll(messages, session.options.format, Amount::kList);
    return kDone;
  }
  std::ostream& out = session.terminal.out;
  out << (resources->empty()
              ? "no clusters\n"
              : clusters->table(*resources, session.clock.Now()).Render(session.terminal.color));
  out << "\n"
      << Counted(static_cast<int64_t>(waiting->size()), "change")
      << (waiting->size() == 1 ? " waits" : " wait") << " for approval"
      << (mine->empty() ? ", none for yours\n" : fmt::format(", {} for yours: sluice inbox\n", mine->size()));
  PrintCaller(out, *info);
  return kDone;
}

ExitCode Version(Session& session, bool client_only) {
  const bool words = session.options.format != Format::kJson && session.options.format != Format::kYaml;
  if (words || client_only) session.terminal.out << "sluice " << SLUICE_VERSION << "\n";
  if (client_only) return kDone;
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  if (!client.ok()) return Fail(session, client.status());
  absl::StatusOr<v1::ServerInfo> info = ServerInfo(**client);
  if (!info.ok()) return Fail(session, info.status());
  if (words) {
    session.terminal.out << "control plane " << info->version() << ", revision " << info->revision() << "\n";
  } else {
    session.terminal.out << PrintAll({&*info}, session.options.format, Amount::kOne);
  }
  return kDone;
}

}  // namespace sluice::cli
