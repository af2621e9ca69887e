#include "cli/verify/cluster_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/outcomes.h"
#include "agent/step.h"
#include "cli/output.h"

namespace sluice::cli::verify {
namespace {

namespace v1 = sluice::v1;
using Reports = std::map<std::string, v1::SliceStatus>;

constexpr char kDescribe[] =
    "sluice describe shows the slice's conditions, docs/runbook.md what to do about each";

std::string ReportOf(const Reports& reports, const std::string& slice) {
  const auto found = reports.find(slice);
  return found == reports.end() ? "in sync" : StateWord(found->second.state());
}

void CheckSteps(const ApprovedCluster& approved, const core::Plan& plan, const Reports& reports,
                Findings& findings) {
  for (const core::Step& step : plan.steps) {
    const bool registry = agent::IsForRegistry(step);
    Finding finding{
        registry ? "registry-differs" : "kafka-differs", approved.name, agent::Identity(step),
        fmt::format("{}; its agent reports {} {}", std::string(step.reason), step.slice,
                    ReportOf(reports, step.slice)),
        "see whether the cluster's agent runs and what it reports: sluice describe cluster " + approved.name};
    if (approved.observe_only) {
      finding.check = "observe-only";
      finding.remedy = "the cluster's mode is OBSERVE: nothing is changed there until it is ACTIVE";
      findings.Note(std::move(finding));
    } else {
      findings.Wrong(std::move(finding));
    }
  }
}

// Whether the agent told people about it: as a condition, or by the state of the whole slice.
bool IsReported(const core::Block& block, const Reports& reports) {
  const auto found = reports.find(block.slice);
  if (found == reports.end()) return false;
  return std::any_of(found->second.conditions().begin(), found->second.conditions().end(),
                     [&](const v1::Condition& condition) {
                       return condition.reason() == block.reason || condition.type() == "More";
                     });
}

// Whether it is a topic that was made anew: CheckTopicIds tells of it.
bool IsMadeAnew(const core::Block& block, const agent::Observation& seen) {
  constexpr size_t kWord = sizeof("topic ") - 1;
  return block.reason == "TopicLost" && block.resource.size() > kWord &&
         seen.observed.topics->contains(block.resource.substr(kWord));
}

void CheckBlocks(const ApprovedCluster& approved, const core::Plan& plan, const agent::Observation& seen,
                 const Reports& reports, Findings& findings) {
  for (const core::Block& block : plan.blocked) {
    if (IsMadeAnew(block, seen)) continue;
    const std::string resource = block.resource.empty() ? block.slice : block.resource;
    if (agent::OnlyTells(block)) {
      findings.Note({"told", approved.name, resource, block.message, "nothing, or what the sentence says"});
      continue;
    }
    if (block.reason == "RegistryUnreachable" || block.reason == "KafkaUnreachable")
      continue;  // told as a whole
    const std::string message = fmt::format("{}: {}", block.reason, block.message);
    if (IsReported(block, reports)) {
      findings.Note({"blocked", approved.name, resource, message + "; its agent reports it", kDescribe});
    } else {
      findings.Wrong(
          {"blocked-unreported", approved.name, resource,
           fmt::format("{}; its agent reports {} {}", message, block.slice, ReportOf(reports, block.slice)),
           "see whether the cluster's agent runs: sluice describe cluster " + approved.name});
    }
  }
}

// Names whose loss was accepted and is being made good.
std::set<std::string> GivenUp(const ApprovedCluster& approved) {
  std::set<std::string> names;
  for (const core::Slice& slice : approved.slices) {
    for (const core::Absence& absence : slice.absences) {
      if (const auto* lost = std::get_if<core::LostTopic>(&absence.resource)) names.insert(lost->topic);
    }
  }
  return names;
}

void CheckTopicIds(const ApprovedCluster& approved, const agent::Observation& seen, Findings& findings) {
  const std::set<std::string> given_up = GivenUp(approved);
  std::map<std::string, std::string> names;  // by ID
  for (const auto& [name, owned] : approved.ours.topics) {
    if (!owned.id.empty()) {
      const auto [other, first] = names.emplace(owned.id, name);
      if (!first)
        findings.Wrong({"topic-id-twice", approved.name, "topic " + name,
                        fmt::format("the control plane knows it by ID {}, which is that of topic {}",
                                    owned.id, other->second),
                        "restore the store from a backup: sluice-controlplane restore"});
    }
    const auto found = seen.observed.topics->find(name);
    if (found == seen.observed.topics->end() || given_up.contains(name)) continue;
    if (owned.id.empty()) {
      findings.Wrong(
          {"topic-id-unknown", approved.name, "topic " + name,
           fmt::format("it is there (ID {}), but the control plane only knows that it was to be made",
                       found->second.id),
           "see whether the cluster's agent runs and reports: sluice describe cluster " + approved.name});
    } else if (owned.id != found->second.id) {
      findings.Wrong(
          {"topic-made-twice", approved.name, "topic " + name,
           fmt::format("Kafka's ID of it is {}, ours was {}: it was deleted, and made again by somebody",
                       found->second.id, owned.id),
           fmt::format("find out who; sluice recreate {} --cluster {} --accept {} takes the new one as ours",
                       name, approved.name, found->second.id)});
    }
  }
}

void CheckReadable(const ApprovedCluster& approved, const agent::Observation& seen, Findings& findings) {
  const auto wrong = [&](const char* check, const std::string& resource, const absl::Status& status) {
    findings.Wrong({check, approved.name, resource,
                    fmt::format("could not be looked at: {}", std::string(status.message())),
                    "sluice-agent doctor says what its access lacks"});
  };
  if (!seen.kafka.ok()) return wrong("kafka-unreadable", "Kafka", seen.kafka);
  if (!seen.acls.ok()) wrong("kafka-unreadable", "ACLs", seen.acls);
  if (!seen.registry.ok()) wrong("registry-unreadable", "registry", seen.registry);
  for (const auto& [name, status] : seen.unreadable_topics)
    wrong("kafka-unreadable", "topic " + name, status);
  for (const auto& [name, status] : seen.unreadable_subjects)
    wrong("registry-unreadable", "subject " + name, status);
}

void CheckDigests(const ApprovedCluster& approved, Findings& findings) {
  for (const std::string& key : approved.broken) {
    findings.Wrong(
        {"slice-digest", approved.name, key, "its content is not what was recorded when it was released",
         "sluice-controlplane check says what is wrong with the store (if this sluice is of its version)"});
  }
}

// Whether nothing keeps it from being in sync but access that somebody else opened.
bool IsOnlyExcess(const v1::SliceStatus& slice) {
  bool excess = false;
  for (const v1::Condition& condition : slice.conditions()) {
    if (condition.type() == "ExcessAccess") excess = true;
    if (condition.type() == "InSync") return false;
  }
  return excess && slice.state() == v1::SYNC_STATE_DRIFTED;
}

}  // namespace

void CheckCluster(const ApprovedCluster& approved, const agent::Observation& seen, const Reports& reports,
                  Findings& findings) {
  CheckDigests(approved, findings);
  CheckReadable(approved, seen, findings);
  if (!seen.kafka.ok()) return;
  core::DiffOptions options;
  options.reserved_principals = approved.reserved_principals;
  core::Plan plan = core::Diff(approved.slices, seen.observed, approved.ours, options);
  agent::DropUnreadable(seen, plan);
  std::erase_if(plan.blocked, [](const core::Block& block) { return block.reason == "Unreadable"; });
  CheckSteps(approved, plan, reports, findings);
  CheckBlocks(approved, plan, seen, reports, findings);
  CheckTopicIds(approved, seen, findings);
  for (const core::Foreign& foreign : plan.foreign) {
    if (!foreign.excess) continue;
    findings.Note({"excess-access", approved.name, foreign.resource, foreign.message,
                   "remove that ACL, or declare the access"});
  }
}

void CheckReports(const ApprovedCluster& approved, const Reports& reports, Findings& findings) {
  CheckDigests(approved, findings);
  for (const auto& [key, slice] : reports) {
    std::string why = "its agent reports it " + StateWord(slice.state());
    for (const v1::Condition& condition : slice.conditions()) {
      if (condition.message().empty()) continue;
      why += fmt::format("; {}{}", condition.resource().empty() ? "" : condition.resource() + ": ",
                         condition.message());
      break;
    }
    Finding finding{"not-in-sync", approved.name, key, std::move(why), kDescribe};
    if (IsOnlyExcess(slice)) {
      finding.check = "excess-access";
      finding.remedy = "remove that ACL, or declare the access";
      findings.Note(std::move(finding));
    } else if (slice.state() == v1::SYNC_STATE_BLOCKED || approved.observe_only) {
      findings.Note(std::move(finding));
    } else {
      findings.Wrong(std::move(finding));
    }
  }
}

}  // namespace sluice::cli::verify
