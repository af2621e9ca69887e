#include "common/core/schema_impact.h"

#include <algorithm>

#include "common/core/text.h"

namespace sluice::core {
namespace {

// Both accesses together: what is left out means every field.
void Merge(const Usage& more, Usage& uses) {
  if (more.fields.empty() || uses.fields.empty()) {
    uses.fields.clear();
  } else {
    uses.fields.insert(uses.fields.end(), more.fields.begin(), more.fields.end());
  }
  uses.validates |= more.validates;
  if (more.unknown_enum_values == UnknownEnumValues::kFails)
    uses.unknown_enum_values = UnknownEnumValues::kFails;
}

void AddRole(const Grant& grant, AccessRole role, int32_t major, std::vector<Registered>& registered) {
  bool found = false;
  for (const Access& access : grant.access) {
    if (access.role != role ||
        std::find(access.majors.begin(), access.majors.end(), major) == access.majors.end())
      continue;
    if (found) {
      Merge(access.uses, registered.back().uses);
      continue;
    }
    found = true;
    registered.push_back({.grant = grant.name,
                          .application = grant.name.substr(grant.name.find('/') + 1),
                          .producer = role == AccessRole::kProducer,
                          .uses = access.uses});
  }
}

}  // namespace

std::vector<Registered> RegisteredFor(const Catalog& catalog, std::string_view product, int32_t major) {
  std::vector<Registered> registered;
  const auto [first, last] = catalog.grants.PrefixRange(Cat(product, "/"));
  for (const AccessRole role : {AccessRole::kConsumer, AccessRole::kProducer}) {
    for (size_t i = first; i < last; ++i)
      AddRole(*catalog.grants.entries()[i].value, role, major, registered);
  }
  return registered;
}

std::string_view FieldRoot(const Schema& schema) {
  return schema.format == SchemaFormat::kJsonSchema && schema.describes == Describes::kData ? "/data" : "";
}

SchemaImpact Untouched(const Registered& one) {
  SchemaImpact impact;
  impact.grant = one.grant;
  impact.application = one.application;
  impact.producer = one.producer;
  return impact;
}

std::vector<SchemaImpact> ImpactsOn(const ComparedSchemas& compared, std::string_view /*root*/,
                                    const std::vector<Registered>& registered) {
  std::vector<SchemaImpact> impacts;
  for (const Registered& one : registered) {
    SchemaImpact impact = Untouched(one);
    if (!one.producer && !compared.problem.empty()) {
      impact.effect = SchemaImpact::Effect::kUndecided;
      impact.reason = compared.problem;
    }
    impacts.push_back(std::move(impact));
  }
  return impacts;
}

}  // namespace sluice::core
