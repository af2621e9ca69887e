#include "cli/verify/records.h"

#include <fmt/format.h>

#include <set>

#include "cli/changes.h"
#include "cli/kinds.h"
#include "cli/verify/audit_check.h"
#include "common/core/catalog.h"
#include "common/wire/wire.h"
#include "sluice/v1/audit.grpc.pb.h"
#include "sluice/v1/change.grpc.pb.h"

namespace sluice::cli::verify {
namespace {

namespace v1 = sluice::v1;

constexpr int kPage = 1000;
constexpr char kCheckStore[] =
    "somebody changed the store by hand, or it is broken: sluice-controlplane check, then restore a backup";
constexpr char kLost[] = "the store is older than what was acknowledged: restore a later backup";

class Records {
 public:
  Records(Client& client, Findings& findings) : client_(client), findings_(findings) {}

  absl::StatusOr<RecordCounts> Check(const std::vector<std::string>& acknowledged) {
    absl::StatusOr<std::vector<v1::Change>> changes = ListAllChanges(client_, {});
    if (!changes.ok()) return changes.status();
    if (absl::Status status = ReadLog({}, tally_); !status.ok()) return status;
    tally_.Finish(findings_);
    if (absl::Status status = CheckChanges(*changes); !status.ok()) return status;
    if (absl::Status status = CheckAcknowledged(*changes, acknowledged); !status.ok()) return status;
    if (absl::Status status = CheckDefinitions(); !status.ok()) return status;
    return RecordCounts{static_cast<int64_t>(changes->size()), tally_.entries(), definitions_};
  }

 private:
  absl::Status ReadLog(const v1::AuditFilter& filter, AuditTally& tally) {
    v1::ListAuditEntriesRequest request;
    *request.mutable_filter() = filter;
    request.set_page_size(kPage);
    while (true) {
      auto page = client_.Call(&v1::AuditService::Stub::ListAuditEntries, request);
      if (!page.ok()) return page.status();
      for (const v1::AuditEntry& entry : page->entries()) tally.Take(entry, findings_);
      if (page->next_page_token().empty()) return absl::OkStatus();
      request.set_page_token(page->next_page_token());
    }
  }

  absl::StatusOr<v1::Change> Get(const std::string& name) {
    v1::GetChangeRequest request;
    request.set_name(name);
    return client_.Call(&v1::ChangeService::Stub::GetChange, request);
  }

  // The entries of one change as they are now.
  absl::StatusOr<AuditSteps> StepsOf(const std::string& name) {
    v1::ListAuditEntriesRequest request;
    request.mutable_filter()->set_change(name);
    request.mutable_filter()->set_action("change.");
    request.set_page_size(kPage);
    AuditSteps steps;
    while (true) {
      auto page = client_.Call(&v1::AuditService::Stub::ListAuditEntries, request);
      if (!page.ok()) return page.status();
      for (const v1::AuditEntry& entry : page->entries()) steps.Count(entry.action());
      if (page->next_page_token().empty()) return steps;
      request.set_page_token(page->next_page_token());
    }
  }

  absl::Status CheckChanges(const std::vector<v1::Change>& changes) {
    std::set<std::string> known;
    std::map<int64_t, std::string> revisions;
    for (const v1::Change& change : changes) {
      known.insert(change.name());
      if (change.release_revision() > 0) {
        const auto [other, first] = revisions.emplace(change.release_revision(), change.name());
        if (!first)
          findings_.Wrong({"change-audit", "", "change " + change.name(),
                           fmt::format("it was released at revision {}, as {} was", change.release_revision(),
                                       other->second),
                           kCheckStore});
      }
      const auto steps = tally_.changes().find(change.name());
      if (FaultOf(change, steps == tally_.changes().end() ? AuditSteps() : steps->second).empty()) continue;
      if (absl::Status status = CheckAgain(change.name()); !status.ok()) return status;
    }
    for (const auto& [name, steps] : tally_.changes()) {
      if (known.contains(name)) continue;
      if (absl::Status status = CheckAgain(name); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status CheckAgain(const std::string& name) {
    for (int look = 0;; ++look) {
      absl::StatusOr<v1::Change> change = Get(name);
      if (absl::IsNotFound(change.status())) {
        findings_.Wrong({"change-lost", "", "change " + name,
                         "the audit log tells of it, and there is no such change", kCheckStore});
        return absl::OkStatus();
      }
      if (!change.ok()) return change.status();
      absl::StatusOr<AuditSteps> steps = StepsOf(name);
      if (!steps.ok()) return steps.status();
      const std::string fault = FaultOf(*change, *steps);
      if (fault.empty()) return absl::OkStatus();
      if (look == 0) continue;  // somebody may have said something between the two reads
      findings_.Wrong({"change-audit", "", "change " + name, fault, kCheckStore});
      return absl::OkStatus();
    }
  }

  absl::Status CheckAcknowledged(const std::vector<v1::Change>& changes,
                                 const std::vector<std::string>& acknowledged) {
    std::set<std::string> known;
    for (const v1::Change& change : changes) known.insert(change.name());
    for (const std::string& name : acknowledged) {
      if (known.contains(name)) continue;
      absl::StatusOr<v1::Change> change = Get(name);
      if (change.ok()) continue;
      if (!absl::IsNotFound(change.status()) && !absl::IsInvalidArgument(change.status()))
        return change.status();
      findings_.Wrong({"change-lost", "", "change " + name,
                       "somebody was told of it, and there is no such change", kLost});
    }
    return absl::OkStatus();
  }

  absl::Status CheckDefinitions() {
    std::set<std::string> present;
    std::map<std::string, std::vector<v1::Resource>> by_change;
    for (const KindAccess& kind : Kinds()) {
      absl::StatusOr<std::vector<v1::Resource>> resources = kind.list(client_, {});
      if (!resources.ok()) return resources.status();
      for (v1::Resource& resource : *resources) {
        ++definitions_;
        present.insert(core::ResourceName(wire::KindOf(resource), wire::NameOf(resource)));
        const std::string change = wire::MutableMeta(resource)->change();
        by_change[change].push_back(std::move(resource));
      }
    }
    for (auto& [name, resources] : by_change) {
      if (absl::Status status = CheckReleasedBy(name, resources); !status.ok()) return status;
    }
    for (const auto& [resource, change] : tally_.last_release()) {
      if (present.contains(resource)) continue;
      if (absl::Status status = CheckDeleted(resource, change); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status CheckReleasedBy(const std::string& name, std::vector<v1::Resource>& resources) {
    absl::StatusOr<v1::Change> change = Get(name);
    if (!change.ok() && !absl::IsNotFound(change.status()) && !absl::IsInvalidArgument(change.status()))
      return change.status();
    for (v1::Resource& resource : resources) {
      const std::string id = core::ResourceName(wire::KindOf(resource), wire::NameOf(resource));
      std::string fault =
          change.ok() ? DefinitionFault(resource, *change)
                      : fmt::format("'{}' is said to have released it, and there is no such change", name);
      const auto last = tally_.last_release().find(id);
      const int64_t revision = wire::MutableMeta(resource)->revision();
      if (fault.empty() && last != tally_.last_release().end() && last->second != name &&
          IsLater(last->second, *change))
        fault = fmt::format("it is as {} released it at revision {}, and {} released it later", name,
                            revision, last->second);
      if (!fault.empty()) findings_.Wrong({"definition-differs", "", id, std::move(fault), kCheckStore});
    }
    return absl::OkStatus();
  }

  bool IsLater(const std::string& name, const v1::Change& than) {
    absl::StatusOr<v1::Change> change = Get(name);
    return change.ok() && change->release_revision() > than.release_revision();
  }

  // A resource that was released and is not there: the last change of it must have deleted it.
  absl::Status CheckDeleted(const std::string& resource, const std::string& name) {
    absl::StatusOr<v1::Change> change = Get(name);
    if (absl::IsNotFound(change.status())) return absl::OkStatus();  // told already
    if (!change.ok()) return change.status();
    if (!Deletes(*change, resource))
      findings_.Wrong({"definition-differs", "", resource,
                       fmt::format("{} released it, no later change deleted it, and it is not there", name),
                       kCheckStore});
    return absl::OkStatus();
  }

  Client& client_;
  Findings& findings_;
  AuditTally tally_;
  int64_t definitions_ = 0;
};

}  // namespace

absl::StatusOr<RecordCounts> CheckRecords(Client& client, const std::vector<std::string>& acknowledged,
                                          Findings& findings) {
  return Records(client, findings).Check(acknowledged);
}

}  // namespace sluice::cli::verify
