#include "controlplane/services/changes/record.h"

#include <fmt/format.h>

#include <cstdlib>

#include "controlplane/rpc/json.h"
#include "controlplane/services/changes/draft.h"
#include "controlplane/services/changes/recreate.h"

namespace sluice::controlplane {
namespace {

// An entry that names thousands of resources would be of no use to anybody; the change has them all.
constexpr size_t kMaxAuditedResources = 100;

std::string Details(const StoredChange& change) {
  const sluice::internal::v1::ChangeRecord& record = change.record;
  const Json requirements(json_array());
  for (const sluice::v1::Requirement& requirement : record.requirements()) {
    json_t* any_of = json_array();
    for (const std::string& one : requirement.any_of())
      json_array_append_new(any_of, json_string(one.c_str()));
    json_array_append_new(requirements.get(),
                          json_pack("{s:s, s:s, s:o}", "rule", requirement.rule().c_str(), "role",
                                    requirement.role().c_str(), "any_of", any_of));
  }
  const Json reasons(json_array());
  for (const std::string& reason : record.reasons())
    json_array_append_new(reasons.get(), json_string(reason.c_str()));
  const Json details(
      json_pack("{s:s, s:s, s:O, s:O, s:I}", "class", sluice::v1::ChangeClass_Name(record.class_()).c_str(),
                "digest", change.digest.c_str(), "requirements", requirements.get(), "reasons", reasons.get(),
                "release_revision", static_cast<json_int_t>(change.release_revision)));
  const std::unique_ptr<char, decltype(&std::free)> text(
      json_dumps(details.get(), JSON_COMPACT | JSON_SORT_KEYS), &std::free);
  return text == nullptr ? "" : text.get();
}

}  // namespace

absl::Status AuditChange(Transaction& transaction, const std::string& actor, std::string_view action,
                         const StoredChange& change, const std::string& message) {
  absl::StatusOr<sluice::internal::v1::ChangeContent> content = ParseContent(change);
  if (!content.ok()) return content.status();
  AuditDraft entry{.actor = actor,
                   .action = std::string(action),
                   .resources = {"change/" + ChangeName(change.id)},
                   .change = ChangeName(change.id),
                   .cluster = "",
                   .message = message,
                   .details_json = Details(change)};
  const Draft draft = DraftFrom(*content);
  std::vector<std::string> names = ResourceNames(draft);
  for (std::string& product : ProductsOf(draft)) names.push_back(std::move(product));
  for (std::string& name : names) {
    if (entry.resources.size() > kMaxAuditedResources) break;
    entry.resources.push_back(std::move(name));
  }
  return transaction.Audit(entry);
}

absl::StatusOr<sluice::internal::v1::Actor> ActorOf(Transaction& transaction, const Caller& caller) {
  absl::StatusOr<std::string> id = transaction.ActorId(caller.issuer, caller.subject, caller.display_name);
  if (!id.ok()) return id.status();
  sluice::internal::v1::Actor actor;
  actor.set_id(*id);
  actor.set_subject(caller.subject);
  for (const std::string& group : caller.groups) actor.add_groups(group);
  return actor;
}

absl::Status CheckWaiting(const StoredChange& change) {
  if (change.state == sluice::v1::Change::STATE_WAITING) return absl::OkStatus();
  std::string state = sluice::v1::Change::State_Name(change.state);
  state = state.substr(state.find('_') + 1);
  const std::string& reason = change.record.closing_reason();
  return absl::FailedPreconditionError(fmt::format("{} no longer waits: it is {}{}{}", ChangeName(change.id),
                                                   state, reason.empty() ? "" : "; ", reason));
}

absl::StatusOr<StoredChange> LoadChange(Transaction& transaction, int64_t id) {
  absl::StatusOr<StoredChange> change = transaction.GetChange(id);
  if (absl::IsNotFound(change.status())) {
    return absl::NotFoundError(fmt::format("there is no change {}", ChangeName(id)));
  }
  return change;
}

}  // namespace sluice::controlplane
