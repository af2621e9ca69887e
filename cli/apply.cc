// apply, diff, delete, recreate: manifests and words into proposals.
#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <set>
#include <tuple>

#include "cli/commands.h"
#include "cli/kinds.h"
#include "cli/manifests.h"
#include "cli/plan.h"
#include "cli/schema_change.h"
#include "cli/wait.h"
#include "sluice/v1/change.grpc.pb.h"

namespace sluice::cli {
namespace {

namespace v1 = sluice::v1;
using Stub = v1::ChangeService::Stub;

constexpr size_t kMaxEdits = 5000;              // of one request
constexpr size_t kMaxRequestBytes = 15u << 20;  // under the server's 16 MiB

enum class Ask { kStore, kPreview };

v1::ProposeChangeRequest RequestFor(const ApplyOptions& options, Ask ask) {
  v1::ProposeChangeRequest request;
  request.set_validate_only(ask == Ask::kPreview);
  request.set_together(options.together);
  request.set_justification(options.justification);
  request.set_change(options.change);
  if (ask == Ask::kStore) request.set_request_id(NewRequestId());
  return request;
}

// The edits in as few requests as their limits allow.
std::vector<v1::ProposeChangeRequest> Requests(const std::vector<v1::Edit>& edits,
                                               const ApplyOptions& options, Ask ask) {
  std::vector<v1::ProposeChangeRequest> requests;
  size_t bytes = 0;
  for (const v1::Edit& edit : edits) {
    size_t size = edit.ByteSizeLong() + 16;
    bool full = requests.empty() || static_cast<size_t>(requests.back().edits_size()) == kMaxEdits ||
                bytes + size > kMaxRequestBytes;
    if (full) {
      requests.push_back(RequestFor(options, ask));
      bytes = 0;
    }
    *requests.back().add_edits() = edit;
    bytes += size;
  }
  return requests;
}

// Every finding of a refusal; asks again where the refusal was cut to fit.
std::vector<v1::Finding> AllFindings(Client& client, v1::ProposeChangeRequest request,
                                     const absl::Status& refusal) {
  v1::FindingList list = FindingsOf(refusal);
  if (list.total() > list.findings_size()) {
    request.set_validate_only(true);
    request.clear_request_id();
    auto preview = client.Call(&Stub::ProposeChange, request);
    if (preview.ok() && preview->findings_size() > list.findings_size())
      *list.mutable_findings() = preview->findings();
  }
  return {list.findings().begin(), list.findings().end()};
}

bool HasErrors(const std::vector<v1::Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const v1::Finding& finding) { return finding.severity() == v1::SEVERITY_ERROR; });
}

// Errors first, then in the order in which people wrote what they are about.
void PrintFindings(Session& session, std::vector<v1::Finding> findings,
                   const std::vector<manifest::Document>& documents) {
  auto place = [&documents](const v1::Finding& finding) {
    manifest::Location at = PlaceOf(finding, documents);
    return std::tuple(finding.severity(), finding.edit(), at.line, at.column);
  };
  std::stable_sort(findings.begin(), findings.end(),
                   [&place](const v1::Finding& a, const v1::Finding& b) { return place(a) < place(b); });
  std::set<std::string> seen;  // a request of several changes may say one thing several times
  for (const v1::Finding& finding : findings) {
    std::string line = FindingLine(finding, documents);
    if (seen.insert(line).second) session.terminal.err << line << "\n";
  }
}

ExitCode Refused(Session& session, size_t problems) {
  session.terminal.err << "error: " << Counted(static_cast<int64_t>(problems), "problem")
                       << "; nothing was changed\n";
  return kInvalid;
}

// Manifests with problems: what the server has to say about the rest belongs to the answer too.
ExitCode ReportProblems(Session& session, const ApplyOptions& options, const manifest::Parsed& parsed,
                        v1::Edit::Action action) {
  for (const manifest::Problem& problem : parsed.problems)
    session.terminal.err << manifest::Format(problem) << "\n";
  size_t count = parsed.problems.size();
  if (parsed.documents.empty()) return Refused(session, count);
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  absl::Status asked = client.status();
  for (const v1::ProposeChangeRequest& request :
       Requests(EditsOf(parsed.documents, action), options, Ask::kPreview)) {
    if (!asked.ok()) break;
    auto preview = (*client)->Call(&Stub::ProposeChange, request);
    std::vector<v1::Finding> findings;
    if (preview.ok()) {
      findings.assign(preview->findings().begin(), preview->findings().end());
    } else if (absl::IsInvalidArgument(preview.status())) {
      findings = AllFindings(**client, request, preview.status());
    } else {
      asked = preview.status();
    }
    findings = Relevant(findings, parsed);
    PrintFindings(session, findings, parsed.documents);
    count += static_cast<size_t>(std::count_if(findings.begin(), findings.end(), [](const v1::Finding& f) {
      return f.severity() == v1::SEVERITY_ERROR;
    }));
  }
  if (!asked.ok())
    session.terminal.err << "note: the rest was not checked: " << std::string(asked.message()) << "\n";
  return Refused(session, count);
}

struct Proposal {
  std::vector<manifest::Document>
      documents;  // of the edits, in their order; empty: the edits come from arguments
  std::vector<v1::Edit> edits;
  std::vector<v1::Recreation> recreations;  // instead of edits
};

// What the changes of an answer warn of.
void AddWarnings(const v1::ProposeChangeResponse& answer, std::vector<v1::Finding>& findings) {
  for (const v1::Change& change : answer.changes())
    findings.insert(findings.end(), change.findings().begin(), change.findings().end());
}

// Sends the proposal; fills `answer`. kDone: it was taken.
ExitCode Send(Session& session, const ApplyOptions& options, const Proposal& proposal, Ask ask,
              Client& client, v1::ProposeChangeResponse& answer) {
  std::vector<v1::ProposeChangeRequest> requests = Requests(proposal.edits, options, ask);
  if (!proposal.recreations.empty()) {
    requests = {RequestFor(options, ask)};
    requests[0].mutable_recreations()->Add(proposal.recreations.begin(), proposal.recreations.end());
  }
  if (requests.size() > 1 && (options.together || !options.change.empty())) {
    return WrongUsage(
        session, fmt::format("one change holds at most {} edits and 16 MiB (got {} edits); apply fewer files",
                             kMaxEdits, proposal.edits.size()));
  }
  size_t first = 0;  // of this request's edits among all
  for (const v1::ProposeChangeRequest& request : requests) {
    auto response = client.Call(&Stub::ProposeChange, request);
    std::vector<v1::Finding> findings;
    if (response.ok()) findings.assign(response->findings().begin(), response->findings().end());
    if (response.ok() && !proposal.recreations.empty()) AddWarnings(*response, findings);
    if (absl::IsInvalidArgument(response.status()))
      findings = AllFindings(client, request, response.status());
    for (v1::Finding& finding : findings) finding.set_edit(finding.edit() + static_cast<int32_t>(first));
    PrintFindings(session, findings, proposal.documents);
    if (HasErrors(findings)) {
      return Refused(session, static_cast<size_t>(std::count_if(
                                  findings.begin(), findings.end(),
                                  [](const v1::Finding& f) { return f.severity() == v1::SEVERITY_ERROR; })));
    }
    if (!response.ok()) return Fail(session, response.status());
    answer.MergeFrom(*response);
    first += static_cast<size_t>(request.edits_size());
  }
  return kDone;
}

// `38 unchanged · C-40 released · C-41 waits`.
std::string Outcome(const v1::ProposeChangeResponse& answer, bool preview) {
  std::vector<std::string> parts;
  if (answer.unchanged_size() > 0) parts.push_back(Grouped(answer.unchanged_size()) + " unchanged");
  if (preview && answer.changes_size() > 0)
    parts.push_back("would make " + Counted(answer.changes_size(), "change"));
  for (const v1::Change& change : answer.changes()) {
    if (preview) break;
    bool waits = change.state() == v1::Change::STATE_WAITING;
    parts.push_back(change.name() + " " + (waits ? "waits" : ChangeStateWord(change.state())));
  }
  return parts.empty() ? "nothing to do" : fmt::format("{}", fmt::join(parts, " · "));
}

void PrintAnswer(Session& session, const v1::ProposeChangeResponse& answer, Detail detail, bool preview) {
  Terminal& terminal = session.terminal;
  if (session.options.format == Format::kName) {
    for (const v1::Change& change : answer.changes()) terminal.out << change.name() << "\n";
    return;
  }
  if (session.options.format != Format::kTable) {
    bool json = session.options.format == Format::kJson;
    terminal.out << (json ? manifest::PrintJson(answer, manifest::Fields::kAll) + "\n"
                          : manifest::PrintYaml(answer, manifest::Fields::kAll));
    return;
  }
  PlanView view{
      .now = session.clock.Now(), .color = terminal.color, .detail = detail, .caller_is_author = !preview};
  std::string waiting;
  for (const v1::Change& change : answer.changes()) {
    terminal.out << RenderChange(change, view);
    if (waiting.empty() && change.state() == v1::Change::STATE_WAITING) waiting = change.name();
  }
  terminal.out << Outcome(answer, preview) << "\n";
  if (!waiting.empty()) {
    terminal.out << Padded("Next: sluice wait " + waiting, 32) << "an approver runs: sluice approve "
                 << waiting << "\n";
  }
}

ExitCode WaitForAll(Session& session, Client& client, const ApplyOptions& options,
                    const v1::ProposeChangeResponse& answer) {
  ExitCode worst = kDone;
  for (const v1::Change& change : answer.changes()) {
    bool waits = change.state() == v1::Change::STATE_WAITING;
    if (waits && options.pending_ok) continue;
    if (options.wait == WaitFor::kNothing) {
      if (waits) worst = kWaiting;
      continue;
    }
    ExitCode code = WaitForChange(session, client, change.name(), options.wait);
    if (worst == kDone) worst = code;
  }
  return worst;
}

ExitCode Propose(Session& session, const ApplyOptions& options, const Proposal& proposal, Detail detail) {
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  if (!client.ok()) return Fail(session, client.status());
  v1::ProposeChangeResponse answer;
  Ask ask = options.validate_only ? Ask::kPreview : Ask::kStore;
  ExitCode code = Send(session, options, proposal, ask, **client, answer);
  if (code != kDone) return code;
  PrintAnswer(session, answer, detail, options.validate_only);
  if (options.validate_only) return kDone;
  return WaitForAll(session, **client, options, answer);
}

// What the changes of `answer` do to schemas; the gravest decides.
ExitCode PrintSchemaChanges(Session& session, const v1::ProposeChangeResponse& answer) {
  std::vector<const google::protobuf::Message*> messages;
  ExitCode code = kDone;
  std::string text;
  for (const v1::Change& change : answer.changes()) {
    for (const v1::SchemaChange& schema : change.schema_changes()) {
      messages.push_back(&schema);
      text += RenderSchemaChange(schema, Detail::kSteps, session.terminal.color);
      if (schema.class_() == v1::CHANGE_CLASS_BREAKING) code = kFailed;
      if (schema.class_() == v1::CHANGE_CLASS_COORDINATED && code == kDone) code = kHasChanges;
    }
  }
  if (session.options.format == Format::kTable) {
    session.terminal.out << (text.empty() ? "no schema of a released version changes\n" : text);
  } else if (session.options.format == Format::kName) {
    for (const v1::Change& change : answer.changes()) {
      for (const v1::SchemaChange& schema : change.schema_changes())
        session.terminal.out << schema.resource() << " v" << schema.major() << "\n";
    }
  } else {
    session.terminal.out << PrintAll(messages, session.options.format, Amount::kList);
  }
  return code;
}

// Manifests as a proposal; kDone: they are without problems.
ExitCode Load(Session& session, const ApplyOptions& options, v1::Edit::Action action, Proposal& proposal) {
  manifest::Parsed parsed = LoadManifests(options.paths, session.terminal.in);
  if (!parsed.problems.empty()) return ReportProblems(session, options, parsed, action);
  proposal.edits = EditsOf(parsed.documents, action);
  proposal.documents = std::move(parsed.documents);
  return kDone;
}

}  // namespace

ExitCode Apply(Session& session, const ApplyOptions& options) {
  Proposal proposal;
  ExitCode code = Load(session, options, v1::Edit::ACTION_PUT, proposal);
  return code == kDone ? Propose(session, options, proposal, Detail::kCounts) : code;
}

ExitCode DiffManifests(Session& session, const ApplyOptions& options) {
  Proposal proposal;
  ExitCode code = Load(session, options, v1::Edit::ACTION_PUT, proposal);
  if (code != kDone) return code;
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  if (!client.ok()) return Fail(session, client.status());
  v1::ProposeChangeResponse answer;
  code = Send(session, options, proposal, Ask::kPreview, **client, answer);
  if (code != kDone) return code;
  PrintAnswer(session, answer, Detail::kSteps, true);
  return answer.changes().empty() ? kDone : kHasChanges;
}

ExitCode CheckManifestSchemas(Session& session, const ApplyOptions& options) {
  ApplyOptions asked = options;
  asked.justification = "a preview";  // a breaking change asks for one; nothing is stored
  Proposal proposal;
  ExitCode code = Load(session, asked, v1::Edit::ACTION_PUT, proposal);
  if (code != kDone) return code;
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  if (!client.ok()) return Fail(session, client.status());
  v1::ProposeChangeResponse answer;
  code = Send(session, asked, proposal, Ask::kPreview, **client, answer);
  return code == kDone ? PrintSchemaChanges(session, answer) : code;
}

ExitCode Delete(Session& session, const DeleteOptions& options) {
  if (options.apply.paths.empty() == options.kind.empty()) {
    return WrongUsage(session, "say what to delete: either KIND NAME…, or -f FILE");
  }
  Proposal proposal;
  if (!options.kind.empty()) {
    const KindAccess* kind = FindKind(options.kind);
    if (kind == nullptr) return WrongUsage(session, UnknownKind(options.kind));
    if (options.names.empty())
      return WrongUsage(session, fmt::format("say the name of the {} to delete", kind->name));
    for (const std::string& name : options.names) {
      v1::Edit& edit = proposal.edits.emplace_back();
      edit.set_action(v1::Edit::ACTION_DELETE);
      *edit.mutable_resource() = kind->named(name);
    }
  } else if (ExitCode code = Load(session, options.apply, v1::Edit::ACTION_DELETE, proposal); code != kDone) {
    return code;
  }
  return Propose(session, options.apply, proposal, Detail::kCounts);
}

ExitCode Recreate(Session& session, const RecreateOptions& options) {
  if (options.topics.size() > 1 && !options.accept.empty()) {
    return WrongUsage(session, fmt::format("--accept names the one topic that stands in the place of one (got {} topics)",
                                           options.topics.size()));
  }
  Proposal proposal;
  for (const std::string& topic : options.topics) {
    v1::Recreation& recreation = proposal.recreations.emplace_back();
    recreation.set_cluster(options.cluster);
    recreation.set_topic(topic);
    recreation.set_accept_topic_id(options.accept);
  }
  return Propose(session, options.apply, proposal, Detail::kSteps);
}

}  // namespace sluice::cli
