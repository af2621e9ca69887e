#include "controlplane/services/changes/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "common/core/validate.h"
#include "common/wire/wire.h"
#include "controlplane/services/changes/recreate.h"
#include "controlplane/services/limits.h"
#include "controlplane/services/page.h"
#include "controlplane/services/read.h"

namespace sluice::controlplane {
namespace {

absl::Status CheckBounds(const sluice::v1::ProposeChangeRequest& request) {
  if (request.edits_size() > 0 && request.recreations_size() > 0) {
    return absl::InvalidArgumentError("a change has edits or recreations, never both; send two requests");
  }
  if (request.edits_size() == 0 && request.recreations_size() == 0)
    return absl::InvalidArgumentError("a change needs at least one edit");
  if (request.recreations_size() > kMaxRecreations) {
    return absl::InvalidArgumentError(fmt::format("a request has at most {} recreations (got {}); send them in parts",
                                                  kMaxRecreations, request.recreations_size()));
  }
  if (request.edits_size() > kMaxEdits) {
    return absl::InvalidArgumentError(fmt::format(
        "a request has at most {} edits (got {}); send them in parts", kMaxEdits, request.edits_size()));
  }
  if (absl::Status status = CheckLength("request_id", request.request_id(), kMaxRequestId); !status.ok())
    return status;
  return CheckLength("justification", request.justification(), kMaxComment);
}

core::Finding EditFinding(size_t position, std::string resource, std::string rule, std::string message,
                          std::string remedy) {
  return {.severity = core::Severity::kError,
          .edit = position,
          .resource = std::move(resource),
          .field = "",
          .rule = std::move(rule),
          .message = std::move(message),
          .remedy = std::move(remedy)};
}

// Of a deletion only kind and name count.
core::Definition OnlyName(const core::Definition& definition) {
  return std::visit(
      [](const auto& value) -> core::Definition {
        std::decay_t<decltype(value)> bare;
        bare.name = value.name;
        return bare;
      },
      definition);
}

void ReadEdit(const sluice::v1::Edit& edit, size_t position, Proposal& proposal) {
  const bool is_delete = edit.action() == sluice::v1::Edit::ACTION_DELETE;
  if (!sluice::v1::Edit::Action_IsValid(edit.action())) {
    proposal.findings.push_back(EditFinding(
        position, "", "unknown-value", fmt::format("action {} is not known", static_cast<int>(edit.action())),
        "use PUT or DELETE"));
  }
  if (!is_delete || edit.resource().definition_case() == sluice::v1::Resource::DEFINITION_NOT_SET) {
    wire::CheckResource(edit.resource(), position, proposal.findings);
  }
  if (edit.resource().definition_case() == sluice::v1::Resource::DEFINITION_NOT_SET) return;
  core::Definition definition = wire::FromProto(edit.resource());
  if (is_delete) definition = OnlyName(definition);
  proposal.edits.push_back({.edit = {.action = is_delete ? core::EditAction::kDelete : core::EditAction::kPut,
                                     .definition = std::move(definition)},
                            .etag = wire::EtagOf(edit.resource()),
                            .position = position});
}

void FindRepetitions(Proposal& proposal) {
  std::set<std::string> seen;
  for (const ProposedEdit& edit : proposal.edits) {
    std::string name = core::ResourceName(edit.edit.definition);
    if (core::NameOf(edit.edit.definition).empty() || seen.insert(name).second) continue;
    proposal.findings.push_back(EditFinding(edit.position, name, "repeated",
                                            fmt::format("{} occurs twice", name), "keep one of them"));
  }
}

// The definition that is there; nullopt: none.
std::optional<core::Definition> Present(const core::Catalog& catalog, const core::Definition& definition) {
  return std::visit(
      [&](const auto& value) -> std::optional<core::Definition> {
        const auto* found = catalog.Of<std::decay_t<decltype(value)>>().Find(value.name);
        if (found == nullptr) return std::nullopt;
        return *found;
      },
      definition);
}

// A version of the composed envelope is kept ever after its first release; only the server sets it.
void PinEnvelopes(const std::optional<core::Definition>& present, core::Definition& definition) {
  auto* product = std::get_if<core::DataProduct>(&definition);
  if (product == nullptr) return;
  const auto* before = present ? std::get_if<core::DataProduct>(&*present) : nullptr;
  for (core::ProductVersion& version : product->versions) {
    if (!version.schema) continue;
    version.schema->envelope = 1;
    if (before == nullptr) continue;
    for (const core::ProductVersion& old_version : before->versions) {
      if (old_version.major == version.major && old_version.schema) {
        version.schema->envelope = old_version.schema->envelope;
      }
    }
  }
}

absl::Status CheckEtag(const core::Catalog& catalog, const ProposedEdit& edit) {
  if (edit.etag.empty()) return absl::OkStatus();
  const int64_t revision = BaseRevision(catalog, edit.edit.definition);
  if (revision != 0 && edit.etag == EtagFor(revision)) return absl::OkStatus();
  return absl::AbortedError(
      fmt::format("{} was changed since it was read (etag '{}', now {}); read it again and redo the edit",
                  core::ResourceName(edit.edit.definition), edit.etag.substr(0, 64),
                  revision == 0 ? std::string("it is not there") : "'" + EtagFor(revision) + "'"));
}

// Findings of Validate, with positions of the request; what CheckResource has said about a field is not said
// twice.
void AddValidation(const core::Catalog& before, const std::vector<core::Edit>& edits,
                   const std::vector<size_t>& positions, std::vector<core::Finding>& findings) {
  std::set<std::pair<size_t, std::string>> said;
  for (const core::Finding& finding : findings) said.insert({finding.edit, finding.field});
  for (core::Finding& finding : core::Validate(before, core::Apply(before, edits, 0), edits)) {
    finding.edit = finding.edit < positions.size() ? positions[finding.edit] : 0;
    if (!said.contains({finding.edit, finding.field})) findings.push_back(std::move(finding));
  }
  std::stable_sort(findings.begin(), findings.end(),  // as the request's edits are
                   [](const core::Finding& a, const core::Finding& b) { return a.edit < b.edit; });
}

std::vector<std::vector<size_t>> GroupsOf(const std::vector<core::Edit>& edits, bool together) {
  if (!together) return core::ConnectedGroups(edits);
  std::vector<size_t> all;
  for (size_t i = 0; i < edits.size(); ++i) all.push_back(i);
  return {std::move(all)};
}

Draft MakeDraft(const core::Catalog& catalog, const std::vector<core::Edit>& edits,
                const std::vector<size_t>& group, const std::string& justification) {
  Draft draft;
  draft.justification = justification;
  for (const size_t index : group) {
    draft.edits.push_back(edits[index]);
    draft.resources.push_back(wire::ToProto(edits[index].definition));
    draft.base_revisions.push_back(BaseRevision(catalog, edits[index].definition));
  }
  return draft;
}

}  // namespace

absl::StatusOr<Proposal> ReadProposal(const sluice::v1::ProposeChangeRequest& request) {
  if (absl::Status status = CheckBounds(request); !status.ok()) return status;
  Proposal proposal;
  proposal.justification = request.justification();
  proposal.together = request.together() || !request.change().empty();  // a change that is edited stays one
  for (int i = 0; i < request.edits_size(); ++i) ReadEdit(request.edits(i), static_cast<size_t>(i), proposal);
  FindRepetitions(proposal);
  return proposal;
}

absl::StatusOr<Review> ReviewProposal(const State& state, const Proposal& proposal) {
  if (!proposal.recreations.empty()) return ReviewRecreations(state, proposal);
  Review review{.revision = state.revision, .findings = proposal.findings, .drafts = {}, .unchanged = {}};
  std::vector<core::Edit> edits;
  std::vector<size_t> positions;
  for (const ProposedEdit& proposed : proposal.edits) {
    core::Edit edit = proposed.edit;
    const std::optional<core::Definition> present = Present(state.catalog, edit.definition);
    PinEnvelopes(present, edit.definition);
    if (edit.action == core::EditAction::kPut && present && *present == edit.definition) {
      review.unchanged.push_back(core::ResourceName(edit.definition));
      continue;
    }
    if (absl::Status status = CheckEtag(state.catalog, proposed); !status.ok()) return status;
    edits.push_back(std::move(edit));
    positions.push_back(proposed.position);
  }
  AddValidation(state.catalog, edits, positions, review.findings);
  if (HasErrors(review.findings)) return review;
  for (const std::vector<size_t>& group : GroupsOf(edits, proposal.together)) {
    if (group.empty()) continue;
    if (group.size() > kMaxEditsOfChange) {
      return absl::InvalidArgumentError(
          fmt::format("a change has at most {} edits (got {} that belong together); split them up",
                      kMaxEditsOfChange, group.size()));
    }
    review.drafts.push_back(MakeDraft(state.catalog, edits, group, proposal.justification));
  }
  return review;
}

}  // namespace sluice::controlplane
