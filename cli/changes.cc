#include "cli/changes.h"

#include <absl/strings/ascii.h>
#include <fmt/format.h>

#include <ostream>

#include "cli/commands.h"
#include "cli/plan.h"
#include "common/core/text.h"
#include "common/manifest/manifest.h"
#include "sluice/v1/change.grpc.pb.h"

namespace sluice::cli {
namespace {

namespace v1 = sluice::v1;
using Stub = v1::ChangeService::Stub;

constexpr int kPage = 1000;

void AddLine(const char* label, const std::string& text, std::string& out) {
  if (!text.empty()) out += fmt::format("  {:<14}{}\n", label, text);
}

absl::StatusOr<std::vector<v1::Change>> FetchAll(Session& session, const std::vector<std::string>& names) {
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  if (!client.ok()) return client.status();
  std::vector<v1::Change> changes;
  for (const std::string& name : names) {
    v1::GetChangeRequest request;
    request.set_name(name);
    auto change = (*client)->Call(&Stub::GetChange, request);
    if (!change.ok()) return change.status();
    changes.push_back(*std::move(change));
  }
  return changes;
}

absl::StatusOr<v1::Change::State> StateOf(const std::string& word) {
  const auto* type = v1::Change::State_descriptor();
  if (word.empty()) return v1::Change::STATE_UNSPECIFIED;
  const auto* value = type->FindValueByName("STATE_" + absl::AsciiStrToUpper(word));
  if (value != nullptr && value->number() != 0) return static_cast<v1::Change::State>(value->number());
  return absl::InvalidArgumentError(fmt::format(
      "unknown state {}; say waiting, released, rejected, withdrawn or stale", core::Quote(word)));
}

absl::StatusOr<std::vector<v1::Change>> ListWanted(Session& session, const GetOptions& options) {
  absl::StatusOr<v1::Change::State> state = StateOf(options.state);
  if (!state.ok()) return state.status();
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  if (!client.ok()) return client.status();
  v1::ListChangesRequest request;
  request.set_state(*state);
  request.set_mine(options.mine);
  return ListAllChanges(**client, request);
}

}  // namespace

absl::StatusOr<std::vector<v1::Change>> ListAllChanges(Client& client, v1::ListChangesRequest request) {
  std::vector<v1::Change> changes;
  request.set_page_size(kPage);
  while (true) {
    auto page = client.Call(&Stub::ListChanges, request);
    if (!page.ok()) return page.status();
    changes.insert(changes.end(), page->changes().begin(), page->changes().end());
    if (page->next_page_token().empty()) return changes;
    request.set_page_token(page->next_page_token());
  }
}

std::vector<std::string> EditLines(const v1::Change& change) {
  std::vector<std::string> lines;
  for (const v1::Edit& edit : change.edits()) {
    const char* verb = edit.action() == v1::Edit::ACTION_DELETE ? "delete"
                       : edit.base_revision() == 0              ? "create"
                                                                : "change";
    const auto* field = edit.resource().GetReflection()->GetOneofFieldDescriptor(
        edit.resource(), v1::Resource::descriptor()->oneof_decl(0));
    if (field == nullptr) continue;
    const auto& body = edit.resource().GetReflection()->GetMessage(edit.resource(), field);
    std::string name = body.GetReflection()->GetString(body, body.GetDescriptor()->FindFieldByName("name"));
    lines.push_back(fmt::format("{} {} {}", verb, field->message_type()->name(), name));
  }
  for (const v1::Recreation& lost : change.recreations()) {
    const std::string& accepted = lost.accept_topic_id();
    lines.push_back(fmt::format("{} topic {} on {}, lost is {}{}", accepted.empty() ? "recreate" : "accept",
                                lost.topic(), lost.cluster(), lost.lost_topic_id(),
                                accepted.empty() ? "" : ", in its place " + accepted));
  }
  return lines;
}

bool PrintChangesAsData(Session& session, const std::vector<v1::Change>& changes, Amount amount) {
  if (session.options.format == Format::kTable) return false;
  if (session.options.format == Format::kName) {
    for (const v1::Change& change : changes) session.terminal.out << change.name() << "\n";
    return true;
  }
  std::vector<const google::protobuf::Message*> messages;
  for (const v1::Change& change : changes) messages.push_back(&change);
  session.terminal.out << PrintAll(messages, session.options.format, amount);
  return true;
}

std::string DescribeChange(const v1::Change& change, const Session& session) {
  Time now = session.clock.Now();
  PlanView view{
      .now = now, .color = session.terminal.color, .detail = Detail::kSteps, .caller_is_author = false};
  std::string out = RenderChange(change, view);
  AddLine("state", ChangeStateWord(change.state()), out);
  AddLine("author", fmt::format("{}, {}", change.author(), AgoText(now, change.create_time())), out);
  AddLine("why", change.justification(), out);
  for (const std::string& reason : change.reasons()) AddLine("class", reason, out);
  for (const v1::Requirement& requirement : change.requirements()) {
    std::string by = requirement.approved_by().empty() ? "open" : "given by " + requirement.approved_by();
    AddLine("approval", fmt::format("{}: {} ({})", requirement.role(), requirement.reason(), by), out);
  }
  for (const v1::Approval& approval : change.approvals()) {
    std::string comment = approval.comment().empty() ? "" : ": " + approval.comment();
    AddLine("agreed", fmt::format("{}, {}{}", approval.actor(), AgoText(now, approval.time()), comment), out);
  }
  if (change.affected_size() > 0) AddLine("affected", Joined(change.affected()), out);
  for (const v1::Finding& finding : change.findings()) {
    AddLine("warning",
            fmt::format("{} {}: {}; {}", finding.resource(), finding.field(), finding.message(),
                        finding.remedy()),
            out);
  }
  for (const v1::ChangeProgress& progress : change.progress()) {
    AddLine("progress",
            fmt::format("{} {} of {} applied, {} {}", progress.cluster(), progress.applied(),
                        progress.slices(), StateWord(progress.state()), progress.attention()),
            out);
  }
  AddLine("closed", change.closing_reason(), out);
  for (const std::string& line : EditLines(change)) out += "  " + line + "\n";
  AddLine("digest", change.digest(), out);
  return out;
}

ExitCode GetChanges(Session& session, const GetOptions& options) {
  absl::StatusOr<std::vector<v1::Change>> changes =
      options.names.empty() ? ListWanted(session, options) : FetchAll(session, options.names);
  if (!changes.ok()) return Fail(session, changes.status());
  if (PrintChangesAsData(session, *changes, options.names.size() == 1 ? Amount::kOne : Amount::kList))
    return kDone;
  Table table({"NAME", "STATE", "CLASS", "AUTHOR", "WHAT", "AGE"});
  for (const v1::Change& change : *changes) {
    Style style = change.state() == v1::Change::STATE_WAITING ? Style::kWarn : Style::kPlain;
    table.Add({change.name(), Cell(ChangeStateWord(change.state()), style), ClassWord(change.class_()),
               change.author(), Shortened(change.summary(), 60),
               AgeText(session.clock.Now(), change.create_time())});
  }
  session.terminal.out << (table.empty() ? "no changes\n" : table.Render(session.terminal.color));
  return kDone;
}

ExitCode DescribeChanges(Session& session, const GetOptions& options) {
  absl::StatusOr<std::vector<v1::Change>> changes = FetchAll(session, options.names);
  if (!changes.ok()) return Fail(session, changes.status());
  if (PrintChangesAsData(session, *changes, options.names.size() == 1 ? Amount::kOne : Amount::kList))
    return kDone;
  for (const v1::Change& change : *changes) session.terminal.out << DescribeChange(change, session);
  return kDone;
}

}  // namespace sluice::cli
