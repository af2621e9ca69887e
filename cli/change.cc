// approve, reject, withdraw, wait, inbox: what people say about changes.
#include <absl/strings/ascii.h>
#include <fmt/format.h>

#include <istream>
#include <ostream>

#include "cli/changes.h"
#include "cli/commands.h"
#include "cli/plan.h"
#include "cli/wait.h"
#include "common/manifest/manifest.h"
#include "sluice/v1/change.grpc.pb.h"

namespace sluice::cli {
namespace {

namespace v1 = sluice::v1;
using Stub = v1::ChangeService::Stub;

bool IsDigest(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

absl::StatusOr<v1::Change> Fetch(Client& client, const std::string& name) {
  v1::GetChangeRequest request;
  request.set_name(name);
  return client.Call(&Stub::GetChange, request);
}

bool AskYes(Session& session, const std::string& question) {
  session.terminal.out << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(session.terminal.in, answer);
  answer = absl::AsciiStrToLower(std::string(absl::StripAsciiWhitespace(answer)));
  return answer == "y" || answer == "yes";
}

// In one line, with the class where people must prepare.
std::string WhatOf(const v1::Change& change) {
  const bool grave =
      change.class_() == v1::CHANGE_CLASS_COORDINATED || change.class_() == v1::CHANGE_CLASS_BREAKING;
  const std::string what = Shortened(change.summary(), 60);
  return grave ? fmt::format("{} ({})", what, ClassWord(change.class_())) : what;
}

// What is there to say after somebody's word on a change.
ExitCode PrintStanding(Session& session, const v1::Change& change, const char* verb) {
  if (session.options.format == Format::kJson) {
    session.terminal.out << manifest::PrintJson(change, manifest::Fields::kAll) << "\n";
    return kDone;
  }
  std::string open = change.state() == v1::Change::STATE_WAITING ? OpenNeeds(change) : "";
  session.terminal.out << change.name() << " " << verb;
  if (change.state() == v1::Change::STATE_RELEASED) session.terminal.out << ", released";
  if (!open.empty()) session.terminal.out << "; still needs " << open;
  session.terminal.out << "\n";
  return kDone;
}

}  // namespace

ExitCode Approve(Session& session, const ChangeOptions& options) {
  bool scripted = !options.digest.empty();
  if (scripted && !IsDigest(options.digest)) {
    return WrongUsage(session, "--digest takes all 64 hexadecimal digits; sluice get change " +
                                   options.change + " -o json shows it");
  }
  if (!scripted && !session.terminal.in_is_terminal) {
    return WrongUsage(session,
                      "this is no terminal to ask on; say --digest with the digest of what you read");
  }
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  if (!client.ok()) return Fail(session, client.status());
  v1::ApproveChangeRequest request;
  request.set_name(options.change);
  request.set_comment(options.text);
  request.set_digest(options.digest);
  request.set_request_id(NewRequestId());
  if (!scripted) {
    absl::StatusOr<v1::Change> change = Fetch(**client, options.change);
    if (!change.ok()) return Fail(session, change.status());
    session.terminal.out << DescribeChange(*change, session);
    std::string as = change->caller_may_approve_as().empty() ? "" : " as " + change->caller_may_approve_as();
    if (!AskYes(session, fmt::format("Approve {}{}?", change->name(), as))) {
      session.terminal.out << "not approved\n";
      return kFailed;
    }
    request.set_digest(change->digest());
  }
  auto approved = (*client)->Call(&Stub::ApproveChange, request);
  if (!approved.ok()) return Fail(session, approved.status());
  return PrintStanding(session, *approved, "approved");
}

ExitCode Reject(Session& session, const ChangeOptions& options) {
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  if (!client.ok()) return Fail(session, client.status());
  v1::RejectChangeRequest request;
  request.set_name(options.change);
  request.set_reason(options.text);
  request.set_request_id(NewRequestId());
  auto change = (*client)->Call(&Stub::RejectChange, request);
  return change.ok() ? PrintStanding(session, *change, "rejected") : Fail(session, change.status());
}

ExitCode Withdraw(Session& session, const ChangeOptions& options) {
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  if (!client.ok()) return Fail(session, client.status());
  v1::WithdrawChangeRequest request;
  request.set_name(options.change);
  request.set_reason(options.text);
  request.set_request_id(NewRequestId());
  auto change = (*client)->Call(&Stub::WithdrawChange, request);
  return change.ok() ? PrintStanding(session, *change, "withdrawn") : Fail(session, change.status());
}

ExitCode Wait(Session& session, const ChangeOptions& options) {
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  if (!client.ok()) return Fail(session, client.status());
  return WaitForChange(session, **client, options.change, options.wait);
}

ExitCode Inbox(Session& session) {
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  if (!client.ok()) return Fail(session, client.status());
  v1::ListChangesRequest request;
  request.set_needs_me(true);
  request.set_state(v1::Change::STATE_WAITING);
  absl::StatusOr<std::vector<v1::Change>> changes = ListAllChanges(**client, request);
  if (!changes.ok()) return Fail(session, changes.status());
  if (PrintChangesAsData(session, *changes, Amount::kList)) return kDone;
  Table table({"NEEDS YOU", "AS", "WHAT", "SINCE"});
  for (const v1::Change& change : *changes) {
    table.Add({change.name(), change.caller_may_approve_as(), WhatOf(change),
               AgeText(session.clock.Now(), change.update_time())});
  }
  session.terminal.out << (table.empty() ? "nothing waits for you\n" : table.Render(session.terminal.color));
  return kDone;
}

}  // namespace sluice::cli
