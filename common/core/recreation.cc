#include "common/core/recreation.h"

#include "common/core/text.h"
#include "common/core/verdict.h"

namespace sluice::core {
namespace {

bool Accepts(const Recreation& recreation) { return !recreation.topic.accepted_id.empty(); }

std::string WhatItDoes(const Recreation& recreation) {
  const auto& [topic, id, accepted] = recreation.topic;
  if (Accepts(recreation)) {
    return Cat("topic ", topic, " on ", recreation.cluster, ", which somebody else made (ID ", accepted,
               "), is taken as ours in place of the lost one (ID ", id, ")");
  }
  return Cat("an empty topic ", topic, " is made on ", recreation.cluster, " in place of the lost one (ID ",
             id, ")");
}

}  // namespace

std::string RecreationResource(std::string_view cluster, std::string_view topic) {
  return Cat("topic/", cluster, "/", topic);
}

Assessment AssessRecreations(const Catalog& catalog, const std::vector<Recreation>& recreations,
                             const std::vector<Person>& authors, const RoleHolders& roles) {
  const std::vector<Edit> none;
  Verdict verdict(catalog, catalog, none, authors, {roles});
  for (const Recreation& recreation : recreations) {
    const std::string what = WhatItDoes(recreation);
    verdict.Raise(ChangeClass::kOperation, what);
    std::vector<std::string> owners;
    if (const DataProduct* product = catalog.products.Find(recreation.product)) owners = product->owners;
    const std::vector<std::string>& operators = verdict.Holders(Role::kPlatformOperator);
    owners.insert(owners.end(), operators.begin(), operators.end());
    verdict.OwnApply({"operation", Cat("owner of ", recreation.product, " or platform operator"), owners,
                      what, RecreationResource(recreation.cluster, recreation.topic.topic)});
  }
  return verdict.Finish();
}

std::vector<Finding> WarnOfRecreations(const std::vector<Recreation>& recreations) {
  std::vector<Finding> findings;
  for (size_t i = 0; i < recreations.size(); ++i) {
    Finding& finding = findings.emplace_back();
    finding.severity = Severity::kWarning;
    finding.edit = i;
    finding.resource = RecreationResource(recreations[i].cluster, recreations[i].topic.topic);
    if (Accepts(recreations[i])) {
      finding.rule = "foreign-data";
      finding.message = "what somebody else wrote into that topic becomes the product's data";
      finding.remedy = "look into it first; its configs and grants become what is approved";
    } else {
      finding.rule = "data-lost";
      finding.message = "what was in the lost topic is not brought back: consumers find an empty one";
      finding.remedy = "let the producers send it again, or restore a copy once the topic is there";
    }
  }
  return findings;
}

}  // namespace sluice::core
