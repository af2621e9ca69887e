// Guard: what this agent never does, whatever the control plane says (DESIGN, promise 16). Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "common/core/diff.h"
#include "sluice/internal/v1/config.pb.h"

namespace sluice::agent {

// Block reasons of the guard.
inline constexpr char kGuarded[] = "Guard";
inline constexpr char kOverBudget[] = "GuardBudget";

struct GuardRules {
  std::set<std::string> allowed_domains;    // empty: all
  std::set<std::string> allowed_customers;  // empty: all
  std::vector<std::string> denied_prefixes;
  std::set<std::string> forbidden_principals;  // Kafka users, without `User:`
  int destructive_budget = 1000;               // removals in one plan
};

GuardRules FromProto(const sluice::internal::v1::Guard& guard);

struct GuardVerdict {
  int blocked = 0;           // steps taken out
  int removals = 0;          // removals that the plan held
  bool over_budget = false;  // so that none of them is left
};

// Takes the steps out of `plan` that the rules forbid and adds a block for each. Beside the rules of the
// file, and without one, no grant goes to everybody or on everything: `User:*`, `*`, the cluster, a topic
// prefix, a prefix that does not end in `.`, and operations other than READ, WRITE and DESCRIBE are refused.
GuardVerdict ApplyGuard(const GuardRules& rules, core::Plan& plan);

}  // namespace sluice::agent
