#include "tests/support/foreign.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/cluster_view.h"

namespace sluice::testing {
namespace {

using Json = nlohmann::json;

void KeepPrefixed(Json& list, const std::string& prefix) {
  Json kept = Json::array();
  for (const Json& item : list) {
    if (item.dump().find(prefix) != std::string::npos) kept.push_back(item);
  }
  list = std::move(kept);
}

}  // namespace

std::string ForeignSchema(const std::string& type) {
  const Json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"}, {"type", type}};
  return Json{{"schemaType", "JSON"}, {"schema", schema.dump()}}.dump();
}

void PlantForeign(const std::string& cluster, const std::string& prefix) {
  const std::string name = prefix + "-foreign";
  MakeTopic(cluster, {.name = name,
                      .partitions = 2,
                      .replication_factor = 1,
                      .configs = {{"retention.ms", "1234567"}},
                      .gate_subject = ""});
  AddAcl(cluster, {.resource_type = core::ResourceType::kTopic,
                   .pattern_type = core::PatternType::kLiteral,
                   .resource = name,
                   .principal = "User:" + name,
                   .operation = core::Operation::kWrite});
  for (const char* type : {"string", "number"}) {
    AskRegistry(cluster, "POST", "/subjects/" + name + "-value/versions", ForeignSchema(type));
  }
}

std::string BaselineOf(const std::string& verification_json, const std::string& prefix) {
  Json baseline = Json::parse(verification_json, nullptr, false);
  EXPECT_TRUE(baseline.is_object()) << verification_json;
  if (!baseline.is_object()) return "";
  for (Json& cluster : baseline["clusters"]) {
    for (const char* list : {"foreign_topics", "foreign_acls", "foreign_subjects"}) {
      if (cluster.contains(list)) KeepPrefixed(cluster[list], prefix);
      EXPECT_FALSE(cluster.value(list, Json::array()).empty()) << list << " of " << cluster["name"];
    }
  }
  return baseline.dump();
}

std::string FindingsOf(const std::string& verification_json) {
  const Json verification = Json::parse(verification_json, nullptr, false);
  if (!verification.is_object()) return "no verification: " + verification_json;
  std::string lines;
  for (const Json& finding : verification.value("findings", Json::array())) {
    lines += finding.value("severity", "") + " " + finding.value("check", "") + " " +
             finding.value("cluster", "") + " " + finding.value("resource", "") + ": " +
             finding.value("message", "") + "\n";
  }
  return lines;
}

}  // namespace sluice::testing
