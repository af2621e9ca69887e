// References: which definitions a definition names, and where. The one list of them: connected groups,
// unknown names and deletions of what is still needed all read it.
#pragma once

#include <string>
#include <vector>

#include "common/core/catalog.h"

namespace sluice::core {

struct Reference {
  Kind kind = Kind::kEnvironment;
  std::string name;
  std::string field;  // where it stands: `owners[0]`, `versions[0].streams[1].overrides.prod`
  bool operator==(const Reference&) const = default;
};

// In the order of fields. A name that cannot be parsed refers to nothing; `customers: {all: true}` refers to
// no one.
std::vector<Reference> ReferencesOf(const Environment& environment);
std::vector<Reference> ReferencesOf(const Category& category);
std::vector<Reference> ReferencesOf(const Domain& domain);
std::vector<Reference> ReferencesOf(const Customer& customer);
std::vector<Reference> ReferencesOf(const Application& application);
std::vector<Reference> ReferencesOf(const Cluster& cluster);
std::vector<Reference> ReferencesOf(const DataProduct& product);
std::vector<Reference> ReferencesOf(const Grant& grant);
std::vector<Reference> ReferencesOf(const Definition& definition);

}  // namespace sluice::core
