#include "common/core/assess.h"

#include <algorithm>

#include "common/core/names.h"
#include "common/core/text.h"
#include "common/core/verdict.h"

namespace sluice::core {
namespace {

constexpr std::string_view kApp = "app:";

void AddUnique(const std::string& item, std::vector<std::string>& items) {
  if (std::find(items.begin(), items.end(), item) == items.end()) items.push_back(item);
}

std::string_view AppOf(std::string_view owner) {
  return owner.substr(0, kApp.size()) == kApp ? owner.substr(kApp.size()) : std::string_view();
}

}  // namespace

std::vector<std::string> ExpandOwners(const std::vector<std::string>& owners, const Catalog& catalog) {
  std::vector<std::string> expanded;
  for (const std::string& owner : owners) {
    if (AppOf(owner).empty()) {
      AddUnique(owner, expanded);
    } else if (const Application* application = catalog.applications.Find(AppOf(owner))) {
      // Applications are owned by groups and users, so this goes one step deep.
      for (const std::string& module_owner : application->owners) {
        if (AppOf(module_owner).empty()) AddUnique(module_owner, expanded);
      }
    }
  }
  return expanded;
}

bool IsOneOf(const Person& person, const std::vector<std::string>& owners, const Catalog& catalog) {
  const std::vector<std::string> expanded = ExpandOwners(owners, catalog);
  const auto names = [&](std::string_view type, std::string_view name) {
    return !name.empty() &&
           std::find(expanded.begin(), expanded.end(), Cat(type, ":", name)) != expanded.end();
  };
  return names("user", person.subject) ||
         std::any_of(person.groups.begin(), person.groups.end(),
                     [&](const std::string& group) { return names("group", group); });
}

Verdict::Verdict(const Catalog& before, const Catalog& after, const std::vector<Edit>& edits,
                 const std::vector<Person>& authors, const Policy& policy)
    : before_(before),
      after_(after),
      authors_(authors),
      roles_(policy.roles),
      schema_work_(before, edits, policy.memo) {
  for (size_t i = 0; i < edits.size(); ++i) edited_.emplace(ResourceName(edits[i].definition), i);
}

void Verdict::Warn(Finding warning) {
  warning.severity = Severity::kWarning;
  if (const auto at = edited_.find(warning.resource); at != edited_.end()) warning.edit = at->second;
  assessment_.warnings.push_back(std::move(warning));
}

void Verdict::Raise(ChangeClass change_class, std::string reason) {
  assessment_.change_class = std::max(assessment_.change_class, change_class);
  if (reasons_.insert(reason).second) assessment_.reasons.push_back(std::move(reason));
}

void Verdict::Approval(Ask ask) {
  Requirement requirement{std::move(ask.rule), std::move(ask.role), Expand(ask.owners), std::move(ask.reason),
                          std::move(ask.resource)};
  if (requirement.any_of.empty()) {
    requirement.reason +=
        "; but the configuration of the server or the definition names nobody who could agree";
  }
  // One yes of the same people in the same role covers all that it is asked for.
  if (asked_.emplace(requirement.role, requirement.any_of).second) {
    assessment_.required.push_back(std::move(requirement));
  }
}

void Verdict::OwnApply(Ask ask) {
  const std::vector<std::string> people = Expand(ask.owners);
  const bool own = std::any_of(authors_.begin(), authors_.end(),
                               [&](const Person& author) { return IsOneOf(author, people, before_); });
  if (!own) Approval(std::move(ask));
}

const std::vector<std::string>& Verdict::Holders(Role role) const {
  static const std::vector<std::string> kNobody;
  const auto at = roles_.find(role);
  return at == roles_.end() ? kNobody : at->second;
}

std::vector<std::string> Verdict::OwnersOf(const DataProduct& product) const {
  const DataProduct* existing = before_.products.Find(product.name);
  return existing == nullptr ? product.owners : existing->owners;
}

std::vector<std::string> Verdict::OwnersOfApplication(const std::string& application) const {
  return Expand({Cat(kApp, application)});
}

std::vector<std::string> Verdict::OwnersOfDomain(const std::string& domain) const {
  const Domain* found = before_.domains.Find(domain);
  if (found == nullptr) found = after_.domains.Find(domain);
  return found == nullptr ? std::vector<std::string>() : found->owners;
}

std::vector<std::string> Verdict::Expand(const std::vector<std::string>& owners) const {
  std::vector<std::string> expanded;
  for (const std::string& owner : owners) {
    const bool is_new = !AppOf(owner).empty() && before_.applications.Find(AppOf(owner)) == nullptr;
    for (const std::string& person : ExpandOwners({owner}, is_new ? after_ : before_))
      AddUnique(person, expanded);
  }
  return expanded;
}

namespace {

void AddEnvironments(const Customer& customer, std::set<std::string>& environments) {
  for (const Presence& presence : customer.presence) {
    if (presence.state != Life::kRetired)
      environments.insert(presence.environments.begin(), presence.environments.end());
  }
}

}  // namespace

const std::set<std::string>& Verdict::EnvironmentsOfAll(When when) const {
  const auto [at, is_new] = everybody_.try_emplace(when);
  if (is_new) {
    for (const auto& entry : (when == When::kBefore ? before_ : after_).customers.entries()) {
      AddEnvironments(*entry.value, at->second);
    }
  }
  return at->second;
}

bool Verdict::IsSelfService(When when, const DataProduct& product) const {
  const Catalog& catalog = when == When::kBefore ? before_ : after_;
  std::set<std::string> environments;
  if (product.customers.all) environments = EnvironmentsOfAll(when);
  for (const std::string& name : product.customers.names) {
    if (const Customer* customer = catalog.customers.Find(name)) AddEnvironments(*customer, environments);
  }
  return !environments.empty() &&
         std::all_of(environments.begin(), environments.end(), [&](const std::string& name) {
           const Environment* environment = catalog.environments.Find(name);
           return environment != nullptr && environment->self_service;
         });
}

Assessment Verdict::Finish() {
  assessment_.affected.assign(affected_.begin(), affected_.end());
  return std::move(assessment_);
}

Assessment Assess(const Catalog& before, const Catalog& after, const std::vector<Edit>& edits,
                  const std::vector<Person>& authors, const Policy& policy) {
  Verdict verdict(before, after, edits, authors, policy);
  for (const Edit& edit : edits) {
    std::visit(
        [&](const auto& value) {
          using T = std::decay_t<decltype(value)>;
          const T* old = before.Of<T>().Find(value.name);
          const T* now = edit.action == EditAction::kPut ? &value : nullptr;
          if (old != nullptr || now != nullptr) AssessEdit(old, now, verdict);
        },
        edit.definition);
  }
  return verdict.Finish();
}

}  // namespace sluice::core
