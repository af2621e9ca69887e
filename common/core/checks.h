// Checks: what the parts of Validate share. Each part looks at one kind of definition and says all that is
// wrong with it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/catalog.h"
#include "common/core/finding.h"

namespace sluice::core {

// The findings of one edit, in the order in which they are made. Bounded by kMaxFindingsPerEdit.
class Report {
 public:
  Report(size_t edit, std::string resource, std::vector<Finding>& findings)
      : edit_(edit), resource_(std::move(resource)), findings_(findings) {}

  void Error(std::string field, std::string_view rule, std::string message, std::string remedy);
  void Warning(std::string field, std::string_view rule, std::string message, std::string remedy);

 private:
  void Add(Severity severity, std::string field, std::string_view rule, std::string message,
           std::string remedy);

  size_t edit_;
  std::string resource_;
  std::vector<Finding>& findings_;
  size_t count_ = 0;
};

// Kafka users of all applications, and the names of groups and transactional ids that they hold. Built only
// when an edit concerns them.
class Claims {
 public:
  explicit Claims(const Catalog& catalog);

  using Holder = std::string_view;  // name of an application
  // Who else holds `user` on `cluster`; empty: nobody.
  Holder OtherUser(const Principal& principal, Holder application) const;
  // Another application with a prefix or name that overlaps, and what it holds; empty: none.
  struct Overlap {
    Holder application;
    std::string what;  // `prefix 'plan.'`, `'plan.x'`
  };
  Overlap OtherGroup(const std::string& name, bool is_prefix, Holder application) const;
  Overlap OtherTransactionalId(const std::string& name, bool is_prefix, Holder application) const;

 private:
  struct Names {
    std::multimap<std::string, Holder> prefixes, singles;
    void Add(const NameSpace& names, Holder application);
    Overlap Find(const std::string& name, bool is_prefix, Holder application) const;
  };
  std::multimap<Principal, Holder> users_;
  Names groups_, transactional_ids_;
};

struct CheckContext {
  const Catalog& before;
  const Catalog& after;
  std::set<std::string> edited;    // ResourceName of every edit
  std::optional<Claims> claims;    // only where an edit concerns applications or clusters
  mutable size_t suggestions = 0;  // searches for nearest names that are left
};

// One kind each; the definition is an edit's, already in `after`.
void Check(const CheckContext& context, const Environment& environment, Report& report);
void Check(const CheckContext& context, const Category& category, Report& report);
void Check(const CheckContext& context, const Domain& domain, Report& report);
void Check(const CheckContext& context, const Customer& customer, Report& report);
void Check(const CheckContext& context, const Application& application, Report& report);
void Check(const CheckContext& context, const Cluster& cluster, Report& report);
void Check(const CheckContext& context, const DataProduct& product, Report& report);
void Check(const CheckContext& context, const Grant& grant, Report& report);
void CheckDeletion(const CheckContext& context, const Definition& definition, Report& report);

// Parts of the check of a product.
void CheckVersions(const CheckContext& context, const DataProduct& product, Report& report);
void CheckKept(const CheckContext& context, const DataProduct& before, const DataProduct& product,
               Report& report);
// Grants of the product, as they will be, against its ownership model. Reported here only where the grant is
// no edit itself.
void CheckOwnershipOfGrants(const CheckContext& context, const DataProduct& product, Report& report);

// Environment defaults, streams and overrides. `field` is empty or ends in `.`.
enum class ConfigPlace { kEnvironment, kStream };
void CheckConfig(const Config& config, std::string_view field, ConfigPlace place, Report& report);
void CheckSettings(const TopicSettings& settings, std::string_view field, ConfigPlace place, Report& report);

// Shared rules. Each returns whether it found nothing.
bool CheckSegment(std::string_view name, std::string field, Report& report);
bool CheckText(std::string_view text, size_t limit, std::string field, Report& report);
bool CheckCount(size_t count, size_t limit, std::string field, Report& report);
bool CheckUnique(const std::vector<std::string>& items, std::string_view field, Report& report);
enum class AppOwners { kAllowed, kRefused };
void CheckOwners(const std::vector<std::string>& owners, AppOwners apps, std::string_view remedy,
                 Report& report);
bool CheckPointer(std::string_view pointer, std::string field, Report& report);
// Names of definitions that do not exist.
void CheckReferences(const CheckContext& context, const Definition& definition, Report& report);

// Whether any cluster serves a presence of `customer`, so that its topics exist.
bool LivesSomewhere(const Catalog& catalog, const Customer& customer);
bool Selects(const CustomerSelection& selection, std::string_view customer);
bool Contains(const std::vector<std::string>& items, std::string_view item);
const Domain* DomainOf(const Catalog& catalog, std::string_view product);

}  // namespace sluice::core
