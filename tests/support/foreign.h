// Foreign things on the dev clusters that a test plants, and what `sluice verify` writes about them. Other
// tests share the clusters, so that only what holds the test's own prefix is compared.
#pragma once

#include <string>

namespace sluice::testing {

// A topic with a config, an ACL and a subject of two versions, named `{prefix}-foreign…`, on `cluster`.
void PlantForeign(const std::string& cluster, const std::string& prefix);

// What a registry takes as a version of a subject: values of one JSON type.
std::string ForeignSchema(const std::string& type);

// An output of `sluice verify -o json` with those foreign things only whose names hold `prefix`, as a
// baseline.
std::string BaselineOf(const std::string& verification_json, const std::string& prefix);

// Findings of an output of `sluice verify -o json`, a line each: `severity check cluster resource: message`.
std::string FindingsOf(const std::string& verification_json);

}  // namespace sluice::testing
