// Grants: what an application may do with a product, and whether the ownership model allows it.
#include <algorithm>
#include <optional>
#include <set>

#include "common/core/checks.h"
#include "common/core/limits.h"
#include "common/core/names.h"
#include "common/core/text.h"

namespace sluice::core {
namespace {

const ProductVersion* FindVersion(const DataProduct& product, int32_t major) {
  const auto at = std::find_if(product.versions.begin(), product.versions.end(),
                               [&](const ProductVersion& version) { return version.major == major; });
  return at == product.versions.end() ? nullptr : &*at;
}

const Stream* FindStream(const ProductVersion& version, std::string_view suffix) {
  const auto at = std::find_if(version.streams.begin(), version.streams.end(),
                               [&](const Stream& stream) { return stream.suffix == suffix; });
  return at == version.streams.end() ? nullptr : &*at;
}

void CheckMajors(const Access& access, const DataProduct* product, const std::string& field, Report& report) {
  if (access.majors.empty()) {
    report.Error(field, "required", "no major version given", "name the versions, for example [1]");
  }
  if (!CheckCount(access.majors.size(), kMaxVersions, field, report)) return;
  std::set<int32_t> seen;
  for (size_t i = 0; i < access.majors.size(); ++i) {
    const int32_t major = access.majors[i];
    if (!seen.insert(major).second) {
      report.Error(Item(field, i), "duplicate", Cat("version ", major, " is there twice"),
                   "remove one of them");
    }
    if (product == nullptr) continue;
    const ProductVersion* version = FindVersion(*product, major);
    if (version == nullptr) {
      std::vector<std::string> majors;
      for (const ProductVersion& known : product->versions) majors.push_back(std::to_string(known.major));
      report.Error(Item(field, i), "unknown-major",
                   Cat("product '", product->name, "' has no version ", major, "; it has ", List(majors)),
                   "name a version that exists");
    } else if (version->state == Life::kRetired) {
      report.Error(Item(field, i), "retired-major", Cat("version ", major, " is RETIRED"),
                   "name a version that is in use");
    }
  }
}

void CheckStreams(const Access& access, const DataProduct* product, const std::string& field,
                  Report& report) {
  if (!CheckCount(access.streams.size(), kMaxStreams, field, report)) return;
  CheckUnique(access.streams, field, report);
  if (product == nullptr) return;
  for (size_t i = 0; i < access.streams.size(); ++i) {
    bool found = false, active = false;
    std::vector<std::string> known;
    for (const int32_t major : access.majors) {
      const ProductVersion* version = FindVersion(*product, major);
      if (version == nullptr) continue;
      for (const Stream& stream : version->streams) known.push_back(stream.suffix);
      const Stream* stream = FindStream(*version, access.streams[i]);
      found |= stream != nullptr;
      active |= stream != nullptr && stream->state != Life::kRetired;
    }
    if (active || known.empty()) continue;
    if (found) {
      report.Error(Item(field, i), "retired-stream", Cat("stream ", Quote(access.streams[i]), " is RETIRED"),
                   "name a stream that is in use");
      continue;
    }
    const std::string nearest = Nearest(access.streams[i], known);
    report.Error(Item(field, i), "unknown-stream",
                 Cat("unknown stream ", Quote(access.streams[i]), "; these versions have ", List(known)),
                 nearest.empty() ? "name one of these" : Cat("did you mean '", nearest, "'?"));
  }
}

void CheckCustomers(const Access& access, const DataProduct* product, const std::string& field,
                    Report& report) {
  const CustomerSelection& customers = access.customers;
  if (customers.all && !customers.names.empty()) {
    report.Error(field, "customers", "both 'all' and 'names' are given", "keep one of them");
  }
  const std::string names = Cat(field, ".names");
  if (!CheckCount(customers.names.size(), kMaxCustomersNamed, names, report)) return;
  CheckUnique(customers.names, names, report);
  if (product == nullptr || product->customers.all) return;
  const std::set<std::string> selected(product->customers.names.begin(), product->customers.names.end());
  for (size_t i = 0; i < customers.names.size(); ++i) {
    if (selected.count(customers.names[i]) != 0) continue;
    report.Error(Item(names, i), "customer-not-in-product",
                 Cat("product '", product->name, "' does not carry data of ", Quote(customers.names[i]),
                     "; it has ", List(product->customers.names)),
                 "name customers of the product, or extend the product first");
  }
}

void CheckUsage(const Access& access, const std::string& field, Report& report) {
  if (access.role == AccessRole::kProducer && access.uses != Usage()) {
    report.Error(field, "uses-of-producer", "a producer uses no fields",
                 "leave 'uses' out, or give the CONSUMER role its own entry");
    return;
  }
  if (!CheckCount(access.uses.fields.size(), kMaxUsedFields, Cat(field, ".fields"), report)) return;
  for (size_t i = 0; i < access.uses.fields.size(); ++i) {
    CheckPointer(access.uses.fields[i], Item(Cat(field, ".fields"), i), report);
  }
  CheckUnique(access.uses.fields, Cat(field, ".fields"), report);
}

void CheckAccess(const Access& access, const DataProduct* product, const std::string& field, Report& report) {
  if (access.role == AccessRole::kUnspecified) {
    report.Error(Cat(field, ".role"), "required", "no role given", "say CONSUMER or PRODUCER");
  }
  CheckMajors(access, product, Cat(field, ".majors"), report);
  CheckStreams(access, product, Cat(field, ".streams"), report);
  CheckCustomers(access, product, Cat(field, ".customers"), report);
  const std::string environments = Cat(field, ".environments");
  if (access.environments.empty()) {
    report.Error(environments, "required", "no environment given",
                 "name the environments, for example [prod]");
  }
  if (CheckCount(access.environments.size(), kMaxEnvironments, environments, report)) {
    CheckUnique(access.environments, environments, report);
  }
  CheckUsage(access, Cat(field, ".uses"), report);
}

// ---- Ownership model ----

// Only dead letters: written by consumers and read by producers under every model.
bool IsDeadLettersOnly(const Access& access, const DataProduct& product) {
  if (access.streams.empty()) return false;
  for (const int32_t major : access.majors) {
    const ProductVersion* version = FindVersion(product, major);
    for (const std::string& suffix : access.streams) {
      const Stream* stream = version == nullptr ? nullptr : FindStream(*version, suffix);
      if (stream != nullptr && stream->purpose != Purpose::kDeadLetters) return false;
    }
  }
  return true;
}

bool Acts(const Grant& grant, const DataProduct& product, AccessRole role) {
  return std::any_of(grant.access.begin(), grant.access.end(), [&](const Access& access) {
    return access.role == role && !IsDeadLettersOnly(access, product);
  });
}

// Applications that act so, in the order of names.
std::vector<std::string> Actors(const CheckContext& context, const DataProduct& product, AccessRole role) {
  std::vector<std::string> actors;
  const auto [first, last] = context.after.grants.PrefixRange(Cat(product.name, "/"));
  for (size_t i = first; i < last; ++i) {
    const Grant& grant = *context.after.grants.entries()[i].value;
    if (Acts(grant, product, role)) actors.push_back(grant.name.substr(product.name.size() + 1));
  }
  return actors;
}

struct Conflict {
  std::string rule, message, remedy;
};

// Under a model with one side owned by an application, only owners act on that side.
std::optional<Conflict> OwnerSide(const DataProduct& product, const Grant& grant,
                                  const std::string& application) {
  const bool produces = product.ownership == Ownership::kBroadcasting;
  if (!produces && product.ownership != Ownership::kFunnel) return std::nullopt;
  if (!Acts(grant, product, produces ? AccessRole::kProducer : AccessRole::kConsumer)) return std::nullopt;
  if (Contains(product.owners, Cat("app:", application))) return std::nullopt;
  return Conflict{produces ? "ownership-producer" : "ownership-consumer",
                  Cat(produces ? "the producer of a BROADCASTING" : "the consumer of a FUNNEL",
                      " product owns it; '", application, "' is none of ", List(product.owners)),
                  Cat("add app:", application, " to the product's owners, or change its ownership model")};
}

std::optional<Conflict> OneEach(const CheckContext& context, const DataProduct& product, const Grant& grant) {
  if (product.ownership != Ownership::kDirect) return std::nullopt;
  for (const AccessRole role : {AccessRole::kProducer, AccessRole::kConsumer}) {
    if (!Acts(grant, product, role)) continue;
    const std::vector<std::string> actors = Actors(context, product, role);
    if (actors.size() < 2) continue;
    const std::string_view word = role == AccessRole::kProducer ? "producer" : "consumer";
    return Conflict{Cat("ownership-one-", word),
                    Cat("a DIRECT product has one ", word, "; these would be ", List(actors)),
                    "delete the other grant first, or change the ownership model"};
  }
  return std::nullopt;
}

std::optional<Conflict> ConflictOf(const CheckContext& context, const DataProduct& product,
                                   const Grant& grant) {
  const std::string application = grant.name.substr(std::min(grant.name.size(), product.name.size() + 1));
  if (auto conflict = OwnerSide(product, grant, application)) return conflict;
  return OneEach(context, product, grant);
}

}  // namespace

void CheckOwnershipOfGrants(const CheckContext& context, const DataProduct& product, Report& report) {
  const auto [first, last] = context.after.grants.PrefixRange(Cat(product.name, "/"));
  for (size_t i = first; i < last; ++i) {
    const Grant& grant = *context.after.grants.entries()[i].value;
    if (context.edited.count(ResourceName(Kind::kGrant, grant.name)) != 0) continue;
    const std::optional<Conflict> conflict = ConflictOf(context, product, grant);
    if (!conflict) continue;
    report.Error("ownership", conflict->rule, Cat("grant '", grant.name, "': ", conflict->message),
                 conflict->remedy);
  }
}

void Check(const CheckContext& context, const Grant& grant, Report& report) {
  const std::optional<GrantName> name = ParseGrantName(grant.name);
  if (!name) {
    report.Error("name", "name-grammar", Cat(Quote(grant.name), " is not {product}/{application}"),
                 "write for example f-and-r.demand-forecast/mobile");
  }
  const DataProduct* product = name ? context.after.products.Find(name->product) : nullptr;
  if (grant.purpose.empty()) {
    report.Error("purpose", "required", "no purpose given", "say what the application does with the data");
  }
  CheckText(grant.purpose, kMaxDescription, "purpose", report);
  if (grant.access.empty()) {
    report.Error("access", "required", "it allows nothing", "say what it may do, or delete the grant");
  }
  if (!CheckCount(grant.access.size(), kMaxAccess, "access", report)) return;
  for (size_t i = 0; i < grant.access.size(); ++i)
    CheckAccess(grant.access[i], product, Item("access", i), report);
  if (product == nullptr) return;
  if (const std::optional<Conflict> conflict = ConflictOf(context, *product, grant)) {
    report.Error("access", conflict->rule, conflict->message, conflict->remedy);
  }
}

}  // namespace sluice::core
