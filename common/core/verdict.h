// Verdict: what the parts of Assess share. Each part looks at one kind of edit, raises the class and names
// who must agree.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/assess.h"
#include "common/core/schema_comparison.h"

namespace sluice::core {

// Whom a rule asks, and why.
struct Ask {
  std::string rule;
  std::string role;
  std::vector<std::string> owners;  // `app:`, `group:`, `user:`
  std::string reason;
  std::string resource;
};

// Collects the assessment of all edits.
class Verdict {
 public:
  Verdict(const Catalog& before, const Catalog& after, const std::vector<Edit>& edits,
          const std::vector<Person>& authors, const Policy& policy);

  const Catalog& before() const { return before_; }
  const Catalog& after() const { return after_; }
  bool IsEdited(Kind kind, std::string_view name) const {
    return edited_.count(ResourceName(kind, name)) != 0;
  }

  void Raise(ChangeClass change_class, std::string reason);
  // Somebody who is not an author.
  void Approval(Ask ask);
  // Nobody else, if one of the authors is whom it asks.
  void OwnApply(Ask ask);
  void Affect(const std::string& application) { affected_.insert(application); }
  void NeedJustification() { assessment_.needs_justification = true; }
  void Add(SchemaChange change) { assessment_.schema_changes.push_back(std::move(change)); }
  // About one of the edits; becomes a warning whatever its severity.
  void Warn(Finding warning);
  SchemaWork& schema_work() { return schema_work_; }

  const std::vector<std::string>& Holders(Role role) const;
  // As they are before the change, so that nobody approves as an owner whom the change itself brings; for
  // what is new, as they will be.
  std::vector<std::string> OwnersOf(const DataProduct& product) const;
  std::vector<std::string> OwnersOfApplication(const std::string& application) const;
  std::vector<std::string> OwnersOfDomain(const std::string& domain) const;

  // Whether `product` lives somewhere (a customer of it has a presence that is not retired), and only in
  // self-service environments.
  enum class When { kBefore, kAfter };
  bool IsSelfService(When when, const DataProduct& product) const;

  Assessment Finish();

 private:
  std::vector<std::string> Expand(const std::vector<std::string>& owners) const;
  const std::set<std::string>& EnvironmentsOfAll(When when) const;

  const Catalog& before_;
  const Catalog& after_;
  const std::vector<Person>& authors_;
  const RoleHolders roles_;
  std::map<std::string, size_t> edited_;  // index of each edit by its ResourceName
  std::set<std::string> affected_;
  std::set<std::string> reasons_;
  std::set<std::pair<std::string, std::vector<std::string>>> asked_;  // role and people
  SchemaWork schema_work_;
  Assessment assessment_;
  mutable std::map<When, std::set<std::string>>
      everybody_;  // where any customer lives; made when first asked for
};

// One kind of edit each. `before` is nullptr for what is new, `after` for what is deleted; not both.
void AssessEdit(const Environment* before, const Environment* after, Verdict& verdict);
void AssessEdit(const Category* before, const Category* after, Verdict& verdict);
void AssessEdit(const Domain* before, const Domain* after, Verdict& verdict);
void AssessEdit(const Customer* before, const Customer* after, Verdict& verdict);
void AssessEdit(const Application* before, const Application* after, Verdict& verdict);
void AssessEdit(const Cluster* before, const Cluster* after, Verdict& verdict);
void AssessEdit(const DataProduct* before, const DataProduct* after, Verdict& verdict);
void AssessEdit(const Grant* before, const Grant* after, Verdict& verdict);

// Rules that several kinds share.
void AskReviewBoard(std::string rule, std::string reason, std::string resource, Verdict& verdict);
void AskNewProduct(const DataProduct& product, std::string_view why, Verdict& verdict);
void AskOwnersChange(std::string role, const std::vector<std::string>& existing, std::string resource,
                     Verdict& verdict);
// An owner of `product`, unless one of the authors is one.
void AskOwner(const DataProduct& product, std::string rule, std::string reason, Verdict& verdict);
// Review board and an owner, neither of them an author. `resource`: the edit that needs it.
void AskBoardAndOwner(const DataProduct& product, const std::string& rule, const std::string& reason,
                      const std::string& resource, Verdict& verdict);
// What the new schema of a version means for those who are registered; `after` is a version of `product`, as
// it will be.
void AssessSchema(const DataProduct& product, const ProductVersion& before, const ProductVersion& after,
                  Verdict& verdict);
// Keyed streams of `product` with more partitions in any environment: breaks the order of keys.
void AssessPartitions(const DataProduct& before, const DataProduct& after, const std::string& resource,
                      Verdict& verdict);
// Applications with a CONSUMER access to `major` of the product, as they will be.
std::vector<std::string> ConsumersOf(const Catalog& catalog, std::string_view product, int32_t major);

}  // namespace sluice::core
