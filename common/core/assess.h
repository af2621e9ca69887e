// Assess: how grave a change is, whom it affects, and who must agree.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/core/catalog.h"
#include "common/core/change_class.h"
#include "common/core/finding.h"
#include "common/core/schema_change.h"

namespace sluice::core {

// Roles that a server's configuration gives to groups.
enum class Role { kReviewBoard, kDataProductsTeam, kPlatformOperator, kAuditor };

// Who holds a role: `group:NAME`, `user:SUBJECT`.
using RoleHolders = std::map<Role, std::vector<std::string>>;

// A caller: what owners in resources can name.
struct Person {
  std::string subject;              // `user:SUBJECT`
  std::vector<std::string> groups;  // `group:NAME`
};

struct Requirement {
  std::string rule;                 // `new-product`
  std::string role;                 // `review board`, `Domain Owner of f-and-r`, `owner of mobile`
  std::vector<std::string> any_of;  // `group:NAME`, `user:SUBJECT`: one of these, never an author
  std::string reason;
  std::string resource;             // ResourceName of the edit that needs it
  bool operator==(const Requirement&) const = default;
};

struct Assessment {
  ChangeClass change_class = ChangeClass::kConfig;
  std::vector<std::string> reasons;    // a sentence for each edit that matters
  std::vector<Requirement> required;   // without those that the author's own apply satisfies; no duplicates
  std::vector<std::string> affected;   // applications that must prepare, in the order of names
  bool needs_justification = false;    // BREAKING
  std::vector<SchemaChange> schema_changes;
  std::vector<Finding> warnings;       // what registries will refuse
  bool operator==(const Assessment&) const = default;
};

// What earlier calls found out about schemas; calls on many threads may share one (schema_comparison.h).
struct SchemaMemo;
std::shared_ptr<SchemaMemo> NewSchemaMemo();

// What Assess decides by.
struct Policy {
  RoleHolders roles;
  SchemaMemo* memo = nullptr;  // nullptr: nothing is remembered
};

// Assesses `edits` that lead from `before` to `after`, proposed by `authors`, by the default policy of DESIGN's tables. A rule
// marked "own apply" asks nobody when one of the authors is whom it asks for. What may be spent on comparing schemas is bounded
// (SchemaWork): what is left over then is taken as undecided.
Assessment Assess(const Catalog& before, const Catalog& after, const std::vector<Edit>& edits,
                  const std::vector<Person>& authors, const Policy& policy);

// Whether `person` is one of `owners` (`group:` and `user:`; an `app:` entry means the owners of that application).
bool IsOneOf(const Person& person, const std::vector<std::string>& owners, const Catalog& catalog);

// Replaces `app:` entries by the owners of the application; drops duplicates, keeps order.
std::vector<std::string> ExpandOwners(const std::vector<std::string>& owners, const Catalog& catalog);

}  // namespace sluice::core
