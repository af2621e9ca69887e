#include "controlplane/services/changes/approvals.h"

#include <algorithm>

#include "controlplane/services/changes/draft.h"

namespace sluice::controlplane {

bool MaySatisfy(const core::Person& person, const sluice::v1::Requirement& requirement,
                const core::Catalog& catalog) {
  return core::IsOneOf(person, {requirement.any_of().begin(), requirement.any_of().end()}, catalog);
}

int SatisfiedBy(const sluice::v1::Requirement& requirement, const StoredApprovals& approvals,
                const core::Catalog& catalog) {
  for (int i = 0; i < approvals.size(); ++i) {
    if (MaySatisfy(PersonOf(approvals[i].actor()), requirement, catalog)) return i;
  }
  return -1;
}

std::vector<int> OpenRequirements(const Requirements& requirements, const StoredApprovals& approvals,
                                  const core::Catalog& catalog) {
  std::vector<int> open;
  for (int i = 0; i < requirements.size(); ++i) {
    if (SatisfiedBy(requirements[i], approvals, catalog) < 0) open.push_back(i);
  }
  return open;
}

std::string MayApproveAs(const core::Person& person, const Requirements& requirements,
                         const StoredApprovals& approvals, const core::Catalog& catalog) {
  std::vector<std::string> roles;
  for (const int index : OpenRequirements(requirements, approvals, catalog)) {
    const sluice::v1::Requirement& requirement = requirements[index];
    if (!MaySatisfy(person, requirement, catalog)) continue;
    if (std::find(roles.begin(), roles.end(), requirement.role()) == roles.end())
      roles.push_back(requirement.role());
  }
  std::string text;
  for (const std::string& role : roles) text += (text.empty() ? "" : ", ") + role;
  return text;
}

}  // namespace sluice::controlplane
