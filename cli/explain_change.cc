// explain change: what a change does, why it has its class, who must agree and did, whom it affects, what
// keeps it back, how far it is, what to do next.
#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "cli/changes.h"
#include "cli/commands.h"
#include "cli/plan.h"
#include "cli/schema_change.h"
#include "cli/wait.h"
#include "sluice/internal/v1/verify.pb.h"
#include "sluice/v1/change.grpc.pb.h"

namespace sluice::cli {
namespace {

namespace v1 = sluice::v1;
using sluice::internal::v1::ChangeExplanation;

constexpr int kMaxSteps = 20;  // blocked ones, told one by one

bool Waits(const v1::Change& change) { return change.state() == v1::Change::STATE_WAITING; }
bool IsReleased(const v1::Change& change) { return change.state() == v1::Change::STATE_RELEASED; }

// The verdict, whom it hurts and why, and what registries will refuse.
void AddSchema(const v1::SchemaChange& schema, ChangeExplanation& to) {
  to.add_does(fmt::format("schema of version {}: {}", schema.major(), SchemaVerdictLine(schema)));
  int told = 0;
  for (const v1::SchemaImpact& impact : schema.impacts()) {
    if (impact.effect() == v1::SchemaImpact::EFFECT_NONE || ++told > kMaxSteps) continue;
    const std::string proof = impact.witness().empty() ? "" : "; proof: " + Shortened(impact.witness(), 200);
    to.add_does(fmt::format("{}: {}{}", impact.application(), impact.reason(), proof));
  }
  for (const v1::RegistryPrediction& prediction : schema.predictions()) {
    if (prediction.answer() != v1::SCHEMA_ANSWER_INCOMPATIBLE) continue;
    to.add_does(fmt::format("registry {} will refuse it at {}: {}; ways out: {}", prediction.registry(),
                            prediction.level(), prediction.reason(), Joined(prediction.ways_out(), "; or ")));
  }
}

void AddDoes(const v1::Change& change, ChangeExplanation& to) {
  for (const std::string& line : EditLines(change)) to.add_does(line);
  for (const v1::ClusterPlan& plan : change.plans())
    to.add_does(fmt::format("{}: {}", plan.cluster(), PlanCounts(plan)));
  for (const v1::SchemaChange& schema : change.schema_changes()) AddSchema(schema, to);
}

void AddNeeds(const v1::Change& change, ChangeExplanation& to) {
  for (const v1::Requirement& requirement : change.requirements()) {
    auto& need = *to.add_needs();
    need.set_role(requirement.role());
    *need.mutable_any_of() = requirement.any_of();
    need.set_reason(requirement.reason());
    need.set_rule(requirement.rule());
    need.set_resource(requirement.resource());
    need.set_given_by(requirement.approved_by());
  }
}

void AddBlocked(const v1::Change& change, ChangeExplanation& to) {
  if (Waits(change) && !OpenNeeds(change).empty()) to.add_blocked("it waits for " + OpenNeeds(change));
  if (!change.closing_reason().empty())
    to.add_blocked(fmt::format("it is {}: {}", ChangeStateWord(change.state()), change.closing_reason()));
  for (const v1::Finding& finding : change.findings()) {
    if (finding.severity() != v1::SEVERITY_ERROR) continue;
    to.add_blocked(fmt::format("{} {}: {}; {}", finding.resource(), finding.field(), finding.message(),
                               finding.remedy()));
  }
  for (const v1::ClusterPlan& plan : change.plans()) {
    int blocked = 0;
    for (const v1::PlanStep& step : plan.steps()) {
      if (step.action() != v1::STEP_ACTION_BLOCKED || ++blocked > kMaxSteps) continue;
      to.add_blocked(
          fmt::format("{}: {} {}: {}", plan.cluster(), step.resource_type(), step.resource(), step.reason()));
    }
    if (blocked > kMaxSteps) to.add_blocked(fmt::format("{}: {} more", plan.cluster(), blocked - kMaxSteps));
  }
  for (const v1::ChangeProgress& progress : change.progress()) {
    if (progress.state() == v1::SYNC_STATE_IN_SYNC || progress.attention().empty()) continue;
    to.add_blocked(fmt::format("{}: {}", progress.cluster(), progress.attention()));
  }
}

void AddProgress(const v1::Change& change, ChangeExplanation& to) {
  for (const v1::ChangeProgress& from : change.progress()) {
    auto& progress = *to.add_progress();
    progress.set_cluster(from.cluster());
    progress.set_slices(from.slices());
    progress.set_applied(from.applied());
    progress.set_state(StateWord(from.state()));
    progress.set_attention(from.attention());
  }
}

void AddNextOfReleased(const v1::Change& change, ChangeExplanation& to) {
  bool pending = false, troubled = false;
  for (const v1::ChangeProgress& progress : change.progress()) {
    pending |= progress.applied() < progress.slices();
    troubled |= progress.state() > v1::SYNC_STATE_PENDING;
  }
  if (troubled) {
    to.add_next(
        "sluice describe product NAME shows every condition; docs/runbook.md says what to do about each");
  } else if (pending) {
    to.add_next(fmt::format("sluice wait {} waits until its clusters have it", change.name()));
  } else {
    to.add_next("nothing: it is in force and applied everywhere");
  }
}

void AddNext(const v1::Change& change, ChangeExplanation& to) {
  if (IsReleased(change)) return AddNextOfReleased(change, to);
  if (!Waits(change)) {
    to.add_next("nothing; who still wants it proposes it again: sluice apply -f FILE");
    return;
  }
  const bool broken =
      std::any_of(change.findings().begin(), change.findings().end(),
                  [](const v1::Finding& finding) { return finding.severity() == v1::SEVERITY_ERROR; });
  if (broken) {
    to.add_next(fmt::format("its author mends it: sluice apply -f FILE --change {}", change.name()));
    return;
  }
  if (!change.caller_may_approve_as().empty()) {
    to.add_next(fmt::format("you may approve it as {}: sluice approve {}", change.caller_may_approve_as(),
                            change.name()));
  }
  if (!OpenNeeds(change).empty())
    to.add_next(fmt::format("ask {}; they find it in their sluice inbox", OpenNeeds(change)));
}

ChangeExplanation Explain(const v1::Change& change) {
  ChangeExplanation explanation;
  explanation.set_change(change.name());
  explanation.set_state(ChangeStateWord(change.state()));
  explanation.set_justification(change.justification());
  explanation.set_class_(ClassWord(change.class_()));
  *explanation.mutable_reasons() = change.reasons();
  *explanation.mutable_affects() = change.affected();
  AddDoes(change, explanation);
  AddNeeds(change, explanation);
  AddBlocked(change, explanation);
  AddProgress(change, explanation);
  AddNext(change, explanation);
  return explanation;
}

// Lines under a heading; `otherwise` when there are none.
template <typename Lines>
void PrintPart(std::ostream& out, const char* heading, const Lines& lines, const char* otherwise) {
  out << heading << "\n";
  for (const std::string& line : lines) out << "  " << line << "\n";
  if (lines.empty() && *otherwise != '\0') out << "  " << otherwise << "\n";
}

std::string NeedLine(const sluice::internal::v1::ExplainedNeed& need) {
  const std::string who = need.any_of().empty() ? "" : " (" + Joined(need.any_of(), " or ") + ")";
  const std::string standing = need.given_by().empty() ? "open" : "agreed: " + need.given_by();
  return fmt::format("{}{}: {} [rule {}]. {}", need.role(), who, need.reason(), need.rule(), standing);
}

void Print(Session& session, const v1::Change& change, const ChangeExplanation& explanation) {
  std::ostream& out = session.terminal.out;
  out << fmt::format("{}  {}  {}, by {}, {}\n", change.name(), change.summary(), explanation.state(),
                     change.author(), AgoText(session.clock.Now(), change.create_time()));
  if (!explanation.justification().empty()) out << fmt::format("  why: {}\n", explanation.justification());
  PrintPart(out, "what it does", explanation.does(), "nothing");
  PrintPart(out, ("class " + explanation.class_()).c_str(), explanation.reasons(), "");
  std::vector<std::string> lines;
  for (const auto& need : explanation.needs()) lines.push_back(NeedLine(need));
  PrintPart(out, "who must agree", lines, "nobody but its author");
  PrintPart(out, "whom it affects", explanation.affects(), "nobody else");
  PrintPart(out, "what keeps it back", explanation.blocked(), "nothing");
  lines.clear();
  for (const auto& progress : explanation.progress()) {
    lines.push_back(fmt::format("{}: {} of {} applied, {}", progress.cluster(), progress.applied(),
                                Counted(progress.slices(), "slice"), progress.state()));
  }
  PrintPart(out, "how far it is", lines, IsReleased(change) ? "it touches no cluster" : "not released");
  PrintPart(out, "what to do next", explanation.next(), "nothing");
}

}  // namespace

ExitCode ExplainChange(Session& session, const ExplainOptions& options) {
  absl::StatusOr<std::shared_ptr<Client>> client = session.connect();
  if (!client.ok()) return Fail(session, client.status());
  v1::GetChangeRequest request;
  request.set_name(options.name);
  auto change = (*client)->Call(&v1::ChangeService::Stub::GetChange, request);
  if (!change.ok()) return Fail(session, change.status());
  const ChangeExplanation explanation = Explain(*change);
  switch (session.options.format) {
    case Format::kTable:
      Print(session, *change, explanation);
      return kDone;
    case Format::kName:
      session.terminal.out << change->name() << "\n";
      return kDone;
    default:
      session.terminal.out << PrintAll({&explanation}, session.options.format, Amount::kOne);
      return kDone;
  }
}

}  // namespace sluice::cli
