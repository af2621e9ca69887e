// get, describe: what is declared, and how it stands.
#include <fmt/format.h>

#include <ostream>

#include "cli/changes.h"
#include "cli/commands.h"
#include "cli/describe.h"
#include "cli/kinds.h"
#include "sluice/v1/resource.pb.h"

namespace sluice::cli {
namespace {

namespace v1 = sluice::v1;

std::string NameOf(const v1::Resource& resource) {
  const auto* field =
      resource.GetReflection()->GetOneofFieldDescriptor(resource, v1::Resource::descriptor()->oneof_decl(0));
  if (field == nullptr) return "";
  const auto& body = resource.GetReflection()->GetMessage(resource, field);
  return body.GetReflection()->GetString(body, body.GetDescriptor()->FindFieldByName("name"));
}

struct Fetched {
  std::vector<v1::Resource> resources;
  ExitCode code = kDone;  // of what could not be read
};

// Each named one, or all. What cannot be read is said; the others are there all the same.
Fetched Fetch(Session& session, const KindAccess& kind, const GetOptions& options, View view) {
  Fetched fetched;
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  if (!client.ok()) return {.resources = {}, .code = Fail(session, client.status())};
  if (options.names.empty()) {
    auto all = kind.list(**client, {.product = options.product, .application = options.application});
    if (!all.ok()) return {.resources = {}, .code = Fail(session, all.status())};
    fetched.resources = *std::move(all);
    return fetched;
  }
  for (const std::string& name : options.names) {
    auto one = kind.get(**client, name, view);
    if (one.ok()) {
      fetched.resources.push_back(*std::move(one));
      continue;
    }
    fetched.code = Fail(session, one.status());
    if (fetched.code == kUnreachable || fetched.code == kDenied) break;
  }
  return fetched;
}

// False: as a table or in words, which is the caller's.
bool PrintAsData(Session& session, const std::vector<v1::Resource>& resources, Amount amount) {
  if (session.options.format == Format::kTable) return false;
  if (session.options.format == Format::kName) {
    for (const v1::Resource& resource : resources) session.terminal.out << NameOf(resource) << "\n";
    return true;
  }
  std::vector<const google::protobuf::Message*> messages;
  for (const v1::Resource& resource : resources) messages.push_back(&resource);
  session.terminal.out << PrintAll(messages, session.options.format, amount);
  return true;
}

}  // namespace

ExitCode Get(Session& session, const GetOptions& options) {
  if (IsChangeKind(options.kind)) return GetChanges(session, options);
  const KindAccess* kind = FindKind(options.kind);
  if (kind == nullptr) return WrongUsage(session, UnknownKind(options.kind));
  Fetched fetched = Fetch(session, *kind, options, View::kBasic);
  if (fetched.code != kDone && fetched.resources.empty()) return fetched.code;
  if (PrintAsData(session, fetched.resources, options.names.size() == 1 ? Amount::kOne : Amount::kList))
    return fetched.code;
  if (fetched.resources.empty()) {
    session.terminal.out << "no " << kind->plural << "\n";
    return fetched.code;
  }
  session.terminal.out << kind->table(fetched.resources, session.clock.Now()).Render(session.terminal.color);
  return fetched.code;
}

ExitCode Describe(Session& session, const GetOptions& options) {
  if (options.names.empty()) return WrongUsage(session, "say what to describe: sluice describe KIND NAME");
  if (IsChangeKind(options.kind)) return DescribeChanges(session, options);
  const KindAccess* kind = FindKind(options.kind);
  if (kind == nullptr) return WrongUsage(session, UnknownKind(options.kind));
  Fetched fetched = Fetch(session, *kind, options, View::kFull);
  if (fetched.resources.empty()) return fetched.code;
  if (PrintAsData(session, fetched.resources, options.names.size() == 1 ? Amount::kOne : Amount::kList))
    return fetched.code;
  for (const v1::Resource& resource : fetched.resources)
    session.terminal.out << DescribeResource(resource, session);
  return fetched.code;
}

}  // namespace sluice::cli
