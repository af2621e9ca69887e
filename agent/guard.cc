#include "agent/guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "agent/step.h"
#include "common/core/names.h"

namespace sluice::agent {
namespace {

using core::Acl;
using core::Step;
using core::StepKind;

constexpr std::string_view kSubjectSuffix = "-value";
constexpr std::string_view kUserPrefix = "User:";

// Why a topic (or the topic of a subject) may not be touched; nullopt: it may.
std::optional<std::string> RefuseName(const GuardRules& rules, std::string_view name,
                                      std::string_view topic) {
  for (const std::string& prefix : rules.denied_prefixes) {
    if (name.substr(0, prefix.size()) == prefix)
      return fmt::format("the guard file denies names that begin with '{}'", prefix);
  }
  if (rules.allowed_domains.empty() && rules.allowed_customers.empty()) return std::nullopt;
  const auto parts = core::ParseTopicName(topic);
  if (!parts) return fmt::format("the guard file allows parsed names only ('{}' is none)", name);
  if (!rules.allowed_domains.empty() && rules.allowed_domains.count(std::string(parts->domain)) == 0) {
    return fmt::format("the guard file does not allow the domain '{}'", parts->domain);
  }
  if (!rules.allowed_customers.empty() && rules.allowed_customers.count(std::string(parts->customer)) == 0) {
    return fmt::format("the guard file does not allow the customer '{}'", parts->customer);
  }
  return std::nullopt;
}

// Why a grant may not be made by anybody's word; nullopt: it may.
std::optional<std::string> RefuseGrant(const GuardRules& rules, const Acl& acl) {
  if (acl.permission != core::Permission::kAllow || acl.host != "*")
    return "only ALLOW from any host is granted";
  if (acl.operation != core::Operation::kRead && acl.operation != core::Operation::kWrite &&
      acl.operation != core::Operation::kDescribe) {
    return fmt::format("{} is never granted", core::Name(acl.operation));
  }
  if (acl.resource_type == core::ResourceType::kCluster) return "nothing is granted on the cluster";
  if (acl.resource.empty() || acl.resource.find('*') != std::string::npos) return "nothing is granted on '*'";
  if (acl.pattern_type == core::PatternType::kPrefixed &&
      (acl.resource_type == core::ResourceType::kTopic || acl.resource.back() != '.')) {
    return "prefixes are granted for groups and transactional ids only, ending in '.'";
  }
  if (acl.principal.substr(0, kUserPrefix.size()) != kUserPrefix ||
      !core::IsKafkaUser(acl.principal.substr(kUserPrefix.size()))) {
    return fmt::format("'{}' is not the principal of one application", acl.principal);
  }
  if (rules.forbidden_principals.count(acl.principal.substr(kUserPrefix.size())) > 0) {
    return fmt::format("the guard file forbids grants to {}", acl.principal);
  }
  return std::nullopt;
}

std::optional<std::string> Refuse(const GuardRules& rules, const Step& step) {
  if (step.kind == StepKind::kCreateAcl) {
    if (auto why = RefuseGrant(rules, step.acl)) return why;
  }
  if (IsForRegistry(step)) {
    const std::string_view name = step.subject.name;
    const bool value = name.size() > kSubjectSuffix.size() &&
                       name.substr(name.size() - kSubjectSuffix.size()) == kSubjectSuffix;
    return RefuseName(rules, name, value ? name.substr(0, name.size() - kSubjectSuffix.size()) : name);
  }
  const std::string_view topic = TopicOf(step);
  if (topic.empty()) return std::nullopt;
  return RefuseName(rules, topic, topic);
}

}  // namespace

GuardRules FromProto(const sluice::internal::v1::Guard& guard) {
  GuardRules rules;
  rules.allowed_domains.insert(guard.allowed_domains().begin(), guard.allowed_domains().end());
  rules.allowed_customers.insert(guard.allowed_customers().begin(), guard.allowed_customers().end());
  rules.denied_prefixes.assign(guard.denied_prefixes().begin(), guard.denied_prefixes().end());
  rules.forbidden_principals.insert(guard.forbidden_principals().begin(), guard.forbidden_principals().end());
  if (guard.destructive_budget() > 0) rules.destructive_budget = guard.destructive_budget();
  return rules;
}

GuardVerdict ApplyGuard(const GuardRules& rules, core::Plan& plan) {
  GuardVerdict verdict;
  verdict.removals = static_cast<int>(std::count_if(plan.steps.begin(), plan.steps.end(), IsRemoval));
  verdict.over_budget = verdict.removals > rules.destructive_budget;
  std::vector<Step> kept;
  kept.reserve(plan.steps.size());
  std::set<std::string>
      refused_subjects;  // registry phases come first, so that what waits for them is seen later
  for (Step& step : plan.steps) {
    std::optional<std::string> why = Refuse(rules, step);
    if (!why && refused_subjects.count(step.after_subject) > 0)
      why = fmt::format("waits for subject {}", step.after_subject);
    if (why && IsForRegistry(step)) refused_subjects.insert(step.subject.name);
    const bool spent = !why && verdict.over_budget && IsRemoval(step);
    if (!why && !spent) {
      kept.push_back(std::move(step));
      continue;
    }
    ++verdict.blocked;
    plan.blocked.push_back(
        {step.slice, Identity(step), spent ? kOverBudget : kGuarded,
         spent ? fmt::format("the plan takes away {} things and the guard's budget is {}; nothing is taken "
                             "away until a person "
                             "raises destructive_budget",
                             verdict.removals, rules.destructive_budget)
               : fmt::format("{}; change the guard file of the agent if this is meant", *why)});
  }
  plan.steps = std::move(kept);
  return verdict;
}

}  // namespace sluice::agent
