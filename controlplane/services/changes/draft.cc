#include "controlplane/services/changes/draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "common/core/validate.h"
#include "common/wire/wire.h"
#include "controlplane/services/changes/plan.h"
#include "controlplane/services/changes/recreate.h"

namespace sluice::controlplane {
namespace {

constexpr std::string_view kPrefix = "C-";

core::Finding NeedsJustification(const Draft& draft) {
  return {.severity = core::Severity::kError,
          .edit = 0,
          .resource = core::ResourceName(draft.edits.front().definition),
          .field = "",
          .rule = "justification",
          .message = "a breaking change needs a justification",
          .remedy = "say why in 'justification', for approvers and auditors"};
}

Judgement JudgeAfter(const State& state, const core::Catalog& after, const Draft& draft,
                     const std::vector<core::Person>& authors, const core::Policy& policy) {
  Judgement judgement{.revision = state.revision, .findings = {}, .assessment = {}, .plans = {}};
  judgement.findings = core::Validate(state.catalog, after, draft.edits);
  if (HasErrors(judgement.findings)) return judgement;
  judgement.assessment = core::Assess(state.catalog, after, draft.edits, authors, policy);
  if (judgement.assessment.needs_justification && draft.justification.empty()) {
    judgement.findings.push_back(NeedsJustification(draft));
  }
  judgement.findings.insert(judgement.findings.end(), judgement.assessment.warnings.begin(),
                            judgement.assessment.warnings.end());
  return judgement;
}

}  // namespace

bool HasErrors(const std::vector<core::Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const core::Finding& finding) { return finding.severity == core::Severity::kError; });
}

Judgement JudgePeople(const State& state, const Draft& draft, const std::vector<core::Person>& authors,
                      const core::Policy& policy) {
  if (!draft.recreations.empty()) return JudgeRecreations(state, draft, authors, policy.roles);
  return JudgeAfter(state, core::Apply(state.catalog, draft.edits, state.revision + 1), draft, authors,
                    policy);
}

Judgement Judge(const State& state, const Draft& draft, const std::vector<core::Person>& authors,
                const core::Policy& policy) {
  if (!draft.recreations.empty()) return JudgeRecreations(state, draft, authors, policy.roles);
  const core::Catalog after = core::Apply(state.catalog, draft.edits, state.revision + 1);
  Judgement judgement = JudgeAfter(state, after, draft, authors, policy);
  if (HasErrors(judgement.findings)) return judgement;
  judgement.plans = MakePlans(state, after, draft.edits);
  for (core::Finding& finding : ExceededLimits(judgement.plans, draft.edits)) {
    judgement.findings.push_back(std::move(finding));
  }
  return judgement;
}

int64_t BaseRevision(const core::Catalog& catalog, const core::Definition& definition) {
  return std::visit(
      [&](const auto& value) -> int64_t {
        const auto* entry = catalog.Of<std::decay_t<decltype(value)>>().FindEntry(value.name);
        return entry == nullptr ? 0 : entry->revision;
      },
      definition);
}

std::string SerializeContent(const Draft& draft, const std::string& change) {
  sluice::internal::v1::ChangeContent content;
  content.set_name(change);
  content.set_justification(draft.justification);
  for (size_t i = 0; i < draft.edits.size(); ++i) {
    sluice::v1::Edit& edit = *content.add_edits();
    *edit.mutable_resource() = draft.resources[i];
    edit.set_action(draft.edits[i].action == core::EditAction::kDelete ? sluice::v1::Edit::ACTION_DELETE
                                                                       : sluice::v1::Edit::ACTION_PUT);
    edit.set_base_revision(draft.base_revisions[i]);
  }
  content.mutable_recreations()->Add(draft.recreations.begin(), draft.recreations.end());
  return wire::Serialize(content);
}

absl::StatusOr<sluice::internal::v1::ChangeContent> ParseContent(const StoredChange& change) {
  sluice::internal::v1::ChangeContent content;
  if (!content.ParseFromString(change.content)) {
    return absl::DataLossError(fmt::format("the stored content of {} cannot be read", ChangeName(change.id)));
  }
  return content;
}

Draft DraftFrom(const sluice::internal::v1::ChangeContent& content) {
  Draft draft;
  draft.justification = content.justification();
  draft.recreations.assign(content.recreations().begin(), content.recreations().end());
  for (const sluice::v1::Edit& edit : content.edits()) {
    const bool is_delete = edit.action() == sluice::v1::Edit::ACTION_DELETE;
    draft.edits.push_back({.action = is_delete ? core::EditAction::kDelete : core::EditAction::kPut,
                           .definition = wire::FromProto(edit.resource())});
    draft.resources.push_back(edit.resource());
    draft.base_revisions.push_back(edit.base_revision());
  }
  return draft;
}

std::string ChangeName(int64_t id) { return fmt::format("{}{}", kPrefix, id); }

absl::StatusOr<int64_t> ParseChangeName(std::string_view name) {
  int64_t id = 0;
  if (name.substr(0, kPrefix.size()) == kPrefix && name.size() > kPrefix.size()) {
    const char* end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + kPrefix.size(), end, id);
    if (error == std::errc() && stop == end && id > 0) return id;
  }
  return absl::InvalidArgumentError(
      fmt::format("a change is named like C-42 (got '{}')", name.substr(0, 64)));
}

std::vector<std::string> ResourceNames(const Draft& draft) {
  std::vector<std::string> names;
  for (const core::Edit& edit : draft.edits) names.push_back(core::ResourceName(edit.definition));
  for (const sluice::v1::Recreation& recreation : draft.recreations)
    names.push_back(core::RecreationResource(recreation.cluster(), recreation.topic()));
  return names;
}

std::string Summarize(const Draft& draft) {
  if (!draft.recreations.empty()) {
    const sluice::v1::Recreation& first = draft.recreations.front();
    std::string text = fmt::format("{} {} on {}", first.accept_topic_id().empty() ? "recreate" : "accept",
                                   first.topic(), first.cluster());
    if (draft.recreations.size() > 1) text += fmt::format(", and {} more", draft.recreations.size() - 1);
    return text;
  }
  size_t lead = 0;  // the first product, else the first edit
  for (size_t i = 0; i < draft.edits.size(); ++i) {
    if (core::KindOf(draft.edits[i].definition) != core::Kind::kDataProduct) continue;
    lead = i;
    break;
  }
  const core::Definition& definition = draft.edits[lead].definition;
  const char* verb = draft.edits[lead].action == core::EditAction::kDelete ? "deleted"
                     : draft.base_revisions[lead] == 0                     ? "new"
                                                                           : "changed";
  const bool is_product = core::KindOf(definition) == core::Kind::kDataProduct;
  std::string text =
      fmt::format("{} {}", is_product ? core::NameOf(definition) : core::ResourceName(definition), verb);
  if (draft.edits.size() > 1) text += fmt::format(", and {} more", draft.edits.size() - 1);
  return text;
}

core::Person PersonOf(const sluice::internal::v1::Actor& actor) {
  return {.subject = actor.subject(), .groups = {actor.groups().begin(), actor.groups().end()}};
}

}  // namespace sluice::controlplane
