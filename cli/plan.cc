#include "cli/plan.h"

#include <absl/strings/ascii.h>
#include <fmt/format.h>

#include <algorithm>

#include "cli/schema_change.h"
#include "common/manifest/manifest.h"

namespace sluice::cli {
namespace {

namespace v1 = sluice::v1;

constexpr size_t kClassColumn = 73;
constexpr std::chrono::minutes kOldObservation{5};

void AddBudget(const char* what, const v1::Budget& budget, std::vector<std::string>& notes) {
  bool near = budget.after() * 2 >= budget.limit();  // below half of it nobody needs to know
  if (budget.limit() == 0 || budget.before() == budget.after() || !near) return;
  notes.push_back(fmt::format("{} {} → {} of {}", what, Grouped(budget.before()), Grouped(budget.after()),
                              Grouped(budget.limit())));
}

std::string Notes(const v1::ClusterPlan& plan, Time now) {
  std::vector<std::string> notes;
  AddBudget("partitions", plan.partitions(), notes);
  AddBudget("ACLs", plan.acls(), notes);
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  if (plan.last_seen().seconds() == 0) {
    notes.push_back("its agent was never seen");
  } else if (std::chrono::seconds(seconds - plan.last_seen().seconds()) > kOldObservation) {
    notes.push_back(fmt::format("last seen {}: an old observation", AgoText(now, plan.last_seen())));
  }
  return fmt::format("{}", fmt::join(notes, " · "));
}

std::string StepLine(const v1::PlanStep& step, bool color) {
  std::string text = fmt::format("{} {}", step.resource_type(), step.resource());
  const std::string& before = step.before();
  const std::string& after = step.after();
  if (step.resource_type() == "acl") {
    // The line of an ACL says everything.
  } else if (!before.empty() && !after.empty()) {
    text += fmt::format("  {} → {}", Shortened(before, 60), Shortened(after, 60));
  } else if (!after.empty() && after != step.resource()) {
    text += "  " + Shortened(after, 240);
  } else if (!before.empty() && before != step.resource()) {
    text += "  was " + Shortened(before, 240);
  }
  switch (step.action()) {
    case v1::STEP_ACTION_CREATE:
      return Paint("+ " + text, Style::kGood, color);
    case v1::STEP_ACTION_UPDATE:
      return Paint("~ " + text, Style::kWarn, color);
    case v1::STEP_ACTION_DELETE:
      return Paint("- " + text, Style::kBad, color);
    default:
      return Paint(fmt::format("! {}: {}", text, step.reason()), Style::kBad, color);
  }
}

std::string AnyOf(const v1::Requirement& requirement) {
  std::string text = Joined(requirement.any_of(), " or ");
  return text.empty() ? requirement.role() : text;
}

// Requirements of one rule in one line, in the order of the rules.
void AddNeeds(const v1::Change& change, Table& table) {
  std::vector<std::string> rules;
  for (const v1::Requirement& requirement : change.requirements()) {
    if (std::find(rules.begin(), rules.end(), requirement.rule()) == rules.end())
      rules.push_back(requirement.rule());
  }
  for (size_t i = 0; i < rules.size(); ++i) {
    std::vector<std::string> needs;
    for (const v1::Requirement& requirement : change.requirements()) {
      if (requirement.rule() != rules[i]) continue;
      std::string need = AnyOf(requirement);
      if (!requirement.approved_by().empty()) need += fmt::format(" ({} agreed)", requirement.approved_by());
      if (std::find(needs.begin(), needs.end(), need) == needs.end()) needs.push_back(std::move(need));
    }
    table.Add({i == 0 ? "  needs" : "", fmt::format("{}", fmt::join(needs, " and ")),
               Cell("rule " + rules[i], Style::kFaint)});
  }
}

}  // namespace

std::string PlanCounts(const v1::ClusterPlan& plan) {
  std::vector<std::string> counts;
  if (plan.topics() > 0) counts.push_back(Counted(plan.topics(), "topic"));
  if (plan.configs() > 0) counts.push_back(Counted(plan.configs(), "config"));
  if (plan.subjects() > 0) counts.push_back(Counted(plan.subjects(), "subject"));
  if (plan.acls_added() > 0) counts.push_back(Counted(plan.acls_added(), "ACL"));
  if (plan.acls_removed() > 0) counts.push_back("−" + Counted(plan.acls_removed(), "ACL"));
  if (counts.empty() && plan.step_count() > 0) counts.push_back(Counted(plan.step_count(), "step"));
  return counts.empty() ? "nothing changes" : fmt::format("{}", fmt::join(counts, "   "));
}

std::string ClassWord(v1::ChangeClass change_class) {
  return manifest::EnumWord(v1::ChangeClass_descriptor(), change_class);
}

std::string ChangeStateWord(v1::Change::State state) {
  std::string word = absl::AsciiStrToLower(manifest::EnumWord(v1::Change::State_descriptor(), state));
  return word.empty() ? "preview" : word;
}

std::string OpenNeeds(const v1::Change& change) {
  std::vector<std::string> open;
  for (const v1::Requirement& requirement : change.requirements()) {
    if (!requirement.approved_by().empty()) continue;
    std::string need = AnyOf(requirement);
    if (std::find(open.begin(), open.end(), need) == open.end()) open.push_back(std::move(need));
  }
  return fmt::format("{}", fmt::join(open, " and "));
}

std::string RenderChange(const v1::Change& change, const PlanView& view) {
  std::string header = change.name().empty() ? change.summary() : change.name() + "  " + change.summary();
  std::string out = Padded(std::move(header), kClassColumn) + "  " + ClassWord(change.class_()) + "\n";
  Table table({});
  for (const v1::ClusterPlan& plan : change.plans()) {
    std::string notes = Notes(plan, view.now);
    table.Add({"  " + plan.cluster(), PlanCounts(plan), Cell(notes, Style::kFaint)});
  }
  AddNeeds(change, table);
  if (view.caller_is_author && !OpenNeeds(change).empty()) table.Add({"", "not you: you are the author"});
  out += table.Render(view.color);
  for (const v1::SchemaChange& schema : change.schema_changes())
    out += RenderSchemaChange(schema, view.detail, view.color);
  for (const v1::ClusterPlan& plan : change.plans()) {
    if (view.detail == Detail::kCounts || plan.steps().empty()) continue;
    out += "  " + plan.cluster() + "\n";
    for (const v1::PlanStep& step : plan.steps()) out += "    " + StepLine(step, view.color) + "\n";
    int more = plan.step_count() - plan.steps_size();
    if (more > 0) out += fmt::format("    … and {} more\n", Grouped(more));
  }
  return out;
}

}  // namespace sluice::cli
