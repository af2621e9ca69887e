#include "cli/verify/audit_check.h"

#include <fmt/format.h>

#include "cli/plan.h"
#include "common/core/catalog.h"
#include "common/wire/wire.h"

namespace sluice::cli::verify {
namespace {

namespace v1 = sluice::v1;

constexpr char kRestore[] =
    "somebody changed the store by hand, or it is broken: sluice-controlplane check, then restore a backup";

std::string ResourceName(const v1::Resource& resource) {
  return core::ResourceName(wire::KindOf(resource), wire::NameOf(resource));
}

std::string Content(v1::Resource resource) {
  wire::StripOutput(resource);
  return wire::Serialize(resource);
}

const v1::Edit* EditOf(const v1::Change& change, const std::string& resource) {
  for (const v1::Edit& edit : change.edits()) {
    if (ResourceName(edit.resource()) == resource) return &edit;
  }
  return nullptr;
}

}  // namespace

void AuditSteps::Count(const std::string& action) {
  if (action == "change.proposed") ++proposed;
  if (action == "change.edited") ++edited;
  if (action == "change.approved") ++approved;
  if (action == "change.released") ++released;
  if (action == "change.rejected") ++rejected;
  if (action == "change.withdrawn") ++withdrawn;
  if (action == "change.stale") ++stale;
}

std::string FaultOf(const v1::Change& change, const AuditSteps& steps) {
  std::string faults;
  const auto expect = [&](const char* action, int count, bool wanted) {
    if (count != (wanted ? 1 : 0)) faults += fmt::format("; {} entries change.{}", count, action);
  };
  const v1::Change::State state = change.state();
  expect("proposed", steps.proposed, true);
  expect("released", steps.released, state == v1::Change::STATE_RELEASED);
  expect("rejected", steps.rejected, state == v1::Change::STATE_REJECTED);
  expect("withdrawn", steps.withdrawn, state == v1::Change::STATE_WITHDRAWN);
  expect("stale", steps.stale, state == v1::Change::STATE_STALE);
  const int approvals = change.approvals_size();
  if (steps.approved < approvals || (steps.edited == 0 && steps.approved != approvals))
    faults += fmt::format("; {} entries change.approved for {} approvals", steps.approved, approvals);
  if ((state == v1::Change::STATE_RELEASED) != (change.release_revision() > 0))
    faults += fmt::format("; released at revision {}", change.release_revision());
  if (faults.empty()) return "";
  return fmt::format("it is {}, but has{}", ChangeStateWord(state), faults.substr(1));
}

void AuditTally::Take(const v1::AuditEntry& entry, Findings& findings) {
  ++entries_;
  if (last_seq_ != 0 && entry.seq() != last_seq_ - 1) {
    findings.Wrong({"audit-gap", "", fmt::format("audit entry {}", last_seq_ - 1),
                    fmt::format("entry {} is followed by {}: entries are missing or out of order",
                                entry.seq(), last_seq_),
                    kRestore});
  }
  last_seq_ = entry.seq();
  if (entry.change().empty() || entry.action().rfind("change.", 0) != 0) return;
  changes_[entry.change()].Count(entry.action());
  if (entry.action() != "change.released") return;
  for (const std::string& resource : entry.resources()) {
    if (resource.rfind("change/", 0) != 0)
      last_release_.emplace(resource, entry.change());  // the latest comes first
  }
}

void AuditTally::Finish(Findings& findings) const {
  if (last_seq_ <= 1) return;
  findings.Wrong({"audit-gap", "", "audit entry 1",
                  fmt::format("the log begins with entry {}: the first ones are missing", last_seq_),
                  kRestore});
}

std::string DefinitionFault(const v1::Resource& definition, const v1::Change& change) {
  if (change.state() != v1::Change::STATE_RELEASED)
    return fmt::format("{} is said to have released it, and is {}", change.name(),
                       ChangeStateWord(change.state()));
  const v1::Edit* edit = EditOf(change, ResourceName(definition));
  if (edit == nullptr)
    return fmt::format("{} is said to have released it, and does not edit it", change.name());
  if (edit->action() == v1::Edit::ACTION_DELETE)
    return fmt::format("{} is said to have released it, and deletes it", change.name());
  if (Content(edit->resource()) != Content(definition))
    return fmt::format("its content is not what {} released", change.name());
  return "";
}

bool Deletes(const v1::Change& change, const std::string& resource) {
  const v1::Edit* edit = EditOf(change, resource);
  return edit != nullptr && edit->action() == v1::Edit::ACTION_DELETE;
}

}  // namespace sluice::cli::verify
